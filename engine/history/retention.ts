/** What goes when its time is over: whole weeks at once, and in small batches what is left of their runs elsewhere. */
import type { Store } from '../../store/store.ts';
import type { Tx } from '../flow.ts';
import { firstIdAt, type Week } from './weeks.ts';

/** Copied while runs stand still: a few seconds of it at most. A week with more than that stays for now. */
export const movedRowsMax = 200_000;
const runsPerBatch = 500;
const rowsPerBatch = 5_000;

/** The runs of a week that keep their history. Ends are in business time. */
function keptOf(week: Week): string {
  return `(select id from run where id >= '${week.from}' and id < '${week.to}'
           union all select id from run_done_${week.name} where finished_at >= hub_now() - $1 * interval '1 ms')`;
}

/** @returns false when too much of it is still needed */
export async function dropWeek(tx: Tx, week: Week, retentionMs: number): Promise<boolean> {
  const journal = `journal_${week.name}`;
  const done = `run_done_${week.name}`;
  const there = await tx.query<{ there: boolean }>('select to_regclass($1) is not null there', [done]);
  if (!there.rows[0]?.there) return true;
  // Before any lock: no run begins in a week that is over, so what is kept can only become less.
  const kept = await tx.query<{ n: string }>(
    `select count(*) n from (select from ${journal} where run_id in ${keptOf(week)} limit ${movedRowsMax + 1}) k`,
    [retentionMs],
  );
  if (Number(kept.rows[0]?.n) > movedRowsMax) return false;
  await tx.query('lock table journal, run_done in access exclusive mode');
  await tx.query(`alter table journal detach partition ${journal}`);
  await tx.query(`alter table run_done detach partition ${done}`);
  await tx.query(`insert into journal_all select * from ${journal} where run_id in ${keptOf(week)}`, [retentionMs]);
  await tx.query(
    `insert into run_done_all select * from ${done} where finished_at >= hub_now() - $1 * interval '1 ms'`,
    [retentionMs],
  );
  await tx.query(`drop table ${journal}, ${done}`);
  return true;
}

/** Whose history is gone: their keys, the facts that they took; and nodes that died long ago. */
export async function forgetSingly(store: Store, cutoffMs: number, retentionMs: number): Promise<void> {
  const before = firstIdAt(cutoffMs);
  await inBatches(
    store,
    `with old as (select id from run_done_all where id < $1 and finished_at < hub_now() - $2 * interval '1 ms' limit ${runsPerBatch}),
          gone as (delete from run_done_all using old where run_done_all.id = old.id returning run_done_all.id),
          steps as (delete from journal_all using gone where journal_all.run_id = gone.id)
     select count(*)::int n from gone`,
    [before, retentionMs],
  );
  const gone = (id: string) =>
    // The bound stands three times: only the oldest partitions are looked into.
    `${id} < $1 and not exists (select from run where run.id = ${id} and run.id < $1)
       and not exists (select from run_done d where d.id = ${id} and d.id < $1)`;
  // A key or a fact that comes again after so long is a new one.
  for (const [table, id] of [
    ['run_key', 'run_id'],
    ['signal', 'taken_by'],
  ] as const)
    await inBatches(
      store,
      `with old as (select ctid from ${table} t where ${gone(`t.${id}`)} limit ${rowsPerBatch}),
            gone as (delete from ${table} using old where ${table}.ctid = old.ctid returning 1)
       select count(*)::int n from gone`,
      [before],
    );
  await store.pool.query(
    `delete from node where state = 3 and beat_at < clock_timestamp() - interval '1 day'
       and not exists (select from run where run.owner = node.id)`,
  );
}

async function inBatches(store: Store, text: string, values: unknown[]): Promise<void> {
  for (let more = true; more;) {
    const { rows } = await store.pool.query<{ n: number }>(text, values);
    more = (rows[0]?.n ?? 0) > 0;
  }
}
