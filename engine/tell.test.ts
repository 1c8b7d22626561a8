/** Facts that a run tells itself: they start flows and wake runs exactly as facts from outside do. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AnyFlow } from './flow.ts';
import { database, ended, flowOf, node, openDatabase, shop } from './engine.fixture.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

const { delivered } = shop.notices;

test('what a run tells starts the flow that it starts, once, and wakes the run that waits for it', async () => {
  const teller = flowOf('teller', async (run, order) => {
    await run.tell(delivered, { no: order.no });
    await run.tell(delivered, { no: order.no });
    return { outcome: 'told' };
  });
  const started = { ...flowOf('started', async () => ({ outcome: 'begun' })), startedBy: [delivered.name] };
  const waiter = flowOf('waiter', async (run, order) => {
    const taken = await run.wait(delivered, { key: `w${order.no}`, within: '1 hour', from: 'hub' });
    return { outcome: 'woken', detail: taken.no };
  });
  const { engine, problems } = await node([teller, waiter, started]);
  const no = randomUUID();
  await engine.begin('teller', { no });
  expect(await ended('started', no)).toMatchObject({ outcome: 'begun' });
  const { rows } = await database.store.pool.query(`select from run_key where flow = 'started' and key = $1`, [no]);
  expect(rows).toHaveLength(1);

  await engine.stop();
  const alone = await node([teller, waiter]);
  const other = randomUUID();
  await alone.engine.begin('waiter', { no: other });
  await alone.engine.begin('teller', { no: `w${other}` });
  expect(await ended('waiter', other)).toMatchObject({ outcome: 'woken', detail: `w${other}` });
  expect([...problems, ...alone.problems]).toEqual([]);
  await alone.engine.stop();
});

test('of several flows that one notice starts, the one begins that accepts the message; without one it stays untaken', async () => {
  const which = (name: string): AnyFlow => ({
    ...flowOf(name, async () => ({ outcome: name })),
    startedBy: [delivered.name],
    accepts: async (_tx: unknown, order: unknown) => (order as { no: string }).no.startsWith(name),
  });
  const teller = flowOf('teller2', async (run, order) => {
    for (const to of ['left', 'right', 'nobody']) await run.tell(delivered, { no: `${to} ${order.no}` });
    return { outcome: 'told' };
  });
  const { engine, problems } = await node([teller, which('left'), which('right')]);
  const no = randomUUID();
  await engine.begin('teller2', { no });
  for (const to of ['left', 'right']) expect(await ended(to, `${to} ${no}`)).toMatchObject({ outcome: to });
  const { rows } = await database.store.pool.query('select taken_by from signal where key = $1', [
    `${delivered.name}:nobody ${no}`,
  ]);
  expect(rows).toEqual([{ taken_by: null }]);
  expect(problems).toEqual([]);
  await engine.stop();
});
