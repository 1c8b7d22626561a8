import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  database,
  ended,
  eventually,
  flowOf,
  liveState,
  node,
  openDatabase,
  paths,
  shop,
  tell,
} from './engine.fixture.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

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

test('the runs of a node that died go on elsewhere, and the dead node commits nothing more', async () => {
  const no = randomUUID();
  let sent = false;
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
    if (call.operation === 'shop.pay') {
      sent = true;
      await held;
      return { outcome: 'confirmed', response: { serial: 'from the dead' } };
    }
    // It comes back under a new id, and may be the one that goes on: then it asks too.
    return { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'queried' } } };
  });
  await tell(dead.engine, 'start.takeover', no);
  // Not before: a node that dies between claim and intent has sent nothing, and its run begins afresh.
  await eventually(async () => (sent ? true : undefined));
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
