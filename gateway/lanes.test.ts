import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, order, startHub, type TestHub } from './testHub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
  await hub.store.pool.query(
    `insert into system (id, kind, dialect, url, name_zh, name_en) values ('sap-s4', 'sap', 's4', 'http://127.0.0.1:1', 'ERP', 'ERP')`,
  );
});
afterAll(() => hub.stop());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(`${hub.url}/v1/lanes${path}`, {
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const why = { by: '张三', reason: 'ERP 停机' };

test('shows a lane for each system, open until somebody touches it', async () => {
  const { status, body } = await ask('');
  expect(status).toBe(200);
  expect(body['lanes']).toContainEqual({
    system: 'wms-one',
    name: { zh: '仓库', en: 'Warehouse' },
    state: 'open',
    held: 0,
  });
});

test('a paused lane holds calls, tells who paused it and why, and goes on when it is resumed', async () => {
  expect(await ask('/sap-s4/pause', why)).toMatchObject({
    status: 200,
    body: { system: 'sap-s4', state: 'paused', paused: { by: '张三', why: 'ERP 停机' } },
  });
  expect(await ask('/sap-s4/pause', why)).toMatchObject({ status: 409, body: { code: 'ILLEGAL_TRANSITION' } });
  const orderNo = `PO-${randomUUID().slice(0, 8)}`;
  expect((await hub.send('POST', '/v1/orders', order(orderNo))).status).toBe(202);
  const held = await eventually(async () => {
    const { body } = await ask('/sap-s4');
    return body['held'] === 1 ? body : undefined;
  });
  expect(held['events']).toMatchObject([{ what: 'paused', who: '张三', why: 'ERP 停机' }]);
  const waiting = await hub.store.pool.query<{ what_zh: string }>("select what_zh from wait where party = 'sap-s4'");
  expect(waiting.rows[0]?.what_zh).toBe('sap-s4 通道：已由 张三 暂停（ERP 停机）');
  const metrics = await (await fetch(`${hub.url}/metrics`)).text();
  expect(metrics).toContain('lianshu_lane_held{system="sap-s4"} 1');
  expect(metrics).toContain('lianshu_lane{system="sap-s4",state="paused"} 1');
  expect((await ask('/sap-s4/resume', why)).status).toBe(200);
  await eventually(async () => ((await ask('/sap-s4')).body['held'] === 0 ? true : undefined));
  await eventually(async () => {
    const read = await hub.store.pool.query("select 1 from journal where path = 'sap.readOrder' and kind = 1");
    return read.rowCount === 1 ? true : undefined;
  });
});

test('sets limits and hours, and takes them back', async () => {
  const limits = { concurrency: 3, rate: 20, opens: '09:00', closes: '17:30' };
  expect(await ask('/wms-one/set', { ...why, ...limits })).toMatchObject({
    status: 200,
    body: {
      concurrency: 3,
      rate: 20,
      ratePerMs: 1_000,
      hours: { opens: '09:00:00', closes: '17:30:00', everyDay: false },
    },
  });
  const none = { concurrency: null, rate: null, opens: null, closes: null };
  expect(await ask('/wms-one/set', { ...why, ...none })).toMatchObject({
    status: 200,
    body: { concurrency: null, rate: null, hours: null },
  });
});

test.each([
  ['no reason', { by: '张三' }, 422, 'CONTRACT_VIOLATED'],
  ['a field that nobody knows', { ...why, speed: 1 }, 422, 'CONTRACT_VIOLATED'],
  ['no call at once', { ...why, concurrency: 0 }, 422, 'CONTRACT_VIOLATED'],
  ['half of the hours', { ...why, opens: '09:00' }, 422, 'CONTRACT_VIOLATED'],
  ['hours that end before they begin', { ...why, opens: '17:00', closes: '09:00' }, 422, 'CONTRACT_VIOLATED'],
  ['no time of day', { ...why, opens: '25:00', closes: '26:00' }, 422, 'CONTRACT_VIOLATED'],
])('refuses %s', async (_what, body, status, code) => {
  expect(await ask('/wms-one/set', body)).toMatchObject({ status, body: { code } });
});

test('refuses systems that are not registered, other content types, and other machines', async () => {
  expect(await ask('/nobody/pause', why)).toMatchObject({ status: 404, body: { code: 'SYSTEM_UNKNOWN' } });
  expect(await ask('/wms-one/pause', why, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  expect(await ask('/wms-one/pause', why, { 'x-forwarded-for': '203.0.113.9' })).toMatchObject({ status: 403 });
});
