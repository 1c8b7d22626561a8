/**
 * History is kept by the week and dropped by the week: `journal` and `run_done` are partitioned by the id of the run,
 * which carries the time of its start (UUID version 7), so that years of history cost the hot path nothing.
 *
 * Invariants:
 * - The journal of a run and its row in `run_done` go together: both in a week, or both in the default partitions.
 * - What is dropped ended longer ago than the retention. A run that still lives, or ended since, moves to the default
 *   partition before its week goes: a loan of three years pins no week and loses no step.
 * - No lock that stops runs is waited for longer than `lockMs`: what does not get it tries again later.
 *
 * Never deleted here: `effect` (a number has one effect, for ever), `exchange` and its raw bytes (evidence and records of
 * transactions, which the law wants kept for ten years and more), the books, and cases.
 * Run ids carry real time, so in a sandbox weeks are real weeks, however fast its clock runs.
 */
import type pg from 'pg';
import type { Store } from '../store/store.ts';
import type { Tx } from './flow.ts';
import { dropWeek, forgetSingly, movedRowsMax } from './history/retention.ts';
import { dayMs, parents, weekMs, weekOf, type Week } from './history/weeks.ts';

export interface Kept {
  readonly made: readonly string[];
  readonly dropped: readonly string[];
  /** Too many of its runs still live: it stays whole. */
  readonly pinned: readonly string[];
}

export interface PartitionView {
  readonly name: string;
  /** Undefined for the default partition. */
  readonly week: Week | undefined;
  readonly rowsEstimate: number;
  readonly bytes: number;
  /** From then on it may go. */
  readonly dropsAt: Date | undefined;
}

const weeksAhead = 4;
const lockMs = 500;
const triesMax = 6;
const pauseMs = 400;
const checkMs = 60_000;
const longMs = 600_000;
/** One upkeep at a time over all nodes; 'hist' in ASCII. */
const advisoryKey = 0x68697374;

export class History {
  readonly #store: Store;
  #checkedMs = -Infinity;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Says for all nodes how long history is kept. */
  async retain(days: number): Promise<void> {
    await this.#store.pool.query('update retention set days = $1 where days <> $1', [days]);
  }

  /** When it was not seen to for a day, by whatever node: the backstop of the schedule. Cheap to call often. */
  async keepIfDue(): Promise<void> {
    if (performance.now() - this.#checkedMs < checkMs) return;
    this.#checkedMs = performance.now();
    const due = await this.#store.pool.query(
      `select from retention where kept_at is null or kept_at < clock_timestamp() - interval '25 hours'`,
    );
    if (due.rowCount === 1) await this.keep();
  }

  /** Makes the weeks to come, drops those whose time is over, forgets what is left of their runs. */
  async keep(): Promise<Kept> {
    const made = await this.ahead();
    const { nowMs, retentionMs } = await this.#times();
    const dropped: string[] = [];
    const pinned: string[] = [];
    for (const { week } of await this.#partitions('run_done')) {
      if (!week || week.toMs > nowMs - retentionMs) continue;
      const gone = await this.#locked((tx) => dropWeek(tx, week, retentionMs));
      (gone ? dropped : pinned).push(week.name);
    }
    await forgetSingly(this.#store, nowMs - retentionMs, retentionMs);
    await this.#store.pool.query('update retention set kept_at = clock_timestamp()');
    return { made, dropped, pinned };
  }

  /** Makes this week's partitions and those of the next four. @returns the weeks that were missing */
  async ahead(): Promise<string[]> {
    const { nowMs } = await this.#times();
    // Left behind by a process that was killed: the default partition must take in what it excludes, one day.
    const left = await this.#store.pool.query(`select from pg_constraint where conname = 'not_yet'`);
    if (left.rowCount !== 0) await this.#locked(takeBack);
    const there = new Set((await this.#partitions('run_done')).map(({ week }) => week?.name));
    const weeks = Array.from({ length: weeksAhead + 1 }, (_, i) => weekOf(nowMs + i * weekMs));
    const missing = weeks.filter((week) => !there.has(week.name));
    const future = missing.filter((week) => week.fromMs > nowMs + dayMs);
    const made: string[] = [];
    await this.#vouched(future, async () => {
      for (const week of missing) if (await this.#locked((tx) => makeWeek(tx, week))) made.push(week.name);
    });
    return made;
  }

  async list(): Promise<PartitionView[]> {
    const { retentionMs } = await this.#times();
    const found = await Promise.all(parents.map(({ name }) => this.#partitions(name)));
    return found.flat().map((partition) => ({
      ...partition,
      dropsAt: partition.week && new Date(partition.week.toMs + retentionMs),
    }));
  }

  async retentionDays(): Promise<number> {
    return (await this.#times()).retentionMs / dayMs;
  }

  /**
   * Without a word on the contrary, a new partition has the default one searched for rows of its own, under a lock that
   * stops everybody. A checked constraint is such a word, and checking it stops nobody. Only for weeks still to come:
   * nothing of theirs can arrive meanwhile.
   */
  async #vouched(weeks: readonly Week[], act: () => Promise<void>): Promise<void> {
    const [first, last] = [weeks[0], weeks.at(-1)];
    if (!first || !last) return act();
    await this.#locked(async (tx) => {
      await takeBack(tx);
      await each(({ name, key }) =>
        tx
          .query(
            `alter table ${name}_all add constraint not_yet check (${key} < '${first.from}' or ${key} >= '${last.to}') not valid`,
          )
          .then(() => undefined),
      );
    });
    try {
      await each(({ name }) =>
        this.#patiently(`alter table ${name}_all validate constraint not_yet`).catch((thrown: unknown) => {
          // Rows from the future: they are moved, and searched for under the lock.
          // Gone already: another node is at the same, and took its own back.
          if (!['23514', '42704'].includes((thrown as { code?: string }).code ?? '')) throw thrown;
        }),
      );
      await act();
    } finally {
      await this.#locked(takeBack);
    }
  }

  /** In a transaction of its own that waits for no lock longer than `lockMs`, a few times. */
  async #locked<T>(act: (tx: Tx) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#store.tx(async (tx) => {
          await tx.query(`set local lock_timeout = ${lockMs}`);
          await tx.query('select pg_advisory_xact_lock($1)', [advisoryKey]);
          return act(tx);
        });
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== '55P03' || tries === triesMax) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, pauseMs * tries));
      }
    }
  }

  /** Stops nobody, and may take its time: longer than the limits of everyday statements. */
  async #patiently(text: string): Promise<void> {
    await this.#store.tx(async (tx) => {
      await tx.query(`set local statement_timeout = ${longMs}`);
      const query: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: longMs };
      await tx.query(query);
    });
  }

  async #times(): Promise<{ nowMs: number; retentionMs: number }> {
    const found = await this.#store.pool.query<{ now: Date; days: number }>(
      'select clock_timestamp() now, days from retention',
    );
    const { now, days } = found.rows[0] ?? { now: new Date(), days: 36_500 };
    return { nowMs: now.getTime(), retentionMs: days * dayMs };
  }

  async #partitions(parent: string): Promise<Omit<PartitionView, 'dropsAt'>[]> {
    const found = await this.#store.pool.query<{ name: string; rows: number; bytes: string }>(
      `select c.relname as name, greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::float8 as rows, pg_total_relation_size(c.oid) as bytes
       from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by c.relname`,
      [parent],
    );
    return found.rows.map(({ name, rows, bytes }) => {
      const monday = /_(\d{4})(\d\d)(\d\d)$/.exec(name)?.slice(1).join('-');
      const week = monday === undefined ? undefined : weekOf(Date.parse(monday));
      return { name, week, rowsEstimate: rows, bytes: Number(bytes) };
    });
  }
}

function takeBack(tx: Tx): Promise<void> {
  return each(({ name }) =>
    tx.query(`alter table ${name}_all drop constraint if exists not_yet`).then(() => undefined),
  );
}

/** One after the other: both tables, in the order in which everybody locks them. */
async function each(act: (parent: (typeof parents)[number]) => Promise<void>): Promise<void> {
  for (const parent of parents) await act(parent);
}

/** What the default partitions hold of the week moves into it. @returns whether the week is new */
async function makeWeek(tx: Tx, week: Week): Promise<boolean> {
  const found = await tx.query<{ there: boolean; rows: string }>(
    `select to_regclass('run_done_${week.name}') is not null there,
       (select count(*) from (select from journal_all where run_id >= $1 and run_id < $2 limit ${movedRowsMax + 1}) r) as rows`,
    [week.from, week.to],
  );
  // Too much to move while everybody waits (an upgrade in a busy week): the week stays in the default partition.
  if (found.rows[0]?.there || Number(found.rows[0]?.rows) > movedRowsMax) return false;
  await tx.query(`lock table ${parents.map(({ name }) => `${name}_all`).join(', ')} in access exclusive mode`);
  await each(async ({ name, key }) => {
    const table = `${name}_${week.name}`;
    await tx.query(`create table ${table} (like ${name} including all)`);
    await tx.query(
      `with moved as (delete from ${name}_all where ${key} >= '${week.from}' and ${key} < '${week.to}' returning *)
       insert into ${table} select * from moved`,
    );
    await tx.query(`alter table ${name} attach partition ${table} for values from ('${week.from}') to ('${week.to}')`);
  });
  return true;
}
