/** How runs begin: one per key, for ever, inside a flush of the writer; by a fact that a flow declares, or directly. */
import { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import type { AnyFlow } from './flow.ts';
import { uuidv7 } from './journal.ts';
import { openedFact } from './sealed.ts';
import type { Start, Work } from './work.ts';

export interface Begun {
  readonly run: string;
  readonly caseId: string;
  /** False when the key has a run already. */
  readonly started: boolean;
}

export interface Starter {
  readonly store: Store;
  readonly now: () => Date;
  readonly submit: (work: Work) => Promise<void>;
  /** Whether this node will execute what it starts, or leaves it to any; it is told by `execute` or `abandon` how it went. */
  readonly executes: (run: string) => boolean;
  readonly abandon: (run: string) => void;
  readonly execute: (flow: AnyFlow, begun: Begun, input: unknown, at: Date, key: string, cause?: string) => void;
  /** Something is ready for whoever has room. */
  readonly ring: () => void;
}

const perSweep = 200;

/** @throws Failure CONTRACT_VIOLATED, or what the key of the flow throws */
export async function begin(
  starter: Starter,
  flow: AnyFlow,
  input: unknown,
  signal?: { readonly key: string; readonly id: string; readonly exchange_id?: string | null },
  keyed?: string,
): Promise<Begun> {
  const checked: unknown = flow.input.check(input);
  const key = keyed ?? flow.keyOf(checked);
  const run = uuidv7();
  const at = starter.now();
  const owned = starter.executes(run);
  let caseId: string | undefined;
  let problem: Error | undefined;
  const start: Start = {
    run,
    flow: flow.name,
    version: flow.version,
    key,
    case: flow.caseOf(checked),
    input: JSON.stringify(checked),
    at,
    owned,
    signal,
    begun: (id) => (caseId = id),
  };
  await starter.submit({ run, flow: flow.name, caseId: '', start, failed: (reason) => (problem = reason) });
  if (owned && (problem !== undefined || caseId === undefined)) starter.abandon(run);
  if (problem) throw new Failure('INTERNAL', { detail: `${flow.name} ${key} did not start: ${problem.message}` });
  if (caseId === undefined) return theFirst(starter.store, flow, key, run, signal);
  const begun = { run, caseId, started: true };
  if (owned) starter.execute(flow, begun, checked, at, key, signal?.exchange_id ?? undefined);
  else starter.ring();
  return begun;
}

/** The run that has the key; the fact that asked again is its. */
async function theFirst(
  store: Store,
  flow: AnyFlow,
  key: string,
  run: string,
  signal: { readonly key: string; readonly id: string } | undefined,
): Promise<Begun> {
  const found = await store.pool.query<{ run_id: string; case_id: string | null }>(
    `select k.run_id, coalesce(r.case_id, d.case_id) case_id from run_key k
     left join run r on r.id = k.run_id left join run_done d on d.id = k.run_id where k.flow = $1 and k.key = $2`,
    [flow.name, key],
  );
  const first = found.rows[0];
  if (!first) throw new Failure('INTERNAL', { detail: `${flow.name} ${key} did not start` });
  if (signal) {
    await store.pool.query('update signal set taken_by = $3 where key = $1 and id = $2 and taken_by is null', [
      signal.key,
      signal.id,
      first.run_id,
    ]);
  }
  return { run: first.run_id, caseId: first.case_id ?? '', started: first.run_id === run };
}

/** Starts a run for each untaken fact that starts one of these flows. @throws what the first that could not start threw */
export async function startBySignals(
  starter: Starter,
  flows: readonly AnyFlow[],
  keys?: readonly string[],
): Promise<void> {
  let problem: PromiseRejectedResult | undefined;
  for (const flow of flows) {
    const mine = keys?.filter((key) => flow.startedBy.some((notice) => key.startsWith(`${notice}:`)));
    if (mine?.length === 0) continue;
    for (let more = true; more;) {
      const waiting = await starter.store.pool.query<Starting>(
        `select key, id, body, exchange_id from signal where ${mine ? 'key = any($2)' : '$2::text[] is null'} and notice = any($1::text[]) and taken_by is null
       order by at limit ${perSweep}`,
        [flow.startedBy, mine ?? null],
      );
      const started = await Promise.allSettled(waiting.rows.map((row) => beginBy(starter, flow, row)));
      // One that cannot start must not hold up the others; the sweep tries it again and says why.
      const failed = started.find((result) => result.status === 'rejected');
      problem ??= failed;
      const passed = started.some((result) => result.status === 'fulfilled' && !result.value);
      more = waiting.rows.length === perSweep && !failed && !passed;
    }
  }
  if (problem) throw problem.reason;
}

interface Starting {
  readonly key: string;
  readonly id: string;
  readonly body: Buffer;
  readonly exchange_id: string | null;
}

/** False when the flow leaves the fact to another one. */
async function beginBy(starter: Starter, flow: AnyFlow, row: Starting): Promise<boolean> {
  const message: unknown = await openedFact(starter.store.pool, row);
  const { accepts } = flow;
  if (accepts) {
    const checked: unknown = flow.input.check(message);
    if (!(await starter.store.tx((tx) => accepts(tx, checked)))) return false;
  }
  await begin(starter, flow, message, row);
  return true;
}
