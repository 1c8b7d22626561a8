/** The desk's program by itself: whom it lets in and which orders it takes. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { registryManual } from './manual.twin.ts';
import { sealedAnswer } from './manualDesk.ts';

const secret = 'desk_test_secret';
let folder: string;
let desk: RunningTwin;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-desk-'));
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  const keys = { 'desk-secret.txt': secret };
  desk = await startTwin(registryManual, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys });
});
afterAll(async () => {
  await desk.stop();
  rmSync(folder, { recursive: true, force: true });
});

const field = (step: number, label: string, value: string) => ({ step, label, value, hint: '照填' });
const form = [
  field(1, '登记证明编号', '20261123000000000001'),
  field(2, '填表人归档号', 'C-1'),
  field(3, '注销原因', '主债权消灭'),
];
const order = { orderNo: 'C-1', task: 'CANCEL', title: '中登网注销登记', form, amendCode: '48151623' };

test('an answer is sealed as OpenSSL seals it', () => {
  const headers = { 'x-desk-timestamp': '1795395600000', 'x-desk-nonce': '0123456789abcdef0123456789abcdef' };
  const request = { method: 'POST', path: '/desk/v1/orders', query: {}, rawQuery: '', headers, body: Buffer.alloc(0) };
  expect(sealedAnswer(secret, request, 200, Buffer.from('{"orderNo":"R1"}'))['x-desk-seal']).toBe(
    'fecc6b6d54042687021ef727c025ef1828a00c360ae4079e4031e33be36b6ed8',
  );
});

test.each([
  ['another office', { office: 'X' }, 401, undefined],
  ['a wrong secret', { key: 'other' }, 401, undefined],
  ['an old timestamp', { at: String(Date.now() - 6 * 60_000) }, 400, 'TIMESTAMP_STALE'],
  ['a short nonce', { nonce: '1' }, 400, 'NONCE_SEEN'],
])('%s is turned away and nothing is taken', async (_, forged, status, code) => {
  const answer = await send('POST', '/desk/v1/orders', order, forged);
  expect([answer.status, answer.body['code']]).toEqual([status, code]);
  expect((await send('GET', '/desk/v1/orders/C-1')).body['code']).toBe('ORDER_UNKNOWN');
});

test.each([
  ['a field that is missing', { form: form.slice(1) }, 'form'],
  ['fields in another order', { form: form.toReversed() }, 'form/0'],
  ['an empty value', { form: [field(1, '登记证明编号', ''), ...form.slice(1)] }, '登记证明编号'],
  ['a task of nobody', { task: 'OBJECT' }, 'task'],
  ['no amend code', { amendCode: undefined }, 'amendCode'],
  ['a field too many', { note: 'x' }, 'note'],
])('an order with %s is not taken', async (_, change, what) => {
  expect((await send('POST', '/desk/v1/orders', { ...order, ...change })).body).toMatchObject({
    code: 'ORDER_MALFORMED',
    message: what,
  });
});

test('noise is answered, never a crash', async () => {
  for (const noise of ['', '{', '[]', 'null', '{"orderNo":{}}', '{"orderNo":"__proto__","task":"constructor"}'])
    expect((await send('POST', '/desk/v1/orders', noise)).body['code']).toBe('ORDER_MALFORMED');
  expect((await send('GET', '/desk/v1/orders/constructor')).body['code']).toBe('ORDER_UNKNOWN');
  expect((await send('GET', '/desk/v1/nothing')).status).toBe(404);
});

interface Forged {
  readonly office?: string;
  readonly key?: string;
  readonly at?: string;
  readonly nonce?: string;
}

async function send(
  method: string,
  path: string,
  content?: unknown,
  {
    office = 'DESK-XM-01',
    key = secret,
    at = String(Date.now()),
    nonce = randomBytes(16).toString('hex'),
  }: Forged = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = content === undefined ? '' : typeof content === 'string' ? content : JSON.stringify(content);
  const digest = createHash('sha256').update(body).digest('hex');
  const text = ['DESK-1', 'ORDER', method, path, at, nonce, digest].join('\n');
  const seal = createHmac('sha256', key).update(text).digest('hex');
  const headers = { 'x-desk-office': office, 'x-desk-timestamp': at, 'x-desk-nonce': nonce, 'x-desk-seal': seal };
  const answer = await fetch(desk.url + path, { method, headers, ...(method === 'GET' ? {} : { body }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
