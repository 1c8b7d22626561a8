/**
 * Figures of the tables. Each query is a look at what is few (ready, running, open, untaken: partial indexes hold just
 * those) or an estimate of what is many: with a million waiting runs a scrape still takes milliseconds.
 */
import { Gauge, type Registry } from 'prom-client';
import { History } from '../../engine/history.ts';
import type { Edge } from '../options.ts';

/** Counted one by one up to here; beyond, the figure stands still. */
const countMax = 100_000;
/** Rows of the waits that are looked at. */
const sampleRows = 20_000;
const partiesMax = 50;

export function booksOf({ store }: Edge, registers: Registry[]): () => Promise<void> {
  const gauge = gaugesInto(registers);
  const runs = gauge('runs', 'Live runs by state; many waiting ones are an estimate', 'state');
  const late = gauge('run_ready_oldest_seconds', 'For how long the oldest ready run has been ready');
  const timers = gauge('timers_late_seconds', 'Business time by which the timer that is due longest is late');
  const effects = gauge('effects_open', 'Effects that are not settled, by state and system', 'state', 'system');
  const oldest = gauge('effect_open_oldest_seconds', 'Business age of the oldest such effect', 'state', 'system');
  const untaken = gauge('signals_untaken', 'Facts that no run has taken, by notice', 'notice');
  const nodes = gauge('nodes', 'Nodes by state; late: alive, but silent for longer than its lease', 'state');
  return async () => {
    const few = (where: string) =>
      `(select count(*) from (select from run where ${where} limit ${countMax}) x)::float8`;
    const [live, open, facts, alive] = await Promise.all([
      store.pool.query<Record<'ready' | 'running' | 'attention' | 'total' | 'late' | 'timers', number>>(
        `select ${few('state = 1')} ready, ${few('owner is not null')} running, ${few('state = 4')} attention,
           ${totalOf('run')} total,
           coalesce((select extract(epoch from clock_timestamp() - ready_at) from run where state = 1 order by ready_at limit 1), 0)::float8 late,
           coalesce((select extract(epoch from hub_now() - wake_at) from run where state = 3 and wake_at is not null order by wake_at limit 1), 0)::float8 timers`,
      ),
      store.pool.query<{ state: string; system: string; n: string; age: number }>(
        `select state, system, count(*) n, extract(epoch from hub_now() - min(intent_at))::float8 age
         from effect where state in ('intent', 'unknown') group by state, system`,
      ),
      store.pool.query<{ notice: string; n: string }>(
        'select notice, count(*) n from signal where taken_by is null group by notice',
      ),
      store.pool.query<{ state: string; n: string }>(
        `select case when state = 2 then 'draining' when beat_at + lease < clock_timestamp() then 'late' else 'alive' end state, count(*) n
         from node where state <> 3 group by 1`,
      ),
    ]);
    for (const each of [effects, oldest, untaken, nodes]) each.reset();
    const row = live.rows[0];
    if (row) {
      const { ready, running, attention, total } = row;
      const waiting = Math.max(0, total - ready - running - attention);
      for (const [state, n] of Object.entries({ ready, running, attention, waiting })) runs.set({ state }, n);
      late.set(Math.max(0, row.late));
      timers.set(Math.max(0, row.timers));
    }
    for (const { state, system, n, age } of open.rows) {
      effects.set({ state, system }, Number(n));
      oldest.set({ state, system }, age);
    }
    for (const { notice, n } of facts.rows) untaken.set({ notice }, Number(n));
    for (const state of ['alive', 'late', 'draining']) nodes.set({ state }, 0);
    for (const { state, n } of alive.rows) nodes.set({ state }, Number(n));
  };
}

/** What grows with the years: who is waited for, and how much history there is. */
export function sizesOf({ store }: Edge, registers: Registry[]): () => Promise<void> {
  const gauge = gaugesInto(registers);
  const waits = gauge('waits', 'Waits by party; of many, an estimate', 'party');
  const partitions = gauge('history_partitions', 'Weeks of history, by table', 'table');
  const bytes = gauge('history_bytes', 'Bytes of history, by table', 'table');
  const rows = gauge('history_rows', 'Rows of history, by table, estimated', 'table');
  const history = new History(store);
  return async () => {
    const [total, list] = await Promise.all([
      store.pool.query<{ n: number }>(`select ${totalOf('wait')} n`),
      history.list(),
    ]);
    const share = Math.min(100, (100 * sampleRows) / Math.max(1, total.rows[0]?.n ?? 1));
    const found = await store.pool.query<{ party: string; n: string }>(
      `select party, count(*) n from wait tablesample system (${share}) group by party order by n desc limit ${partiesMax}`,
    );
    for (const each of [waits, partitions, bytes, rows]) each.reset();
    for (const { party, n } of found.rows) waits.set({ party }, Math.round((Number(n) * 100) / share));
    for (const { name, week, bytes: size, rowsEstimate } of list) {
      const table = name.replace(/_(all|\d{8})$/, '');
      partitions.inc({ table }, week ? 1 : 0);
      bytes.inc({ table }, size);
      rows.inc({ table }, rowsEstimate);
    }
  };
}

/** Exact while few; of many, what the server last estimated. */
function totalOf(table: string): string {
  return `(select case when r.n < ${countMax} then least(${countMax}, (select count(*) from (select from ${table} limit ${countMax}) x)) else r.n end
    from (select greatest(reltuples, pg_stat_get_live_tuples(oid), 0) n from pg_class where oid = '${table}'::regclass) r)::float8`;
}

function gaugesInto(registers: Registry[]) {
  return (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `lianshu_${name}`, help, labelNames, registers });
}
