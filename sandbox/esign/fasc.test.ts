/** 法大大's own wire: its recipe, its gate, its token. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { esignFasc } from './fasc.twin.ts';
import { eventHeaders, signature } from './fascGate.ts';

const keys = esignFasc.enrol();
const secret = keys.twin['appSecret.txt'] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'twin-'));
let running: RunningTwin;

beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  running = await startTwin(esignFasc, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

const vector = {
  'X-FASC-App-Id': '80000001',
  'X-FASC-Sign-Type': 'HMAC-SHA256',
  'X-FASC-Timestamp': '1767294245000',
  'X-FASC-Nonce': '0123456789abcdef0123456789abcdef',
};

test('a request is signed as in the recorded vector', () => {
  const own = { 'X-FASC-AccessToken': 'tok', 'X-FASC-Api-SubVersion': '5.1', bizContent: '{"signTaskId":"t1"}' };
  expect(signature('fasc_secret', '1767294245000', new Map(Object.entries({ ...vector, ...own })))).toBe(
    '30614e9405aa388a1551f6a9c602ea489929d8a49b5fde61efff1deea900252d',
  );
});

test('an event is signed as in the recorded vector', () => {
  const told = {
    event: 'sign-task-finished',
    timestamp: '1767294245000',
    nonce: vector['X-FASC-Nonce'],
    biz: '{"signTaskId":"t1"}',
  };
  expect(eventHeaders({ appId: '80000001', secret: 'fasc_secret' }, told)['X-FASC-Sign']).toBe(
    '3ee3954b9aa51de89286bf25e5e4b14b9353836d1618a2642942d9b74514294f',
  );
});

const tokenPath = '/service/get-access-token';
let serial = 0;

async function ask(path: string, biz: string, changed: Record<string, string> = {}, wrongSign = ''): Promise<unknown> {
  const signed: Record<string, string> = {
    'X-FASC-App-Id': esignFasc.settings['appId'] ?? '',
    'X-FASC-Sign-Type': 'HMAC-SHA256',
    'X-FASC-Timestamp': String(Date.now()),
    'X-FASC-Nonce': `n${(serial += 1)}`,
    'X-FASC-Api-SubVersion': '5.1',
    ...changed,
  };
  const timestamp = signed['X-FASC-Timestamp'] ?? '';
  const sign = signature(secret, timestamp, new Map(Object.entries({ ...signed, bizContent: biz }))) + wrongSign;
  const headers = { ...signed, 'X-FASC-Sign': sign, 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = biz === '' ? '' : new URLSearchParams({ bizContent: biz }).toString();
  return (await fetch(`${running.url}/api/v5${path}`, { method: 'POST', headers, body })).json();
}
const grant = { 'X-FASC-Grant-Type': 'client_credential' };

test('a token is given, the same one as long as it lives, and opens the door', async () => {
  const { data } = (await ask(tokenPath, '', grant)) as { data: { accessToken: string; expiresIn: string } };
  expect(data.expiresIn).toBe('7200');
  expect(await ask(tokenPath, '', grant)).toMatchObject({ data });
  const own = { 'X-FASC-AccessToken': data.accessToken };
  expect(await ask('/file/get-upload-url', '{"fileType":"doc"}', own)).toMatchObject({ code: '100000' });
  expect(await ask('/sign-task/get-detail', '{"signTaskId":"1"}', own)).toMatchObject({ code: '300001' });
});

test.each([
  ['100012', { 'X-FASC-Nonce': '' }],
  ['100001', { 'X-FASC-Timestamp': String(Date.now() - 6 * 60_000) }],
  ['100001', { 'X-FASC-App-Id': 'another' }],
  ['100001', { 'X-FASC-Nonce': 'n'.repeat(33) }],
  ['100002', { 'X-FASC-AccessToken': 'another' }],
])('the gate answers %s to %j', async (code, changed) => {
  expect(await ask('/file/get-upload-url', '{"fileType":"doc"}', changed)).toMatchObject({ code, data: null });
});

test('a signature that is not right, and a nonce that was used, are refused', async () => {
  expect(await ask(tokenPath, '', grant, '0')).toMatchObject({ code: '100003' });
  const nonce = { ...grant, 'X-FASC-Nonce': 'twice' };
  expect(await ask(tokenPath, '', nonce)).toMatchObject({ code: '100000' });
  expect(await ask(tokenPath, '', nonce)).toMatchObject({ code: '100001' });
});
