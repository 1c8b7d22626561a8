/** The price service's own wire: its key, its signature, its acts. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { priceQuotes } from './quotes.twin.ts';

const keys = priceQuotes.enrol().twin;
const folder = mkdtempSync(join(tmpdir(), 'twin-'));
let running: RunningTwin;

beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T10:00:00+08:00'), speed: 1 });
  running = await startTwin(priceQuotes, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys });
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

test('an answer is signed over its time, the question and the body', async () => {
  const question = '/v1/quotes?material=NI-9996-CATH&unit=t';
  const answer = await get(question, keys['apiKey.txt']);
  const body = await answer.text();
  const text = `${answer.headers.get('x-quote-timestamp')}\n${question}\n${body}`;
  const expected = createHmac('sha256', keys['signingSecret.txt'] ?? '')
    .update(text)
    .digest('hex');
  expect(answer.headers.get('x-quote-signature')).toBe(expected);
  expect(JSON.parse(body)).toMatchObject({
    code: 'OK',
    data: { unit: 'kg', price: expect.stringMatching(/^\d+\.\d{5}$/) },
  });
});

test.each([
  ['/v1/quotes?material=HRB400E-12&unit=t', 'wrong', 'KEY_INVALID'],
  ['/v1/quotes?material=GOLD&unit=t', undefined, 'MATERIAL_UNKNOWN'],
  ['/v1/quotes?material=HRB400E-12&unit=lb', undefined, 'UNIT_UNKNOWN'],
  ['/v1/other', undefined, 'PATH_UNKNOWN'],
])('%s with key %s is answered %s', async (question, key, code) => {
  expect(await (await get(question, key ?? keys['apiKey.txt'])).json()).toEqual({ code });
});

function get(question: string, key = ''): Promise<Response> {
  return fetch(running.url + question, { headers: { 'x-api-key': key } });
}
