/**
 * Data keys (数据密钥) as they stand in the database: one that seals and older ones that still open, for each owner and
 * class, each sealed with a root key. A data key never leaves this process in the open.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import pg from 'pg';
import { hubOwner } from './places.ts';
import type { RootKey, RootKeys } from './rootKeys.ts';

/** Anything that answers a query. */
export type Db = Pick<pg.Client, 'query'>;

export interface DataKey {
  readonly id: number;
  readonly owner: string;
  readonly class: string;
  /** Undefined once it was destroyed. */
  readonly key: KeyObject | undefined;
  readonly retired: boolean;
  readonly erasedAt: Date | null;
}

interface KeyRow {
  readonly id: number;
  readonly owner: string;
  readonly class: string;
  readonly root_id: string | null;
  readonly wrapped: Buffer | null;
  readonly retired: boolean;
  readonly erased_at: Date | null;
}

/** For keyed hashes; it does not change with the others, for the hashes would. */
export const searchClass = 'search';
/** Made at the first start: what is written most is sealed without waiting for a key. */
export const firstKeys: readonly string[] = ['journal', 'people', searchClass];

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const cipherName = 'aes-256-gcm';
/** Any fixed number serves: 'seal' in ASCII. */
const advisoryKey = 0x7365616c;
const connectMs = 10_000;
const keyQueryMs = 30_000;

const columns = `id, owner, class, root_id, wrapped, retired_at is not null retired, erased_at`;

/** A connection of its own: whoever asks may hold the last one of the pool. */
export async function connected<T>(url: string, use: (db: Db) => Promise<T>, queryMs = keyQueryMs): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'lianshu-keys',
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
  });
  client.on('error', () => undefined); // The query that fails because of it says so.
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** All of it or nothing, and one process at a time. */
export async function locked<T>(db: Db, work: () => Promise<T>): Promise<T> {
  await db.query('begin');
  try {
    await db.query('select pg_advisory_xact_lock($1)', [advisoryKey]);
    const done = await work();
    await db.query('commit');
    return done;
  } catch (thrown) {
    await db.query('rollback').catch(() => undefined);
    throw thrown;
  }
}

/** The first keys of a database that has none. @throws Error when keys of it are sealed with a root key that is not here */
export async function mustOpen(db: Db, roots: RootKeys): Promise<{ sealed: boolean }> {
  const { rows } = await db.query<{ root_id: string; sealed: boolean }>(
    'select root_id, sealed_at is not null sealed from sealing',
  );
  const state = rows[0] ?? (await locked(db, () => begin(db, roots)));
  const used = await db.query<{ root_id: string }>(
    'select distinct root_id from sealing_key where root_id is not null',
  );
  const here = roots.list().map(({ id }) => id);
  const missing = [...new Set([state.root_id, ...used.rows.map((row) => row.root_id)])].filter(
    (id) => !here.includes(id),
  );
  if (missing.length > 0) throw new RootKeyMissing(missing, here, roots.source);
  return { sealed: state.sealed };
}

async function begin(db: Db, roots: RootKeys): Promise<{ root_id: string; sealed: boolean }> {
  const { rows } = await db.query<{ root_id: string; sealed: boolean }>(
    'select root_id, sealed_at is not null sealed from sealing',
  );
  if (rows[0]) return rows[0];
  const root = roots.list().at(-1) ?? roots.add();
  await db.query('insert into sealing (root_id) values ($1)', [root.id]);
  for (const name of firstKeys) await insertKey(db, root, hubOwner, name);
  return { root_id: root.id, sealed: false };
}

class RootKeyMissing extends Error {
  constructor(missing: readonly string[], here: readonly string[], source: string) {
    super(
      `数据库的数据密钥由根密钥 ${missing.join('、')} 保护，本机没有这把根密钥，不能启动。` +
        `The keys of this database are sealed with root key ${missing.join(', ')}, and ${source} holds ` +
        `${here.length === 0 ? 'none' : here.join(', ')}. Copy keys/root.keys from the home of a hub that works on this ` +
        `database, or hand its content over in LIANSHU_ROOT_KEYS, and start again. Without it nothing that is sealed can be read.`,
    );
  }
}

/** The key that seals now; made when there is none. */
export async function liveKey(db: Db, roots: RootKeys, owner: string, name: string): Promise<DataKey> {
  for (;;) {
    const { rows } = await db.query<KeyRow>(
      `select ${columns} from sealing_key where owner = $1 and class = $2 and retired_at is null and erased_at is null`,
      [owner, name],
    );
    if (rows[0]) return opened(roots, rows[0]);
    await insertKey(db, await currentRoot(db, roots), owner, name);
  }
}

export async function keysById(db: Db, roots: RootKeys, ids: readonly number[]): Promise<DataKey[]> {
  const { rows } = await db.query<KeyRow>(`select ${columns} from sealing_key where id = any($1::int[])`, [ids]);
  return rows.map((row) => opened(roots, row));
}

/** With this root key the data keys of the database are sealed. */
export async function currentRoot(db: Db, roots: RootKeys): Promise<RootKey> {
  const { rows } = await db.query<{ root_id: string }>('select root_id from sealing');
  return rootOf(roots, rows[0]?.root_id ?? '');
}

export async function insertKey(db: Db, root: RootKey, owner: string, name: string): Promise<void> {
  await db.query(
    `insert into sealing_key (owner, class, root_id, wrapped) values ($1, $2, $3, $4)
     on conflict (owner, class) where retired_at is null and erased_at is null do nothing`,
    [owner, name, root.id, wrap(root, owner, name, randomBytes(keyBytes))],
  );
}

/** Seals every data key with another root key. @returns how many */
export async function rewrap(db: Db, roots: RootKeys, to: RootKey): Promise<number> {
  const { rows } = await db.query<KeyRow>(
    `select ${columns} from sealing_key where root_id <> $1 order by id for update`,
    [to.id],
  );
  for (const row of rows) {
    const plain = unwrap(roots, row).export();
    await db.query('update sealing_key set root_id = $2, wrapped = $3 where id = $1', [
      row.id,
      to.id,
      wrap(to, row.owner, row.class, plain),
    ]);
  }
  await db.query('update sealing set root_id = $1', [to.id]);
  return rows.length;
}

function opened(roots: RootKeys, row: KeyRow): DataKey {
  const { id, owner, class: name, retired, erased_at: erasedAt } = row;
  return { id, owner, class: name, retired, erasedAt, key: row.wrapped ? unwrap(roots, row) : undefined };
}

function rootOf(roots: RootKeys, id: string): RootKey {
  const here = roots.list();
  const root = here.find((each) => each.id === id);
  if (!root)
    throw new RootKeyMissing(
      [id],
      here.map((each) => each.id),
      roots.source,
    );
  return root;
}

/** Owner and class are authenticated: a data key that was given to another owner does not open. */
function wrap(root: RootKey, owner: string, name: string, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, root.key, nonce);
  cipher.setAAD(Buffer.from(`${owner}\0${name}\0${root.id}`));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(roots: RootKeys, { id, owner, class: name, root_id, wrapped }: KeyRow): KeyObject {
  const root = rootOf(roots, root_id ?? '');
  const bytes = wrapped ?? Buffer.alloc(nonceBytes + tagBytes);
  const decipher = createDecipheriv(cipherName, root.key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(`${owner}\0${name}\0${root.id}`));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return createSecretKey(Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]));
  } catch {
    throw new Error(`data key ${id} (${owner}, ${name}) does not open: its row was changed`);
  }
}
