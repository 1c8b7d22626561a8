/** Money instructions (支付指令), loans (借据) and repayments (还款). The hub instructs and records; it never holds money. */
import { begin, move, type Actor, type Tx } from './lifecycle.ts';
import { moveLimit } from './applications.ts';

export async function instructPayment(
  tx: Tx,
  payment: {
    no: string;
    purpose: 'DISBURSE' | 'REPAY';
    applicationNo: string;
    payer?: string;
    payee: string;
    amount: string;
    currency: string;
  },
  actor: Actor,
): Promise<void> {
  await tx.query(
    `insert into payment (no, purpose, application_no, payer_account, payee_account, amount, currency, state) values ($1, $2, $3, $4, $5, $6, $7, 'SUBMITTING')`,
    [
      payment.no,
      payment.purpose,
      payment.applicationNo,
      payment.payer ?? null,
      payment.payee,
      payment.amount,
      payment.currency,
    ],
  );
  await begin(tx, 'payment', payment.no, 'instruct', actor);
}

/**
 * The payment did not reach the payee for good, says the counterparty: from unknown nothing fails. Only a payment that this
 * actor instructed: when its guards refused it there is none, and one of the same number is somebody else's.
 */
export async function failPayment(tx: Tx, no: string, outcome: 'failed' | 'returned', actor: Actor): Promise<void> {
  if (!(await isOwn(tx, no, actor))) return;
  if (outcome === 'failed') return move(tx, 'payment', no, 'fail', actor);
  await move(tx, 'payment', no, 'succeed', actor);
  await move(tx, 'payment', no, 'return', actor);
}

/** The money arrived: the loan begins, the limit is used, the application is done. Only the funder's word does this. */
export async function activateLoan(
  tx: Tx,
  loan: {
    no: string;
    applicationNo: string;
    paymentNo: string;
    serialNo: string | undefined;
    settledAt: string;
    startDate: string;
    maturity: string;
    rate: string;
  },
  actor: Actor,
): Promise<void> {
  await move(tx, 'payment', loan.paymentNo, 'succeed', actor, {
    serial_no: loan.serialNo ?? null,
    settled_at: loan.settledAt,
  });
  await tx.query(
    `insert into loan (no, application_no, payment_no, principal, balance, rate, day_count, start_date, maturity, state)
     select $1, a.no, p.no, p.amount, p.amount, $4, a.day_count, $5, $6, 'ACTIVE' from application a, payment p where a.no = $2 and p.no = $3`,
    [loan.no, loan.applicationNo, loan.paymentNo, loan.rate, loan.startDate, loan.maturity],
  );
  await begin(tx, 'loan', loan.no, 'activate', actor);
  const amount = await tx.query<{ amount: string }>('select amount from payment where no = $1', [loan.paymentNo]);
  await moveLimit(tx, loan.applicationNo, 'CONSUME', amount.rows[0]?.amount ?? '0');
  await move(tx, 'application', loan.applicationNo, 'disburse', actor);
}

export async function notifyRepayment(
  tx: Tx,
  repayment: { no: string; loanNo: string; paymentNo: string; amount: string },
  actor: Actor,
): Promise<void> {
  await tx.query("insert into repayment (no, loan_no, payment_no, amount, state) values ($1, $2, $3, $4, 'NOTIFIED')", [
    repayment.no,
    repayment.loanNo,
    repayment.paymentNo,
    repayment.amount,
  ]);
  await begin(tx, 'repayment', repayment.no, 'notify', actor);
}

/** The collection did not come about: neither its payment nor the repayment that it was for. They share their number. */
export async function failRepayment(tx: Tx, no: string, outcome: 'failed' | 'returned', actor: Actor): Promise<void> {
  if (!(await isOwn(tx, no, actor))) return;
  await failPayment(tx, no, outcome, actor);
  await move(tx, 'repayment', no, 'fail', actor);
}

/** The funder posted it: only now does it count for a release (I-13). */
export async function postRepayment(
  tx: Tx,
  posting: {
    repaymentNo: string;
    loanNo: string;
    postingNo: string;
    postedAt: string;
    allocation: { fee: string; penalty: string; interest: string; principal: string };
    principalBalance: string;
  },
  actor: Actor,
): Promise<void> {
  const { fee, penalty, interest, principal } = posting.allocation;
  await move(tx, 'repayment', posting.repaymentNo, 'post', actor, {
    posting_no: posting.postingNo,
    posted_at: posting.postedAt,
    fee,
    penalty,
    interest,
    principal,
  });
  await tx.query('update loan set balance = balance - $2 where no = $1', [posting.loanNo, principal]);
  // The funder's figure stands; one that disagrees with ours is refused here and goes to people (domain.md 0.2).
  const agrees = await tx.query('select 1 from loan where no = $1 and balance = $2', [
    posting.loanNo,
    posting.principalBalance,
  ]);
  if (agrees.rowCount !== 1)
    throw new Error(
      `loan ${posting.loanNo}: the funder posts a balance of ${posting.principalBalance}, the books differ`,
    );
  if (/^0(\.0+)?$/.test(posting.principalBalance)) await move(tx, 'loan', posting.loanNo, 'settle', actor);
}

async function isOwn(tx: Tx, paymentNo: string, actor: Actor): Promise<boolean> {
  const found = await tx.query(
    "select 1 from history where entity = 'payment' and entity_id = $1 and event = 'instruct' and actor = $2",
    [paymentNo, actor],
  );
  return found.rowCount !== 0;
}
