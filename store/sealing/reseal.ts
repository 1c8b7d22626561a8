/**
 * Sealing what lies there already: rows from before there were keys, and rows under keys that were retired. In batches in
 * the order of the primary key, each its own transaction: it may be interrupted at any time, and goes on where it was.
 */
import { hash } from 'node:crypto';
import { keyIdOf } from './envelope.ts';
import { connected, type Db } from './keys.ts';
import { allPlaces, type AnyPlace } from './places.ts';
import { Unreadable, type Sealing } from './sealing.ts';

export interface Progress {
  readonly table: string;
  readonly column: string;
  /** Rows that were sealed, so far. */
  readonly done: number;
}

const batchRows = 200;
/** Looking through a large table for the few that are left takes its time. */
const patientMs = 30 * 60_000;

interface Found {
  readonly value: Buffer;
  readonly owner: string | null;
  readonly row: string[];
  readonly key: string[];
}

/** Seals what lies in the open. Resolves when nothing does any more. */
export async function sealAll(sealing: Sealing, onProgress: (progress: Progress) => void = () => {}): Promise<number> {
  const done = await everywhere(sealing, undefined, onProgress, async (place, found, where) => {
    const { value, owner } = found;
    // A message may begin like a sealed value: what opens is one.
    if (keyIdOf(value) !== undefined && (await opens(sealing, place, where, value))) return undefined;
    // Of an exchange that is gone: nobody's but the hub's.
    return sealing.sealAt(await sealing.liveOf(owner ?? 'hub', place.class), where, value);
  });
  await connected(sealing.url, (db) =>
    db.query('update sealing set sealed_at = clock_timestamp() where sealed_at is null'),
  );
  sealing.sealed = true;
  return done;
}

/** Seals anew what lies under retired keys; what cannot be opened is left as it is. */
export async function resealAll(
  sealing: Sealing,
  onProgress: (progress: Progress) => void = () => {},
): Promise<number> {
  await sealing.refresh();
  const retired = await connected(sealing.url, (db) =>
    db.query<{ id: number }>('select id from sealing_key where retired_at is not null and erased_at is null'),
  );
  const ids = retired.rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  return everywhere(sealing, ids, onProgress, async (place, { value }, where) => {
    const key = await sealing.keyById(keyIdOf(value) ?? -1);
    if (!key?.retired || !(await opens(sealing, place, where, value))) return undefined;
    const plain = await sealing.openAt(place, where, value);
    return sealing.sealAt(await sealing.liveOf(key.owner, key.class), where, plain);
  });
}

/** Values by key, of every place. Reads everything. */
export async function countByKey(sealing: Sealing): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  await connected(
    sealing.url,
    async (db) => {
      for (const { table, column, only } of allPlaces) {
        const { rows } = await db.query<{ head: Buffer; n: string }>(
          `select substring(${column} from 1 for 6) head, count(*) n from ${table}
         where get_byte(${column}, 0) = 245 and length(${column}) >= 34 ${only ? `and ${only}` : ''} group by 1`,
        );
        for (const { head, n } of rows) {
          const id = head.readUInt32BE(2);
          counts.set(id, (counts.get(id) ?? 0) + Number(n));
        }
      }
    },
    patientMs,
  );
  return counts;
}

type Treat = (place: AnyPlace, found: Found, where: string) => Promise<Buffer | undefined>;

async function everywhere(
  sealing: Sealing,
  underKeys: readonly number[] | undefined,
  onProgress: (progress: Progress) => void,
  treat: Treat,
): Promise<number> {
  return connected(
    sealing.url,
    async (db) => {
      let all = 0;
      for (const place of allPlaces) {
        let done = 0;
        let after: readonly string[] | undefined;
        for (;;) {
          const found = await batch(db, place, underKeys, after);
          if (found.length === 0) break;
          after = found.at(-1)?.key;
          done += await treatBatch(db, sealing, place, found, treat);
          onProgress({ table: place.table, column: place.column, done });
        }
        all += done;
      }
      return all;
    },
    patientMs,
  );
}

async function batch(
  db: Db,
  place: AnyPlace,
  underKeys: readonly number[] | undefined,
  after: readonly string[] | undefined,
): Promise<Found[]> {
  const { table, column, owner, row, key, only } = place;
  const columns = key.map(([name]) => name).join(', ');
  const conditions = [`${column} is not null`];
  if (only !== undefined) conditions.push(only);
  if (after) conditions.push(`(${columns}) > (${key.map(([, type], i) => `$${i + 1}::${type}`).join(', ')})`);
  if (underKeys)
    conditions.push(
      `get_byte(${column}, 0) = 245 and substring(${column} from 3 for 4) = any($${(after?.length ?? 0) + 1}::bytea[])`,
    );
  const text = (names: readonly string[]) => `array[${names.map((name) => `(${name})::text`).join(', ')}]`;
  const { rows } = await db.query<Found>(
    `select ${column} as value, ${owner} as owner, ${text(row)} as row, ${text(key.map(([name]) => name))} as key
     from ${table} where ${conditions.join(' and ')} order by ${columns} limit ${batchRows}`,
    [...(after ?? []), ...(underKeys ? [underKeys.map(idBytes)] : [])],
  );
  return rows;
}

async function treatBatch(
  db: Db,
  sealing: Sealing,
  place: AnyPlace,
  rows: readonly Found[],
  treat: Treat,
): Promise<number> {
  const { table, column, key, found: search } = place;
  const changes: { found: Found; sealed: Buffer }[] = [];
  for (const found of rows) {
    const sealed = await treat(place, found, [table, column, ...found.row].join('\0'));
    if (sealed) changes.push({ found, sealed });
  }
  if (changes.length === 0) return 0;
  // By hash, for a value may be large: a row that changed meanwhile is left to whoever changed it.
  const columns: [name: string, type: string, values: unknown[]][] = [
    ['new_value', 'bytea', changes.map(({ sealed }) => sealed)],
    ['old_sha256', 'bytea', changes.map(({ found }) => hash('sha256', found.value, 'buffer'))],
    ...key.map(([, type], i): [string, string, unknown[]] => [`k${i}`, type, changes.map(({ found }) => found.key[i])]),
  ];
  // When it is sealed for the first time, it is the plain value that is hashed.
  const hashes =
    search &&
    changes.map(({ found }) =>
      keyIdOf(found.value) === undefined ? sealing.hash(search.as, found.value.toString()) : null,
    );
  if (hashes) columns.push(['new_hash', 'bytea', hashes]);
  await db.query('begin');
  try {
    await db.query(`set local lianshu.resealing = 'on'`);
    const updated = await db.query(
      `update ${table} t set ${column} = n.new_value ${search ? `, ${search.by} = coalesce(n.new_hash, t.${search.by})` : ''}
       from unnest(${columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')}) n(${columns.map(([name]) => name).join(', ')})
       where ${key.map(([name], i) => `t.${name} = n.k${i}`).join(' and ')} and sha256(t.${column}) = n.old_sha256`,
      columns.map(([, , values]) => values),
    );
    await db.query('commit');
    return updated.rowCount ?? 0;
  } catch (thrown) {
    await db.query('rollback').catch(() => undefined);
    throw thrown;
  }
}

async function opens(sealing: Sealing, place: AnyPlace, where: string, value: Buffer): Promise<boolean> {
  try {
    await sealing.openAt(place, where, value);
    return true;
  } catch (thrown) {
    if (thrown instanceof Unreadable) return false;
    throw thrown;
  }
}

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes;
}
