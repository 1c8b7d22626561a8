/** What the console reads, as it expects it (its own statement of these types is `console/api.ts`; a test compares the two). */
import type { Label } from '../contracts/kind.ts';

export type RunState = 'running' | 'waiting' | 'attention' | 'done' | 'failed' | 'cancelled';
export type MessageState = 'ok' | 'refused' | 'unknown' | 'inflight';
export type Health = 'ok' | 'degraded' | 'down' | 'unknown';

export interface WaitingOn {
  readonly party: string;
  readonly name: Label;
  readonly what: Label;
  readonly since: string;
  readonly until: string | null;
}

export interface RunView {
  readonly id: string;
  readonly case: string;
  readonly flow: string;
  readonly flowName: Label;
  readonly version: number;
  readonly key: string;
  readonly party: string | null;
  /** Yuan. */
  readonly amount: string | null;
  readonly state: RunState;
  readonly outcome: string | null;
  /** Milestones of the case that are reached, and how many there are. */
  readonly step: readonly [number, number];
  readonly stepName: Label | null;
  readonly waitingOn: WaitingOn | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface MilestoneView {
  readonly no: number;
  readonly name: Label;
  readonly party: string;
  readonly state: 'done' | 'current' | 'todo';
  readonly at: string | null;
  /** Real time since the milestone before it. */
  readonly ms: number | null;
}

export interface PartyView {
  readonly id: string;
  readonly name: Label;
  readonly system: string;
  readonly health: Health;
}

/** One message between two parties. `at` is business time, `ms` real time on the wire. */
export interface MessageView {
  readonly id: string;
  readonly seq: string;
  readonly run: string | null;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly verb: Label;
  readonly operation: string;
  readonly state: MessageState;
  readonly status: number | null;
  readonly code: string | null;
  readonly ms: number | null;
  readonly attempt: number;
  readonly importance: 'high' | 'low';
}

export interface StepView {
  readonly seq: number;
  readonly path: string;
  readonly kind:
    | 'input'
    | 'intent'
    | 'result'
    | 'refused'
    | 'signal'
    | 'timer'
    | 'record'
    | 'guard'
    | 'milestone'
    | 'output';
  readonly at: string;
  readonly detail: string | null;
}

export interface RunDetailView {
  readonly run: RunView;
  readonly milestones: readonly MilestoneView[];
  readonly parties: readonly PartyView[];
  readonly messages: readonly MessageView[];
  readonly steps: readonly StepView[];
  /** Where the stream goes on: `<highest exchange>.<highest step>`. */
  readonly lastSeq: string;
}

export interface ExchangeView {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly direction: 'in' | 'out';
  readonly at: string;
  readonly ms: number | null;
  readonly status: number | null;
  readonly state: MessageState;
  readonly verified: boolean | null;
  readonly request: unknown;
  readonly answer: unknown;
  readonly wire: {
    readonly method: string;
    readonly path: string;
    readonly requestBytes: number | null;
    readonly requestSha256: string | null;
    readonly answerBytes: number | null;
    readonly answerSha256: string | null;
    readonly contentType: string | null;
  };
  readonly failure: {
    readonly code: string;
    readonly zh: string;
    readonly en: string;
    readonly detail: string | null;
  } | null;
}
