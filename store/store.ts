/**
 * The door to PostgreSQL. Every connection carries its limits, dates stay the text they are, and a server that may
 * forget what it has confirmed is refused.
 */
import pg from 'pg';
import { attachSealing, detachSealing } from './sealing/of.ts';

export interface Store {
  readonly pool: pg.Pool;
  /** Runs the work in one transaction; again, from its beginning, when the database chose it as the victim of a conflict. */
  tx<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly maxConnections?: number;
  readonly applicationName?: string;
  /** The home whose root keys open what is sealed; else those of the environment, or of this process's home. */
  readonly home?: string;
}

const statementMs = 30_000;
const lockMs = 10_000;
const idleInTransactionMs = 60_000;
/** Longer than the server's own limit: this one is for a server or a line that does not answer at all. */
const queryMs = 35_000;
const connectMs = 10_000;
const idleMs = 30_000;
const retriesMax = 3;
const serverVersionMin = 140_000;
const conflicts = new Set(['40001', '40P01']);

/** `local` is absent: with a standby named, it confirms before the standby has it. */
const mustBe: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'remote_write', 'remote_apply'],
};

export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? 'lianshu',
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    query_timeout: queryMs,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    types: { getTypeParser },
  });
  // An idle connection that breaks is removed by the pool itself; without a listener it would end the process.
  pool.on('error', () => undefined);
  // One that breaks between two users of it, before the next one listens, would end the process too.
  pool.on('connect', (client) => client.on('error', () => undefined));
  attachSealing(pool, url, options.home);
  let closing: Promise<void> | undefined;
  const close = () => {
    detachSealing(pool);
    return (closing ??= pool.end());
  };
  try {
    await refuseUnsafeServer(pool);
  } catch (error) {
    await close();
    throw error;
  }
  return { pool, tx: (work) => withRetries(pool, work), close };
}

const textTypes = new Set<number>([pg.types.builtins.DATE, pg.types.builtins.TIMESTAMP]);

/** A business date is a date on paper: as a JavaScript Date it moves to the day before in half of the world. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (textTypes.has(oid)) return (value: string) => value;
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the package's enum lists built-in types only
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
}

async function refuseUnsafeServer(pool: pg.Pool): Promise<void> {
  const names = [...Object.keys(mustBe), 'server_version_num'];
  const { rows } = await pool.query<{ name: string; setting: string }>(
    'select name, setting from pg_settings where name = any($1)',
    [names],
  );
  const found = new Map(rows.map((row) => [row.name, row.setting]));
  if (!(Number(found.get('server_version_num')) >= serverVersionMin)) {
    throw new Error(`PostgreSQL 14 or later is needed, server_version_num is ${found.get('server_version_num')}.`);
  }
  for (const [name, allowed] of Object.entries(mustBe)) {
    const value = found.get(name) ?? 'unknown';
    if (!allowed.includes(value)) {
      throw new Error(
        `PostgreSQL is set to ${name} = ${value} and may forget what it has confirmed. ` +
          `Set ${name} = on (postgresql.conf, or alter database / alter role) and start again.`,
      );
    }
  }
}

async function withRetries<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(pool, work);
    } catch (error) {
      if (attempt === retriesMax || !conflicts.has(codeOf(error))) throw error;
    }
  }
}

async function once<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await work(client);
    const { command } = await client.query('commit');
    // PostgreSQL answers a commit of a failed transaction with ROLLBACK, not with an error.
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back: a statement in it had failed.');
    return result;
  } catch (error) {
    if (isLineError(error)) broken ??= asError(error);
    else await client.query('rollback').catch((reason: unknown) => (broken ??= asError(reason)));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken); // With an error the connection is destroyed: nobody knows what state it is in.
  }
}

/** A query that was given up on this side may still run on the other: such a connection is never used again. */
function isLineError(error: unknown): boolean {
  return (
    error instanceof Error &&
    codeOf(error) === '' &&
    /timeout|terminated|not queryable|ECONN|EPIPE/i.test(error.message)
  );
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
