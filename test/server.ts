/** The PostgreSQL server that one run of the tests works with, and the migrated database from which it copies. */
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { type Embedded, startEmbedded } from '../store/embedded.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/store.ts';

export interface TestServer {
  /** Any database of the server, for creating others. */
  readonly adminUrl: string;
  readonly template: string;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '..');
/** So many runs at once on one machine; each has a data folder of its own, kept because initdb costs most of a second. */
const slotsMax = 16;

export async function startServer(): Promise<TestServer> {
  const given = process.env['DATABASE_URL'];
  if (given) {
    const template = await makeTemplate(given, `lianshu_test_template_${randomUUID().slice(0, 8)}`);
    return { adminUrl: given, template, stop: () => admin(given, `drop database if exists ${template}`) };
  }
  const embedded = await startInFreeSlot();
  try {
    await dropLeftovers(embedded.url);
    const template = await makeTemplate(embedded.url, `lianshu_test_template_${migrationsHash()}`);
    return { adminUrl: embedded.url, template, stop: () => embedded.stop() };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

export async function admin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 60_000 });
  client.on('error', () => undefined); // The query that fails because of it says so.
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function startInFreeSlot(): Promise<Embedded> {
  const base = join(tmpdir(), `lianshu-test-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`);
  fs.mkdirSync(base, { recursive: true, mode: 0o711 });
  // Anyone may write in the common temporary folder: a folder that someone else put there is not ours to use.
  if (process.getuid && fs.statSync(base).uid !== process.getuid()) throw new Error(`${base} belongs to another user.`);
  for (let slot = 1; slot <= slotsMax; slot += 1) {
    const home = join(base, String(slot));
    try {
      return await startEmbedded({ home });
    } catch (error) {
      if (error instanceof Error && error.message.includes('already running')) continue;
      if (slot === slotsMax) throw error;
      fs.rmSync(home, { recursive: true, force: true }); // Damaged, and of no value.
      return startEmbedded({ home });
    }
  }
  throw new Error(`${slotsMax} runs of the tests go on at the same time in ${base}; wait for one of them.`);
}

async function dropLeftovers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const kept = `lianshu_test_template_${migrationsHash()}`;
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname like 'lianshu\\_test\\_%' and datname <> $1`,
    [kept],
  );
  for (const { name } of rows) await client.query(`drop database if exists "${name}" with (force)`);
  await client.end();
}

/** Migrated under another name and renamed when complete, so that an interrupted run leaves no half template. */
async function makeTemplate(url: string, name: string): Promise<string> {
  const draft = `lianshu_test_draft_${randomUUID().slice(0, 8)}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 1) return name;
    await client.query(`create database ${draft} template template0`);
    const store = await openStore(urlOf(url, draft));
    try {
      await migrate(store);
    } finally {
      await store.close();
    }
    await client.query(`alter database ${draft} rename to ${name}`);
    return name;
  } catch (error) {
    await client.query(`drop database if exists ${draft} with (force)`);
    throw error;
  } finally {
    await client.end();
  }
}

function migrationsHash(): string {
  const folder = join(root, 'store', 'migrations');
  const hash = createHash('sha256');
  for (const name of fs.readdirSync(folder).sort()) hash.update(name).update(fs.readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}
