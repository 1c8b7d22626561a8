import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { type Embedded, startEmbedded } from './embedded.ts';
import { pidLives } from './hub-lock.ts';
import { postmasterStatus } from './orphan.ts';

/** A folder as `mktemp -d` makes it: only its owner may enter. As root this also shows that `nobody` gets through. */
let closed: string;
let home: string;
beforeEach(() => {
  closed = fs.mkdtempSync(join(tmpdir(), 'embedded-'));
  home = join(closed, 'home');
});
afterEach(() => fs.rmSync(closed, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end();
  }
}

async function within<T>(use: (server: Embedded) => Promise<T>): Promise<T> {
  const server = await startEmbedded({ home });
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** A hub in a process of its own that is killed as soon as its server runs. */
async function killedHub(): Promise<{ hub: number; server: number }> {
  const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'embedded.ts')).href);
  const program = `const { startEmbedded } = await import(${module});
    await startEmbedded({ home: process.argv[1] }); process.stdout.write('up'); setInterval(() => {}, 1000);`;
  const hub = spawn(process.execPath, ['--input-type=module', '-e', program, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(hub.stdout, 'data');
  hub.kill('SIGKILL');
  await once(hub, 'exit');
  return { hub: hub.pid ?? 0, server: postmasterStatus(join(home, 'postgres'))?.pid ?? 0 };
}

test('the data outlives a stop, on the same port, and only the right password opens it', async () => {
  const first = await within(async (server) => {
    await ask(server.url, 'create table kept as select 7 as seven');
    return server;
  });
  await within(async (server) => {
    expect(server.port).toBe(first.port);
    expect(await ask(server.url, 'select seven from kept')).toEqual([7]);
    expect(
      await ask(server.url, `select setting from pg_settings where name in ('fsync', 'full_page_writes')`),
    ).toEqual(['on', 'on']);
    expect(await ask(server.url, 'show listen_addresses')).toEqual(['127.0.0.1']);
    const guess = server.url.replace(/:[0-9a-f]+@/, ':password@');
    await expect(ask(guess, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });
  expect(fs.readdirSync(home).sort()).toEqual(['postgres', 'postgres.log', 'postgres.password', 'postgres.port']);
  expect(fs.statSync(join(home, 'postgres.password')).mode & 0o777).toBe(0o600);
});

test('a second hub on a home that is in use is refused in words that help', async () => {
  await within(async () => {
    await expect(startEmbedded({ home })).rejects.toThrow(`already running in ${home} (pid ${process.pid})`);
  });
});

test('what a killed hub leaves behind is ended, and nothing that was confirmed is lost', async () => {
  const killed = await killedHub();
  expect(pidLives(killed.server)).toBe(true);
  const began = performance.now();
  await within(async (server) => {
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(pidLives(killed.server)).toBe(false);
    expect(await ask(server.url, 'select 1')).toEqual([1]);
  });
});

test('a server that was killed with its hub recovers', async () => {
  const killed = await killedHub();
  process.kill(killed.server, 'SIGKILL');
  await within(async (server) => expect(await ask(server.url, 'select 1')).toEqual([1]));
});

test('a pid that the machine uses again is not taken for the old hub, nor for the old server', async () => {
  await within(async () => undefined);
  fs.writeFileSync(join(home, 'hub.lock'), JSON.stringify({ pid: process.ppid, born: 'another-boot/1' }));
  fs.writeFileSync(join(home, 'postgres', 'postmaster.pid'), `${process.ppid}\n`);
  await within(async () => undefined);
  expect(pidLives(process.ppid)).toBe(true);
});

test('an interrupted beginning is thrown away', async () => {
  fs.mkdirSync(join(home, 'postgres.new', 'base'), { recursive: true });
  fs.writeFileSync(join(home, 'postgres.new.password'), 'old');
  await within(async (server) => expect(await ask(server.url, 'select 1')).toEqual([1]));
  expect(fs.existsSync(join(home, 'postgres.new'))).toBe(false);
  expect(fs.existsSync(join(home, 'postgres.new.password'))).toBe(false);
});

test('a port that someone else took is given up', async () => {
  const before = await within(async (server) => server.port);
  const { createServer } = await import('node:net');
  const other = createServer().listen(before, '127.0.0.1');
  await once(other, 'listening');
  await within(async (server) => expect(server.port).not.toBe(before)).finally(() => other.close());
});
