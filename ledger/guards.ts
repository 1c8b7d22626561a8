/**
 * What must be true at the moment of an instruction: evaluated in the transaction that commits it, under locks on what
 * it depends on, not when the case was approved.
 */
import { Failure, type FailureCode } from '../contracts/failures.ts';
import type { Tx } from './lifecycle.ts';
import { disbursementRules, type DisbursementRule } from './money/refusals.ts';

interface Guard {
  readonly code: FailureCode;
  /** What is not so when the guard refuses. */
  readonly detail: string;
  /** Returns a row when all is well. `$1` application, `$2` payee account, `$3` amount. */
  readonly sql: string;
}

/** What each rule of a disbursement says when it refuses; the rules themselves are in the database (`disbursement_may`). */
const refusedBecause: Readonly<Record<DisbursementRule, string>> = {
  borrower_active: 'the borrower is not a verified, active party that may draw',
  borrower_not_overdue: 'the borrower is overdue',
  consent_given: 'the borrower has not consented to share its data with this funder',
  contracts_signed: 'the contracts are not signed and verified',
  payee_mandated: 'the payee is not the account of the signed mandate, or that account is not verified',
  payee_not_cooling: 'the account of the payee was changed a short time ago',
  limit_reserved: 'the reserved limit does not cover the amount',
  limit_not_frozen: 'the limit is frozen or has ended',
  amount_approved: 'the amount is above what was approved, or the offer has expired',
  order_covers: 'the amount is above what is still to be paid for the order',
  asset_locked: 'the asset is not locked for this application',
  pledge_registered: 'the security is not registered',
  pledge_effective: 'the pledge is not effective',
  price_fresh: 'there is no market price of the pledged goods of the last business day',
  stock_feed_fresh: 'the warehouse has not reported its stock in time',
  goods_cover: 'the amount is above the value of the goods times the pledge rate',
  no_margin_call: 'a margin call on the goods is open',
  books_reconciled: 'what was reconciled with this funder is not signed off for two days',
};

/**
 * Asks every rule of a disbursement before there is an instruction, and takes the locks that its triggers take: limit,
 * application, pledge. The triggers of the payment ask the same again, whoever writes it.
 * @throws Failure with the code of the first rule that does not hold
 */
export async function guardDisbursement(
  tx: Tx,
  applicationNo: string,
  payeeAccount: string,
  amount: string,
  purpose: 'DISBURSE' | 'DISBURSE_SELF' = 'DISBURSE',
): Promise<void> {
  for (const rule of Object.keys(disbursementRules) as DisbursementRule[]) {
    const held = await tx.query<{ may: boolean }>('select disbursement_may($1, $2, $3, $4, $5) may', [
      rule,
      applicationNo,
      payeeAccount,
      amount,
      purpose,
    ]);
    if (held.rows[0]?.may !== true) throw new Failure(disbursementRules[rule], { detail: refusedBecause[rule] });
  }
}

/**
 * Nothing of a financing may be taken back while money may be on its way or out: the compensation then stops, and people
 * decide. Takes the locks of `guardDisbursement`, in its order, so that one of the two waits for the other.
 * @throws Failure PAYMENT_UNKNOWN_PENDING
 */
export async function guardUnfunded(tx: Tx, applicationNo: string): Promise<void> {
  await tx.query(
    "select from credit_limit where no in (select limit_no from limit_movement where application_no = $1 and kind = 'RESERVE') for update",
    [applicationNo],
  );
  await tx.query('select from application where no = $1 for update', [applicationNo]);
  const paid = await tx.query<{ no: string; state: string }>(
    `select no, state from payment where application_no = $1 and is_disbursement(purpose) and state not in ('FAILED', 'RETURNED')`,
    [applicationNo],
  );
  const payment = paid.rows[0];
  if (payment)
    throw new Failure('PAYMENT_UNKNOWN_PENDING', {
      detail: `disbursement ${payment.no} is ${payment.state}: what secures it is not given back`,
    });
}

const release: readonly Guard[] = [
  {
    code: 'REPAYMENT_NOT_POSTED',
    detail: 'what this release rests on is not posted, or not registered', // I-13
    sql: `select from release_order o left join repayment r on r.no = o.repayment_no left join pledge_change c on c.no = o.change_no
          where o.no = $1 and case o.ground when 'REPAYMENT' then r.state = 'POSTED' when 'SUBSTITUTION' then c.state in ('REGISTERED', 'DONE') else true end`,
  },
  {
    code: 'ILLEGAL_TRANSITION',
    detail: 'the funder has not approved the release, or its token has expired', // I-15
    sql: `select from release_order where no = $1 and state = 'APPROVED' and valid_to > hub_now() for update`,
  },
  {
    code: 'LOAN_OVERDUE',
    detail: 'the loan is overdue: what secures it stays', // F11 2
    sql: `select from release_order o join pledge p on p.no = o.pledge_no
          where o.no = $1 and not exists (select from loan l where l.application_no = p.application_no and l.state in ('OVERDUE', 'DEFAULTED', 'DISPOSING'))`,
  },
];

/** @throws Failure with the code of the first guard that does not hold */
export async function guardRelease(tx: Tx, releaseNo: string): Promise<void> {
  await check(tx, release, [releaseNo]);
  // I-14: what stays pledged must carry what is still owed, at today's prices. The database asks again at commit.
  const uncovered = await tx.query<{ why: FailureCode | null }>(
    'select pledge_uncovered(pledge_no) why from release_order where no = $1',
    [releaseNo],
  );
  const why = uncovered.rows[0]?.why;
  if (why) throw new Failure(why, { detail: 'what stays pledged would not carry what is still owed' });
}

async function check(tx: Tx, guards: readonly Guard[], values: readonly string[]): Promise<void> {
  for (const guard of guards) {
    const used = values.slice(0, Math.max(...[...guard.sql.matchAll(/\$(\d)/g)].map((match) => Number(match[1]))));
    // Parameters that a guard does not name would have no type.
    const named = used.map((_, i) => guard.sql.includes(`$${i + 1}`));
    const numbered = guard.sql.replaceAll(
      /\$(\d)/g,
      (_, no: string) => `$${named.slice(0, Number(no)).filter(Boolean).length}`,
    );
    const held = await tx.query(
      numbered,
      used.filter((_, i) => named[i]),
    );
    if (held.rowCount === 0) throw new Failure(guard.code, { detail: guard.detail });
  }
}
