/**
 * Repayments (还款): NOTIFIED, MATCHED with money that arrived, POSTED by the funder. Only posted money counts. What is posted
 * is set against the loan entry by entry; the funder's figure stands, and a difference to the hub's own is a case for people.
 */
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { items, type Item } from '../../contracts/canonical/allocation.ts';
import { numberFor } from '../cases.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { limitOf, moveLimit } from './limits.ts';
import { accrueLoan, lockLoan, writePlan, type LoanRow } from './loans.ts';
import { failPayment, isOwn } from './payments.ts';
import { openShadowCase } from './reconciliation.ts';

export type RepaymentType = 'SCHEDULED' | 'EARLY_PART' | 'EARLY_FULL' | 'OVERDUE' | 'DEBTOR_PAYMENT' | 'DISPOSAL';

/** Letters, because that is what the clearing's numbers allow: RP, RPB, RPC … of one loan. What failed keeps its number. */
export async function nextRepaymentNo(tx: Tx, loanNo: string, caseId: string): Promise<string> {
  const found = await tx.query<{ count: number }>('select count(*)::int count from repayment where loan_no = $1', [
    loanNo,
  ]);
  const count = found.rows[0]?.count ?? 0;
  const letters = count < 25 ? String.fromCodePoint(65 + count) : `Z${String.fromCodePoint(65 + (count % 25))}`;
  return numberFor(count === 0 ? 'RP' : `RP${letters}`, caseId);
}

export async function notifyRepayment(
  tx: Tx,
  repayment: { no: string; loanNo: string; paymentNo: string; amount: string; type?: RepaymentType },
  actor: Actor,
): Promise<void> {
  await tx.query(
    "insert into repayment (no, loan_no, payment_no, amount, type, state) values ($1, $2, $3, $4, $5, 'NOTIFIED')",
    [repayment.no, repayment.loanNo, repayment.paymentNo, repayment.amount, repayment.type ?? 'EARLY_FULL'],
  );
  await begin(tx, 'repayment', repayment.no, 'notify', actor);
}

/** The collection did not come about: neither its payment nor the repayment that it was for. They share their number. */
export async function failRepayment(tx: Tx, no: string, outcome: 'failed' | 'returned', actor: Actor): Promise<void> {
  if (!(await isOwn(tx, no, actor))) return;
  await failPayment(tx, no, outcome, actor);
  await move(tx, 'repayment', no, 'fail', actor);
}

export interface Posting {
  readonly repaymentNo: string;
  readonly loanNo: string;
  readonly postingNo: string;
  readonly postedAt: string;
  /** The day on which it counts; without it that of `postedAt`, and the hub's own interest is not compared. */
  readonly valueDate?: string;
  readonly allocation: {
    readonly fee: string;
    readonly penalty: string;
    readonly interest: string;
    readonly principal: string;
    readonly compound?: string;
  };
  readonly principalBalance: string;
}

/** The funder posted it: only now does it count for a release (I-13) and for a limit that revolves (I-20). */
export async function postRepayment(tx: Tx, posting: Posting, actor: Actor): Promise<void> {
  const on = await valueDay(tx, posting);
  await accrueLoan(tx, posting.loanNo, on);
  const { compound = '0.00', ...told } = posting.allocation;
  const allocation = { ...told, compound };
  await follow(tx, await lockLoan(tx, posting.loanNo), posting, allocation, on, actor);
  await move(tx, 'repayment', posting.repaymentNo, 'post', actor, {
    posting_no: posting.postingNo,
    posted_at: posting.postedAt,
    value_on: on,
    ...allocation,
  });
  for (const item of items) {
    const amount = fenOf(allocation[columnOf[item]]);
    if (amount > 0n) await enter(tx, posting.loanNo, 'ALLOCATE', item, -amount, on, posting.repaymentNo);
  }
  const loan = await lockLoan(tx, posting.loanNo);
  // The funder's figure stands; one that disagrees with ours is refused here and goes to people (domain.md 0.2).
  if (fenOf(loan.balance) !== fenOf(posting.principalBalance))
    throw new Error(
      `loan ${posting.loanNo}: the funder posts a balance of ${posting.principalBalance}, the books differ`,
    );
  await afterPosting(tx, loan, posting, on, actor);
}

/**
 * A posting is taken back: what it paid is owed again from that day on. After a release this is an incident; the caller
 * stops further ones.
 */
export async function reverseRepayment(tx: Tx, no: string, on: string, reason: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ loan_no: string; principal: string }>(
    'select loan_no, principal from repayment where no = $1 for update',
    [no],
  );
  const { loan_no: loanNo = '', principal = '0.00' } = found.rows[0] ?? {};
  const loan = await lockLoan(tx, loanNo);
  await move(tx, 'repayment', no, 'reverse', actor, {}, { reason });
  if (loan.state === 'SETTLED') await move(tx, 'loan', loanNo, 'reopen', actor, {}, { reason });
  await tx.query(
    `insert into loan_entry (loan_no, kind, item, amount, value_on, repayment_no, reverses, reason)
     select loan_no, 'REVERSE', item, -amount, greatest($2::date, accrued_to(loan_no, 'INTEREST')), repayment_no, id, $3
     from loan_entry where repayment_no = $1 and kind = 'ALLOCATE'`,
    [no, on, reason],
  );
  const limit = await limitOf(tx, loan.application_no);
  if (limit.revolving && fenOf(principal) > 0n)
    await moveLimit(tx, limit.no, 'UNRESTORE', principal, { repaymentNo: no });
}

const columnOf = {
  PRINCIPAL: 'principal',
  INTEREST: 'interest',
  PENALTY: 'penalty',
  COMPOUND: 'compound',
  FEE: 'fee',
} as const satisfies Record<Item, string>;

/** Interest that was accrued beyond the day on which the money counts is taken back first, the latest first. */
async function valueDay(tx: Tx, { loanNo, valueDate, postedAt }: Posting): Promise<string> {
  const loan = await lockLoan(tx, loanNo);
  const found = await tx.query<{ day: string }>(
    'select greatest(coalesce($1::date, shanghai_date($2::timestamptz)), $3::date)::text "day"',
    [valueDate ?? null, postedAt, loan.start_date],
  );
  const day = found.rows[0]?.day ?? loan.start_date;
  for (;;) {
    const undone = await tx.query(
      `insert into loan_entry (loan_no, kind, item, amount, value_on, reverses, reason)
       select loan_no, 'REVERSE', item, -amount, value_on, id, 'posted for an earlier day' from loan_entry e
       where loan_no = $1 and kind = 'ACCRUE' and value_on > $2 and not exists (select from loan_entry r where r.reverses = e.id)
       order by value_on desc, id desc limit 1`,
      [loanNo, day],
    );
    if (undone.rowCount === 0) return day;
  }
}

type Allocation = Readonly<Record<(typeof columnOf)[Item], string>>;

/** Where the funder takes more than the hub had accrued, or settles what the hub still shows as owed, the hub follows. */
async function follow(
  tx: Tx,
  loan: LoanRow,
  posting: Posting,
  allocation: Allocation,
  on: string,
  actor: Actor,
): Promise<void> {
  const settles = fenOf(posting.principalBalance) === 0n;
  for (const item of items) {
    if (item === 'PRINCIPAL') continue;
    const difference = fenOf(allocation[columnOf[item]]) - fenOf(loan[columnOf[item]]);
    if (difference === 0n || (difference < 0n && !settles)) continue;
    await enter(tx, loan.no, 'ADJUST', item, difference, on, undefined, `as posted by ${posting.repaymentNo}`);
    const apart = difference < 0n ? -difference : difference;
    // A fee is the funder's own and never in the shadow; a fen is rounding.
    if (posting.valueDate !== undefined && item !== 'FEE' && apart > 1n)
      await openShadowCase(tx, posting.repaymentNo, loan.no, `${item} differs by ${yuanOf(difference)}`, actor);
  }
}

async function enter(
  tx: Tx,
  loanNo: string,
  kind: 'ALLOCATE' | 'ADJUST',
  item: Item,
  fen: bigint,
  on: string,
  repaymentNo?: string,
  reason?: string,
): Promise<void> {
  await tx.query(
    'insert into loan_entry (loan_no, kind, item, amount, value_on, repayment_no, reason) values ($1, $2, $3, $4, $5, $6, $7)',
    [loanNo, kind, item, yuanOf(fen), on, repaymentNo ?? null, reason ?? null],
  );
}

async function afterPosting(tx: Tx, loan: LoanRow, posting: Posting, on: string, actor: Actor): Promise<void> {
  const paid = posting.allocation.principal;
  const limit = await limitOf(tx, loan.application_no);
  if (limit.revolving && fenOf(paid) > 0n)
    await moveLimit(tx, limit.no, 'RESTORE', paid, { repaymentNo: posting.repaymentNo });
  if (fenOf(loan.balance) === 0n) return move(tx, 'loan', loan.no, 'settle', actor);
  const planned = await tx.query<{ owed: string }>(
    `select p.principal - coalesce(sum(i.principal) filter (where i.to_on <= $2), 0) owed
     from (select * from loan_plan where loan_no = $1 order by version desc limit 1) p
     join instalment i on i.loan_no = p.loan_no and i.version = p.version group by p.principal`,
    [loan.no, on],
  );
  // Less is owed than planned: the rest of the plan is for what is left (民法典 677).
  if (fenOf(loan.balance) < fenOf(planned.rows[0]?.owed ?? '0.00') && on < loan.maturity)
    await writePlan(tx, loan.no, `prepaid by ${posting.repaymentNo}`, on);
}
