/** What an engine is given, and what it tells. */
import type pg from 'pg';
import type { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Leaving } from './execution.ts';
import type { AnyFlow } from './flow.ts';
import type { ActionCall, ActionOutcome } from './host.ts';
import type { ReportsOf } from './incidents.ts';
import type { Entry } from './journal.ts';
import type { Lanes } from './lanes.ts';
import type { Work } from './work.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly url: string;
  readonly clock: Clock;
  readonly flows: readonly AnyFlow[];
  /** How an action is called: through the service broker. */
  readonly call: (call: ActionCall) => Promise<ActionOutcome>;
  /** What a violated constraint of the books means to the business. */
  readonly explain?: (constraint: string, error: pg.DatabaseError) => Failure | undefined;
  /** What a notice tells about an earlier instruction; contradictions open incidents. */
  readonly reportsOf?: ReportsOf;
  /** Rings for a retry after that many real milliseconds. The run's own timer is the backstop. */
  readonly retry?: (run: string, realMs: number) => void;
  /** The roads to the systems; without them all are open. Started and stopped with the engine. */
  readonly lanes?: Lanes;
  /** What must be seen to now and then, whatever becomes of schedules: decides itself whether it is due. */
  readonly upkeep?: () => Promise<void>;
  /** A node that does not beat for so long is declared dead by the others. */
  readonly leaseMs?: number;
  readonly beatMs?: number;
  readonly sweepMs?: number;
}

export interface EngineEvents {
  /** Committed entries of a run. */
  entries: [run: string, caseId: string, entries: readonly Entry[]];
  /** The run came into memory, or left it and why; or something happened to it on another node. */
  run: [run: string, caseId: string, what: 'begun' | 'elsewhere' | Leaving];
  /** Something became ready that another node may take. */
  ring: [];
  problem: [message: string];
  /** For those who measure: a flush and how long it took, a step that changed the books; runs claimed, and freed from nodes that died; the database gone. */
  flush: [ms: number, works: readonly Work[]];
  recorded: [];
  claimed: [runs: number];
  reaped: [runs: number];
  outage: [];
}
