/** The clearing house's files, byte by byte as an institution would find them, and who may fetch them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import ssh2 from 'ssh2';
import { Clock } from '../clock.ts';
import { clearingFiles, startFilesTwin, type RunningFilesTwin } from './sftp.twin.ts';

const on = '2026-11-23';
let home: string;
let keys: ReturnType<typeof clearingFiles.enrol>;
let house: RunningFilesTwin;
const start = async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse(`${on}T18:00:00+08:00`), speed: 1 });
  house = await startFilesTwin({ folder: home, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: keys.twin });
};
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-house-'));
  keys = clearingFiles.enrol();
  await start();
});
afterEach(async () => {
  await house.stop();
  rmSync(home, { recursive: true, force: true });
});

const act = (name: string, args: object) =>
  fetch(`${house.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) });
const outbox = () => join(home, 'exchange', 'outbox');
const movement = { on, instructionNo: 'RP20261123-000001', fen: '123456789' };

test('a file is a header, details of 146 bytes in GBK, a trailer with count and sum, and its companion', async () => {
  await act('settle', movement);
  await act('publish', { on });
  const name = 'JS_100690_20261123_01.txt';
  const bytes = readFileSync(join(outbox(), name));
  const detail =
    'DCP20261123000000001 RP20261123-000001             D000000123456789CNY2026112309300000厦门链枢金控有限公司';
  const lines = ['H100690      2026112301', detail, 'T0000000100000000123456789'];
  const cut = bytes.toString('latin1').split('\n');
  expect(cut.map((line) => iconv.decode(Buffer.from(line, 'latin1'), 'gbk').trimEnd())).toEqual([...lines, '']);
  expect(cut.map((line) => line.length)).toEqual([23, 146, 26, 0]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(readFileSync(join(outbox(), `${name}.ok`), 'latin1')).toBe(`${name}|${bytes.length}|${sha256}|1\n`);
});

test('the same day again is the next sequence, over a restart too', async () => {
  await act('settle', movement);
  await act('publish', { on });
  await house.stop();
  await start();
  await act('settle', { ...movement, instructionNo: 'RP20261123-000002' });
  await act('publish', { on, form: 'csv-utf8-zip' });
  expect(readdirSync(outbox()).filter((name) => !name.endsWith('.ok'))).toEqual([
    'JS_100690_20261123_01.txt',
    'JS_100690_20261123_02.zip',
  ]);
  const effects = (await (await fetch(`${house.control}/_twin/effects`)).json()) as { kind: string; number: string }[];
  expect(effects.map(({ kind, number }) => `${kind} ${number}`)).toEqual([
    'settled RP20261123-000001',
    'issued JS_100690_20261123_01.txt',
    'settled RP20261123-000002',
    'issued JS_100690_20261123_02.zip',
  ]);
});

test('the same seed is the same file, and an unknown form or fault is none', async () => {
  await act('publish', { on, generate: { seed: 5, count: 100 } });
  await act('publish', { on: '2026-11-24', generate: { seed: 5, count: 100 } });
  const sums = readdirSync(outbox())
    .filter((name) => name.endsWith('.txt'))
    .map((name) => readFileSync(join(outbox(), name), 'latin1').split('\n').at(-2));
  expect(sums[0]).toBe(sums[1]);
  expect((await act('publish', { on, fault: 'nonsense' })).status).toBe(400);
  expect(readdirSync(outbox())).toHaveLength(4);
});

test.each([
  ['a password', { password: 'secret' }],
  ['another key', { privateKey: ssh2.utils.generateKeyPairSync('ed25519').private }],
  ['nothing', {}],
])('whoever comes with %s does not get in', async (_what, login) => {
  const client = new ssh2.Client();
  const told = new Promise<string>((done) => {
    client.once('ready', () => done('in'));
    client.on('error', () => done('refused'));
  });
  client.connect({ host: '127.0.0.1', port: Number(new URL(house.url).port), username: 'inst100690', ...login });
  expect(await told).toBe('refused');
  client.destroy();
});
