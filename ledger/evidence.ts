/** Evidence (存证): what happened at each node of a case, hash-chained, in the transaction in which it happened. */
import { linkOf, type Link } from '../contracts/evidence/chain.ts';
import type { Tx } from './lifecycle.ts';

/** Nodes of domain.md 1.16. Payloads are numbers and hashes: no personal data goes into a chain (PIPL 47). */
export type EvidenceNode =
  | 'N01 consent'
  | 'N02 verification'
  | 'N03 trade data'
  | 'N04 application'
  | 'N05 decision'
  | 'N06 confirmation'
  | 'N07 allocation'
  | 'N08 rate fixed'
  | 'N09 signed contract'
  | 'N10 notice delivered'
  | 'N11 registration'
  | 'N12 receipt issued'
  | 'N13 control'
  | 'N14 disbursement instruction'
  | 'N15 bank receipt'
  | 'N16 receipt acknowledged'
  | 'N17 repayment posted'
  | 'N18 release order'
  | 'N19 outbound'
  | 'N20 price alert'
  | 'N21 stock difference'
  | 'N22 overdue notice'
  | 'N23 disposal'
  | 'N24 reconciliation';

export async function keepEvidence(
  tx: Tx,
  caseId: string,
  node: EvidenceNode,
  businessKey: string,
  payload: Record<string, unknown>,
): Promise<void> {
  // One writer per chain: the case's row is its lock.
  const locked = await tx.query<{ now: string }>(
    `select to_char(hub_now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') now from cases where id = $1 for update`,
    [caseId],
  );
  const last = await headOf(tx, caseId);
  const at = locked.rows[0]?.now ?? '';
  const link = linkOf(last, { node, businessKey, payload, at });
  // Due for the log (ledger/evidence/sequencer.ts), which takes it later: here, no case waits for another one.
  await tx.query(
    `with kept as (insert into evidence (case_id, no, node, business_key, payload, at, sha256, sm3)
                   values ($1, $2, $3, $4, $5, $6, $7, $8) returning case_id, no)
     insert into evidence_due (case_id, no) select case_id, no from kept`,
    [caseId, link.seq, node, businessKey, JSON.stringify(payload), at, link.sha256, link.sm3],
  );
}

/** The last link of a case's chain: what an anchor commits to. */
export async function headOf(tx: Tx, caseId: string): Promise<Link | undefined> {
  const found = await tx.query<Link>(
    'select no seq, sha256, sm3 from evidence where case_id = $1 order by no desc limit 1',
    [caseId],
  );
  return found.rows[0];
}

export async function keepAnchor(
  tx: Tx,
  anchor: {
    no: string;
    caseId: string;
    upto: number;
    headSha256: string;
    txHash: string;
    blockNumber: string;
    anchoredAt: string;
    /** Of a time-stamp authority, base64 of DER. */
    token?: string;
  },
): Promise<void> {
  await tx.query(
    'insert into anchor (no, case_id, upto, head_sha256, tx_hash, block_no, anchored_at, token) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing',
    [
      anchor.no,
      anchor.caseId,
      anchor.upto,
      anchor.headSha256,
      anchor.txHash,
      anchor.blockNumber,
      anchor.anchoredAt,
      anchor.token ?? null,
    ],
  );
}
