/** The gateway's wire, with a client of the test's own: nothing here knows the hub. */
import { createSign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { bankIcbc } from './icbc.twin.ts';
import { aesOpen, aesSeal, identity, orderedText, replySaid, rsaHolds, rsaSign } from './icbcSeal.ts';

const keys = bankIcbc.enrol();
const key = (side: 'hub' | 'twin', name: string) => keys[side][name] ?? '';
let folder: string;
let twin: RunningTwin;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-icbc-'));
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  twin = await startTwin(bankIcbc, { folder, port: 0, hubUrl: 'http://127.0.0.1:1', clock, keys: keys.twin });
});
afterEach(async () => {
  await twin.stop();
  rmSync(folder, { recursive: true });
});

test('the vector: sixteen times 01, no first block, and the text that is signed', () => {
  const aes = Buffer.alloc(16, 1).toString('base64');
  expect(aesSeal('{"a":"1"}', aes)).toBe('lJDkQXdTPBwaKwXHNekITA==');
  expect(aesOpen('lJDkQXdTPBwaKwXHNekITA==', aes)?.toString()).toBe('{"a":"1"}');
  const fields = {
    timestamp: '2026-01-02 03:04:05',
    sign_type: 'RSA2',
    msg_id: 'm1',
    format: 'json',
    charset: 'UTF-8',
    biz_content: '{"a":"1"}',
    app_id: '1',
    ca: '',
    sign: 'never',
  };
  expect(orderedText('/api/x/y/V1', fields)).toBe(
    '/api/x/y/V1?app_id=1&biz_content={"a":"1"}&charset=UTF-8&format=json&msg_id=m1&sign_type=RSA2&timestamp=2026-01-02 03:04:05',
  );
});

const beijing = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
let count = 0;
const formOf = (change: Record<string, string> = {}, path = '/api/scf/creditquery/V1'): Record<string, string> => {
  const fields: Record<string, string> = {
    app_id: identity.appId,
    msg_id: `m${(count += 1)}`,
    format: 'json',
    charset: 'UTF-8',
    sign_type: 'RSA2',
    timestamp: beijing(Date.now()),
    biz_content: '{"appl_no":"FA-1"}',
    ...change,
  };
  return { ...fields, sign: rsaSign(orderedText(path, fields), key('hub', 'app-private.pem')) };
};

async function posted(fields: Record<string, string>, path = '/api/scf/creditquery/V1') {
  const answer = await fetch(twin.url + path, { method: 'POST', body: new URLSearchParams(fields) });
  const text = await answer.text();
  const [, content = '', sign = ''] = /^\{"response_biz_content":(.*),"sign":"([^"]*)"\}$/s.exec(text) ?? [];
  expect(rsaHolds(content, sign, key('hub', 'gateway-public.pem'))).toBe(true);
  return JSON.parse(content) as Record<string, unknown>;
}

test('a question in the open is answered in the open, signed, and with the number of its message', async () => {
  const fields = formOf();
  expect(await posted(fields)).toMatchObject({ return_code: '904040', msg_id: fields['msg_id'] });
});

test('a sealed question gets a sealed answer', async () => {
  const aes = key('hub', 'aes.txt');
  const said = await posted(formOf({ encrypt_type: 'AES', biz_content: aesSeal('{"appl_no":"FA-1"}', aes) }));
  expect(JSON.parse(aesOpen(said as unknown as string, aes)?.toString() ?? '')).toMatchObject({
    return_code: '904040',
  });
});

test.each<[string, number | string, () => Record<string, string>]>([
  ['a signature over something else', 400017, () => ({ ...formOf(), biz_content: '{"appl_no":"FA-2"}' })],
  [
    'the older algorithm',
    400017,
    () => {
      const { sign: _, ...fields } = formOf();
      const text = orderedText('/api/scf/creditquery/V1', fields);
      return { ...fields, sign: createSign('sha1').update(text).sign(key('hub', 'app-private.pem'), 'base64') };
    },
  ],
  ['another app', 400011, () => formOf({ app_id: '2' })],
  ['no signature', 400011, () => ({ ...formOf(), sign: '' })],
  ['a timestamp of an hour ago', 400011, () => formOf({ timestamp: beijing(Date.now() - 3_600_000) })],
  ['a content that is no JSON', '9990', () => formOf({ biz_content: '{' })],
  ['a field that the service does not have', '9990', () => formOf({ biz_content: '{"appl_no":"FA-1","x":1}' })],
])('%s is answered %s', async (_, code, fields) => {
  expect(await posted(fields())).toMatchObject({ return_code: code });
});

test('a message number is taken once', async () => {
  const fields = formOf();
  await posted(fields);
  expect(await posted(fields)).toMatchObject({ return_code: 400011, return_msg: 'msg_id重复' });
});

test('an address that is no service is no service', async () => {
  expect(await posted(formOf({}, '/api/scf/nothing/V1'), '/api/scf/nothing/V1')).toMatchObject({ return_code: 500018 });
});

test("a partner's reply counts only under his signature from the first member to the last but one", () => {
  const pem = key('hub', 'app-private.pem');
  const members = '"response_biz_content":{"return_code":0,"msg_id":"m"},"sign_type":"RSA2"';
  const reply = `{${members},"sign":"${rsaSign(members, pem)}"}`;
  const app = key('twin', 'app-public.pem');
  expect(replySaid(reply, app, undefined)).toEqual({ return_code: 0, msg_id: 'm' });
  expect(replySaid(reply.replace('"m"', '"n"'), app, undefined)).toBeUndefined();
  expect(replySaid(reply.replace('RSA2', 'RSA3'), app, undefined)).toBeUndefined();
});
