/**
 * What an execution finds around it on a real node: the writer, the books, signals, lanes and the outside. Of one
 * incarnation: what an execution of an earlier one still does meets its own fence, not the present one.
 */
import type { Store } from '../store/store.ts';
import type { BooksDoor } from './books.ts';
import type { Clock } from './clock.ts';
import type { AnyFlow } from './flow.ts';
import type { ActionCall, ActionOutcome, Host } from './host.ts';
import type { ReportsOf } from './incidents.ts';
import type { Entry } from './journal.ts';
import type { Lanes } from './lanes.ts';
import type { Turns } from './lanes/turns.ts';
import { openedFact } from './sealed.ts';
import { keepSignal } from './signals.ts';
import { closeTask, keepTask } from './tasks.ts';
import type { WaitRow } from './work.ts';
import type { Writer } from './writer.ts';

export interface Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  readonly lanes: Lanes | undefined;
  readonly turns: Turns;
  readonly reportsOf: ReportsOf | undefined;
  readonly retry: ((run: string, realMs: number) => void) | undefined;
  readonly writer: Writer;
  readonly books: BooksDoor;
  /** @throws OwnershipLost */
  readonly alive: () => Promise<void>;
  readonly call: (call: ActionCall) => Promise<ActionOutcome>;
  readonly newest: (name: string) => AnyFlow | undefined;
  readonly recorded: (run: string, caseId: string, entry: Entry) => void;
  readonly ring: () => void;
  /** A fact was committed by a run; the sweep finds it too. */
  readonly told: (key: string) => void;
  readonly parked: (wakeAt: Date | undefined, waits: readonly WaitRow[]) => void;
}

export function hostIn(around: Surroundings): Host {
  const { store, clock, lanes, turns } = around;
  return {
    clock,
    submit: (work) => around.writer.submit(work),
    transaction: async (row, entry, change) => {
      const done = await around.books.transaction(row, entry, change);
      around.recorded(entry.run, row.caseId, { ...entry, body: done.body });
      return done;
    },
    alive: () => around.alive(),
    call: (call) => around.call(call),
    hold: (system, ticket) => {
      const hold = lanes?.hold(system);
      return hold && !turns.permits(ticket()) ? hold : undefined;
    },
    signal: async (key) => {
      const found = await store.pool.query<{ id: string; body: Buffer; exchange_id: string | null }>(
        'select id, body, exchange_id from signal where key = $1 and taken_by is null order by at limit 1',
        [key],
      );
      const row = found.rows[0];
      if (!row) return undefined;
      const body = await openedFact(store.pool, { key, ...row });
      return { id: row.id, body, exchange: row.exchange_id ?? undefined };
    },
    keepSignal: (fact) => store.tx((tx) => keepSignal(tx, fact, around.reportsOf?.(fact.notice))).then(() => undefined),
    keepFact: (tx, fact) => keepSignal(tx, fact).then(() => undefined),
    told: around.told,
    keepTask: (task) => keepTask(store, task),
    closeTask: (id, state) => closeTask(store, id, state),
    newest: around.newest,
    rung: around.ring,
    retryIn: (run, realMs) => around.retry?.(run, realMs),
    parked: around.parked,
  };
}
