/** What an execution needs of the engine around it. */
import type { Clock } from './clock.ts';
import type { AnyFlow, Run, Tx } from './flow.ts';
import type { Entry } from './journal.ts';
import type { EffectRow, WaitRow, Work } from './writer.ts';

export interface ActionCall {
  readonly operation: string;
  readonly system: string;
  readonly request: unknown;
  readonly effect: { readonly key: string; readonly attempt: number; readonly run: string; readonly case: string };
}

export type ActionOutcome =
  | { readonly outcome: 'confirmed'; readonly response: unknown }
  | {
      readonly outcome: 'refused' | 'later' | 'unknown';
      readonly code: string;
      readonly detail: string;
      readonly externalCode?: string | undefined;
    };

export interface RunRow {
  readonly id: string;
  readonly caseId: string;
  readonly flow: AnyFlow;
  readonly input: unknown;
}

export interface Host {
  readonly clock: Clock;
  submit(work: Work, entries: readonly Entry[]): Promise<void>;
  /** Fence, change, entry and effect in one transaction. */
  transaction<T>(
    entry: Omit<Entry, 'body'>,
    change: (tx: Tx) => Promise<{ body: unknown; value: T; effect?: EffectRow; undo?: (run: Run) => Promise<void> }>,
  ): Promise<{ body: unknown; value: T; undo?: (run: Run) => Promise<void> }>;
  call(call: ActionCall): Promise<ActionOutcome>;
  /** An untaken signal with this key. */
  signal(key: string): Promise<{ id: string; body: unknown } | undefined>;
  /** Keeps a fact that came by poll, exactly as if it had come by callback. */
  keepSignal(notice: string, key: string, id: string, message: unknown): Promise<void>;
  /** A retry is due in that many real milliseconds; the timer of the run is the backstop. */
  retryIn(run: string, realMs: number): void;
  parked(wakeAt: Date | undefined, waits: readonly WaitRow[]): void;
}
