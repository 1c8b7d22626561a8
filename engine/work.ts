/** What a run hands to the writer of its process: it commits whole, in one statement with what others handed in. */
import type pg from 'pg';
import type { Entry } from './journal.ts';

export interface EffectRow {
  readonly key: string;
  readonly run: string;
  readonly caseId: string;
  readonly path: string;
  readonly system: string;
  readonly operation: string;
  readonly number: string | undefined;
  readonly payloadHash: string;
  readonly state: 'intent' | 'confirmed' | 'refused' | 'unknown' | 'replaced';
  readonly attempts: number;
  readonly queries: number;
  readonly notFound: number;
  readonly detail: string | undefined;
  readonly intentAt: Date;
  readonly sentAt: Date | undefined;
  readonly nextAt: Date | undefined;
  readonly settledAt: Date | undefined;
}

export interface WaitRow {
  readonly run: string;
  readonly path: string;
  readonly key: string;
  readonly party: string;
  readonly what: { readonly zh: string; readonly en: string };
  readonly since: Date;
  readonly deadline: Date | undefined;
  readonly pollAt: Date | undefined;
}

/** The case that a run belongs to: one that exists, or the one with this key, opened when it is missing. */
export type CaseOf = { readonly id: string } | { readonly key: string; readonly title: string };

export interface Start {
  readonly run: string;
  readonly flow: string;
  readonly version: number;
  readonly key: string;
  readonly case: CaseOf;
  /** JSON text. */
  readonly input: string;
  readonly at: Date;
  /** Executed by this node at once; otherwise it is ready for any. */
  readonly owned: boolean;
  /** The fact that starts it, taken with it. */
  readonly signal?: { readonly key: string; readonly id: string } | undefined;
  /** The case it runs in, once committed; undefined when the key has a run already. */
  readonly begun: (caseId: string | undefined) => void;
}

export interface ActSettled {
  readonly id: string;
  readonly state: 'applied' | 'stale' | 'refused';
  readonly detail?: string;
}

export interface Work {
  readonly run: string;
  readonly flow: string;
  readonly caseId: string;
  readonly entries?: readonly Entry[];
  readonly effects?: readonly EffectRow[];
  readonly taken?: readonly { readonly key: string; readonly id: string }[];
  /** Acts taken from the mailbox, and what became of them. */
  readonly acts?: readonly ActSettled[];
  /** Paths whose waits are over. */
  readonly waitsEnded?: readonly string[];
  readonly park?: { readonly wakeAt: Date | undefined; readonly waits: readonly WaitRow[] };
  /** Parked until somebody acts, and why. */
  readonly attention?: string;
  readonly finish?: {
    readonly outcome: string;
    readonly detail: string | undefined;
    readonly at: Date;
    /** It may have left rows behind that say for what it waited. */
    readonly waited: boolean;
  };
  readonly start?: Start;
  /** Called before the flush resolves when this work did not commit. */
  readonly failed?: (reason: OwnershipLost | WorkRejected) => void;
}

/** This node does not own the run any more: whatever it thought of it is void. */
export class OwnershipLost extends Error {}

/** The data of one run cannot be stored; the others in the flush are not touched by it. */
export class WorkRejected extends Error {
  readonly constraint: string | undefined;
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.constraint = (cause as pg.DatabaseError).constraint;
  }
}
