/** What the steps of one factoring share. */
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Factoring } from '../../contracts/portal/factoring.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import type { Project } from '../../ledger/configuration/projects.ts';
import type { Slice } from '../../ledger/financing/slices.ts';
import type { Trader } from '../../ledger/trade/factorings.ts';

export type Asked = Message<typeof Factoring>;

export interface Deal {
  readonly project: Project;
  readonly asked: Asked;
  /** Creditor (资产方). */
  readonly supplier: Trader;
  /** Debtor (核心企业). */
  readonly core: Trader;
  /** Keys of the invoices that the receivable rests on. */
  readonly invoiceKeys: readonly string[];
  readonly actor: string;
}

/** What came of steps 4 and 5. */
export interface Agreed {
  /** How often the asset went back to its allocation before. */
  readonly round: number;
  readonly offerNo: string;
  readonly leadNo: string;
  readonly rate: string;
  readonly slices: readonly Slice[];
}

/** Letters tell what happens several times in a case: that is what the numbers of counterparties allow. */
export const letterOf = (count: number): string => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.charAt(count % 26);

/** A number of the case's so-manieth slice. */
export function sliceNo(prefix: string, run: Run, agreed: Agreed, slice: Slice, time = 0): string {
  // Replayed, a slice is another object: its place is found by its number.
  const place = agreed.slices.findIndex(({ subscriptionNo }) => subscriptionNo === slice.subscriptionNo);
  const letters = [agreed.round, place, time].map(letterOf).join('');
  return numberFor(`${prefix}${letters}`, run.caseId);
}

/** The code and words of a Failure; anything else is thrown on. */
export function refusalOf(thrown: unknown): string {
  if (!isFailure(thrown)) throw thrown;
  return `${thrown.type}: ${thrown.message}`;
}

/** Undefined when the deadline passed. */
export async function inTime<T>(waited: Promise<T>): Promise<T | undefined> {
  try {
    return await waited;
  } catch (thrown) {
    if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED') return undefined;
    throw thrown;
  }
}

/** From now to then, at least a minute: a deadline that has passed passes at once. */
export function until(now: Date, then: Date): `${number} minutes` {
  return `${Math.max(1, Math.ceil((then.getTime() - now.getTime()) / 60_000))} minutes`;
}
