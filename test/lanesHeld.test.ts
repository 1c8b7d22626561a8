/** Lanes under engines: two nodes in one process on one database. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import { database, eventually, flowOf, openDatabase, shop, tell } from '../engine/engine.fixture.ts';
import type { AnyFlow } from '../engine/flow.ts';
import type { ActionCall, ActionOutcome } from '../engine/host.ts';
import { Lanes, type LanesOptions } from '../engine/lanes.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());
const started: Engine[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((engine) => engine.stop()));
});

const confirmed: ActionOutcome = { outcome: 'confirmed', response: { serial: 's' } };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the counterparty sees. */
class World {
  readonly calls: { at: number; operation: string; no: string }[] = [];
  readonly callMs: number;
  mostAtOnce = 0;
  answer: (call: ActionCall) => ActionOutcome = () => confirmed;
  #atOnce = 0;

  constructor(callMs = 1) {
    this.callMs = callMs;
  }

  async take(call: ActionCall): Promise<ActionOutcome> {
    const { no } = call.request as { no: string };
    this.calls.push({ at: performance.now(), operation: call.operation, no });
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    await pause(this.callMs);
    this.#atOnce -= 1;
    return this.answer(call);
  }

  mostWithin(ms: number): number {
    const starts = this.calls.map(({ at }) => at);
    return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + ms).length));
  }
}

interface Node {
  readonly engine: Engine;
  readonly lanes: Lanes;
  readonly problems: string[];
}

async function node(flows: readonly AnyFlow[], world: World, options: Partial<LanesOptions> = {}): Promise<Node> {
  const clock = options.clock ?? new Clock();
  const problems: string[] = [];
  const lanes = new Lanes({ store: database.store, url: database.url, clock, sweepMs: 400, ...options });
  const engine = new Engine({
    store: database.store,
    url: database.url,
    clock,
    flows,
    lanes,
    call: (call) => world.take(call),
    retry: (run, ms) => setTimeout(() => void engine.wake(run), ms).unref(),
  });
  engine.events.on('problem', (problem) => problems.push(problem));
  await engine.start();
  started.push(engine);
  return { engine, lanes, problems };
}

/** One payment through the lane of `system`, under a flow of its own. */
function payThrough(system: string): AnyFlow {
  return flowOf(`pay-${system}`, async (run, order) => {
    const paid = await run.call(shop.operations.pay, order, { system });
    return { outcome: 'paid', detail: paid.serial };
  });
}

async function begin(nodes: readonly Node[], flowName: string, count: number): Promise<string[]> {
  const orders = Array.from({ length: count }, () => randomUUID());
  await Promise.all(orders.map(async (no, i) => nodes[i % nodes.length]?.engine.begin(flowName, { no })));
  return orders;
}

async function ended(flowName: string): Promise<number> {
  const found = await database.store.pool.query('select 1 from run_done where flow = $1', [flowName]);
  return found.rowCount ?? 0;
}

async function allEnd(flowName: string, count: number, ms = 25_000): Promise<void> {
  const until = Date.now() + ms;
  while ((await ended(flowName)) < count) {
    if (Date.now() > until) {
      const live = await database.store.pool.query(
        'select r.state, r.problem, w.key, w.what_en from run r left join wait w on w.run_id = r.id where flow = $1 limit 5',
        [flowName],
      );
      throw new Error(`${await ended(flowName)} of ${count} ended: ${JSON.stringify(live.rows)}`);
    }
    await pause(50);
  }
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

test('never exceeds concurrency and rate over two engines, and each effect happens once', async () => {
  const world = new World(300);
  const flows = [payThrough('limited')];
  const nodes = [await node(flows, world), await node(flows, world)];
  await nodes[0]?.lanes.set(act('limited'), { concurrency: 2, rate: 10 });
  await eventually(async () => (nodes.every(({ lanes }) => lanes.hold('limited')) ? true : undefined));
  const orders = await begin(nodes, 'pay-limited', 24);
  await allEnd('pay-limited', 24);
  expect(world.mostAtOnce).toBe(2);
  expect(world.mostWithin(1_000)).toBeLessThanOrEqual(11);
  expect(world.calls.map(({ no }) => no).toSorted()).toEqual(orders.toSorted());
  expect(nodes.flatMap(({ problems }) => problems)).toEqual([]);
  const waits = await database.store.pool.query("select 1 from wait where party = 'limited'");
  expect(waits.rowCount).toBe(0);
}, 40_000);

test('a pause keeps calls, says why to whoever looks, and resuming lets them go at the ramp', async () => {
  const world = new World();
  const flows = [payThrough('paused')];
  const nodes = [await node(flows, world), await node(flows, world)];
  await nodes[0]?.lanes.pause(act('paused'));
  await eventually(async () => (nodes[1]?.lanes.hold('paused') ? true : undefined));
  await begin(nodes, 'pay-paused', 12);
  await eventually(async () => ((await nodes[0]?.lanes.list())?.find(({ held }) => held === 12) ? true : undefined));
  const waits = await database.store.pool.query<{ what_en: string; state: string; sent_at: Date | null }>(
    "select w.what_en, e.state, e.sent_at from wait w join effect e on e.run_id = w.run_id where w.party = 'paused' limit 1",
  );
  expect(waits.rows[0]).toEqual({
    what_en: 'lane of paused: paused by zhang (test)',
    state: 'intent',
    sent_at: null,
  });
  await pause(600);
  expect(world.calls).toEqual([]);
  // Whoever held them may go.
  await nodes[0]?.engine.stop();
  await nodes[1]?.lanes.resume(act('paused'));
  await allEnd('pay-paused', 12);
  expect(world.mostWithin(1_000)).toBeLessThanOrEqual(6);
  expect(world.calls).toHaveLength(12);
  const attempts = await database.store.pool.query("select distinct attempts from effect where system = 'paused'");
  expect(attempts.rows).toEqual([{ attempts: 1 }]);
}, 40_000);

test('a lane breaks when its system does not answer, tries again, and mends', async () => {
  const world = new World();
  const flows = [payThrough('flaky')];
  const nodes = [await node(flows, world, { failuresMax: 8, breakMs: 1_000 })];
  let up = false;
  world.answer = () => (up ? confirmed : { outcome: 'later', code: 'SYSTEM_UNREACHABLE', detail: 'refused' });
  await begin(nodes, 'pay-flaky', 10);
  await eventually(async () => (nodes[0]?.lanes.hold('flaky') ? true : undefined));
  const before = world.calls.length;
  await pause(600);
  // What was under way when it broke may still have arrived.
  expect(world.calls.length - before).toBeLessThanOrEqual(2);
  up = true;
  await allEnd('pay-flaky', 10);
  const events = await database.store.pool.query<{ what: string }>(
    "select what from lane_event where system = 'flaky' order by id",
  );
  expect(events.rows.map(({ what }) => what)).toEqual(expect.arrayContaining(['broken', 'mended']));
}, 40_000);

test('queries of unknown outcomes go through the lane too', async () => {
  const world = new World();
  const flows = [payThrough('asked')];
  const nodes = [await node(flows, world)];
  world.answer = (call) =>
    call.operation === 'shop.pay'
      ? { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'no answer in time' }
      : { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'found' } } };
  await begin(nodes, 'pay-asked', 1);
  await eventually(async () => (world.calls.length === 1 ? true : undefined));
  await nodes[0]?.lanes.pause(act('asked'));
  await eventually(async () => {
    const due = await database.store.pool.query<{ run_id: string }>(
      "update effect set next_at = now() where system = 'asked' and state = 'unknown' returning run_id",
    );
    const run = due.rows[0]?.run_id;
    if (run !== undefined) await nodes[0]?.engine.wake(run);
    return run;
  });
  await eventually(async () => ((await nodes[0]?.lanes.list())?.some(({ held }) => held === 1) ? true : undefined));
  expect(world.calls).toHaveLength(1);
  await nodes[0]?.lanes.resume(act('asked'));
  await allEnd('pay-asked', 1);
  expect(world.calls.map(({ operation }) => operation)).toEqual(['shop.pay', 'shop.queryPay']);
});

test('outside business hours an instruction is committed and held until opening', async () => {
  const world = new World();
  const clock = new Clock();
  const set = (at: string) => clock.set({ realMs: Date.now(), businessMs: Date.parse(at), speed: 1 }, database.store);
  await set('2026-11-21T10:00:00+08:00');
  const flows = [payThrough('bank')];
  const nodes = [await node(flows, world, { clock })];
  await nodes[0]?.lanes.set(act('bank'), { opens: '09:00', closes: '17:00' });
  await begin(nodes, 'pay-bank', 3);
  await eventually(async () => ((await nodes[0]?.lanes.list())?.some(({ held }) => held === 3) ? true : undefined));
  expect(world.calls).toEqual([]);
  const waits = await database.store.pool.query<{ deadline: Date }>("select deadline from wait where party = 'bank'");
  expect(waits.rows[0]?.deadline).toEqual(new Date('2026-11-23T09:00:00+08:00'));
  await set('2026-11-23T08:59:59.500+08:00');
  await allEnd('pay-bank', 3);
  await database.store.pool.query('delete from clock');
});

test('branches of one run are held and let go one by one', async () => {
  const world = new World(20);
  const name = 'branches';
  const flows = [
    flowOf(name, async (run, order) => {
      const pay = (to: string) => ({
        [to]: (branch: typeof run) => branch.call(shop.operations.look, { no: `${order.no}-${to}` }, { system: name }),
      });
      await run.all('three', { ...pay('a'), ...pay('b'), ...pay('c') });
      await run.wait(shop.notices.delivered, { key: order.no, within: '3 working days', from: 'shop' });
      return { outcome: 'done' };
    }),
  ];
  const nodes = [await node(flows, world)];
  await nodes[0]?.lanes.set(act(name), { concurrency: 1 });
  const [no] = await begin(nodes, name, 1);
  await eventually(async () => (world.calls.length === 3 ? true : undefined));
  if (nodes[0] && no !== undefined) await tell(nodes[0].engine, shop.notices.delivered.name, no);
  await allEnd(name, 1);
  expect(world.mostAtOnce).toBe(1);
  expect(world.calls).toHaveLength(3);
});

test('a poll of a wait keeps to the lane too', async () => {
  const world = new World();
  const name = 'polled';
  world.answer = (call) => ({
    outcome: 'confirmed',
    response: { outcome: 'confirmed', response: { no: (call.request as { no: string }).no } },
  });
  const flows = [
    flowOf(name, async (run, order) => {
      await run.wait(shop.notices.delivered, {
        key: order.no,
        within: '3 working days',
        from: 'shop',
        poll: { operation: shop.operations.queryPay, system: name, every: '1 second' },
      });
      return { outcome: 'delivered' };
    }),
  ];
  const nodes = [await node(flows, world)];
  await nodes[0]?.lanes.pause(act(name));
  await begin(nodes, name, 1);
  await eventually(async () => ((await nodes[0]?.lanes.list())?.some(({ held }) => held === 1) ? true : undefined));
  expect(world.calls).toEqual([]);
  await nodes[0]?.lanes.resume(act(name));
  await allEnd(name, 1);
  expect(world.calls).toHaveLength(1);
});

test('nothing is lost when all that BullMQ knows is deleted at full load', async () => {
  const world = new World(10);
  const flows = [payThrough('deleted')];
  const nodes = [await node(flows, world), await node(flows, world)];
  await nodes[0]?.lanes.set(act('deleted'), { concurrency: 8, rate: 50 });
  await eventually(async () => (nodes.every(({ lanes }) => lanes.hold('deleted')) ? true : undefined));
  const orders = await begin(nodes, 'pay-deleted', 150);
  for (let i = 1; i <= 3; i++) {
    await eventually(async () => (world.calls.length > 30 * i ? true : undefined));
    await deleteAllOfBullmq();
  }
  await allEnd('pay-deleted', 150, 40_000);
  expect(world.calls.map(({ no }) => no).toSorted()).toEqual(orders.toSorted());
}, 60_000);

test('an open lane costs a call nothing: no job, no wait, no row', async () => {
  const world = new World();
  const flows = [payThrough('open')];
  const nodes = [await node(flows, world)];
  await begin(nodes, 'pay-open', 20);
  await allEnd('pay-open', 20);
  const rows = await database.store.pool.query("select 1 from lane where system = 'open'");
  expect(rows.rowCount).toBe(0);
});
