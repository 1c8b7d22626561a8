import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { contract, strict } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../contracts/kind.ts';
import { freshDatabase } from '../test/database.ts';
import type { ActionCall, ActionOutcome } from './host.ts';
import { Clock } from './clock.ts';
import { Engine } from './engine.ts';
import { flow, type AnyFlow, type Run } from './flow.ts';
import { keepSignal } from './signals.ts';

const Order = contract('test/order', strict({ no: Type.String({ maxLength: 64 }) }));
const Paid = contract('test/paid', strict({ serial: Type.String({ maxLength: 64 }) }));
const shop = kind(
  'shop',
  {
    pay: operation({
      request: Order,
      response: Paid,
      effect: 'money',
      idempotent: true,
      settleMs: 0,
      query: 'queryPay',
      numberOf: (r) => r.no,
      label: { zh: '付款', en: 'pay' },
    }),
    refund: operation({
      request: Order,
      response: Paid,
      effect: 'write',
      idempotent: true,
      query: 'queryPay',
      numberOf: (r) => `R${r.no}`,
      label: { zh: '退款', en: 'refund' },
    }),
    queryPay: operation({
      request: QueryByNumber,
      response: enquiry(Paid),
      effect: 'read',
      label: { zh: '查询', en: 'query' },
    }),
    look: operation({ request: Order, response: Paid, effect: 'read', label: { zh: '看', en: 'look' } }),
  },
  {
    ordered: notice({ contract: Order, label: { zh: '下单', en: 'ordered' }, keyOf: (m) => m.no, idOf: (m) => m.no }),
    delivered: notice({
      contract: Order,
      label: { zh: '送达', en: 'delivered' },
      keyOf: (m) => m.no,
      idOf: (m) => m.no,
    }),
  },
);

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  await database.drop();
});

function flowOf(
  name: string,
  body: (run: Run, order: { no: string }) => Promise<{ outcome: string; detail?: string }>,
): AnyFlow {
  return flow({
    name,
    version: 1,
    title: { zh: name, en: name },
    input: Order,
    startedBy: [`start.${name}`],
    keyOf: (order) => order.no,
    caseOf: (order) => ({ key: `${name}/${order.no}`, title: name }),
    milestones: [],
    body,
  });
}

/** A node with these flows; the outside world is a function. */
async function node(
  flows: readonly AnyFlow[],
  world: (call: ActionCall) => ActionOutcome | Promise<ActionOutcome> = () => ({
    outcome: 'confirmed',
    response: { serial: 's' },
  }),
) {
  const clock = new Clock();
  const problems: string[] = [];
  const engine = new Engine({
    store: database.store,
    url: database.url,
    clock,
    flows,
    call: async (call) => world(call),
    retry: (run, ms) => setTimeout(() => void engine.wake(run), ms).unref(),
  });
  engine.events.on('problem', (problem) => problems.push(problem));
  await engine.start();
  return { engine, problems };
}

async function tell(engine: Engine, noticeName: string, no: string): Promise<void> {
  await database.store.tx((tx) => keepSignal(tx, { notice: noticeName, key: no, id: no, message: { no } }));
  await engine.signalled([`${noticeName}:${no}`]);
}

async function ended(flowName: string, no: string): Promise<{ outcome: string; detail: string | null }> {
  for (let i = 0; i < 400; i++) {
    const found = await database.store.pool.query<{ outcome: string; detail: string | null }>(
      'select outcome, detail from run_done where flow = $1 and key = $2',
      [flowName, no],
    );
    if (found.rows[0]) return found.rows[0];
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const live = await database.store.pool.query('select state, problem, wake_at from run where flow = $1 and key = $2', [
    flowName,
    no,
  ]);
  throw new Error(`${flowName} ${no} did not end: ${JSON.stringify(live.rows)}`);
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen within 10 s');
}

async function liveState(flowName: string, no: string): Promise<{ state: number; problem: string | null } | undefined> {
  const found = await database.store.pool.query<{ state: number; problem: string | null }>(
    'select state, problem from run where flow = $1 and key = $2',
    [flowName, no],
  );
  return found.rows[0];
}

async function paths(no: string): Promise<string[]> {
  const found = await database.store.pool.query<{ path: string }>(
    'select path from journal join run_key on run_key.run_id = journal.run_id where run_key.key = $1 order by seq',
    [no],
  );
  return found.rows.map((row) => row.path);
}

test('runs a flow from the notice that starts it, waits, and goes on when the fact comes', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('deliver', async (run, order) => {
      const paid = await run.call(shop.operations.pay, order, { system: 'shop' });
      await run.wait(shop.notices.delivered, { key: order.no, within: '3 working days', from: 'shop' });
      return { outcome: 'delivered', detail: paid.serial };
    }),
  ]);
  await tell(engine, 'start.deliver', no);
  await eventually(async () => ((await liveState('deliver', no))?.state === 3 ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect(await ended('deliver', no)).toEqual({ outcome: 'delivered', detail: 's' });
  expect(await paths(no)).toEqual(['input', 'shop.pay', 'shop.pay', 'shop.delivered', 'end']);
  await engine.stop();
});

test('keeps a fact that came before anyone waited for it, and takes it once', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('early', async (run, order) => {
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: 'taken' };
    }),
  ]);
  await tell(engine, shop.notices.delivered.name, no);
  await tell(engine, shop.notices.delivered.name, no);
  await tell(engine, 'start.early', no);
  await tell(engine, 'start.early', no);
  expect((await ended('early', no)).outcome).toBe('taken');
  const runs = await database.store.pool.query('select 1 from run_done where key = $1', [no]);
  expect(runs.rowCount).toBe(1);
  await engine.stop();
});

test('queries an unknown outcome and never sends again what the counterparty did', async () => {
  const no = randomUUID();
  const sent: string[] = [];
  const { engine } = await node(
    [
      flowOf('unknown', async (run, order) => ({
        outcome: (await run.call(shop.operations.pay, order, { system: 'shop' })).serial,
      })),
    ],
    (call) => {
      sent.push(call.operation);
      if (call.operation === 'shop.pay')
        return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'no answer in time' };
      return { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'found' } } };
    },
  );
  // Business time is real here: the first query would come after a minute, so the clock of the run is moved instead.
  await tell(engine, 'start.unknown', no);
  await eventually(async () => ((await liveState('unknown', no))?.state === 3 ? true : undefined));
  await database.store.pool.query('update effect set next_at = now() where number = $1', [no]);
  await engine.wake(
    (await database.store.pool.query<{ run_id: string }>('select run_id from run_key where key = $1', [no])).rows[0]
      ?.run_id ?? '',
  );
  expect((await ended('unknown', no)).outcome).toBe('found');
  expect(sent).toEqual(['shop.pay', 'shop.queryPay']);
  await engine.stop();
});

test('sends again, under the same key, what certainly did not arrive', async () => {
  const no = randomUUID();
  const keys: string[] = [];
  const { engine } = await node(
    [
      flowOf('later', async (run, order) => ({
        outcome: (await run.call(shop.operations.pay, order, { system: 'shop' })).serial,
      })),
    ],
    (call) => {
      keys.push(call.effect.key);
      return keys.length < 3
        ? { outcome: 'later', code: 'SYSTEM_UNREACHABLE', detail: 'refused' }
        : { outcome: 'confirmed', response: { serial: 'third' } };
    },
  );
  await tell(engine, 'start.later', no);
  expect((await ended('later', no)).outcome).toBe('third');
  expect(new Set(keys).size).toBe(1);
  await engine.stop();
});

test('undoes what was begun, last first, when the counterparty refuses', async () => {
  const no = randomUUID();
  const undone: string[] = [];
  const { engine } = await node(
    [
      flowOf('undo', async (run, order) => {
        await run.record('reserve', async () => 'reserved', { undo: async () => void undone.push('reserve') });
        await run.call(shop.operations.refund, order, {
          system: 'shop',
          undo: async (r) => {
            await r.record('take back', async () => void undone.push('refund'));
          },
        });
        await run.call(shop.operations.pay, order, { system: 'shop' });
        return { outcome: 'never' };
      }),
    ],
    (call) =>
      call.operation === 'shop.pay'
        ? { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: 'no' }
        : { outcome: 'confirmed', response: { serial: 's' } },
  );
  await tell(engine, 'start.undo', no);
  expect(await ended('undo', no)).toEqual({ outcome: 'failed', detail: 'SYSTEM_REFUSED: no' });
  expect(undone).toEqual(['refund', 'reserve']);
  await engine.stop();
});

test('refuses a call whose guard does not hold, in the transaction of its intent, and sends nothing', async () => {
  const no = randomUUID();
  let sent = 0;
  const { engine } = await node(
    [
      flowOf('guard', async (run, order) => {
        await run.call(shop.operations.pay, order, {
          system: 'shop',
          before: async (tx) => {
            await tx.query("insert into nonce (system, nonce) values ('guard', $1)", [order.no]);
            throw new Failure('LIMIT_INSUFFICIENT', { detail: 'too little' });
          },
        });
        return { outcome: 'never' };
      }),
    ],
    () => {
      sent += 1;
      return { outcome: 'confirmed', response: { serial: 's' } };
    },
  );
  await tell(engine, 'start.guard', no);
  expect(await ended('guard', no)).toEqual({ outcome: 'failed', detail: 'LIMIT_INSUFFICIENT: too little' });
  expect(sent).toBe(0);
  expect((await database.store.pool.query('select 1 from nonce where nonce = $1', [no])).rowCount).toBe(0);
  await engine.stop();
});

test('branches run side by side and replay to the same result after a wait', async () => {
  const no = randomUUID();
  const { engine } = await node(
    [
      flowOf('branches', async (run, order) => {
        const { left, right } = await run.all('both', {
          left: async (r) => (await r.call(shop.operations.look, { no: `${order.no}L` }, { system: 'shop' })).serial,
          right: async (r) => {
            await r.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
            return (await r.call(shop.operations.look, { no: `${order.no}R` }, { system: 'shop' })).serial;
          },
        });
        return { outcome: `${left} ${right}` };
      }),
    ],
    async (call) => ({ outcome: 'confirmed', response: { serial: (call.request as { no: string }).no.slice(-1) } }),
  );
  await tell(engine, 'start.branches', no);
  await eventually(async () => ((await liveState('branches', no))?.state === 3 ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('branches', no)).outcome).toBe('L R');
  await engine.stop();
});

test('parks a run whose code no longer matches its journal, showing both sides', async () => {
  const no = randomUUID();
  const before = await node([
    flowOf('changed', async (run, order) => {
      await run.record('first', async () => 1);
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: 'old' };
    }),
  ]);
  await tell(before.engine, 'start.changed', no);
  await eventually(async () => ((await liveState('changed', no))?.state === 3 ? true : undefined));
  await before.engine.stop();
  const now = await node([
    flowOf('changed', async (run) => {
      await run.record('another', async () => 1);
      return { outcome: 'new' };
    }),
  ]);
  await tell(now.engine, shop.notices.delivered.name, no);
  const parked = await eventually(async () => {
    const live = await liveState('changed', no);
    return live?.state === 4 ? live : undefined;
  });
  expect(parked.problem).toBe('diverged: the journal has first where the flow asks for another');
  await now.engine.stop();
});

test('a deadline fires once, and not before its time', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('deadline', async (run, order) => {
      const began = run.now().getTime();
      const late = await run
        .wait(shop.notices.delivered, { key: order.no, within: '1 second', from: 'shop' })
        .then(() => 'delivered')
        .catch((failure: Failure) => failure.type);
      return { outcome: late, detail: String(run.now().getTime() - began >= 1000) };
    }),
  ]);
  await tell(engine, 'start.deadline', no);
  expect(await ended('deadline', no)).toEqual({ outcome: 'DEADLINE_PASSED', detail: 'true' });
  await engine.stop();
});

test('the runs of a node that died go on elsewhere, and the dead node commits nothing more', async () => {
  const no = randomUUID();
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const flows = [
    flowOf('takeover', async (run, order) => ({
      outcome: (await run.call(shop.operations.pay, order, { system: 'shop' })).serial,
    })),
  ];
  const dead = await node(flows, async (call) => {
    if (call.operation === 'shop.pay') await held;
    return { outcome: 'confirmed', response: { serial: 'from the dead' } };
  });
  await tell(dead.engine, 'start.takeover', no);
  await eventually(async () => ((await liveState('takeover', no))?.state === 2 ? true : undefined));
  // What a freeze beyond the lease looks like to the others.
  await database.store.pool.query('update node set state = 3 where state = 1');
  const alive = await node(flows, () => ({
    outcome: 'confirmed',
    response: { outcome: 'confirmed', response: { serial: 'queried' } },
  }));
  expect((await ended('takeover', no)).outcome).toBe('queried');
  release();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await paths(no)).toEqual(['input', 'shop.pay', 'shop.pay', 'end']);
  await alive.engine.stop();
  await dead.engine.stop();
});

test('a fact that cannot start its run holds up neither other starts nor waits', async () => {
  const no = randomUUID();
  const { engine, problems } = await node([
    {
      ...flowOf('poisoned', async () => ({ outcome: 'never' })),
      keyOf: () => {
        throw new Error('no key comes out of this');
      },
    },
    flowOf('healthy', async (run, order) => {
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: 'fine' };
    }),
  ]);
  await tell(engine, 'start.poisoned', no);
  await tell(engine, 'start.healthy', no);
  await eventually(async () => ((await liveState('healthy', no))?.state === 3 ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('healthy', no)).outcome).toBe('fine');
  expect(problems).toContain('start: no key comes out of this');
  await engine.stop();
});

test('a run that its node owns but does not have in memory goes on', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('stray', async (run, order) => {
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: 'found again' };
    }),
  ]);
  await tell(engine, 'start.stray', no);
  await eventually(async () => ((await liveState('stray', no))?.state === 3 ? true : undefined));
  // As if it had been claimed and the connection had broken before it was loaded.
  await database.store.pool.query(
    'update run set state = 2, owner = (select max(id) from node where state = 1) where key = $1',
    [no],
  );
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('stray', no)).outcome).toBe('found again');
  await engine.stop();
});
