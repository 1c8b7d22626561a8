/**
 * Facts from outside. A fact is kept by its business key whether or not anybody waits; the run that waits takes it, the
 * flow that it starts is started by it, and the same fact by another road changes nothing.
 */
import type { Store } from '../store/store.ts';
import { businessDate } from './calendar.ts';
import type { AnyFlow, Tx } from './flow.ts';
import { decodeBody, encodeBody, kinds, uuidv7 } from './journal.ts';

export interface FactRow {
  readonly notice: string;
  /** Business number. */
  readonly key: string;
  readonly id: string;
  readonly message: unknown;
  /** The message that carried it. */
  readonly exchange?: string;
}

export function signalKey(fact: { notice: string; key: string }): string {
  return `${fact.notice}:${fact.key}`;
}

/** True when the fact is new. */
export async function keepSignal(tx: Tx, fact: FactRow): Promise<boolean> {
  const kept = await tx.query(
    'insert into signal (key, id, notice, body, exchange_id) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [signalKey(fact), fact.id, fact.notice, encodeBody(fact.message), fact.exchange ?? null],
  );
  return kept.rowCount === 1;
}

/** Makes ready the runs that wait for one of these keys, or, in a sweep, for any that has come. */
export async function wakeByKeys(store: Store, keys?: readonly string[]): Promise<void> {
  if (keys) {
    await store.pool.query(
      `update run set state = 1, ready_at = clock_timestamp() from wait
       where wait.key = any($1::text[]) and run.id = wait.run_id and run.state = 3`,
      [keys],
    );
    return;
  }
  await store.pool.query(
    `update run set state = 1, ready_at = clock_timestamp() from wait, signal
     where signal.key = wait.key and signal.taken_by is null and run.id = wait.run_id and run.state = 3`,
  );
}

/** Those of the keys under which an untaken fact lies. */
export async function takeNothing(store: Store, keys: readonly string[]): Promise<string[]> {
  const found = await store.pool.query<{ key: string }>(
    'select distinct key from signal where key = any($1::text[]) and taken_by is null',
    [keys],
  );
  return found.rows.map((row) => row.key);
}

/** Connections that starting runs may hold at once. */
const startsAtOnce = 6;

/** Starts a run for each untaken fact that starts one of these flows. */
export async function startRuns(store: Store, flows: readonly AnyFlow[], keys?: readonly string[]): Promise<void> {
  let problem: PromiseRejectedResult | undefined;
  for (const flow of flows) {
    if (keys && !keys.some((key) => flow.startedBy.some((notice) => key.startsWith(`${notice}:`)))) continue;
    const waiting = await store.pool.query<{ key: string; id: string; body: Buffer }>(
      `select key, id, body from signal where notice = any($1::text[]) and taken_by is null and ($2::text[] is null or key = any($2))
       order by at limit 200`,
      [flow.startedBy, keys ?? null],
    );
    for (let from = 0; from < waiting.rows.length; from += startsAtOnce) {
      const started = await Promise.allSettled(
        waiting.rows
          .slice(from, from + startsAtOnce)
          .map((signal) => store.tx((tx) => startRun(tx, flow, decodeBody(signal.body), signal))),
      );
      // One that cannot start must not hold up the others; the sweep tries it again and says why.
      problem ??= started.find((result) => result.status === 'rejected');
    }
  }
  if (problem) throw problem.reason;
}

async function startRun(tx: Tx, flow: AnyFlow, input: unknown, signal: { key: string; id: string }): Promise<void> {
  const run = uuidv7();
  const key = flow.keyOf(input);
  const keyed = await tx.query<{ run_id: string }>(
    `insert into run_key (flow, key, run_id) values ($1, $2, $3) on conflict (flow, key) do update set key = excluded.key returning run_id`,
    [flow.name, key, run],
  );
  const winner = keyed.rows[0]?.run_id ?? run;
  const taken = await tx.query('update signal set taken_by = $3 where key = $1 and id = $2 and taken_by is null', [
    signal.key,
    signal.id,
    winner,
  ]);
  if (winner !== run || taken.rowCount !== 1) return;
  const caseId = await caseOf(tx, flow.caseOf(input));
  await tx.query('insert into run (id, flow, version, case_id, key, state) values ($1, $2, $3, $4, $5, 1)', [
    run,
    flow.name,
    flow.version,
    caseId,
    key,
  ]);
  await tx.query('insert into journal (run_id, seq, kind, path, body, at) values ($1, 0, $2, $3, $4, hub_now())', [
    run,
    kinds.input,
    'input',
    encodeBody(input),
  ]);
}

async function caseOf(tx: Tx, which: { id: string } | { key: string; title: string }): Promise<string> {
  if ('id' in which) return which.id;
  const found = await tx.query<{ id: string }>('select id from cases where key = $1', [which.key]);
  if (found.rows[0]) return found.rows[0].id;
  const next = await tx.query<{ no: string; now: Date }>("select nextval('case_no') no, hub_now() now");
  const { no, now } = next.rows[0] ?? { no: '0', now: new Date() };
  const id = `CASE-${businessDate(now).replaceAll('-', '')}-${no.padStart(6, '0')}`;
  await tx.query('insert into cases (id, key, title) values ($1, $2, $3)', [id, which.key, which.title]);
  return id;
}
