import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { migrate } from '../store/migrate.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { places } from '../store/sealing/places.ts';
import { openStore, type Store } from '../store/store.ts';
import { freshDatabase } from './database.ts';
import { admin } from './server.ts';
import { Clock } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import {
  database,
  ended,
  eventually,
  flowOf,
  liveState,
  node,
  openDatabase,
  shop,
  tell,
} from '../engine/engine.fixture.ts';
import { History } from '../engine/history.ts';
import { dayMs, weekMs, weekOf, type Week } from '../engine/history/weeks.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

const nowMs = Date.now();

/** As `uuidv7` makes it, at a time of the test's own. */
function idAt(ms: number, chance = Math.random()): string {
  const time = ms.toString(16).padStart(12, '0');
  const low = Math.floor(chance * 0x3fffffff)
    .toString(16)
    .padStart(8, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${low.slice(0, 3)}-8${low.slice(3, 6)}-${low}0000`;
}

async function onFresh(use: (store: Store) => Promise<void>): Promise<void> {
  const fresh = await freshDatabase();
  try {
    await use(fresh.store);
  } finally {
    await fresh.drop();
  }
}

/** What is sealed belongs to its row: moved to another run, it is sealed for that one. */
async function sealAgain(store: Store, from: string, to: string): Promise<void> {
  const sealing = await sealingOf(store.pool);
  const { rows } = await store.pool.query<{ seq: number; body: Buffer }>(
    'select seq, body from journal where run_id = $1 and body is not null',
    [to],
  );
  for (const { seq, body } of rows) {
    const plain = await sealing.open(places.journal, [from, seq], body);
    await store.pool.query('update journal set body = $3 where run_id = $1 and seq = $2', [
      to,
      seq,
      sealing.sealNow(places.journal, [to, seq], plain),
    ]);
  }
}

async function addWeek(store: Store, week: Week): Promise<void> {
  for (const table of ['journal', 'run_done'])
    await store.pool.query(
      `create table ${table}_${week.name} partition of ${table} for values from ('${week.from}') to ('${week.to}')`,
    );
}

async function addRun(store: Store, id: string, finishedAt: Date | undefined): Promise<void> {
  const at = new Date(parseInt(id.replaceAll('-', '').slice(0, 12), 16));
  await store.pool.query(`insert into run_key values ('old', $1::text, $1::text::uuid)`, [id]);
  await store.pool.query(
    `insert into journal (run_id, seq, kind, path, at) select $1::uuid, n, 1, 'step ' || n, $2::timestamptz from generate_series(0, 2) n`,
    [id, at],
  );
  await store.pool.query(
    `insert into signal (key, id, notice, body, taken_by) values ('fact:' || $1::text, 'x', 'fact', '{}', $1::text::uuid)`,
    [id],
  );
  if (finishedAt)
    await store.pool.query(
      `insert into run_done values ($1::text::uuid, 'old', 1, 'CASE-1', $1::text, 'done', null, $2, $3)`,
      [id, at, finishedAt],
    );
  else
    await store.pool.query(
      `insert into run (id, flow, version, case_id, key, state, created_at) values ($1::text::uuid, 'old', 1, 'CASE-1', $1::text, 3, $2)`,
      [id, at],
    );
}

async function whereIs(store: Store, id: string): Promise<{ journal: string[]; done: string[] }> {
  const names = async (text: string) =>
    (await store.pool.query<{ name: string }>(text, [id])).rows.map((row) => row.name);
  return {
    journal: await names('select tableoid::regclass::text as name from journal where run_id = $1 order by seq'),
    done: await names('select tableoid::regclass::text as name from run_done where id = $1'),
  };
}

async function remembered(store: Store, id: string): Promise<{ key: boolean; fact: boolean }> {
  const found = await store.pool.query<{ key: boolean; fact: boolean }>(
    `select exists (select from run_key where run_id = $1) as key, exists (select from signal where taken_by = $1) fact`,
    [id],
  );
  return found.rows[0] ?? { key: false, fact: false };
}

test('an id lies in the week of its time and in no other, wherever in the week it is made', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 45 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: -3, max: 3 }),
      (ms, chance, other) => {
        const id = idAt(ms, chance);
        const week = weekOf(ms);
        expect(week.from <= id && id < week.to).toBe(true);
        expect(weekOf(week.toMs).from).toBe(week.to);
        expect(new Date(week.fromMs).getUTCDay()).toBe(1);
        const elsewhere = weekOf(week.fromMs + other * weekMs);
        expect(elsewhere.from <= id && id < elsewhere.to).toBe(other === 0);
      },
    ),
  );
});

test('an upkeep that cannot have its lock stops nobody for long, and is done when the lock is free', async () => {
  await onFresh(async (store) => {
    const reader = await store.pool.connect();
    await reader.query('begin');
    await reader.query('select count(*) from journal');
    const made = new History(store).ahead();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const began = performance.now();
    await store.pool.query('select count(*) from journal');
    expect(performance.now() - began).toBeLessThan(2_000);
    await reader.query('commit');
    reader.release();
    expect(await made).toHaveLength(5);
  });
});

test('this week and the next four are made once, and take in what the default partition held of them', async () => {
  await onFresh(async (store) => {
    const id = idAt(nowMs);
    await addRun(store, id, new Date(nowMs));
    expect((await whereIs(store, id)).journal[0]).toBe('journal_all');
    const history = new History(store);
    const weeks = Array.from({ length: 5 }, (_, i) => weekOf(nowMs + i * weekMs).name);
    expect(await history.ahead()).toEqual(weeks);
    // As a process leaves it that is killed in the middle.
    await store.pool.query(
      `alter table journal_all add constraint not_yet check (run_id < '${weekOf(nowMs).from}') not valid`,
    );
    expect(await history.ahead()).toEqual([]);
    const name = weeks[0] ?? '';
    expect(await whereIs(store, id)).toEqual({
      journal: [`journal_${name}`, `journal_${name}`, `journal_${name}`],
      done: [`run_done_${name}`],
    });
    const left = await store.pool.query(
      `select conname from pg_constraint where conname = 'not_yet' or (conrelid = 'journal_all'::regclass and contype = 'c')`,
    );
    expect(left.rows).toEqual([]);
    const next = idAt(nowMs + weekMs);
    await addRun(store, next, undefined);
    expect((await whereIs(store, next)).journal[0]).toBe(`journal_${weeks[1]}`);
    const indexes = await store.pool.query(`select indexname from pg_indexes where tablename in ($1, $2) order by 1`, [
      `journal_${name}`,
      `run_done_${name}`,
    ]);
    expect(indexes.rowCount).toBe(5);
  });
});

test('rows of a week to come that lie in the default partition do not keep the week from being made', async () => {
  await onFresh(async (store) => {
    const id = idAt(nowMs + 2 * weekMs);
    await addRun(store, id, undefined);
    expect(await new History(store).ahead()).toHaveLength(5);
    expect((await whereIs(store, id)).journal[0]).toBe(`journal_${weekOf(nowMs + 2 * weekMs).name}`);
  });
});

test('a week older than the retention goes, but for the runs that still live or ended since', async () => {
  await onFresh(async (store) => {
    const oldMs = nowMs - 500 * dayMs;
    const young = weekOf(nowMs - 300 * dayMs);
    await addWeek(store, weekOf(oldMs));
    await addWeek(store, young);
    const [gone, lives, ended1, kept] = [idAt(oldMs), idAt(oldMs), idAt(oldMs), idAt(young.fromMs)];
    await addRun(store, gone, new Date(oldMs + dayMs));
    await addRun(store, lives, undefined);
    await addRun(store, ended1, new Date(nowMs - dayMs));
    await addRun(store, kept, new Date(young.fromMs + dayMs));
    const history = new History(store);
    await history.retain(400);
    const { dropped, pinned } = await history.keep();
    expect({ dropped, pinned }).toEqual({ dropped: [weekOf(oldMs).name], pinned: [] });
    expect(await whereIs(store, gone)).toEqual({ journal: [], done: [] });
    expect(await remembered(store, gone)).toEqual({ key: false, fact: false });
    const all = ['journal_all', 'journal_all', 'journal_all'];
    expect(await whereIs(store, lives)).toEqual({ journal: all, done: [] });
    expect(await whereIs(store, ended1)).toEqual({ journal: all, done: ['run_done_all'] });
    expect((await whereIs(store, kept)).done).toEqual([`run_done_${young.name}`]);
    for (const id of [lives, ended1, kept]) expect(await remembered(store, id)).toEqual({ key: true, fact: true });
    expect((await history.keep()).dropped).toEqual([]);
    // Its time comes too: years later, from the default partition, row by row.
    await store.pool.query(`update run_done set finished_at = $2 where id = $1`, [ended1, new Date(oldMs)]);
    await history.keep();
    expect(await whereIs(store, ended1)).toEqual({ journal: [], done: [] });
    expect(await whereIs(store, lives)).toEqual({ journal: all, done: [] });
  });
});

test('a run whose week was dropped goes on from its journal and ends', async () => {
  const no = `survivor-${nowMs}`;
  const { engine } = await node([
    flowOf('survivor', async (run, order) => {
      await run.record('first', async () => 1);
      await run.wait(shop.notices.delivered, { key: order.no, within: '3000 days', from: 'shop' });
      return { outcome: 'after years' };
    }),
  ]);
  await tell(engine, 'start.survivor', no);
  await eventually(async () => ((await liveState('survivor', no))?.state === 3 ? true : undefined));
  // As if it had begun 500 days ago.
  const { store } = database;
  const old = weekOf(nowMs - 500 * dayMs);
  await addWeek(store, old);
  const id = idAt(nowMs - 500 * dayMs);
  const was = await store.pool.query<{ id: string }>('select id from run where key = $1', [no]);
  for (const [table, column] of [
    ['journal', 'run_id'],
    ['wait', 'run_id'],
    ['run_key', 'run_id'],
    ['signal', 'taken_by'],
    ['run', 'id'],
  ])
    await store.pool.query(`update ${table} set ${column} = $1 where ${column} = $2`, [id, was.rows[0]?.id]);
  await sealAgain(store, was.rows[0]?.id ?? '', id);
  expect((await whereIs(store, id)).journal[0]).toBe(`journal_${old.name}`);
  expect((await new History(store).keep()).dropped).toEqual([old.name]);
  expect((await whereIs(store, id)).journal[0]).toBe('journal_all');
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('survivor', no)).outcome).toBe('after years');
  const steps = await store.pool.query('select seq from journal where run_id = $1 order by seq', [id]);
  expect(steps.rows.map((row: { seq: number }) => row.seq)).toEqual([0, 1, 2, 3]);
  await engine.stop();
});

test('runs go on while weeks are made and dropped', async () => {
  const { store } = database;
  const { engine, problems } = await node([
    flowOf('busy', async (run) => {
      for (let i = 0; i < 5; i++) await run.milestone(i);
      return { outcome: 'done' };
    }),
  ]);
  const months = Array.from({ length: 4 }, (_, i) => weekOf(nowMs - (600 + 7 * i) * dayMs));
  for (const week of months) {
    await addWeek(store, week);
    await store.pool.query(
      `insert into journal (run_id, seq, kind, path, at) select $1::uuid, n, 1, 'x', now() from generate_series(1, 20000) n`,
      [idAt(week.fromMs)],
    );
  }
  const enough = new AbortController();
  let slowestMs = 0;
  let runs = 0;
  const load = Array.from({ length: 8 }, async (_, worker) => {
    for (let n = 0; !enough.signal.aborted; n++) {
      const began = performance.now();
      const { run } = await engine.begin('busy', { no: `busy-${worker}-${n}-${nowMs}` });
      expect((await engine.ended(run)).outcome).toBe('done');
      slowestMs = Math.max(slowestMs, performance.now() - began);
      runs++;
    }
  });
  const history = new History(store);
  for (const { name, key } of [
    { name: 'journal', key: 'run_id' },
    { name: 'run_done', key: 'id' },
  ])
    await store.pool.query(
      `do $$ declare t text; begin
         for t in select inhrelid::regclass::text from pg_inherits where inhparent = '${name}'::regclass loop
           if t > '${name}_${weekOf(nowMs + 1).name}' and t <> '${name}_all' then
             execute 'alter table ${name} detach partition ' || t; execute 'drop table ' || t;
           end if; end loop; end $$ -- ${key}`,
    );
  expect(await history.ahead()).toHaveLength(4);
  expect((await history.keep()).dropped).toHaveLength(4);
  await new Promise((resolve) => setTimeout(resolve, 200));
  enough.abort();
  await Promise.all(load);
  expect(problems).toEqual([]);
  expect(runs).toBeGreaterThan(20);
  expect(slowestMs).toBeLessThan(3_000);
  const gaps = await store.pool.query(
    `select 1 from journal j join run_done d on d.id = j.run_id and d.flow = 'busy' group by run_id having count(*) <> 7 or max(seq) <> 6`,
  );
  expect(gaps.rowCount).toBe(0);
  await engine.stop();
});

test('a database with rows of the first release keeps them, with the same indexes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-migrations-'));
  const all = join(import.meta.dirname, '../store/migrations');
  const name = `lianshu_history_${nowMs}`;
  const adminUrl = process.env['LIANSHU_TEST_URL'] ?? '';
  await admin(adminUrl, `create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const store = await openStore(url.href);
  try {
    for (const file of readdirSync(all).filter((each) => each < '0006')) cpSync(join(all, file), join(folder, file));
    await migrate(store, folder);
    const id = idAt(nowMs);
    await addRun(store, id, new Date(nowMs));
    cpSync(join(all, '0006-history.sql'), join(folder, '0006-history.sql'));
    expect(await migrate(store, folder)).toEqual(['0006-history.sql']);
    expect(await whereIs(store, id)).toEqual({
      journal: ['journal_all', 'journal_all', 'journal_all'],
      done: ['run_done_all'],
    });
    await expect(addRun(store, id, new Date(nowMs))).rejects.toThrow('duplicate key');
    expect(await new History(store).ahead()).toHaveLength(5);
    expect((await whereIs(store, id)).done).toEqual([`run_done_${weekOf(nowMs).name}`]);
  } finally {
    await store.close();
    await admin(adminUrl, `drop database ${name} with (force)`);
    rmSync(folder, { recursive: true });
  }
});

test('the sweep of an engine sees to it, whatever becomes of schedules', async () => {
  let seen = 0;
  const engine = new Engine({
    store: database.store,
    url: database.url,
    clock: new Clock(),
    flows: [],
    sweepMs: 50,
    call: async () => ({ outcome: 'confirmed', response: {} }),
    upkeep: async () => {
      seen++;
    },
  });
  await engine.start();
  await eventually(async () => (seen > 2 ? true : undefined));
  await engine.stop();
});

test('it is seen to once a day over all nodes, and dead nodes that own nothing are forgotten', async () => {
  await onFresh(async (store) => {
    await store.pool.query(
      `insert into node (name, state, beat_at) values ('long dead', 3, now() - interval '2 days'), ('just dead', 3, now()), ('silent', 1, now() - interval '2 days')`,
    );
    await new History(store).keepIfDue();
    const nodes = await store.pool.query<{ name: string }>('select name from node order by name');
    expect(nodes.rows.map((row) => row.name)).toEqual(['just dead', 'silent']);
    const kept = async () =>
      (await store.pool.query<{ kept_at: Date }>('select kept_at from retention')).rows[0]?.kept_at;
    const first = await kept();
    await new History(store).keepIfDue();
    expect(await kept()).toEqual(first);
    await store.pool.query(`update retention set kept_at = now() - interval '2 days'`);
    await new History(store).keepIfDue();
    expect(await kept()).not.toEqual(first);
  });
});
