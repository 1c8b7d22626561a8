import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ActionOutcome } from './host.ts';
import { database, ended, eventually, flowOf, liveState, node, openDatabase, shop, tell } from './engine.fixture.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

interface WaitRecord {
  key: string;
  party: string;
  what_zh: string;
  what_en: string;
  since: Date;
  deadline: Date | null;
}

async function waitsOf(no: string): Promise<WaitRecord[]> {
  const found = await database.store.pool.query<WaitRecord>(
    'select wait.key, party, what_zh, what_en, since, deadline from wait join run on run.id = run_id where run.key = $1 order by wait.key',
    [no],
  );
  return found.rows;
}

async function parked(flow: string, no: string): Promise<WaitRecord[]> {
  return eventually(async () => {
    const waits = (await liveState(flow, no))?.state === 3 ? await waitsOf(no) : [];
    return waits.length > 0 ? waits : undefined;
  });
}

test('a call whose outcome is unknown says on whom it waits, why, since when and until when; then the wait is gone', async () => {
  const no = randomUUID();
  let answer: ActionOutcome = { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'no answer' };
  const { engine } = await node(
    [
      flowOf('asked', async (run, order) => {
        const { serial } = await run.call(shop.operations.pay, order, { system: 'shop', after: async () => {} });
        await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
        return { outcome: serial };
      }),
    ],
    () => answer,
  );
  const before = Date.now();
  await tell(engine, 'start.asked', no);
  const [wait, ...others] = await parked('asked', no);
  expect(others).toEqual([]);
  expect(wait).toMatchObject({
    party: 'shop',
    what_zh: '付款：结果未知，正在查询',
    what_en: 'pay: its outcome is unknown and being asked for',
  });
  expect(wait?.key).toMatch(/^effect:[\w-]{32}$/);
  expect(wait?.since.getTime()).toBeGreaterThanOrEqual(before - 1_000);
  expect(wait?.deadline?.getTime()).toBeGreaterThan(Date.now());
  answer = { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'paid' } } };
  const run = await database.store.pool.query<{ id: string }>('select id from run where key = $1', [no]);
  await database.store.pool.query('update effect set next_at = hub_now() where run_id = $1', [run.rows[0]?.id]);
  await engine.wake(run.rows[0]?.id ?? '');
  // It went on: only what it waits for now is told.
  const keys = await eventually(async () => {
    const found = (await waitsOf(no)).map(({ key }) => key);
    return found.some((key) => key.startsWith('shop.delivered')) && found.length === 1 ? found : undefined;
  });
  expect(keys).toEqual([`shop.delivered:${no}`]);
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('asked', no)).outcome).toBe('paid');
  await engine.stop();
});

test('a call that did not arrive says that it is tried again, and a pause says until when', async () => {
  const no = randomUUID();
  let reached = false;
  const { engine } = await node(
    [
      flowOf('again', async (run, order) => {
        await run.call(shop.operations.look, order, { system: 'shop' });
        await run.sleep('cooling', '1 hour');
        return { outcome: 'done' };
      }),
    ],
    (): ActionOutcome =>
      reached
        ? { outcome: 'confirmed', response: { serial: 's' } }
        : { outcome: 'later', code: 'SYSTEM_UNREACHABLE', detail: 'refused' },
  );
  await tell(engine, 'start.again', no);
  expect((await parked('again', no))[0]).toMatchObject({
    party: 'shop',
    what_zh: '看：未送达，将重试',
    what_en: 'look: not taken, tried again',
  });
  reached = true;
  const nap = await eventually(async () => (await waitsOf(no)).find(({ key }) => key.startsWith('timer:')));
  expect(nap).toMatchObject({ party: 'hub', what_en: 'timer: cooling' });
  expect((nap.deadline?.getTime() ?? 0) - nap.since.getTime()).toBe(3_600_000);
  expect(await waitsOf(no)).toHaveLength(1);
  await engine.stop();
});
