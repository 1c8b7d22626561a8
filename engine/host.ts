/** What an execution needs of the engine around it. */
import type { Clock } from './clock.ts';
import type { AnyFlow, Run, Tx } from './flow.ts';
import type { Entry } from './journal.ts';
import type { NewTask } from './tasks.ts';
import type { Hold } from './lanes.ts';
import type { EffectRow, WaitRow, Work } from './work.ts';

export interface ActionCall {
  readonly operation: string;
  readonly system: string;
  readonly request: unknown;
  readonly effect: { readonly key: string; readonly attempt: number; readonly run: string; readonly case: string };
  /** The span of the call (W3C), when runs are traced. */
  readonly traceparent?: string;
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
  readonly key: string;
  /** The message that began it, when it begins. */
  readonly cause?: string | undefined;
}

interface Fact {
  readonly notice: string;
  readonly key: string;
  readonly id: string;
  readonly message: unknown;
}

export interface Host {
  readonly clock: Clock;
  /** Resolves when the flush that carries it is over; `work.failed` tells before that it was in vain. */
  submit(work: Work): Promise<void>;
  /** Fence, change, entry and effect in one transaction. */
  transaction<T>(
    row: RunRow,
    entry: Omit<Entry, 'body'>,
    change: (tx: Tx) => Promise<{ body: unknown; value: T; effect?: EffectRow; undo?: (run: Run) => Promise<void> }>,
  ): Promise<{ body: unknown; value: T; undo?: (run: Run) => Promise<void> }>;
  /** Resolves when this node is certainly alive in the eyes of the others. @throws OwnershipLost */
  alive(): Promise<void>;
  call(call: ActionCall): Promise<ActionOutcome>;
  /** Why a call may not go to that system now; undefined when it may, or when the turn of the ticket has come. */
  hold(system: string, ticket: () => string): Hold | undefined;
  /** An untaken signal with this key. */
  signal(key: string): Promise<{ id: string; body: unknown; exchange?: string | undefined } | undefined>;
  /** Keeps a fact that came by poll, exactly as if it had come by callback. */
  keepSignal(fact: Fact): Promise<void>;
  /** Keeps a fact that the hub itself tells, with what else the transaction changes. */
  keepFact(tx: Tx, fact: Fact): Promise<void>;
  /** A fact with this key was committed. */
  told(key: string): void;
  /** What people are asked to decide; once, however often it is asked. */
  keepTask(task: NewTask): Promise<void>;
  /** Nobody needs to decide it any more. */
  closeTask(id: string, state: 'expired' | 'withdrawn'): Promise<void>;
  /** The newest version of a flow. */
  newest(flow: string): AnyFlow | undefined;
  /** Something became ready. */
  rung(): void;
  /** A retry is due in that many real milliseconds; the timer of the run is the backstop. */
  retryIn(run: string, realMs: number): void;
  parked(wakeAt: Date | undefined, waits: readonly WaitRow[]): void;
}

/** The counterparty answered, whatever it said: an answer that nobody understands is no failure of the line. */
export function wasReached({ outcome, ...rest }: ActionOutcome): boolean {
  if (outcome === 'later') return false;
  return outcome !== 'unknown' || !('code' in rest) || rest.code !== 'OUTCOME_UNKNOWN';
}
