/** Confirmation (确权) by the debtor, in two steps by two people and signed (domain.md 1.13, I-17, I-18). */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { propose } from '../oversight/approvals.ts';
import { releaseInvoices } from './invoices.ts';

/** Asks the debtor. It has 30 days to answer (保障中小企业款项支付条例 16). */
export async function requestConfirmation(tx: Tx, no: string, receivableNo: string, actor: Actor): Promise<void> {
  await tx.query(
    // One moment for both: where business time runs fast, two readings of the clock lie apart.
    `insert into confirmation (no, receivable_no, version, requested_at, due_at, state)
     select $1, r.no, r.version, n.at, n.at + interval '30 days', 'REQUESTED' from receivable r, (select hub_now() "at" offset 0) n where r.no = $2`,
    [no, receivableNo],
  );
  await begin(tx, 'confirmation', no, 'request', actor);
  await move(tx, 'receivable', receivableNo, 'askConfirmation', actor);
}

/** Somebody at the debtor takes it on (领用). */
export function claimConfirmation(tx: Tx, no: string, person: string, actor: Actor): Promise<void> {
  return move(tx, 'confirmation', no, 'claim', actor, { claimed_by: person });
}

/** Nobody went on with it for two days: back to all. */
export function putBackConfirmation(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'confirmation', no, 'putBack', actor, { claimed_by: null });
}

export interface ConfirmedTerms {
  /** At most the net amount. */
  readonly amount: string;
  readonly dueDate: string;
  readonly payAccount: string;
  /** Of set-off and defences (放弃抗辩). */
  readonly waiver: boolean;
}

/** The maker (经办) found it in its books. Returns the approval that the checker decides. */
export async function approveConfirmation(
  tx: Tx,
  no: string,
  terms: ConfirmedTerms,
  maker: string,
  actor: Actor,
): Promise<string> {
  await move(tx, 'confirmation', no, 'approve', actor, {
    confirmed_amount: terms.amount,
    due_date: terms.dueDate,
    pay_account: terms.payAccount,
    waiver: terms.waiver,
    maker,
  });
  return propose(tx, { entity: 'confirmation', id: no, event: 'confirm' }, maker, actor);
}

/**
 * The checker (复核) signed: from now on it stands.
 * @throws Failure SAME_PERSON_APPROVAL without another person's approval, APPROVAL_STALE
 */
export async function confirmReceivable(
  tx: Tx,
  no: string,
  signed: { readonly approval: string; readonly signature: string; readonly certSerial: string },
  actor: Actor,
): Promise<void> {
  const found = await tx.query<{ receivable: string; now: Date }>(
    'select receivable_no receivable, hub_now() now from confirmation where no = $1',
    [no],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no confirmation ${no}` });
  const columns = { signature: signed.signature, cert_serial: signed.certSerial, confirmed_at: row.now };
  await move(tx, 'confirmation', no, 'confirm', actor, columns, { approval: signed.approval });
  await move(tx, 'receivable', row.receivable, 'confirm', actor);
}

/** The debtor says no, or nothing for 30 days: the invoices of the receivable are free again. */
export async function refuseConfirmation(
  tx: Tx,
  no: string,
  event: 'reject' | 'expire',
  reason: string,
  actor: Actor,
): Promise<void> {
  await move(tx, 'confirmation', no, event, actor, { reason }, { reason });
  const found = await tx.query<{ receivable: string }>(
    'select receivable_no receivable from confirmation where no = $1',
    [no],
  );
  const receivable = found.rows[0]?.receivable ?? '';
  await move(tx, 'receivable', receivable, event, actor, {}, { reason });
  await releaseInvoices(tx, receivable, actor);
}
