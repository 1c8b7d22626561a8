/** 安心签's own wire: whose signature it takes, in either form, and what it refuses. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { esignAnxinsign } from './anxinsign.twin.ts';
import { p7Verdict } from './p7.ts';
import { selfSigned } from './selfSigned.ts';

const keys = esignAnxinsign.enrol();
const folder = mkdtempSync(join(tmpdir(), 'anxinsign-'));
const platId = esignAnxinsign.settings['platId'] ?? '';
let running: RunningTwin;

beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  running = await startTwin(esignAnxinsign, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

/** As OpenSSL writes it, which no code of this house had a hand in. */
function signedBy(files: Readonly<Record<string, string>>, data: string, ...more: string[]): Buffer {
  const path = (name: string) => join(folder, name);
  writeFileSync(path('key'), files['platform.pem'] ?? '', { mode: 0o600 });
  writeFileSync(path('certificate'), files['platform-certificate.txt'] ?? '');
  const how = ['cms', '-sign', '-binary', '-outform', 'DER', '-md', 'sha256', ...more];
  return execFileSync('openssl', [...how, '-inkey', path('key'), '-signer', path('certificate')], { input: data });
}

const registered = new X509Certificate(keys.twin['platform.pem'] ?? '');

test.each([[['-nosmimecap']], [['-noattr']], [['-nocerts']]])('what OpenSSL signs with %s is believed', (more) => {
  const signature = signedBy(keys.hub, '{"a":1}', ...more);
  expect(p7Verdict(signature, Buffer.from('{"a":1}'), registered)).toBe('good');
  expect(p7Verdict(signature, Buffer.from('{"a":2}'), registered)).toBe('bad');
});

test('another certificate is a stranger, another key under the same certificate is bad, noise is bad', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const platformPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const own = { 'platform.pem': platformPem, 'platform-certificate.txt': selfSigned('x', privateKey, publicKey) };
  expect(p7Verdict(signedBy(own, 'a'), Buffer.from('a'), registered)).toBe('stranger');
  const good = signedBy(keys.hub, 'a');
  const bent = Buffer.from(good);
  bent.writeUInt8(bent.readUInt8(bent.length - 9) ^ 1, bent.length - 9);
  expect(p7Verdict(bent, Buffer.from('a'), registered)).toBe('bad');
  for (const noise of ['', '30', '3080', '3003020100', 'a0'.repeat(40)])
    expect(p7Verdict(Buffer.from(noise, 'hex'), Buffer.from('a'), registered)).toBe('bad');
});

async function ask(txCode: string, message: object, signature?: string) {
  const data = JSON.stringify({ head: { txTime: '20261123090000' }, ...message });
  const form = { data, signature: signature ?? signedBy(keys.hub, data).toString('base64') };
  const url = `${running.url}/FEP/platId/${platId}/txCode/${txCode}/transaction`;
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const enterprise = {
  enterpriseName: '福建闽江钢材有限公司',
  identTypeCode: '8',
  identNo: '91350100MA32000B1T',
  mobilePhone: '13800000011',
  authenticationMode: '企业四要素核验',
};
const enterpriseTransactor = { transactorName: '郑海峰', identTypeCode: '0', identNo: '350100198202030024' };

test('a company has one account, however often it is opened', async () => {
  const first = await ask('3002', { enterprise, enterpriseTransactor });
  const second = await ask('3002', { enterprise, enterpriseTransactor });
  expect(first).toMatchObject({ status: 200, body: { head: { retCode: '60000000' } } });
  expect(second.body['enterprise']).toEqual(first.body['enterprise']);
});

test.each([
  ['60030103', '3002', { enterprise: { ...enterprise, enterpriseName: '别家公司' }, enterpriseTransactor }],
  ['60030104', '3002', { enterprise: { ...enterprise, mobilePhone: '13800006666' }, enterpriseTransactor }],
  ['60020001', '3002', { enterprise }],
  ['60030301', '3210', { contract: { contractNo: 'QT20261123000000009' } }],
  ['60020001', '3299', { enterprise, beginIndex: '5', endIndex: '1' }],
  ['60030302', '3203', { uploadContract: { contractName: 'a', contractTypeCode: 'QT', signInfos: [{}] } }],
])('%s is how %s is refused', async (errorCode, txCode, message) => {
  expect(await ask(txCode, message)).toMatchObject({ status: 200, body: { errorCode } });
});

test('without a signature nothing is looked at', async () => {
  expect(await ask('3210', {}, 'AA==')).toMatchObject({ status: 400, body: { errorCode: '60010101' } });
});
