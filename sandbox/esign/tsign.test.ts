/** The signing service's own wire: its recipes and its gate. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { esignTsign } from './tsign.twin.ts';
import { callbackSignature, requestSignature } from './tsignGate.ts';

const keys = esignTsign.enrol();
const folder = mkdtempSync(join(tmpdir(), 'twin-'));
let running: RunningTwin;

beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  running = await startTwin(esignTsign, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

test('a request is signed as in the recorded vector', () => {
  const parts = {
    method: 'POST',
    accept: '*/*',
    contentMd5: 'u2y1xo30ZSlByvZSo2by2A==',
    contentType: 'application/json; charset=UTF-8',
    pathAndParameters: '/v3/sign-flow/create-by-file',
  };
  expect(requestSignature('esign_secret', parts)).toBe('feMAdvUlExEVkyKXwzpdDrhMe+8vp3JQp78IZ6JHl2A=');
});

test('a callback is signed as in the recorded vector', () => {
  const signature = callbackSignature('esign_secret', '1713508339505', new URLSearchParams('b=v2&a=v1'), '{"a":1}');
  expect(signature).toBe('3677a5a6d82313d6fe821c716953a8d1bcecc22e25466f0a2efc58ac5a07caee');
});

describe('the gate', () => {
  const path = '/v3/files/file-upload-url';
  const body =
    '{"contentMd5":"u2y1xo30ZSlByvZSo2by2A==","contentType":"application/pdf","fileName":"a.pdf","fileSize":7}';

  test('lets a well signed request pass', async () => {
    expect(await post({})).toMatchObject({
      code: 0,
      data: { fileId: expect.any(String), fileUploadUrl: expect.any(String) },
    });
  });

  test.each([
    ['INVALID_APPID', { 'X-Tsign-Open-App-Id': 'other' }],
    ['INVALID_TIMESTAMP', { 'X-Tsign-Open-Ca-Timestamp': String(Date.now() - 16 * 60_000) }],
    ['INVALID_CONTENT_MD5', { 'Content-MD5': '1B2M2Y8AsgTpgAmY7PhCfg==' }],
    ['INVALID_SIGNATURE', { 'X-Tsign-Open-Ca-Signature': 'AAAA' }],
    ['INVALID_SIGNATURE', { Accept: 'application/json' }],
  ])('answers %s', async (message, headers) => {
    expect(await post(headers)).toEqual({ code: 401, message, data: null });
  });

  test('the storage takes only the bytes that were announced', async () => {
    const { data } = (await post({})) as { data: { fileUploadUrl: string } };
    const put = async (bytes: string): Promise<unknown> => {
      const md5 = createHash('md5').update(bytes).digest('base64');
      const headers = { 'content-md5': md5, 'content-type': 'application/pdf' };
      return (await fetch(data.fileUploadUrl, { method: 'PUT', headers, body: bytes })).json();
    };
    expect(await put('{"b":1}')).toMatchObject({ errCode: 10_001 });
    expect(await put('{"a":1}')).toEqual({ errCode: 0, msg: '成功' });
  });

  async function post(changed: Record<string, string>): Promise<unknown> {
    const contentMd5 = createHash('md5').update(body).digest('base64');
    const contentType = 'application/json; charset=UTF-8';
    const parts = { method: 'POST', accept: '*/*', contentMd5, contentType, pathAndParameters: path };
    const answer = await fetch(running.url + path, {
      method: 'POST',
      headers: {
        Accept: '*/*',
        'Content-Type': contentType,
        'Content-MD5': contentMd5,
        'X-Tsign-Open-App-Id': esignTsign.settings['appId'] ?? '',
        'X-Tsign-Open-Auth-Mode': 'Signature',
        'X-Tsign-Open-Ca-Timestamp': String(Date.now()),
        'X-Tsign-Open-Ca-Signature': requestSignature(keys.twin['appSecret.txt'] ?? '', parts),
        ...changed,
      },
      body,
    });
    return answer.json();
  }
});
