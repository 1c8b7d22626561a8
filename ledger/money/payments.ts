/**
 * Money instructions (支付指令). The hub instructs and records; it never holds money. Every rule of a disbursement is a trigger
 * of the database. A payment of unknown outcome is never sent again: only the counterparty's word ends it (I-10).
 */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export type Purpose = 'DISBURSE' | 'DISBURSE_SELF' | 'REPAY' | 'COLLECTION_SPLIT' | 'FEE' | 'REFUND';

export interface Instruction {
  readonly no: string;
  readonly purpose: Purpose;
  readonly applicationNo: string;
  readonly payer?: string;
  readonly payee: string;
  readonly amount: string;
  readonly currency: string;
}

/** Two people approve it before it is sent: `propose`/`decide` on its event `approve`, then `approvePayment`, `submitPayment`. */
export async function createPayment(tx: Tx, payment: Instruction, actor: Actor): Promise<void> {
  await insertPayment(tx, payment, 'CREATED');
  await begin(tx, 'payment', payment.no, 'create', actor);
}

/** @throws Failure SAME_PERSON_APPROVAL without an approval, APPROVAL_STALE when it is of something else */
export function approvePayment(tx: Tx, no: string, approval: string, actor: Actor): Promise<void> {
  return move(tx, 'payment', no, 'approve', actor, {}, { approval });
}

/** The guards are asked once more: time has passed since they were. */
export function submitPayment(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'payment', no, 'submit', actor);
}

/**
 * Asks whoever decides by his own two people (a funder to disburse), or carries out the payer's own order (a repayment): only
 * these purposes are sent without an approval of the hub. What is sent after one that failed or came back is linked to it.
 */
export async function instructPayment(tx: Tx, payment: Instruction, actor: Actor): Promise<void> {
  await insertPayment(tx, payment, 'SUBMITTING');
  await begin(tx, 'payment', payment.no, 'instruct', actor);
}

/** Nobody knows: it waits for a query, a callback or the daily file. */
export function losePayment(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'payment', no, 'lose', actor);
}

/**
 * The payment did not reach the payee for good, says the counterparty: from unknown nothing fails by itself. Only a payment
 * that this actor instructed: when its guards refused it there is none, and one of the same number is somebody else's.
 */
export async function failPayment(tx: Tx, no: string, outcome: 'failed' | 'returned', actor: Actor): Promise<void> {
  if (!(await isOwn(tx, no, actor))) return;
  if (outcome === 'failed') return move(tx, 'payment', no, 'fail', actor);
  await move(tx, 'payment', no, 'succeed', actor);
  await move(tx, 'payment', no, 'return', actor);
}

/** Whether this actor began the payment. */
export async function isOwn(tx: Tx, paymentNo: string, actor: Actor): Promise<boolean> {
  const found = await tx.query(
    "select 1 from history where entity = 'payment' and entity_id = $1 and from_state = '' and actor = $2",
    [paymentNo, actor],
  );
  return found.rowCount !== 0;
}

async function insertPayment(tx: Tx, payment: Instruction, state: 'CREATED' | 'SUBMITTING'): Promise<void> {
  await tx.query(
    `insert into payment (no, purpose, application_no, payer_account, payee_account, amount, currency, state, previous_no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, case when is_disbursement($2) then (select p.no from payment p
       where p.application_no = $3 and is_disbursement(p.purpose) and p.state in ('FAILED', 'RETURNED') order by p.created_at desc, p.no desc limit 1) end)`,
    [
      payment.no,
      payment.purpose,
      payment.applicationNo,
      payment.payer ?? null,
      payment.payee,
      payment.amount,
      payment.currency,
      state,
    ],
  );
}
