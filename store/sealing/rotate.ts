/** What an operator does to keys: another root key, new data keys, the destruction of one owner's. */
import { connected, insertKey, locked, currentRoot, rewrap, searchClass } from './keys.ts';
import { resealAll, countByKey, type Progress } from './reseal.ts';
import { freshMs, type Sealing } from './sealing.ts';

export interface KeyState {
  readonly id: number;
  readonly owner: string;
  readonly class: string;
  readonly rootId: string | null;
  readonly state: 'live' | 'retired' | 'destroyed';
  readonly createdAt: Date;
  /** Values that it sealed, when they were counted. */
  readonly values: number | null;
}

export interface SealStatus {
  readonly rootId: string;
  /** Root keys that are here, and where they come from. */
  readonly roots: readonly string[];
  readonly source: string;
  readonly sealedAt: Date | null;
  readonly keys: readonly KeyState[];
}

export async function statusOf(sealing: Sealing, options: { readonly count: boolean }): Promise<SealStatus> {
  const counts = options.count ? await countByKey(sealing) : undefined;
  return connected(sealing.url, async (db) => {
    const state = await db.query<{ rootId: string; sealedAt: Date | null }>(
      'select root_id "rootId", sealed_at "sealedAt" from sealing',
    );
    const keys = await db.query<Omit<KeyState, 'values'>>(
      `select id, owner, class, root_id "rootId", created_at "createdAt",
         case when erased_at is not null then 'destroyed' when retired_at is not null then 'retired' else 'live' end state
       from sealing_key order by id`,
    );
    return {
      rootId: state.rows[0]?.rootId ?? '',
      sealedAt: state.rows[0]?.sealedAt ?? null,
      roots: sealing.roots.list().map(({ id }) => id),
      source: sealing.roots.source,
      keys: keys.rows.map((key) => ({ ...key, values: counts ? (counts.get(key.id) ?? 0) : null })),
    };
  });
}

/** One more root key, here. It seals nothing until every node has it and `rotateRoot` is told to take it. */
export function prepareRoot(sealing: Sealing): string {
  return sealing.roots.add().id;
}

/** Seals all data keys with the newest root key of this home. @returns its id, and how many keys */
export async function rotateRoot(sealing: Sealing): Promise<{ readonly rootId: string; readonly keys: number }> {
  const newest = sealing.roots.list().at(-1);
  if (!newest) throw new Error(`${sealing.roots.source} holds no root key`);
  return connected(sealing.url, (db) =>
    locked(db, async () => {
      const current = await currentRoot(db, sealing.roots);
      if (current.id === newest.id)
        throw new Error(
          `root key ${current.id} is the newest here: make one with "lianshu seal prepare" and give it to every node`,
        );
      return { rootId: newest.id, keys: await rewrap(db, sealing.roots, newest) };
    }),
  );
}

/**
 * New data keys for all owners, or one; then what the old ones sealed is sealed anew. Old keys stay, retired: what was
 * kept elsewhere under them (a backup, an export) still opens. The key of the search hashes is not among them.
 */
export async function rotateData(
  sealing: Sealing,
  options: {
    readonly owner?: string | undefined;
    readonly onProgress?: (progress: Progress) => void;
    /** Nodes that seal with the old keys until they look again are waited for. */
    readonly settleMs?: number;
  } = {},
): Promise<{ readonly keys: number; readonly values: number }> {
  const keys = await connected(sealing.url, (db) =>
    locked(db, async () => {
      const root = await currentRoot(db, sealing.roots);
      const { rows } = await db.query<{ owner: string; class: string }>(
        `update sealing_key set retired_at = clock_timestamp()
         where retired_at is null and erased_at is null and class <> $1 and ($2::text is null or owner = $2) returning owner, class`,
        [searchClass, options.owner ?? null],
      );
      for (const { owner, class: name } of rows) await insertKey(db, root, owner, name);
      return rows.length;
    }),
  );
  await sealing.refresh();
  await new Promise((settled) => setTimeout(settled, options.settleMs ?? freshMs + 1_000));
  return { keys, values: await resealAll(sealing, options.onProgress) };
}

/**
 * Destroys all data keys of an owner: nobody can read again what they sealed, in this database or a backup of its rows.
 * Backups that hold the keys themselves must be destroyed too. Nodes see it within `freshMs`.
 */
export async function destroyKeys(sealing: Sealing, owner: string, by: string, why: string): Promise<number> {
  if (owner === 'hub') throw new Error('the keys of the hub itself are never destroyed: its runs could not go on');
  const destroyed = await connected(sealing.url, (db) =>
    db.query(
      `update sealing_key set wrapped = null, root_id = null, erased_at = clock_timestamp(), erased_by = $2, erased_why = $3
       where owner = $1 and erased_at is null`,
      [owner, by, why],
    ),
  );
  await sealing.refresh();
  return destroyed.rowCount ?? 0;
}
