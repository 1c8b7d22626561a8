/**
 * The journal: what a run decided, in order.
 *
 * Invariants:
 * - `entries[i].seq === i`: appended, never replaced, never skipped.
 * - Nothing leaves the process before everything that the run decided so far is committed (output commit).
 * - On replay the flow asks for the same steps in the same order; if it does not, the run is parked as diverged.
 *   Guessing would move money twice.
 */
import { randomBytes } from 'node:crypto';
import { Failure, failures, type FailureCode } from '../contracts/failures.ts';

export const kinds = {
  input: 0,
  /** A step's result; delivered to the flow. */
  result: 1,
  /** An effect is about to be sent: key, number and hash of what. */
  intent: 2,
  /** A step failed for good; delivered to the flow as a thrown Failure. */
  refused: 3,
  /** A signal was taken. */
  signal: 4,
  /** A deadline passed or a sleep ended. */
  timer: 5,
  /** The case reached a milestone. */
  milestone: 6,
  output: 7,
  /** Somebody acted on the run: who, what and why (engine/acts.ts). */
  act: 8,
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

export interface Entry {
  readonly run: string;
  readonly seq: number;
  readonly kind: Kind;
  /** `bank.disburse`, `checks/left/cfca.verifyEnterprise#2`, `~0/wms.unlockStock`. */
  readonly path: string;
  readonly body: unknown;
  readonly at: Date;
}

export const kindNames = Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [kind, name])) as Record<
  Kind,
  string
>;

/** A failure as it is journaled, and back. */
export interface JournaledFailure {
  readonly type: FailureCode;
  readonly detail: string;
  readonly externalCode?: string | undefined;
}

export function journaled(failure: Failure): JournaledFailure {
  return {
    type: failure.type,
    detail: failure.message,
    ...(failure.externalCode === undefined ? {} : { externalCode: failure.externalCode }),
  };
}

export function rethrowable(body: unknown): Failure {
  const { type, detail, externalCode } = body as JournaledFailure;
  return new Failure(Object.hasOwn(failures, type) ? type : 'INTERNAL', {
    detail,
    ...(externalCode === undefined ? {} : { externalCode }),
  });
}

/** Time-ordered, so that history is partitioned by time and its index stays hot at one end (RFC 9562, version 7). */
export function uuidv7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
