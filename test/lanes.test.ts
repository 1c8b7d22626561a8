import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from './database.ts';
import { Clock } from '../engine/clock.ts';
import { Lanes, type LanesOptions } from '../engine/lanes.ts';
import { isWithin, nextChange } from '../engine/lanes/hours.ts';
import type { Ticket } from '../engine/lanes/road.ts';

let database: FreshDatabase;
const opened: Lanes[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((lanes) => lanes.stop()));
});
afterAll(() => database.drop());

/** What goes out, as the counterparty sees it. */
class World {
  readonly starts: number[] = [];
  readonly answered: string[] = [];
  mostAtOnce = 0;
  #atOnce = 0;

  async call(ticket: string, ms: number): Promise<void> {
    this.starts.push(performance.now());
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#atOnce -= 1;
    this.answered.push(ticket);
  }

  /** Calls may reach it some milliseconds apart from how they were let go: one more than allowed may fall into a second. */
  mostWithin(ms: number): number {
    return Math.max(0, ...this.starts.map((from) => this.starts.filter((at) => at >= from && at < from + ms).length));
  }
}

/** One node: instead of an engine, the call is made and its wait removed. */
async function node(world: World, callMs: number, options: Partial<LanesOptions> = {}): Promise<Lanes> {
  const lanes = new Lanes({ store: database.store, url: database.url, clock: new Clock(), sweepMs: 400, ...options });
  opened.push(lanes);
  await lanes.start({
    admit: async ({ run, ticket }: Ticket) => {
      const taken = await database.store.pool.query('delete from wait where run_id = $1', [run]);
      if (taken.rowCount === 1) await world.call(ticket, callMs);
      await database.store.pool.query('delete from run where id = $1', [run]);
    },
    problem: (what, thrown) => problems.push(`${what}: ${String(thrown)}`),
  });
  return lanes;
}
const problems: string[] = [];

/** Runs that are parked with a held call each. */
async function hold(system: string, count: number): Promise<string[]> {
  const runs = Array.from({ length: count }, () => randomUUID());
  await database.store.pool.query(
    `with r as (insert into run (id, flow, version, case_id, key, state) select u, 'test', 1, 'C', u::text, 3 from unnest($1::uuid[]) u)
     insert into wait (run_id, path, key, party, what_zh, what_en, since)
     select u, 'shop.pay', 'lane:' || u || '.1', $2, '', '', clock_timestamp() from unnest($1::uuid[]) u`,
    [runs, system],
  );
  return runs;
}

/** Statement by statement: locks of all tables at once would wait in a circle with the queue's own. */
async function deleteAllOfBullmq(): Promise<void> {
  const { pool } = database.store;
  const tables = await pool.query<{ name: string }>(
    "select tablename name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
  );
  for (const { name } of tables.rows)
    await pool.query(`delete from bullmq.${name}`).catch(() => pool.query(`delete from bullmq.${name}`));
}

const act = (system: string) => ({ system, who: 'zhang', why: 'test' });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function eventually(what: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const until = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > until) throw new Error(`it did not happen within ${ms} ms: ${problems.join('; ')}`);
    await pause(20);
  }
}

async function events(system: string): Promise<string[]> {
  const found = await database.store.pool.query<{ what: string }>(
    'select what from lane_event where system = $1 order by id',
    [system],
  );
  return found.rows.map((row) => row.what);
}

test('keeps concurrency and rate over two nodes', async () => {
  const world = new World();
  const system = 'limited';
  const [one] = await Promise.all([node(world, 250), node(world, 250)]);
  await one?.set(act(system), { concurrency: 2, rate: 10 });
  await hold(system, 24);
  await eventually(() => world.answered.length === 24);
  expect(world.mostAtOnce).toBe(2);
  expect(world.mostWithin(1_000)).toBeLessThanOrEqual(11);
  expect(new Set(world.answered).size).toBe(24);
});

test('lets calls through a rate as fast as it allows', async () => {
  const world = new World();
  const lanes = await node(world, 1);
  await lanes.set(act('quick'), { rate: 40 });
  await hold('quick', 60);
  await eventually(() => world.answered.length === 60);
  const seconds = ((world.starts.at(-1) ?? 0) - (world.starts[0] ?? 0)) / 1000;
  expect(60 / seconds).toBeGreaterThan(25);
  expect(world.mostWithin(1_000)).toBeLessThanOrEqual(42);
});

test('keeps what is held while it is paused, and lets it go at the ramp', async () => {
  const world = new World();
  const system = 'paused';
  const lanes = await node(world, 1);
  expect(lanes.hold(system)).toBeUndefined();
  await lanes.pause(act(system));
  expect(lanes.hold(system)?.what.en).toBe('lane of paused: paused by zhang (test)');
  await expect(lanes.pause(act(system))).rejects.toMatchObject({ type: 'ILLEGAL_TRANSITION' });
  await hold(system, 12);
  await pause(900);
  expect(world.answered).toEqual([]);
  expect((await lanes.list()).find(({ lane }) => lane.system === system)).toMatchObject({
    held: 12,
    condition: { state: 'paused' },
  });
  await lanes.resume(act(system));
  expect(lanes.hold(system)?.what.en).toContain('let go at 5 per second');
  await eventually(() => world.answered.length === 12);
  expect(world.mostWithin(1_000)).toBeLessThanOrEqual(6);
  await eventually(() => lanes.hold(system) === undefined);
  expect(await events(system)).toEqual(['paused', 'resumed', 'drained']);
});

test('lets a call go whose run was still under way when the lane was swept', async () => {
  const world = new World();
  const lanes = await node(world, 1);
  await lanes.set(act('busy'), { concurrency: 1 });
  const [run] = await hold('busy', 1);
  await database.store.pool.query('update run set state = 1 where id = $1', [run]);
  await pause(900);
  await database.store.pool.query('update run set state = 3 where id = $1', [run]);
  await eventually(() => world.answered.length === 1, 5_000);
});

test('another node learns of a pause within a sweep', async () => {
  const world = new World();
  const [one, two] = await Promise.all([node(world, 1), node(world, 1)]);
  await one?.pause(act('elsewhere'));
  await eventually(() => two?.hold('elsewhere') !== undefined, 1_500);
});

test('breaks after failures in a row, tries one call at a time, and mends', async () => {
  const world = new World();
  const system = 'broken';
  const lanes = await node(world, 60, { breakMs: 600, failuresMax: 4 });
  for (let i = 0; i < 3; i++) lanes.answered(system, false);
  lanes.answered(system, true);
  for (let i = 0; i < 3; i++) lanes.answered(system, false);
  expect(lanes.hold(system)).toBeUndefined();
  lanes.answered(system, false);
  await eventually(() => lanes.hold(system) !== undefined);
  await hold(system, 3);
  await pause(300);
  expect(world.starts).toEqual([]);
  await eventually(() => world.starts.length > 0);
  lanes.answered(system, false);
  await eventually(async () => (await events(system)).length === 2);
  await eventually(() => world.answered.length === 3);
  expect(world.mostAtOnce).toBe(1);
  lanes.answered(system, true);
  await eventually(() => lanes.hold(system) === undefined);
  expect(await events(system)).toEqual(['broken', 'broken', 'mended']);
});

test('holds until opening time, by business time', async () => {
  const world = new World();
  const system = 'bank';
  const clock = new Clock();
  // Friday a minute before closing time, in a world where an hour takes two seconds.
  const businessMs = Date.parse('2026-11-20T16:59:00+08:00');
  await clock.set({ realMs: Date.now(), businessMs, speed: 60 }, database.store);
  const lanes = await node(world, 1, { clock });
  await lanes.set(act(system), { opens: '09:00', closes: '17:00' });
  expect(lanes.hold(system)).toBeUndefined();
  await eventually(() => lanes.hold(system) !== undefined, 3_000);
  expect(lanes.hold(system)?.what.en).toBe('lane of bank: closed until 2026-11-23 09:00');
  await hold(system, 2);
  await pause(500);
  expect(world.answered).toEqual([]);
  const almost = Date.parse('2026-11-23T08:59:30+08:00');
  await clock.set({ realMs: Date.now(), businessMs: almost, speed: 60 }, database.store);
  await eventually(() => world.answered.length === 2);
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(Date.parse('2026-11-23T09:00:00+08:00'));
  await eventually(() => lanes.hold(system) === undefined);
  expect(await events(system)).toEqual(['set', 'closed', 'opened', 'drained']);
  await database.store.pool.query('delete from clock');
});

test('loses no call when everything that the queue knows is deleted at full load', async () => {
  const world = new World();
  const system = 'deleted';
  const [one] = await Promise.all([node(world, 20), node(world, 20)]);
  await one?.set(act(system), { concurrency: 4, rate: 60 });
  await hold(system, 120);
  for (let i = 0; i < 3; i++) {
    await eventually(() => world.answered.length > 20 * (i + 1));
    await deleteAllOfBullmq();
  }
  await eventually(() => world.answered.length === 120);
  expect(new Set(world.answered).size).toBe(120);
  expect(world.mostWithin(1_000)).toBeLessThanOrEqual(66);
});

test('has the slot back of a worker that died, and calls again what it had', async () => {
  const world = new World();
  const system = 'died';
  const lanes = await node(world, 1);
  await lanes.set(act(system), { concurrency: 1 });
  await lanes.pause(act(system));
  const [run] = await hold(system, 2);
  await database.store.tx(async (tx) => {
    // What BullMQ knows after the death: the job is active, under a lock that nobody keeps alive.
    await tx.query('set local search_path = bullmq');
    await tx.query(
      `insert into job (queue, id, seq, name, state, data, opts, added_at_ms, lock_token, locked_until_ms)
       values ($1, $2, nextval('job_seq'), 'call', 'active', $3, '{"removeOnComplete": true}', 1, 'dead', $4)`,
      [`lane-${system}`, `${run}.1`, { run, ticket: `${run}.1` }, Date.now() + 1_000],
    );
  });
  await lanes.resume(act(system));
  await eventually(() => world.answered.length === 2, 18_000);
}, 30_000);

test('leaves the database in peace while a lane is at its concurrency', async () => {
  const world = new World();
  const system = 'calm';
  const lanes = await node(world, 3_000);
  await lanes.set(act(system), { concurrency: 1 });
  await hold(system, 5);
  await eventually(() => world.starts.length === 1);
  const commits = async () =>
    Number(
      (
        await database.store.pool.query<{ n: string }>(
          'select pg_stat_clear_snapshot(), xact_commit + xact_rollback n from pg_stat_database where datname = current_database()',
        )
      ).rows[0]?.n,
    );
  const before = await commits();
  await pause(2_000);
  expect((await commits()) - before).toBeLessThan(500);
});

describe('business hours', () => {
  const hours = { opens: '09:00', closes: '16:30:00', everyDay: false };
  const at = (time: string) => new Date(`${time}+08:00`);

  test.each([
    ['2026-11-20T09:00:00', true],
    ['2026-11-20T08:59:59', false],
    ['2026-11-20T16:29:59', true],
    ['2026-11-20T16:30:00', false],
    ['2026-11-21T12:00:00', false],
    ['2026-10-01T12:00:00', false],
    ['2026-10-10T12:00:00', true],
  ])('at %s they are open: %s', (time, open) => {
    expect(isWithin(hours, at(time))).toBe(open);
  });

  test('begin again after the weekend, and after the longest holiday', () => {
    expect(nextChange(hours, at('2026-11-20T16:30:00'))).toEqual(at('2026-11-23T09:00:00'));
    expect(nextChange(hours, at('2026-02-13T17:00:00'))).toEqual(at('2026-02-14T09:00:00'));
    expect(nextChange(hours, at('2026-02-14T17:00:00'))).toEqual(at('2026-02-24T09:00:00'));
    expect(nextChange(hours, at('2026-11-20T10:00:00'))).toEqual(at('2026-11-20T16:30:00'));
    expect(nextChange({ ...hours, everyDay: true }, at('2026-11-20T17:00:00'))).toEqual(at('2026-11-21T09:00:00'));
  });
});
