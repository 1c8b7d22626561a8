import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { certificatePdf } from './certificate.ts';
import { beijing, monthsLater } from './earlier.ts';
import { registryZd } from './provider.twin.ts';
import { answerHeaders } from './providerWire.ts';

const form = {
  requestNo: 'R-1',
  businessType: 'A00400',
  debtor: { name: '福建闽江钢材有限公司', creditCode: '91350100MA32000B1T' },
  securedParty: { name: '厦门链枢金控有限公司', creditCode: '91350200MA35000E44' },
  mainContractNo: 'P-1',
  securedAmount: '1000.00',
  currency: 'CNY',
  termMonths: 12,
  description: '电子仓单 EWR-1',
};
const secret = 'registry_test_secret';

let folder: string;
let provider: RunningTwin;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-registry-'));
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  provider = await startTwin(registryZd, {
    folder,
    port: 0,
    hubUrl: 'http://127.0.0.1:9',
    clock,
    keys: { 'registry-secret.txt': secret },
  });
});
afterEach(async () => {
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('an answer is signed as OpenSSL signs it', () => {
  const headers = { 'x-registry-timestamp': '1795395600000', 'x-registry-nonce': '0123456789abcdef' };
  const request = {
    method: 'POST',
    path: '/v1/registrations',
    query: {},
    rawQuery: '',
    headers,
    body: Buffer.alloc(0),
  };
  expect(answerHeaders(secret, request, 200, Buffer.from('{"requestNo":"R1"}'))['x-registry-signature']).toBe(
    'b66d94d198e22d46586e21f5c5206750f8bcd4174126ae8e0c3816db098c210d',
  );
});

test.each([
  ['an unknown member', { member: 'X' }, 401, undefined],
  ['a wrong secret', { key: 'other' }, 401, undefined],
  ['an old timestamp', { timestamp: String(Date.now() - 6 * 60_000) }, 400, '9002'],
  ['a short nonce', { nonce: '1' }, 400, '9003'],
])('%s is turned away and nothing is taken', async (_, forged, status, code) => {
  const answer = await send('POST', '/v1/registrations', form, forged);
  expect([answer.status, answer.body['code']]).toEqual([status, code]);
  expect((await send('GET', '/v1/requests/R-1')).body['code']).toBe('1001');
});

test('a request that is replayed byte by byte is turned away', async () => {
  const nonce = randomBytes(16).toString('hex');
  expect((await send('POST', '/v1/registrations', form, { nonce })).body['code']).toBe('0000');
  expect((await send('POST', '/v1/registrations', form, { nonce })).body['code']).toBe('9003');
});

test.each([
  ['a business type that is none', { businessType: 'B1' }],
  ['a debtor without a code', { debtor: { name: '福建闽江钢材有限公司' } }],
  ['a debtor that is null', { debtor: null }],
  ['a term of 361 months', { termMonths: 361 }],
  ['an amount that is a number', { securedAmount: 1000 }],
  ['a field that the form does not have', { note: 'x' }],
])('a form with %s is refused, under its number for good', async (_, change) => {
  for (let time = 1; time <= 2; time += 1)
    expect((await send('POST', '/v1/registrations', { ...form, ...change })).body).toMatchObject({
      code: '2004',
      requestNo: 'R-1',
    });
  expect((await send('GET', '/v1/requests/R-1')).body).toMatchObject({ progress: { state: 'REFUSED' } });
  expect((await send('POST', '/v1/registrations', form)).body['code']).toBe('1002');
});

test('noise is answered, never a crash', async () => {
  for (const noise of ['', '{', '[]', 'null', '{"requestNo":{}}', '{"requestNo":"__proto__"}']) {
    const { body } = await send('POST', '/v1/registrations', noise);
    expect(['9004', '2004']).toContain(body['code']);
  }
  expect((await send('GET', '/v1/requests/constructor')).body['code']).toBe('1001');
  expect((await send('GET', '/v1/nothing')).status).toBe(404);
});

test.each([
  ['2026-11-23T09:00:00+08:00', 3, '2027-02-23 09:00:00'],
  ['2026-11-30T23:30:00+08:00', 3, '2027-02-28 23:30:00'],
  ['2027-11-30T00:10:00+08:00', 3, '2028-02-29 00:10:00'],
  ['2026-12-31T07:00:00+08:00', 360, '2056-12-31 07:00:00'],
])('registered at %s for %i months, it ends %s', (at, months, due) => {
  expect(beijing(monthsLater(Date.parse(at), months))).toBe(due);
});

test('the certificate is a PDF whose table of contents is right', () => {
  const pdf = certificatePdf({
    registrationNo: '2026112300000001',
    lines: ['登记编号 2026112300000001', 'b'],
  }).toString('latin1');
  expect(pdf.startsWith('%PDF-1.4\n')).toBe(true);
  expect(pdf).toContain('(Registration 2026112300000001)');
  const tableAt = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
  expect(pdf.slice(tableAt, tableAt + 9)).toBe('xref\n0 9\n');
  const offsets = [...pdf.slice(tableAt).matchAll(/(\d{10}) 00000 n /g)].map((match) => Number(match[1]));
  for (const [at, offset] of offsets.entries()) expect(pdf.slice(offset, offset + 7)).toBe(`${at + 1} 0 obj`);
  const stream = /\/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/.exec(pdf);
  expect(stream?.[2]?.length).toBe(Number(stream?.[1]));
});

interface Forged {
  readonly member?: string;
  readonly key?: string;
  readonly timestamp?: string;
  readonly nonce?: string;
}

async function send(
  method: string,
  path: string,
  content?: unknown,
  forged: Forged = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = content === undefined ? '' : typeof content === 'string' ? content : JSON.stringify(content);
  const { member = registryZd.settings['memberId'] ?? '', key = secret } = forged;
  const { timestamp = String(Date.now()), nonce = randomBytes(16).toString('hex') } = forged;
  const digest = createHash('sha256').update(body).digest('hex');
  const headers = {
    'x-registry-member': member,
    'x-registry-timestamp': timestamp,
    'x-registry-nonce': nonce,
    'x-registry-signature': createHmac('sha256', key)
      .update(['REQUEST', method, path, timestamp, nonce, digest].join('\n'))
      .digest('hex'),
  };
  const answer = await fetch(provider.url + path, { method, headers, ...(method === 'GET' ? {} : { body }) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
