/**
 * Life cycles of this area: limits, payments, loans, repayments, reconciliation. Who speaks: the codes of domain.md 0.1.
 * Nothing leads out of UNKNOWN but the counterparty's word (I-10).
 */
import type { Keys, Lifecycles } from '../lifecycleKinds.ts';

export const moneyKeys = {
  credit_limit: 'no',
  payment: 'no',
  loan: 'no',
  repayment: 'no',
  recon_run: 'no',
  recon_case: 'no',
} as const satisfies Keys;

export const moneyLifecycles = {
  credit_limit: [
    ['', 'apply', 'APPLIED', 'CUST UNIT'],
    ['', 'grant', 'ACTIVE', 'FND'], // With the approval of one application.
    ['APPLIED', 'review', 'UNDER_REVIEW', 'FND'],
    ['UNDER_REVIEW', 'approve', 'APPROVED', 'FND'],
    ['UNDER_REVIEW', 'reject', 'REJECTED', 'FND'],
    ['APPROVED', 'activate', 'ACTIVE', 'FND'],
    ['ACTIVE', 'freeze', 'FROZEN', 'FND SYS'],
    ['REDUCED', 'freeze', 'FROZEN', 'FND SYS'],
    ['FROZEN', 'unfreeze', 'ACTIVE', 'FND'],
    ['ACTIVE', 'reduce', 'REDUCED', 'FND'],
    ['REDUCED', 'reduce', 'REDUCED', 'FND'],
    ['REDUCED', 'raise', 'ACTIVE', 'FND'],
    ['ACTIVE', 'expire', 'EXPIRED', 'SYS'],
    ['REDUCED', 'expire', 'EXPIRED', 'SYS'],
    ['FROZEN', 'expire', 'EXPIRED', 'SYS'],
    ['ACTIVE', 'cancel', 'CANCELLED', 'FND'],
    ['REDUCED', 'cancel', 'CANCELLED', 'FND'],
    ['FROZEN', 'cancel', 'CANCELLED', 'FND'],
  ],
  payment: [
    ['', 'create', 'CREATED', 'SYS'],
    ['CREATED', 'approve', 'APPROVED', 'FND OPS', 'fourEyes'],
    ['CREATED', 'fail', 'FAILED', 'SYS FND OPS'], // Never sent.
    ['APPROVED', 'submit', 'SUBMITTING', 'SYS'],
    ['APPROVED', 'fail', 'FAILED', 'SYS FND OPS'],
    ['', 'instruct', 'SUBMITTING', 'SYS'], // Asks whoever decides by his own people; the database says for which purposes.
    ['SUBMITTING', 'accept', 'ACCEPTED', 'PAY FND'],
    ['SUBMITTING', 'succeed', 'SUCCEEDED', 'PAY FND'],
    ['SUBMITTING', 'fail', 'FAILED', 'PAY FND'],
    ['SUBMITTING', 'lose', 'UNKNOWN', 'SYS PAY FND'],
    ['ACCEPTED', 'succeed', 'SUCCEEDED', 'PAY FND'],
    ['ACCEPTED', 'fail', 'FAILED', 'PAY FND'],
    ['ACCEPTED', 'lose', 'UNKNOWN', 'SYS PAY FND'],
    ['UNKNOWN', 'succeed', 'SUCCEEDED', 'PAY FND'],
    ['UNKNOWN', 'fail', 'FAILED', 'PAY FND'],
    ['SUCCEEDED', 'return', 'RETURNED', 'PAY FND'],
  ],
  loan: [
    ['', 'open', 'PENDING', 'FND'],
    ['PENDING', 'disburse', 'DISBURSING', 'FND'],
    ['PENDING', 'fail', 'FAILED', 'FND'],
    ['DISBURSING', 'lose', 'UNKNOWN', 'SYS'],
    ['DISBURSING', 'activate', 'ACTIVE', 'FND'],
    ['DISBURSING', 'fail', 'FAILED', 'FND'],
    ['UNKNOWN', 'activate', 'ACTIVE', 'FND'],
    ['UNKNOWN', 'fail', 'FAILED', 'FND'],
    ['', 'activate', 'ACTIVE', 'FND'], // First heard of when the money had arrived.
    ['ACTIVE', 'reverse', 'REVERSED', 'FND'],
    ['ACTIVE', 'fallDue', 'DUE', 'SYS FND'],
    ['ACTIVE', 'lapse', 'OVERDUE', 'FND SYS'],
    ['ACTIVE', 'extend', 'EXTENDED', 'FND'],
    ['ACTIVE', 'settle', 'SETTLED', 'FND'],
    ['DUE', 'meet', 'ACTIVE', 'FND'],
    ['DUE', 'lapse', 'OVERDUE', 'SYS FND'],
    ['DUE', 'extend', 'EXTENDED', 'FND'],
    ['DUE', 'settle', 'SETTLED', 'FND'],
    ['EXTENDED', 'fallDue', 'DUE', 'SYS FND'],
    ['EXTENDED', 'lapse', 'OVERDUE', 'SYS FND'],
    ['EXTENDED', 'settle', 'SETTLED', 'FND'],
    ['OVERDUE', 'cure', 'ACTIVE', 'FND'],
    ['OVERDUE', 'default', 'DEFAULTED', 'FND'],
    ['OVERDUE', 'settle', 'SETTLED', 'FND'],
    ['DEFAULTED', 'dispose', 'DISPOSING', 'FND'],
    ['DISPOSING', 'settle', 'SETTLED', 'FND'],
    ['DISPOSING', 'writeOff', 'WRITTEN_OFF', 'FND'],
    ['SETTLED', 'reopen', 'ACTIVE', 'FND'], // A posted repayment was reversed (F7).
  ],
  repayment: [
    ['', 'notify', 'NOTIFIED', 'CUST PAY'],
    ['NOTIFIED', 'match', 'MATCHED', 'PAY'],
    ['NOTIFIED', 'fail', 'FAILED', 'PAY'],
    ['MATCHED', 'post', 'POSTED', 'FND'],
    ['POSTED', 'reverse', 'REVERSED', 'FND'],
  ],
  recon_run: [
    ['', 'receive', 'RECEIVED', 'SYS OPS'],
    ['RECEIVED', 'park', 'PARKED', 'SYS'], // Its guards failed: nothing of it was applied.
    ['RECEIVED', 'compare', 'COMPARED', 'SYS'],
    ['COMPARED', 'signOff', 'SIGNED_OFF', 'OPS', 'fourEyes'],
    ['PARKED', 'discard', 'VOID', 'OPS'],
    ['COMPARED', 'replace', 'VOID', 'SYS'], // By a file that its sender issued again.
  ],
  recon_case: [
    ['', 'open', 'OPEN', 'SYS'],
    ['OPEN', 'investigate', 'INVESTIGATING', 'OPS FND'],
    ['INVESTIGATING', 'adjust', 'RESOLVED', 'OPS FND'], // By a compensating command, which is named.
    ['INVESTIGATING', 'accept', 'RESOLVED', 'OPS', 'fourEyes'],
    ['RESOLVED', 'reopen', 'INVESTIGATING', 'OPS FND'],
    ['RESOLVED', 'close', 'CLOSED', 'OPS'],
  ],
} as const satisfies Lifecycles<typeof moneyKeys>;
