/** Runs as the console lists them: live and finished ones in one order, each with its case, its progress and whom it waits for. */
import { shanghaiTime } from '../engine/calendar.ts';
import type { Store } from '../store/store.ts';
import { milestonesOf, reachedIn } from './milestones.ts';
import { invalid } from './query.ts';
import type { Pictures } from './pictures.ts';
import type { RunState, RunView, WaitingOn } from './view.ts';

export interface RunFilters {
  readonly state?: string | undefined;
  readonly flow?: string | undefined;
  readonly q?: string | undefined;
  /** Only runs older than this one. Ids are in the order of time (UUID version 7). */
  readonly before?: string | undefined;
  readonly ids?: readonly string[];
  readonly limit: number;
}

interface RunRecord {
  id: string;
  flow: string;
  version: number;
  case_id: string;
  key: string;
  /** 0: finished. */
  state: number;
  outcome: string | null;
  problem: string | null;
  created_at: Date;
  finished_at: Date | null;
  party: string | null;
  amount: string | null;
  case_open: boolean;
}

/** Outcomes of flows that are not an ordinary end. */
const endings: Readonly<Record<string, RunState>> = { failed: 'failed', cancelled: 'cancelled' };
const live: Readonly<Record<number, RunState>> = { 1: 'running', 2: 'running', 3: 'waiting', 4: 'attention' };
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Which rows of `run` and of `run_done` have a state; `false` when none can. */
const whereState: Readonly<Record<RunState, { readonly run: string; readonly done: string }>> = {
  running: { run: 'x.state in (1, 2)', done: 'false' },
  waiting: { run: 'x.state = 3', done: 'false' },
  attention: { run: 'x.state = 4', done: 'false' },
  done: { run: 'false', done: "x.outcome not in ('failed', 'cancelled')" },
  failed: { run: 'false', done: "x.outcome = 'failed'" },
  cancelled: { run: 'false', done: "x.outcome = 'cancelled'" },
};

export function isRunId(text: string): boolean {
  return idPattern.test(text);
}

/** @throws Failure QUERY_INVALID for a filter whose value means nothing */
export async function readRuns(store: Store, pictures: Pictures, filters: RunFilters): Promise<RunView[]> {
  const { text, values } = selectRuns(filters);
  const found = await store.pool.query<RunRecord>(text, values);
  return describe(store, pictures, found.rows);
}

/** What the journal's readers need of a run besides its row. */
export async function problemOfRun(store: Store, id: string): Promise<string | null> {
  const found = await store.pool.query<{ problem: string | null }>(
    'select problem from run where id = $1 and state = 4',
    [id],
  );
  return found.rows[0]?.problem ?? null;
}

function selectRuns(filters: RunFilters): { text: string; values: unknown[] } {
  const values: unknown[] = [filters.limit];
  const both: string[] = [];
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value);
    both.push(condition(`$${values.length}`));
  };
  if (filters.before !== undefined) {
    if (!isRunId(filters.before)) throw invalid('before', 'value', 'is no cursor of this list');
    add((at) => `x.id < ${at}::uuid`, filters.before);
  }
  if (filters.ids) add((at) => `x.id = any(${at}::uuid[])`, filters.ids);
  if (filters.flow !== undefined) add((at) => `x.flow = ${at}`, filters.flow);
  const q = filters.q?.trim().toLowerCase() ?? '';
  if (q !== '') {
    const fields = ['x.key', 'x.case_id', "coalesce(c.party, '')", 'x.id::text'];
    add((at) => `(${fields.map((field) => `strpos(lower(${field}), ${at}) > 0`).join(' or ')})`, q);
  }
  const state = filters.state === undefined ? undefined : whereState[filters.state as RunState];
  if (filters.state !== undefined && !state) {
    throw invalid('state', 'value', `is not one of ${Object.keys(whereState).join(', ')}`);
  }
  const where = (own: string | undefined) => ['true', ...both, ...(own === undefined ? [] : [own])].join(' and ');
  const joined = 'left join cases c on c.id = x.case_id';
  const shared = 'x.id, x.flow, x.version, x.case_id, x.key';
  const ofCase = 'c.party, c.amount, c.closed_at is null as case_open';
  const text = `
    (select ${shared}, x.state, null::text as outcome, x.problem, x.created_at, null::timestamptz as finished_at, ${ofCase}
     from run x ${joined} where ${where(state?.run)} order by x.id desc limit $1)
    union all
    (select ${shared}, 0::smallint, x.outcome, null::text, x.created_at, x.finished_at, ${ofCase}
     from run_done x ${joined} where ${where(state?.done)} order by x.id desc limit $1)
    order by id desc limit $1`;
  return { text, values };
}

/** A list names the step, not whose turn it is. */
const nobody: ReadonlySet<string> = new Set();

async function describe(store: Store, pictures: Pictures, rows: readonly RunRecord[]): Promise<RunView[]> {
  if (rows.length === 0) return [];
  const [reached, waits] = await Promise.all([
    reachedIn(store, [...new Set(rows.map((row) => row.case_id))]),
    waitsOf(
      store,
      pictures,
      rows.filter((row) => row.state === 3).map((row) => row.id),
    ),
  ]);
  return rows.map((row): RunView => {
    const milestones = milestonesOf(pictures, row.flow, reached.get(row.case_id) ?? [], row.case_open, nobody);
    const done = milestones.filter((milestone) => milestone.state === 'done').length;
    const state = live[row.state] ?? endings[row.outcome ?? ''] ?? 'done';
    return {
      id: row.id,
      case: row.case_id,
      flow: row.flow,
      flowName: pictures.flowTitle(row.flow),
      version: row.version,
      key: row.key,
      party: row.party,
      amount: row.amount,
      state,
      outcome: row.outcome,
      step: [done, milestones.length],
      stepName: milestones.find((milestone) => milestone.state === 'current')?.name ?? null,
      waitingOn: waits.get(row.id) ?? null,
      startedAt: shanghaiTime(row.created_at),
      finishedAt: row.finished_at && shanghaiTime(row.finished_at),
    };
  });
}

/** For a run that waits for no fact but for the outcome of its own act, the counterparty of that act. */
async function waitsOf(store: Store, pictures: Pictures, ids: readonly string[]): Promise<Map<string, WaitingOn>> {
  if (ids.length === 0) return new Map();
  const found = await store.pool.query<{
    run_id: string;
    party: string;
    what_zh: string | null;
    what_en: string | null;
    operation: string | null;
    since: Date;
    until: Date | null;
  }>(
    `select run_id, party, what_zh, what_en, null as operation, since, deadline as until, 1 as rank
       from wait where run_id = any($1::uuid[])
     union all
     select run_id, system, null, null, operation, coalesce(sent_at, intent_at), next_at, 2
       from effect where run_id = any($1::uuid[]) and state in ('intent', 'unknown')
     order by rank desc, since desc`,
    [ids],
  );
  // The last to be set stays: waits before effects, of each the one that has waited longest.
  return new Map(
    found.rows.map((row) => {
      const verb = row.operation === null ? undefined : pictures.verb(row.operation);
      const what = verb
        ? { zh: `${verb.zh}的结果`, en: `outcome of: ${verb.en}` }
        : { zh: row.what_zh ?? '', en: row.what_en ?? '' };
      const party = pictures.party(row.party);
      const waiting: WaitingOn = {
        party: party.id,
        name: party.name,
        what,
        since: shanghaiTime(row.since),
        until: row.until && shanghaiTime(row.until),
      };
      return [row.run_id, waiting] as const;
    }),
  );
}
