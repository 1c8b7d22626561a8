/** What direct links to banks (银企直连) have in common, whatever they speak: Beijing's clock, answers, statements in pages. */
import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from 'typebox';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import type { XmlElement } from '../../../contracts/gate/xml.ts';
import type { Wire } from '../../wire.ts';
import { picked } from './gbkXml.ts';

/** `yyyyMMddHHmmss` in Beijing, which has no summer time. */
export function beijingStamp(instant: Date): string {
  return new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}

/**
 * Each row once. A movement that is booked between two pages pushes rows onto the next page, where they come again; two
 * rows under one number that differ are not the same movement, and then nothing may be concluded from the whole.
 */
export function inOrder<R>(rows: readonly R[], numberOf: (row: R) => string): R[] {
  const once = new Map<string, R>();
  for (const row of rows) {
    const before = once.get(numberOf(row));
    if (before !== undefined && !isDeepStrictEqual(before, row))
      throw new Failure('OUTCOME_UNKNOWN', { detail: 'two different movements under one number of the bank' });
    once.set(numberOf(row), row);
  }
  return [...once.values()];
}

/** The fields of a contract, out of an element that may be missing. @throws Failure OUTCOME_UNKNOWN */
export function read<S extends TSchema>(contract: Contract<S>, from: XmlElement | undefined): Message<Contract<S>> {
  if (!from) throw new Failure('OUTCOME_UNKNOWN', { detail: 'taken, and no content says what' });
  const { properties } = contract.schema as unknown as { properties: object };
  return asAgreed(contract, picked(from, Object.keys(properties)));
}

/** Of an answer, a violated contract is no refusal: the bank may have acted. @throws Failure OUTCOME_UNKNOWN */
export function asAgreed<S extends TSchema>(contract: Contract<S>, value: unknown): Message<Contract<S>> {
  try {
    return contract.check(value);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer is not as agreed: ${(cause as Error).message}`, cause });
  }
}

export function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`${wire.system.id} has no setting ${name}`);
  return value;
}
