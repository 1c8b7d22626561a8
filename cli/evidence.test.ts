/** The command as people use it: export beside a database, verify somewhere else with nothing but the file and a key. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keepEvidence } from '../ledger/evidence.ts';
import { freshDatabase, type FreshDatabase } from '../test/database.ts';
import { openEvidenceSigner, publicFile, readPublicKeys } from './evidence/key.ts';

const folder = mkdtempSync(join(tmpdir(), 'lianshu-evidence-'));
const home = join(folder, 'home');
const elsewhere = join(folder, 'elsewhere');
const file = join(folder, 'case.json');

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await db.store.pool.query(`insert into cases (id, key, title) values ('CASE-1', 'SO-1', 'spot pledge')`);
  for (let i = 1; i <= 6; i += 1)
    await db.store.tx((tx) => keepEvidence(tx, 'CASE-1', 'N03 trade data', `SO-1/${i}`, { amount: `${i}.00` }));
  openEvidenceSigner(home);
  const { code, out } = await lianshu(['evidence', 'export', 'SO-1', '--out', file], {
    LIANSHU_HOME: home,
    DATABASE_URL: db.url,
  });
  expect(out).toContain('CASE-1: 6 条存证 records');
  expect(code).toBe(0);
}, 60_000);
afterAll(async () => {
  await db.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('the key is made once, for its owner only, and its public half is published beside it', () => {
  const again = openEvidenceSigner(home);
  expect(statSync(join(home, 'keys', 'hub', 'evidence.pem')).mode & 0o777).toBe(0o600);
  expect(readPublicKeys(publicFile(home))?.map(({ id }) => id)).toEqual([again.keyId]);
  const other = join(folder, 'unreadable');
  openEvidenceSigner(other);
  writeFileSync(join(other, 'keys', 'hub', 'evidence.pem'), 'secret words');
  chmodSync(join(other, 'keys', 'hub', 'evidence.pem'), 0o600);
  expect(() => openEvidenceSigner(other)).toThrow(/is not an Ed25519 private key/);
  expect(() => openEvidenceSigner(other)).not.toThrow(/secret words/);
});

test('verify proves the file with neither hub nor database nor home', async () => {
  const bare = await lianshu(['evidence', 'verify', file]);
  expect(bare.code).toBe(1); // Whoever forged the file could have signed it.
  expect(bare.out).toMatch(/holds together, the key was not compared: CASE-1，6 条存证 records/);
  expect(bare.out).not.toContain('proven');
  expect(bare.out).toMatch(/signed by key [0-9a-f]{64}; .* compare it with the one that the hub published/);
  const keyed = await lianshu(['evidence', 'verify', file, '--key', publicFile(home), '--json']);
  expect(keyed.code).toBe(0);
  expect(JSON.parse(keyed.out)).toMatchObject({ proven: true, keyCompared: true, records: 6, findings: [] });
});

test('in the home of a hub its own key is compared without being named', async () => {
  const own = await lianshu(['evidence', 'verify', file], { LIANSHU_HOME: home });
  expect(own.code).toBe(0);
  expect(own.out).toContain('✓ 已证明 proven: CASE-1，6 条存证 records, unchanged, complete and in order');
  expect(own.out).toContain(`as in ${publicFile(home)}`);
  const stranger = join(folder, 'stranger');
  openEvidenceSigner(stranger);
  const other = await lianshu(['evidence', 'verify', file], { LIANSHU_HOME: stranger });
  expect(other.code).toBe(1);
  expect(other.out).toContain("which is not the hub's");
});

test('a changed file is not proven: exit code 1, and the sentence in both languages', async () => {
  const tampered = join(folder, 'tampered.json');
  writeFileSync(tampered, readFileSync(file, 'utf8').replace('"amount": "3.00"', '"amount": "2.00"'));
  const { code, out } = await lianshu(['evidence', 'verify', tampered, '--key', publicFile(home)]);
  expect(code).toBe(1);
  expect(out).toContain('第 3 (N03 trade data, SO-1/3) 条存证的内容被改动');
  expect(out).toContain('the content of record 3 (N03 trade data, SO-1/3) was changed');
});

test('what a hostile file says does not steer the terminal', async () => {
  const hostile = join(folder, 'hostile.json');
  writeFileSync(hostile, readFileSync(file, 'utf8').replace('"format"', '"\\u001b[2J\\u202e": "", "format"'));
  const { code, out } = await lianshu(['evidence', 'verify', hostile]);
  expect(code).toBe(1);
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  expect(out).not.toMatch(/[\u001b\u202e]/);
});

test.each([
  ['no such file', ['verify', join(folder, 'nothing.json')]],
  ['a folder', ['verify', folder]],
  ['a key file that is none', ['verify', file, '--key', file]],
  ['a key file that is not there', ['verify', file, '--key', join(folder, 'nothing.pub')]],
  ['no file named', ['verify']],
  ['no verb', []],
  ['another verb', ['destroy', file]],
  ['an option that there is not', ['verify', file, '--force']],
])('%s: exit code 2 and what to do, no stack', async (_what, args) => {
  const { code, err } = await lianshu(['evidence', ...args]);
  expect(code).toBe(2);
  expect(err).not.toBe('');
  expect(err).not.toMatch(/\n\s+at /);
});

test('an export needs the key of the hub: none is made in passing', async () => {
  const { code, err } = await lianshu(['evidence', 'export', 'CASE-1'], {
    LIANSHU_HOME: elsewhere,
    DATABASE_URL: db.url,
  });
  expect(code).toBe(1);
  expect(err).toContain('there is no evidence key');
});

test('head prints the signed head, key the public key', async () => {
  const env = { LIANSHU_HOME: home, DATABASE_URL: db.url };
  const head = await lianshu(['evidence', 'head', '--json'], env);
  expect(JSON.parse(head.out)).toMatchObject({ treeSize: 6, keyId: openEvidenceSigner(home).keyId });
  const key = await lianshu(['evidence', 'key'], env);
  expect(key.out).toBe(openEvidenceSigner(home).publicKey);
});

function lianshu(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const main = join(import.meta.dirname, 'main.ts');
  const bare = { PATH: process.env['PATH'] ?? '', LIANSHU_HOME: elsewhere, ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env: bare, timeout: 30_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}
