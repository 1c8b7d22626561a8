/**
 * What must be true at the moment of an instruction: evaluated in the transaction that commits it, under locks on what
 * it depends on, not when the case was approved.
 */
import { Failure, type FailureCode } from '../contracts/failures.ts';
import type { Tx } from './lifecycle.ts';

interface Guard {
  readonly code: FailureCode;
  /** What is not so when the guard refuses. */
  readonly detail: string;
  /** Returns a row when all is well. `$1` application, `$2` payee account, `$3` amount. */
  readonly sql: string;
}

/** The six guards of domain.md 0.8 and what belongs to them. */
const disbursement: readonly Guard[] = [
  {
    code: 'PARTY_NOT_VERIFIED',
    detail: 'the borrower is not a verified, active party', // I-12
    sql: `select from application a join party p on p.id = a.borrower_id where a.no = $1 and p.state = 'ACTIVE' for share of p`,
  },
  {
    code: 'CONSENT_MISSING',
    detail: 'the borrower has not consented to share its data with this funder', // I-28
    sql: `select from application a join party f on f.id = a.funder_id join consent c on c.party_id = a.borrower_id and c.recipient = f.legal_name where a.no = $1`,
  },
  {
    code: 'SIGNATURES_INCOMPLETE',
    detail: 'the contracts are not signed and verified', // I-07
    sql: `select from envelope where application_no = $1 and state = 'COMPLETED'`,
  },
  {
    code: 'PAYEE_NOT_MANDATED',
    detail: 'the payee is not the account of the signed mandate, or that account is not verified', // I-08
    sql: `select from envelope e join application a on a.no = e.application_no join bank_account b on b.account_no = e.mandate_payee
          where e.application_no = $1 and e.state = 'COMPLETED' and e.mandate_payee = $2 and a.payee_account = $2 and b.state = 'VERIFIED'`,
  },
  {
    code: 'LIMIT_INSUFFICIENT',
    detail: 'the reserved limit does not cover the amount', // I-04
    sql: `select from credit_limit where no = $1 and reserved >= $3 for update`,
  },
  {
    code: 'LIMIT_INSUFFICIENT',
    detail: 'the amount is above what was approved, or the offer has expired', // I-09
    sql: `select from application where no = $1 and state = 'READY_TO_DISBURSE' and approved_amount >= $3 and valid_to > hub_now() for update`,
  },
  {
    code: 'ASSET_ALREADY_LOCKED',
    detail: 'the asset is not locked for this application', // I-05
    sql: `select from asset_lock where application_no = $1 and released_at is null`,
  },
  {
    code: 'REGISTRATION_MISSING',
    detail: 'the pledge is not registered', // I-06
    sql: `select from registration r join pledge p on p.no = r.pledge_no where p.application_no = $1 and r.state in ('REGISTERED', 'AMENDED') and r.expires_at > hub_now()`,
  },
  {
    code: 'CONTROL_NOT_PROVEN',
    detail: 'the pledge is not effective', // I-16
    sql: `select from pledge where application_no = $1 and state = 'EFFECTIVE' for share`,
  },
  {
    code: 'PRICE_STALE',
    detail: 'a price of the pledged goods is older than three days', // I-12
    sql: `select from pledge p where p.application_no = $1 and not exists (
            select from pledge_item i where i.pledge_no = p.no and not i.closed and i.price_at < hub_now() - interval '3 days')`,
  },
  {
    code: 'LTV_EXCEEDED',
    detail: 'the amount is above the value of the goods times the pledge rate', // I-14
    sql: `select from pledge p where p.application_no = $1 and $3::numeric <= (
            select sum((i.quantity - i.released) * i.price) * p.pledge_rate from pledge_item i where i.pledge_no = p.no and not i.closed)`,
  },
];

/** @throws Failure with the code of the first guard that does not hold */
export async function guardDisbursement(
  tx: Tx,
  applicationNo: string,
  payeeAccount: string,
  amount: string,
): Promise<void> {
  await check(tx, disbursement, [applicationNo, payeeAccount, amount]);
}

/**
 * Nothing of a financing may be taken back while money may be on its way or out: the compensation then stops, and people
 * decide. Takes the locks of `guardDisbursement`, in its order, so that one of the two waits for the other.
 * @throws Failure PAYMENT_UNKNOWN_PENDING
 */
export async function guardUnfunded(tx: Tx, applicationNo: string): Promise<void> {
  await tx.query('select from credit_limit where no = $1 for update', [applicationNo]);
  await tx.query('select from application where no = $1 for update', [applicationNo]);
  const paid = await tx.query<{ no: string; state: string }>(
    `select no, state from payment where application_no = $1 and purpose = 'DISBURSE' and state not in ('FAILED', 'RETURNED')`,
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
    detail: 'the repayment of this release is not posted', // I-13
    sql: `select from release_order o join repayment r on r.no = o.repayment_no where o.no = $1 and r.state = 'POSTED'`,
  },
  {
    code: 'ILLEGAL_TRANSITION',
    detail: 'the funder has not approved the release, or its token has expired', // I-15
    sql: `select from release_order where no = $1 and state = 'APPROVED' and valid_to > hub_now() for update`,
  },
  {
    code: 'LTV_EXCEEDED',
    detail: 'what stays pledged would not cover what is still owed', // I-14
    sql: `select from release_order o join pledge p on p.no = o.pledge_no join loan l on l.application_no = p.application_no
          where o.no = $1 and l.balance <= p.pledge_rate * coalesce(
            (select sum((i.quantity - i.released) * i.price) from pledge_item i where i.pledge_no = p.no and not i.closed), 0)`,
  },
];

/** @throws Failure with the code of the first guard that does not hold */
export async function guardRelease(tx: Tx, releaseNo: string): Promise<void> {
  await check(tx, release, [releaseNo]);
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
