/** Gathers one case's evidence with its proofs and signatures: what `evidence verify` proves without the hub. */
import { EvidenceExport, exportFormat, exportRecordsMax } from '../../contracts/evidence/export.ts';
import {
  consistencyRanges,
  inclusionRanges,
  rangeHash,
  rangeNodes,
  type Range,
} from '../../contracts/evidence/merkle.ts';
import { signCase, type Signer } from '../../contracts/evidence/signing.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Store } from '../../store/store.ts';
import type { Tx } from '../lifecycle.ts';
import { firstHeadWith, lastHead, subtrees, type KeptHead } from './nodes.ts';
import { sequenceEvidence } from './sequencer.ts';

/**
 * Sequences what is due first, so that all of the case is in the log.
 * @throws Failure NOT_FOUND when the case has no evidence
 */
export async function exportEvidence(store: Store, signer: Signer, caseId: string): Promise<EvidenceExport> {
  await sequenceEvidence(store, signer);
  return store.tx(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only');
    return gather(tx, signer, caseId);
  });
}

async function gather(tx: Tx, signer: Signer, caseId: string): Promise<EvidenceExport> {
  const head = await lastHead(tx);
  const records = await readRecords(tx, caseId);
  const last = records.at(-1);
  if (!head || !last) throw new Failure('NOT_FOUND', { detail: `there is no evidence of a case ${caseId}` });
  if (records.length > exportRecordsMax)
    throw new Failure('BODY_TOO_LARGE', { detail: `${caseId} has more than ${exportRecordsMax} records` });
  const anchors = await readAnchors(tx, caseId, last.seq);
  const heads = await headsFor(tx, head, records, anchors);
  const paths = records.map(({ leafIndex }) => inclusionRanges(leafIndex, head.treeSize));
  const steps = heads.slice(1).map((later, i) => consistencyRanges(heads[i]?.treeSize ?? 1, later.treeSize));
  const proofs = await proofsOf(tx, [...paths, ...steps]);
  const keys = new Map([[signer.keyId, signer.publicKey], ...heads.map((one) => [one.keyId, one.publicKey] as const)]);
  const at = await now(tx);
  const content = {
    format: exportFormat,
    caseId,
    exportedAt: at,
    manifest: { records: records.length, anchors: anchors.length, heads: heads.length, keys: keys.size },
    records: records.map((record, i) => ({ ...record, inclusion: proofs[i] ?? [] })),
    heads: heads.map(({ treeSize, rootHash, at: signedAt, keyId, signature }) => ({
      treeSize,
      rootHash,
      at: signedAt,
      keyId,
      signature,
    })),
    consistency: proofs.slice(records.length),
    anchors,
    statement: signCase(signer, caseId, last, at),
    keys: [...keys].map(([id, publicKey]) => ({ id, algorithm: 'Ed25519' as const, publicKey })),
  };
  const seal = { keyId: signer.keyId, signature: signer.sign('evidence-export', content) };
  return EvidenceExport.check({ ...content, seal });
}

type BareRecord = Omit<EvidenceExport['records'][number], 'inclusion'>;

async function readRecords(tx: Tx, caseId: string): Promise<BareRecord[]> {
  // A record kept since the log was brought up to date has no leaf yet: it is for the next export.
  const found = await tx.query<Omit<BareRecord, 'leafIndex'> & { leafIndex: string }>(
    `select e.no seq, e.node, e.business_key "businessKey", e.payload, e.at, e.sha256, e.sm3, l.leaf_index "leafIndex"
     from evidence e join evidence_leaf l on l.case_id = e.case_id and l.no = e.no
     where e.case_id = $1 order by e.no limit $2`,
    [caseId, exportRecordsMax + 1],
  );
  return found.rows.map((row) => ({ ...row, leafIndex: Number(row.leafIndex) }));
}

async function readAnchors(tx: Tx, caseId: string, upto: number): Promise<EvidenceExport['anchors']> {
  const found = await tx.query<EvidenceExport['anchors'][number]>(
    `select no "anchorNo", upto seq, head_sha256 sha256, tx_hash "txHash", block_no "blockNumber",
       to_char(anchored_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') "anchoredAt"
     from anchor where case_id = $1 and upto <= $2 and token is null order by upto, no`,
    [caseId, upto],
  );
  return found.rows;
}

/** The log's head, and for each anchor the first head after it: the log is shown to have only grown since. */
async function headsFor(
  tx: Tx,
  last: KeptHead,
  records: readonly BareRecord[],
  anchors: EvidenceExport['anchors'],
): Promise<KeptHead[]> {
  const heads = new Map([[last.treeSize, last]]);
  for (const { seq } of anchors) {
    const leaf = records[seq - 1]?.leafIndex;
    const head = leaf === undefined ? undefined : await firstHeadWith(tx, leaf);
    if (head) heads.set(head.treeSize, head);
  }
  return [...heads.values()].toSorted((a, b) => a.treeSize - b.treeSize);
}

/** All hashes of all proofs, read at once. */
async function proofsOf(tx: Tx, wanted: readonly (readonly Range[])[]): Promise<string[][]> {
  const lookup = await subtrees(tx, wanted.flat().flatMap(rangeNodes));
  return wanted.map((ranges) => ranges.map((range) => rangeHash(range, lookup).toString('hex')));
}

async function now(tx: Tx): Promise<string> {
  const found = await tx.query<{ now: string }>(
    `select to_char(hub_now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') now`,
  );
  return found.rows[0]?.now ?? '';
}
