/** The authority against OpenSSL: what OpenSSL asks it answers, and what it answers OpenSSL verifies. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { evidenceTsa } from './tsa.twin.ts';
import { derAt, derWithin, generalizedTime, integer } from './tsaPaper.ts';

// Without one there is nothing to hold it against; in CI that is a failure.
const withOpenssl = hasOpenssl() || process.env['CI'] !== undefined ? describe : describe.skip;
const keys = evidenceTsa.enrol();

let folder: string;
let authority: RunningTwin;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-tsa-'));
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.now(), speed: 1 });
  authority = await startTwin(evidenceTsa, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
  writeFileSync(join(folder, 'ca.pem'), keys.hub['tsa-ca.txt'] ?? '');
});
afterAll(async () => {
  await authority.stop();
  rmSync(folder, { recursive: true, force: true });
});

withOpenssl('with openssl ts', () => {
  const digest = createHash('sha256').update('head').digest('hex');

  test('a query of OpenSSL is answered with a token that OpenSSL verifies', async () => {
    openssl('ts', '-query', '-digest', digest, '-sha256', '-cert', '-out', 'query.tsq');
    const reply = await ask(readFileSync(join(folder, 'query.tsq')));
    writeFileSync(join(folder, 'reply.tsr'), reply);
    expect(openssl('ts', '-verify', '-queryfile', 'query.tsq', '-in', 'reply.tsr', '-CAfile', 'ca.pem')).toMatch(/OK/);
    expect(openssl('ts', '-reply', '-in', 'reply.tsr', '-text')).toMatch(/Policy OID: 1\.3\.6\.1\.4\.1\.55555\.1\.1/);
    const shown = openssl('ts', '-reply', '-in', 'reply.tsr', '-text');
    expect(shown).toMatch(/Accuracy: 0x01 seconds, 0x01F4 millis/);
  });

  test.each([
    ['another digest', 'fa11f1'],
    ['another nonce', 'fa11f0'],
    ['a certificate for signing code', 'fa11f3'],
  ])('a token with %s is not believed by OpenSSL', async (_, magic) => {
    openssl('ts', '-query', '-digest', magic + digest.slice(6), '-sha256', '-cert', '-out', 'query.tsq');
    writeFileSync(join(folder, 'reply.tsr'), await ask(readFileSync(join(folder, 'query.tsq'))));
    expect(() =>
      openssl('ts', '-verify', '-queryfile', 'query.tsq', '-in', 'reply.tsr', '-CAfile', 'ca.pem'),
    ).toThrow();
  });

  test.each([
    ['SHA-512', ['-sha512'], 'unrecognized or unsupported algorithm'],
    ['another policy', ['-sha256', '-tspolicy', '1.2.3.4', '-cert'], 'requested TSA policy is not supported'],
  ])('%s is rejected with the bit that says why', async (_, options, words) => {
    writeFileSync(join(folder, 'data'), 'head');
    openssl('ts', '-query', '-data', 'data', ...options, '-out', 'query.tsq');
    writeFileSync(join(folder, 'reply.tsr'), await ask(readFileSync(join(folder, 'query.tsq'))));
    expect(openssl('ts', '-reply', '-in', 'reply.tsr', '-text')).toContain(words);
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['an endless length', Buffer.from('3080', 'hex')],
  ['text', Buffer.from('GET / HTTP/1.1')],
  ['half a request', Buffer.from('302f0201013031300d0609', 'hex')],
])('%s is answered as bad data, never with a crash', async (_, body) => {
  const [status] = derWithin(derAt(await ask(body), 0).body);
  expect(derWithin(status?.body ?? body).map(({ body: each }) => each.toString('hex'))).toEqual(['02', '0204']);
});

test('what is no time-stamp query is turned away', async () => {
  const answer = await fetch(`${authority.url}/tsa`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(415);
});

test('times and numbers have one spelling', () => {
  expect(generalizedTime(Date.parse('2026-11-23T01:00:00.120Z'))).toBe('20261123010000.12Z');
  expect(generalizedTime(Date.parse('2026-11-23T01:00:00.000Z'))).toBe('20261123010000Z');
  expect(integer(Buffer.from('0000f1', 'hex')).toString('hex')).toBe('020200f1');
  expect(integer(Buffer.from('0000', 'hex')).toString('hex')).toBe('020100');
});

async function ask(body: Buffer): Promise<Buffer> {
  const answer = await fetch(`${authority.url}/tsa`, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: new Uint8Array(body),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/timestamp-reply']);
  return Buffer.from(await answer.arrayBuffer());
}

function openssl(...args: string[]): string {
  const options = { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'], timeout: 20_000 };
  return execFileSync('openssl', args, options).toString();
}

function hasOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).toString().startsWith('OpenSSL');
  } catch {
    return false;
  }
}
