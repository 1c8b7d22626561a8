/** Financing applications (融资申请), the lock on what they finance, the limit they may draw, and what was signed. */
import { Failure } from '../contracts/failures.ts';
import { guardUnfunded } from './guards.ts';
import { begin, move, stateOf, type Actor, type Tx } from './lifecycle.ts';

export async function submitApplication(
  tx: Tx,
  application: {
    no: string;
    caseId: string;
    orderNo: string;
    borrower: string;
    funder: string;
    amount: string;
    currency: string;
    tenorDays: number;
    purpose: string;
    payeeAccount: string;
  },
  actor: Actor,
): Promise<void> {
  const order = await tx.query<{ ok: boolean }>('select $2::numeric <= total ok from trade_order where order_no = $1', [
    application.orderNo,
    application.amount,
  ]);
  if (order.rows[0]?.ok !== true)
    throw new Failure('LIMIT_INSUFFICIENT', { detail: 'the amount is above what the order costs' }); // I-04
  await tx.query(
    `insert into application (no, case_id, order_no, borrower_id, funder_id, amount, currency, tenor_days, purpose, payee_account, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'SUBMITTED')`,
    [
      application.no,
      application.caseId,
      application.orderNo,
      application.borrower,
      application.funder,
      application.amount,
      application.currency,
      application.tenorDays,
      application.purpose,
      application.payeeAccount,
    ],
  );
  await begin(tx, 'application', application.no, 'submit', actor);
  await tx.query('insert into asset_lock (asset_key, application_no) values ($1, $2)', [
    `order:${application.orderNo}`,
    application.no,
  ]);
  await move(tx, 'application', application.no, 'lock', actor);
}

/**
 * Compensation of every end other than a disbursement: assets and limit are free again.
 * @throws Failure PAYMENT_UNKNOWN_PENDING when money may have moved
 */
export async function withdrawApplication(tx: Tx, no: string, actor: Actor): Promise<void> {
  await guardUnfunded(tx, no);
  await tx.query('update asset_lock set released_at = hub_now() where application_no = $1 and released_at is null', [
    no,
  ]);
  const open = await tx.query<{ reserved: string }>(
    'select reserved from credit_limit where no = $1 and reserved > 0 for update',
    [no],
  );
  if (open.rows[0]) await moveLimit(tx, no, 'RELEASE', open.rows[0].reserved);
  const state = await stateOf(tx, 'application', no);
  const ended = ['REJECTED', 'WITHDRAWN', 'OFFER_EXPIRED', 'RETURNED'];
  if (state !== undefined && !ended.includes(state)) await move(tx, 'application', no, 'withdraw', actor);
}

export interface Terms {
  readonly amount: string;
  readonly rate: string;
  readonly tenorDays: number;
  readonly dayCount: string;
  readonly pledgeRate: string;
  readonly validTo: string;
}

export async function approveApplication(
  tx: Tx,
  no: string,
  funderRef: string,
  terms: Terms,
  actor: Actor,
): Promise<void> {
  await move(tx, 'application', no, 'approve', actor, {
    funder_ref: funderRef,
    approved_amount: terms.amount,
    rate: terms.rate,
    tenor_days: terms.tenorDays,
    day_count: terms.dayCount,
    pledge_rate: terms.pledgeRate,
    valid_to: terms.validTo,
  });
  // The funder grants one limit per application; a pledge loan does not revolve.
  await tx.query(
    `insert into credit_limit (no, party_id, funder_id, revolving, total)
     select no, borrower_id, funder_id, false, approved_amount from application where no = $1`,
    [no],
  );
  await moveLimit(tx, no, 'RESERVE', terms.amount);
}

/** Movements are the limit: RESERVE → CONSUME | RELEASE; RESTORE only when it revolves (I-20). */
export async function moveLimit(
  tx: Tx,
  no: string,
  kind: 'RESERVE' | 'CONSUME' | 'RELEASE' | 'RESTORE',
  amount: string,
): Promise<void> {
  const change = {
    RESERVE: 'reserved = reserved + $2',
    CONSUME: 'reserved = reserved - $2, used = used + $2',
    RELEASE: 'reserved = reserved - $2',
    RESTORE: 'used = used - $2',
  }[kind];
  await tx.query(`update credit_limit set ${change} where no = $1`, [no, amount]);
  await tx.query('insert into limit_movement (limit_no, kind, amount) values ($1, $2, $3)', [no, kind, amount]);
}

export async function draftEnvelope(
  tx: Tx,
  envelope: {
    no: string;
    applicationNo: string;
    documents: readonly { fileName: string; sha256: string }[];
    mandatePayee: string;
  },
  actor: Actor,
): Promise<void> {
  await tx.query(
    "insert into envelope (no, application_no, documents, mandate_payee, state) values ($1, $2, $3, $4, 'DRAFT')",
    [envelope.no, envelope.applicationNo, JSON.stringify(envelope.documents), envelope.mandatePayee],
  );
  await begin(tx, 'envelope', envelope.no, 'draft', actor);
  await move(tx, 'application', envelope.applicationNo, 'contract', actor);
}

/** Completed: the vendor said so, and the files were fetched and still carry what was sent (domain.md 1.11). */
export async function completeEnvelope(
  tx: Tx,
  no: string,
  applicationNo: string,
  fetched: readonly { fileName: string; originalSha256: string }[],
  actor: Actor,
): Promise<void> {
  const sent = await tx.query<{ documents: { fileName: string; sha256: string }[] }>(
    'select documents from envelope where no = $1',
    [no],
  );
  const unchanged = (sent.rows[0]?.documents ?? []).every((d) =>
    fetched.some((f) => f.fileName === d.fileName && f.originalSha256 === d.sha256),
  );
  if (!unchanged)
    throw new Failure('DOC_HASH_CHANGED', { detail: `envelope ${no}: a signed file does not carry what was sent` });
  await move(tx, 'envelope', no, 'complete', actor, { verified_at: new Date() });
  await move(tx, 'application', applicationNo, 'sign', actor);
}
