/** The mailbox of acts in the database: what is due, who is to be woken for it, and acts on the rows of runs that nobody executes. */
import { isFailure } from '../../contracts/failures.ts';
import { crashPoint } from '../crash.ts';
import { openIncident } from '../incidents.ts';
import { replayOf, type Looking } from '../inspect.ts';
import { kinds, type Kind } from '../journal.ts';
import { openedActs, sealedEntry } from '../sealed.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import type { Store } from '../../store/store.ts';
import type { AnyFlow, Tx } from '../flow.ts';
import { actColumns, actKinds, type ActKind, type ActRow, type JournaledAct } from './kinds.ts';

const kindsBy = (by: 'owner' | 'row') =>
  (Object.keys(actKinds) as ActKind[]).filter((kind) => actKinds[kind].by === by);
const ownerKinds = kindsBy('owner');
const rowKinds = kindsBy('row');
const rowActsMax = 100;

export interface Looked {
  readonly due: boolean;
  /** Runs with something due that are executed somewhere. */
  readonly running: readonly string[];
  /** Real milliseconds until the next act is due. */
  readonly nextMs: number | undefined;
}

/** Open acts of a run that are due, in their order. */
export async function dueActs(store: Store, run: string): Promise<ActRow[]> {
  const found = await store.pool.query<ActRow>(
    `select ${actColumns} from act where run_id = $1 and state = 'open' and due_at <= clock_timestamp() order by due_at, proposed_at, id`,
    [run],
  );
  return openedActs(store.pool, found.rows);
}

/** Of these runs, those that have something due. */
export async function withDueActs(store: Store, runs: readonly string[]): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  const found = await store.pool.query<{ run: string }>(
    `select distinct run_id run from act where run_id = any($1::uuid[]) and state = 'open' and due_at <= clock_timestamp()`,
    [runs],
  );
  return new Set(found.rows.map((row) => row.run));
}

/** Makes ready whatever has an act due, settles acts whose run has ended, and does those that need the run's row only. */
export async function lookIntoMailbox(looking: Looking): Promise<Looked> {
  const { pool } = looking.store;
  const seen = await pool.query<{ due: boolean; late: boolean; next_ms: number | null }>(
    `select exists (select from act where state = 'open' and due_at <= clock_timestamp()) due,
       exists (select from act where state = 'proposed' and expires_at < clock_timestamp()) late,
       (select extract(epoch from min(due_at) - clock_timestamp()) * 1000 from act where state = 'open' and due_at > clock_timestamp())::float8 next_ms`,
  );
  const { due, late, next_ms: next } = seen.rows[0] ?? { due: false, late: false, next_ms: null };
  if (late) await expire(looking.store);
  if (!due) return { due, running: [], nextMs: next ?? undefined };
  await actOnRows(looking);
  await pool.query(
    `update act set state = 'stale', detail = 'the run has ended', settled_at = clock_timestamp()
     where state = 'open' and due_at <= clock_timestamp() and run_id is not null and not exists (select from run where run.id = act.run_id)`,
  );
  await pool.query(
    `update run set state = 1, ready_at = clock_timestamp(), crashes = 0
     where state in (3, 4) and id in (select run_id from act where state = 'open' and due_at <= clock_timestamp() and kind = any($1))`,
    [ownerKinds],
  );
  const running = await pool.query<{ id: string }>(
    `select id from run where state = 2 and id in (select run_id from act where state = 'open' and due_at <= clock_timestamp())`,
  );
  return { due, running: running.rows.map((row) => row.id), nextMs: next ?? undefined };
}

/** The run came to a stop before it could take them: they were decided on something that is not there. */
export async function refuseDue(store: Store, run: string, why: string, before: Date): Promise<void> {
  await store.pool.query(
    `update act set state = 'refused', detail = $2, settled_at = clock_timestamp()
     where run_id = $1 and state = 'open' and kind = any($3) and due_at <= $4`,
    [run, why.slice(0, 1_000), ownerKinds, before.toISOString()],
  );
}

/** Versions that live runs need and this code does not have. */
export async function unserved(
  store: Store,
  flows: readonly AnyFlow[],
): Promise<{ flow: string; version: number; runs: number }[]> {
  const found = await store.pool.query<{ flow: string; version: number; runs: number }>(
    `select flow, version, count(*)::int runs from run
     where (flow, version) not in (select * from unnest($1::text[], $2::int[])) group by 1, 2 order by 1, 2`,
    [flows.map((flow) => flow.name), flows.map((flow) => flow.version)],
  );
  return found.rows;
}

async function expire(store: Store): Promise<void> {
  await store.pool.query(
    `update act set state = 'stale', detail = 'nobody approved it in time', settled_at = clock_timestamp()
     where state = 'proposed' and expires_at < clock_timestamp()`,
  );
}

async function actOnRows(looking: Looking): Promise<void> {
  const found = await looking.store.pool.query<ActRow>(
    `select ${actColumns} from act where state = 'open' and due_at <= clock_timestamp() and kind = any($1)
     order by due_at, proposed_at, id limit ${rowActsMax}`,
    [rowKinds],
  );
  for (const act of await openedActs(looking.store.pool, found.rows)) {
    if (act.kind === 'terminate') await onRow(looking.store, act, terminate);
    else await move(looking, act);
  }
}

interface Held {
  readonly id: string;
  readonly flow: string;
  readonly version: number;
  readonly case_id: string;
  readonly key: string;
  readonly seq: number;
}

/**
 * Whoever holds the row of a run that nobody executes is its owner for that transaction: claiming passes locked rows by,
 * and a process that dies here takes its lock with it.
 */
async function onRow(
  store: Store,
  act: ActRow,
  change: (tx: Tx, run: Held, act: ActRow) => Promise<void>,
): Promise<void> {
  const subjects = () => [`${act.kind} act/${act.kind} act`];
  crashPoint('journal:before', subjects);
  await store.tx(async (tx) => {
    const found = await tx.query<Held>(
      `select id, flow, version, case_id, key, (select count(*)::int from journal where run_id = run.id) seq
       from run where id = $1 and state in (1, 3, 4) for update skip locked`,
      [act.run],
    );
    const run = found.rows[0];
    const mine = await tx.query(`select from act where id = $1 and state = 'open' for update skip locked`, [act.id]);
    if (!run || mine.rowCount !== 1) return;
    if (actKinds[act.kind].staleable && run.seq !== act.seqSeen) {
      return settleOn(tx, act, 'stale', `decided on ${act.seqSeen} entries of the journal, it has ${run.seq} now`);
    }
    await change(tx, run, act);
    crashPoint('journal:inside', subjects);
  });
  crashPoint('journal:after', subjects);
}

async function journalAct(
  tx: Tx,
  run: Held,
  act: ActRow,
  rest: readonly { path: string; body: unknown }[],
): Promise<void> {
  const { id, kind, by, approvedBy, reason, body } = act;
  const journaled: JournaledAct = { id, kind, by, approvedBy, reason, body };
  const entries = [{ kind: kinds.act as Kind, path: `act/${kind}`, body: journaled as unknown }].concat(
    rest.map((entry) => ({ kind: kinds.output, ...entry })),
  );
  const sealing = await sealingOf(tx);
  for (const [i, entry] of entries.entries()) {
    await tx.query('insert into journal (run_id, seq, kind, path, body, at) values ($1, $2, $3, $4, $5, hub_now())', [
      run.id,
      run.seq + i,
      entry.kind,
      entry.path,
      sealedEntry(sealing, { ...entry, run: run.id, seq: run.seq + i }),
    ]);
  }
  await settleOn(tx, act, 'applied', null);
}

async function terminate(tx: Tx, run: Held, act: ActRow): Promise<void> {
  const detail = `by ${act.by}, approved by ${act.approvedBy}: ${act.reason}`;
  await journalAct(tx, run, act, [{ path: 'end', body: { outcome: 'terminated', detail } }]);
  await tx.query(
    `with d as (delete from run where id = $1 returning id, flow, version, case_id, key, created_at)
     insert into run_done (id, flow, version, case_id, key, outcome, detail, created_at, finished_at)
     select id, flow, version, case_id, key, 'terminated', $2, created_at, hub_now() from d`,
    [run.id, detail],
  );
  await tx.query('delete from wait where run_id = $1', [run.id]);
  await tx.query(`update task set state = 'withdrawn', closed_at = hub_now() where run_id = $1 and state = 'open'`, [
    run.id,
  ]);
  const open = await tx.query<{ key: string; operation: string; number: string | null }>(
    `select key, operation, number from effect where run_id = $1
     and (state = 'unknown' or (state = 'intent' and next_at is null and payload_hash <> ''))`,
    [run.id],
  );
  for (const effect of open.rows) {
    await openIncident(tx, {
      kind: 'abandonedEffect',
      run: run.id,
      case: run.case_id,
      effectKey: effect.key,
      detail: `the run was terminated while the outcome of ${effect.operation} ${effect.number ?? ''} was not known`,
      about: [effect.key],
    });
  }
}

async function move(looking: Looking, act: ActRow): Promise<void> {
  const { version } = act.body as { version: number };
  const found = await looking.store.pool.query<Held>('select id, flow, version, case_id, key from run where id = $1', [
    act.run,
  ]);
  const run = found.rows[0];
  if (!run) return;
  const here = looking.flows.some((flow) => flow.name === run.flow && flow.version === version);
  if (!here) return; // A node that has that version does it.
  const replayed = await replayOf(looking, { ...run, version }).catch((thrown: unknown) =>
    isFailure(thrown) ? thrown.message : 'it cannot be replayed',
  );
  const problem = typeof replayed === 'string' ? replayed : replayed.problem;
  await onRow(looking.store, act, async (tx, held) => {
    if (problem !== undefined)
      return settleOn(tx, act, 'refused', `version ${version} does not replay its journal: ${problem}`);
    await journalAct(tx, held, act, []);
    await tx.query(
      'update run set version = $2, state = 1, ready_at = clock_timestamp(), crashes = 0, problem = null where id = $1',
      [held.id, version],
    );
  });
}

async function settleOn(
  tx: Tx,
  act: ActRow,
  state: 'applied' | 'stale' | 'refused',
  detail: string | null,
): Promise<void> {
  await tx.query('update act set state = $2, detail = $3, settled_at = clock_timestamp() where id = $1', [
    act.id,
    state,
    detail?.slice(0, 1_000) ?? null,
  ]);
}
