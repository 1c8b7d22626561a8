/** Files as a road: put once and whole, before the twin's server and before OpenSSH's, which nobody here wrote. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isFailure } from '../contracts/failures.ts';
import { bankIso20022, startTwin, TwinClock } from '../test/twins.ts';
import type { System } from './adapter.ts';
import { keysFrom } from './crypto/keys.ts';
import { startSshd, withSftp, withSshd } from './openssh.fixture.ts';
import { usingFiles, type Files } from './sftpFiles.ts';
import { wireTo } from './wire.ts';

const run = promisify(execFile);
const id = bankIso20022.name;
let home: string;
let twin: Awaited<ReturnType<typeof startTwin>>;
let system: System;
const left: (() => void)[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-put-'));
  const keys = bankIso20022.enrol();
  mkdirSync(join(home, id, 'hub'), { recursive: true });
  for (const [name, text] of Object.entries(keys.hub))
    writeFileSync(join(home, id, 'hub', name), text, { mode: 0o600 });
  const clock = new TwinClock({ realMs: 0, businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 0 });
  twin = await startTwin(bankIso20022, { folder: join(home, 'twin'), port: 0, hubUrl: '', clock, keys: keys.twin });
  const { kind, dialect, settings } = bankIso20022;
  system = { id, kind, dialect, url: twin.url, party: id, allowPrivate: true, timeoutMs: 5_000, settings };
});
afterEach(async () => {
  for (const end of left.splice(0)) end();
  await twin.stop();
  rmSync(home, { recursive: true, force: true });
});

const using = <T>(use: (files: Files) => Promise<T>, change: Partial<System> = {}): Promise<T> =>
  usingFiles({ ...system, ...change }, keysFrom(home, id), async (_part, exchange) => (await exchange()).answer, use);
const out = () => readdirSync(join(home, 'twin', 'exchange', 'out'));
const failing = (act: Promise<unknown>): Promise<unknown> =>
  act.then(
    () => 'done',
    (thrown: unknown) => (isFailure(thrown) ? thrown.type : thrown),
  );

test('a file is put whole under its name; the same again finds it there; another is refused; nothing else is left', async () => {
  const bytes = Buffer.from('x'.repeat(200_000));
  await using(async (files) => {
    expect(await files.put('/out', 'a.xml', bytes)).toBe('put');
    expect(await files.put('/out', 'a.xml', bytes)).toBe('there');
    expect(await failing(files.put('/out', 'a.xml', Buffer.from('y')))).toBe('IDEMPOTENCY_CONFLICT');
    expect(await files.put('/out', 'a.xml', Buffer.from('y'), { same: () => true })).toBe('there');
    expect((await files.get('/out', 'a.xml')).equals(bytes)).toBe(true);
  });
  expect(out()).toEqual(['a.xml']);
});

test('a companion is written last, and once more when it is missing', async () => {
  const companion = Buffer.from('a.xml|1\n');
  await using(async (files) => {
    await files.put('/out', 'a.xml', Buffer.from('x'));
    expect(await files.put('/out', 'a.xml', Buffer.from('x'), { companion })).toBe('there');
    expect((await files.list('/out')).map(({ name }) => name)).toEqual(['a.xml', 'a.xml.ok']);
    expect(await failing(files.put('/out', 'a.xml', Buffer.from('x'), { companion: Buffer.from('b') }))).toBe(
      'OUTCOME_UNKNOWN',
    );
  });
});

test('twenty at once under one name are one file', async () => {
  const puts = Array.from({ length: 20 }, () => using((files) => files.put('/out', 'a.xml', Buffer.from('x'))));
  const outcomes = await Promise.all(puts);
  expect(outcomes.filter((each) => each === 'put')).toHaveLength(1);
  expect(out()).toEqual(['a.xml']);
});

test.each(['../x', 'a/b', '..', '', 'a\u0000b', 'x'.repeat(200)])('%j is no name of a file', async (name) => {
  await using(async (files) => {
    expect(await failing(files.get('/in', name))).toBe('CONTRACT_VIOLATED');
    expect(await failing(files.put('/out', name, Buffer.from('x')))).toBe('CONTRACT_VIOLATED');
  });
});

test('what may not be written, what is not there and what is too large are told apart', async () => {
  writeFileSync(join(home, 'twin', 'exchange', 'in', 'large.xml'), Buffer.alloc(8 * 1024 * 1024 + 1));
  await using(async (files) => {
    expect(await failing(files.put('/in', 'a.xml', Buffer.from('x')))).toBe('SYSTEM_REFUSED');
    expect(await failing(files.get('/in', 'none.xml'))).toBe('FILE_NOT_READY');
    expect(await failing(files.get('/in', 'large.xml'))).toBe('BODY_TOO_LARGE');
    expect(await failing(files.list('/nowhere'))).toBe('FILE_NOT_READY');
  });
  expect(await failing(using(async () => 'in', { url: 'sftp://127.0.0.1:1' }))).toBe('SYSTEM_UNREACHABLE');
  expect(await failing(using(async () => 'in', { allowPrivate: false }))).toBe('SYSTEM_UNREACHABLE');
});

test('all that goes over the wire is on record, with bytes', async () => {
  const hub = { keys: (name: string) => keysFrom(home, name), now: () => new Date() };
  const { wire, parts } = wireTo(hub as never, system, 'k');
  await wire.files(async (files) => {
    await files.put('/out', 'a.xml', Buffer.from('x'));
    await files.list('/out');
    await files.get('/out', 'a.xml');
  });
  expect(
    parts.map(({ method, path, request, answer }) => [method, path, request.toString(), answer?.toString()]),
  ).toEqual([
    ['CONNECT', '/', '', ''],
    ['PUT', '/out/a.xml', 'x', ''],
    ['LIST', '/out', '', '1 a.xml\n'],
    ['GET', '/out/a.xml', '', 'x'],
  ]);
});

withSftp(
  'OpenSSH puts and renames at the bank of the sandbox, and may write over nothing and nowhere else',
  async () => {
    const { port } = new URL(system.url);
    const key = (name: string) => readFileSync(join(home, id, 'hub', name), 'utf8');
    writeFileSync(join(home, 'login'), key('sftp-login.txt'), { mode: 0o600 });
    writeFileSync(join(home, 'known'), `[127.0.0.1]:${port} ${key('sftp-host.txt')}\n`);
    writeFileSync(join(home, 'order'), 'order');
    const sftp = (...commands: string[]) => {
      writeFileSync(join(home, 'batch'), `${commands.join('\n')}\n`);
      const strict = [`UserKnownHostsFile=${join(home, 'known')}`, 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
      const options = ['-F', '/dev/null', '-b', join(home, 'batch'), '-P', port, '-i', join(home, 'login')];
      return run('sftp', [
        ...options,
        ...strict.flatMap((each) => ['-o', each]),
        `${system.settings['username']}@127.0.0.1`,
      ]);
    };
    await sftp(`put ${join(home, 'order')} /out/o.part`, 'rename /out/o.part /out/o.xml', 'ls -l /out');
    expect(readFileSync(join(home, 'twin', 'exchange', 'out', 'o.xml'), 'utf8')).toBe('order');
    for (const refused of [
      `put ${join(home, 'order')} /in/o.xml`,
      `put ${join(home, 'order')} /out/o.xml`,
      'rm /out/o.xml',
      'mkdir /out/x',
    ])
      await expect(sftp(refused)).rejects.toMatchObject({ code: 1 });
    expect(out()).toEqual(['o.xml']);
  },
);

withSshd('the hub puts a file to OpenSSH, finds it there, and is told apart from another one', async () => {
  const login = readFileSync(join(home, id, 'hub', 'sftp-login.txt'), 'utf8');
  const server = await startSshd(login, left);
  chmodSync(server.files, 0o777);
  writeFileSync(join(home, id, 'hub', 'sftp-host.txt'), server.hostKey);
  const change = {
    url: `sftp://127.0.0.1:${server.port}${server.files}`,
    settings: { ...system.settings, username: server.user },
  };
  const bytes = Buffer.from('x'.repeat(100_000));
  await using(async (files) => {
    expect(await files.put('', 'a.xml', bytes)).toBe('put');
    expect(await files.put('', 'a.xml', bytes)).toBe('there');
    expect(await failing(files.put('', 'a.xml', Buffer.from('y')))).toBe('IDEMPOTENCY_CONFLICT');
    expect((await files.get('', 'a.xml')).equals(bytes)).toBe(true);
    expect(await files.list('')).toEqual([{ name: 'a.xml', sizeBytes: 100_000 }]);
  }, change);
  expect(readdirSync(server.files)).toEqual(['a.xml']);
});
