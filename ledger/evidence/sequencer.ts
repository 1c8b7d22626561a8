/**
 * The sequencer of the evidence log (存证日志): gives each kept record its place in one Merkle log of the whole hub, and signs
 * a head after each batch.
 *
 * Sequencing is apart from keeping, so that cases never wait for one another: only sequencers take turns, on one advisory
 * lock. Within a case the order is that of its chain, because the case's row is locked while a record is kept: record n + 1
 * becomes visible after record n, and with the greater `evidence_due.id`.
 */
import { Edge, leafHash, rangeNodes } from '../../contracts/evidence/merkle.ts';
import { leafEntry, signHead, type SignedHead, type Signer } from '../../contracts/evidence/signing.ts';
import type { Store } from '../../store/store.ts';
import type { Tx } from '../lifecycle.ts';
import { lastHead, subtrees } from './nodes.ts';

/** Records in one transaction: bounds its memory and how long another sequencer waits. */
const batchRecordsMax = 2_000;
/** 'evid' in ASCII. */
const advisoryKey = 0x65766964;

export interface Sequenced {
  /** Records that got their place now. */
  readonly taken: number;
  /** The log's head after that; undefined while the log is empty. */
  readonly head: SignedHead | undefined;
}

/** Takes all that is due now. Any number of nodes may do so at once. */
export async function sequenceEvidence(
  store: Store,
  signer: Signer,
  options: { readonly batchRecordsMax?: number } = {},
): Promise<Sequenced> {
  const batchMax = options.batchRecordsMax ?? batchRecordsMax;
  for (let taken = 0; ;) {
    const batch = await store.tx((tx) => sequenceBatch(tx, signer, batchMax));
    taken += batch.taken;
    if (batch.taken < batchMax) return { taken, head: batch.head };
  }
}

async function sequenceBatch(tx: Tx, signer: Signer, batchMax: number): Promise<Sequenced> {
  await tx.query('select pg_advisory_xact_lock($1)', [advisoryKey]);
  const due = await tx.query<{ case_id: string; no: number; sha256: string; sm3: string }>(
    `with taken as (delete from evidence_due where id in (select id from evidence_due order by id limit $1) returning id, case_id, no)
     select case_id, no, sha256, sm3 from taken join evidence using (case_id, no) order by id`,
    [batchMax],
  );
  const before = await lastHead(tx);
  if (due.rows.length === 0) return { taken: 0, head: before };
  const size = before?.treeSize ?? 0;
  const edge = new Edge(size, await subtrees(tx, rangeNodes({ from: 0, to: size })));
  const leaves = due.rows.map(({ case_id: caseId, no, sha256, sm3 }, i) => {
    const hash = leafHash(leafEntry(caseId, { seq: no, sha256, sm3 }));
    return { index: size + i, caseId, no, hash, made: edge.append(hash) };
  });
  await tx.query(
    `insert into evidence_leaf (leaf_index, case_id, no, hash)
     select * from unnest($1::bigint[], $2::text[], $3::int[], $4::bytea[]) as leaf (leaf_index, case_id, no, hash) order by 1`,
    [
      leaves.map(({ index }) => index),
      leaves.map(({ caseId }) => caseId),
      leaves.map(({ no }) => no),
      leaves.map(({ hash }) => hash),
    ],
  );
  const made = leaves.flatMap((leaf) => leaf.made);
  await tx.query(
    'insert into evidence_subtree (level, position, hash) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])',
    [made.map(({ node }) => node.level), made.map(({ node }) => node.position), made.map(({ hash }) => hash)],
  );
  return { taken: leaves.length, head: await keepHead(tx, signer, edge) };
}

async function keepHead(tx: Tx, signer: Signer, edge: Edge): Promise<SignedHead> {
  const now = await tx.query<{ now: string }>(
    `select to_char(hub_now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') now`,
  );
  const root = edge.root();
  const head = signHead(signer, { treeSize: edge.size, rootHash: root.toString('hex'), at: now.rows[0]?.now ?? '' });
  await tx.query(
    'insert into evidence_head (tree_size, root_hash, at, key_id, public_key, signature) values ($1, $2, $3, $4, $5, $6)',
    [head.treeSize, root, head.at, head.keyId, signer.publicKey, head.signature],
  );
  return head;
}
