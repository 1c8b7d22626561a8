/** A posted repayment that its funder takes back, and what that means for what was released on it. */
import { Failure } from '../../contracts/failures.ts';
import { cancelRelease } from '../goods/releases.ts';
import type { Actor, Tx } from '../lifecycle.ts';
import { lapseLoan } from './loans.ts';
import { openShadowCase } from './reconciliation.ts';
import { reverseRepayment } from './repayments.ts';

export interface TakenBack {
  readonly loanNo: string;
  readonly amount: string;
  /** Goods were given back on it. */
  readonly released: boolean;
}

/**
 * The loan is open again and overdue at once: what was paid and came back is owed now. Its limit is frozen with it, and a case for its
 * collection is opened.
 * @throws Failure NOT_FOUND when the case has no such repayment, ILLEGAL_TRANSITION when it is not posted
 */
export async function takeRepaymentBack(
  tx: Tx,
  caseId: string,
  told: { readonly repaymentNo: string; readonly on: string; readonly reason: string },
  actor: Actor,
): Promise<TakenBack> {
  const found = await tx.query<TakenBack>(
    `select r.loan_no "loanNo", r.amount::text amount, exists (select from release_order o join pledge p on p.no = o.pledge_no
       where p.application_no = l.application_no and o.state in ('EXECUTED', 'CLOSED')) released
     from repayment r join loan l on l.no = r.loan_no join application a on a.no = l.application_no where r.no = $1 and a.case_id = $2`,
    [told.repaymentNo, caseId],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `the case has no repayment ${told.repaymentNo}` });
  // What rests on it and has not left this side goes no further; the warehouse has no word for what has.
  const resting = await tx.query<{ no: string }>(
    "select no from release_order where repayment_no = $1 and state in ('DRAFT', 'PENDING_FND', 'APPROVED') order by no",
    [told.repaymentNo],
  );
  for (const { no } of resting.rows) await cancelRelease(tx, no, 'cancel', actor);
  await reverseRepayment(tx, told.repaymentNo, told.on, told.reason, actor);
  await lapseLoan(tx, row.loanNo, actor);
  await openShadowCase(tx, told.repaymentNo, row.loanNo, `REVERSED ${row.amount}`, actor);
  return row;
}
