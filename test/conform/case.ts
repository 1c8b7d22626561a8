/** One case: something that is done to a dialect, and what must come of it. */
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '../../adapters/adapter.ts';
import type { Ground } from './ground.ts';

export interface Case {
  /** Within its dialect, `<operation, notice or table>/<case>`: what a report names and `limits` leave out. */
  readonly name: string;
  /** @throws Broken, or whatever else went wrong */
  readonly run: (ground: Ground) => Promise<void>;
}

/** Cases of one operation, notice or table, which share a ground. */
export interface Group {
  readonly name: string;
  readonly what: 'operation' | 'notice' | 'table';
  readonly cases: readonly Case[];
}

/** A promise that was not kept. */
export class Broken extends Error {}

export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Broken(otherwise);
}

export function mustEqual(found: unknown, due: unknown, what: string): void {
  must(isDeepStrictEqual(found, due), `${what}: ${shown(found)}, not ${shown(due)}`);
}

export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 300);
}

export function mustBe(outcome: Outcome, allowed: readonly Outcome['outcome'][], after: string): void {
  must(allowed.includes(outcome.outcome), `${after} is ${shown(outcome)}, and may be ${allowed.join(' or ')} only`);
}

/** A bug of ours, told as such or by a stack, is never an answer. */
export function mustBeSober(ground: Ground, since: number): void {
  for (const { code, detail, operation } of ground.bench.exchanges.slice(since)) {
    must(code !== 'INTERNAL', `${operation} ended in a bug of ours: ${detail ?? ''}`);
    must(!/\.ts:\d|^\s+at /m.test(detail ?? ''), `${operation} shows a stack: ${detail ?? ''}`);
  }
}
