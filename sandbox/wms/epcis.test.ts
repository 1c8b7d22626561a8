/** The sandbox's EPCIS warehouse at its own door: its signature, and a repository that answers only what it understands. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { type RunningTwin, startTwin } from '../twin.ts';
import { wmsEpcis } from './epcis.twin.ts';
import { digestOf, eventOf, macOf, sgln, signatureOf } from './epcisWire.ts';

const secret = 'secret-of-the-test';
let twin: RunningTwin;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'epcis-'));
  const keys = { 'hubSecret.txt': secret, 'captureSecret.txt': secret };
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  twin = await startTwin(wmsEpcis, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys });
});
afterAll(async () => {
  await twin.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('signs as RFC 9421 B.2.5 says, digests as RFC 9530 does', () => {
  const key = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==';
  const covered = {
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    '@authority': 'example.com',
    'content-type': 'application/json',
  };
  const params = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"';
  expect(macOf(covered, params, Buffer.from(key, 'base64'))).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=');
  expect(digestOf('{"hello": "world"}\n')).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:');
});

test('an event under the same words is the same event, and under others another', () => {
  const fields = { eventTime: '2026-11-23T07:00:00Z', bizStep: 'receiving' };
  expect(eventOf(fields)).toEqual(eventOf(fields));
  expect(eventOf(fields).eventID).not.toBe(eventOf({ ...fields, bizStep: 'storing' }).eventID);
});

const wanted = {
  GE_eventTime: '2026-11-20T00:00:00Z',
  LT_eventTime: '2026-11-21T00:00:00Z',
  EQ_bizLocation: sgln,
  EQ_bizStep: 'receiving|shipping',
  perPage: '2',
};

test('the repository answers in pages, with a link to the next', async () => {
  for (const hour of ['01', '02', '03'])
    await act('receive', { noticeNo: `N-${hour}`, at: `2026-11-20T${hour}:00:00Z` });
  const first = await ask(wanted);
  const link = /<([^>]*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await ask(Object.fromEntries(new URL(link, twin.url).searchParams));
  expect([await eventsOf(first), await eventsOf(second), second.headers.get('link')]).toEqual([2, 1, null]);
});

test.each([
  ['an unsigned question', wanted, {}, 401],
  ['a question signed by another key', wanted, { secret: 'guess' }, 401],
  ['a question signed long ago', wanted, { at: Date.now() - 11 * 60_000 }, 401],
  ['a parameter of nobody', { ...wanted, EQ_colour: 'red' }, { secret }, 400],
  ['no time', { EQ_bizLocation: sgln }, { secret }, 400],
  ['a page of nothing', { ...wanted, perPage: '0' }, { secret }, 400],
])('%s is answered with a problem', async (_, query, by, status) => {
  const answer = await ask(query, by);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ type: expect.stringMatching(/^epcisException:/), status });
});

async function ask(
  query: Record<string, string>,
  by: { secret?: string; at?: number } = { secret },
): Promise<Response> {
  const search = `?${new URLSearchParams(query).toString()}`;
  const covered = { '@method': 'GET', '@path': '/events', '@query': search };
  const headers =
    by.secret === undefined && by.at === undefined ? {} : signatureOf(covered, { keyId: 'hub', secret, ...by });
  return fetch(`${twin.url}/events${search}`, { headers });
}

async function eventsOf(answer: Response): Promise<number> {
  const document = (await answer.json()) as {
    epcisBody: { queryResults: { resultsBody: { eventList: unknown[] } } };
  };
  return document.epcisBody.queryResults.resultsBody.eventList.length;
}

async function act(name: string, args: object): Promise<void> {
  const body = JSON.stringify(args);
  await fetch(`${twin.url}/_twin/acts/${name}`, { method: 'POST', body }).catch(() => undefined); // The hub is not there.
}
