/** Forward-only migrations in plain SQL: each file once, in order, whole or not at all, and never changed afterwards. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { Store } from './store.ts';

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

const defaultFolder = join(import.meta.dirname, 'migrations');
const fileName = /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/;
// Any fixed number serves; this one is 'lian' in ASCII. Two hubs that start together migrate one after the other.
const advisoryKey = 0x6c69616e;
/** A new index over a large table takes its time; the limits of everyday statements do not fit. */
const statementMs = 30 * 60_000;

/** Applies what is not yet applied and returns its names. */
export async function migrate(store: Store, folder: string = defaultFolder): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await store.pool.connect();
  let failed: unknown;
  try {
    await client.query(`set statement_timeout = ${statementMs}; set lock_timeout = ${statementMs}`);
    await lock(client);
    await client.query(`create table if not exists migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    return await applyMissing(client, migrations);
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    // Destroyed on failure, which also gives up the lock; else set back for the next user of the connection.
    if (failed === undefined) await unlock(client).catch((error: unknown) => (failed = error));
    client.release(failed !== undefined);
  }
}

/** Queries with a limit of their own: the pool's limit is for everyday statements. */
function patiently(client: pg.PoolClient, text: string): Promise<unknown> {
  const query: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: statementMs };
  return client.query(query);
}

async function lock(client: pg.PoolClient): Promise<void> {
  await patiently(client, `select pg_advisory_lock(${advisoryKey})`);
}

async function unlock(client: pg.PoolClient): Promise<void> {
  await client.query(`select pg_advisory_unlock(${advisoryKey})`);
  await client.query('reset statement_timeout; reset lock_timeout');
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  for (const name of names) {
    const number = fileName.exec(name)?.[1];
    if (!number) throw new Error(`${name} is no name for a migration: it must look like 0001-engine.sql.`);
    if (numbers.has(number)) throw new Error(`Two migrations have the number ${number}: ${name} is one of them.`);
    numbers.add(number);
  }
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may turn the line ends: the same migration nevertheless.
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function applyMissing(client: pg.PoolClient, migrations: readonly Migration[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration');
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const known = new Set(migrations.map((migration) => migration.name));
  const missing = rows.map((row) => row.name).filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new Error(
      `The database is newer than this hub: it holds ${missing.sort().join(', ')}. Start the newer release.`,
    );
  }
  const last = [...applied.keys()].sort().at(-1) ?? '';
  const done: string[] = [];
  for (const migration of migrations) {
    const sha256 = applied.get(migration.name);
    if (sha256 === undefined) {
      if (migration.name < last) throw new Error(`${migration.name} comes before ${last}, which is applied already.`);
      await applyOne(client, migration);
      done.push(migration.name);
    } else if (sha256 !== migration.sha256) {
      throw new Error(`${migration.name} was changed after it was applied. Undo the change and write a new migration.`);
    }
  }
  return done;
}

async function applyOne(client: pg.PoolClient, { name, sql, sha256 }: Migration): Promise<void> {
  // It would leave the rest of the file outside of all or nothing.
  if (/^\s*(commit|rollback)\s*;/im.test(sql)) throw new Error(`${name} must not commit or roll back by itself.`);
  await client.query('begin');
  try {
    await patiently(client, sql);
    await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The migration ${name} failed, nothing of it was applied: ${reason}`, {
      cause: error,
    });
  }
}
