/** Reads the evidence log's heads, and the hashes that its proofs are made of. */
import type { Lookup, NodeId } from '../../contracts/evidence/merkle.ts';
import type { SignedHead } from '../../contracts/evidence/signing.ts';
import type { Tx } from '../lifecycle.ts';

/** What can be read from: a transaction, or the pool. */
export type Reader = Pick<Tx, 'query'>;

export interface KeptHead extends SignedHead {
  /** PEM of the key that signed it. */
  readonly publicKey: string;
}

interface HeadRow {
  readonly tree_size: string;
  readonly root_hash: Buffer;
  readonly at: string;
  readonly key_id: string;
  readonly public_key: string;
  readonly signature: string;
}

export async function lastHead(tx: Reader): Promise<KeptHead | undefined> {
  const found = await tx.query<HeadRow>('select * from evidence_head order by tree_size desc limit 1');
  return found.rows.map(headOf)[0];
}

/** The earliest head whose log holds that leaf. */
export async function firstHeadWith(tx: Reader, leafIndex: number): Promise<KeptHead | undefined> {
  const found = await tx.query<HeadRow>('select * from evidence_head where tree_size > $1 order by tree_size limit 1', [
    leafIndex,
  ]);
  return found.rows.map(headOf)[0];
}

/** Heads in order, from the one after `size` leaves; at most `limit`. */
export async function headsAfter(tx: Reader, size: number, limit: number): Promise<KeptHead[]> {
  const found = await tx.query<HeadRow>(
    'select * from evidence_head where tree_size > $1 order by tree_size limit $2',
    [size, limit],
  );
  return found.rows.map(headOf);
}

/** The hashes of these subtrees, read at once. Looking up one that is not kept throws. */
export async function subtrees(tx: Reader, nodes: readonly NodeId[]): Promise<Lookup> {
  const known = new Map<string, Buffer>();
  const found = await tx.query<{ level: number; position: string; hash: Buffer }>(
    `select 0 "level", leaf_index "position", hash from evidence_leaf where leaf_index = any($1::bigint[])
     union all
     select s.level, s.position, s.hash from evidence_subtree s
       join unnest($2::smallint[], $3::bigint[]) as asked (level, position) on s.level = asked.level and s.position = asked.position`,
    [
      nodes.filter(({ level }) => level === 0).map(({ position }) => position),
      nodes.filter(({ level }) => level > 0).map(({ level }) => level),
      nodes.filter(({ level }) => level > 0).map(({ position }) => position),
    ],
  );
  for (const { level, position, hash } of found.rows) known.set(`${level}/${position}`, hash);
  return ({ level, position }) => {
    const hash = known.get(`${level}/${position}`);
    if (hash === undefined) throw new Error(`the evidence log has lost its subtree ${level}/${position}`);
    return hash;
  };
}

function headOf(row: HeadRow): KeptHead {
  return {
    treeSize: Number(row.tree_size),
    rootHash: row.root_hash.toString('hex'),
    at: row.at,
    keyId: row.key_id,
    publicKey: row.public_key,
    signature: row.signature,
  };
}
