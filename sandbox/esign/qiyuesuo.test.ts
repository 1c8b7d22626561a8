/** 契约锁's own wire: its recipe, its gate, its drafts. */
import { createDecipheriv } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { esignQiyuesuo } from './qiyuesuo.twin.ts';
import { callbackForm, requestSignature } from './qiyuesuoGate.ts';

const keys = esignQiyuesuo.enrol();
const token = esignQiyuesuo.settings['appToken'] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'twin-'));
let running: RunningTwin;

beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  running = await startTwin(esignQiyuesuo, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

test('a request is signed as in the recorded vector', () => {
  expect(requestSignature('tok', 'sec', '1565753984643', 'n-1')).toBe('f38cef50dfc4f941193782f4400bd726');
});

test('a callback is whole blocks under its key, and names the time under the same key', () => {
  const form = new URLSearchParams(callbackForm('0123456789abcdef', '1675406185942', { contractId: '1' }));
  const cipher = createDecipheriv('aes-128-ecb', '0123456789abcdef', null).setAutoPadding(false);
  expect(cipher.update(form.get('content') ?? '', 'base64', 'utf8')).toBe('{"contractId":"1"}'.padEnd(32, '\0'));
  expect([...form.keys()]).toEqual(['signature', 'timestamp', 'content']);
});

let serial = 0;
async function ask(method: string, path: string, message?: object, changed: Record<string, string> = {}) {
  const [timestamp, nonce] = [String(Date.now()), `n${(serial += 1)}`];
  const answer = await fetch(running.url + path, {
    method,
    headers: {
      'x-qys-open-accesstoken': token,
      'x-qys-open-timestamp': timestamp,
      'x-qys-open-nonce': nonce,
      'x-qys-open-signature': requestSignature(token, keys.twin['appSecret.txt'] ?? '', timestamp, nonce),
      ...changed,
    },
    ...(message === undefined ? {} : { body: JSON.stringify(message) }),
  });
  return { status: answer.status, body: (await answer.json()) as { code: number; result?: { id?: string } } };
}

test.each([
  [441, { 'x-qys-open-nonce': '' }],
  [442, { 'x-qys-open-accesstoken': 'another' }],
  [442, { 'x-qys-open-signature': '0' }],
  [442, { 'x-qys-open-timestamp': '1' }],
])('the gate answers %s, as code and as status', async (code, changed) => {
  expect(await ask('GET', '/v2/contract/detail?bizId=1', undefined, changed)).toMatchObject({
    status: code,
    body: { code },
  });
});

const signatory = (tenantName: string) => ({ tenantType: 'COMPANY', tenantName, serialNo: 1, actions: [{}] });

test('a draft is written over by the next one of its number, and is not sent without a document', async () => {
  const asked = { subject: 's', bizId: 'B-1', signatories: [signatory('甲')] };
  const first = await ask('POST', '/v2/contract/draft', asked);
  const second = await ask('POST', '/v2/contract/draft', { ...asked, subject: 't' });
  expect(second.body.result?.id).toBe(first.body.result?.id);
  const sent = await ask('POST', '/v2/contract/send', { contractId: first.body.result?.id });
  expect(sent).toMatchObject({ status: 200, body: { code: 1401 } });
});

test.each([
  [1113, []],
  [1102, [signatory('甲'), signatory('甲')]],
  [1103, [{ ...signatory('甲'), actions: [] }]],
])('a draft is refused with %s', async (code, signatories) => {
  expect(await ask('POST', '/v2/contract/draft', { subject: 's', bizId: 'B-2', signatories })).toMatchObject({
    body: { code },
  });
});

test('a contract that there is not', async () => {
  expect(await ask('GET', '/v2/contract/detail?bizId=nobody')).toMatchObject({ status: 200, body: { code: 1107 } });
  expect(await ask('POST', '/v2/contract/send', { contractId: '2' })).toMatchObject({ body: { code: 1107 } });
});
