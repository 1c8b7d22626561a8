/** Code tables of the open bank API. What is not in a table is unknown: never a success, never a refusal. */
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

/** The API is the hub's own proposal to banks: its codes stand in the adapter's README. */
const source = 'adapters/bank/README.md';

export const productCodes = twoWayTable('bank.open.product', source, {
  SP01: 'SPOT_PLEDGE',
  CR01: 'CREDIT',
  FG01: 'FUTURE_GOODS',
});

/** By ISO 4217 number: what this bank lends in. */
export const currencyCodes = twoWayTable('bank.open.currency', source, { '156': 'CNY' });

export const verdicts = codeTable('bank.open.verdict', source, { '00': 'approved', '01': 'rejected' });
/** Not decided, not posted yet. */
export const underWay = '09';

export const dayCounts = codeTable('bank.open.day-count', source, { A360: 'ACT/360', A365: 'ACT/365' });

export const settlements = codeTable('bank.open.settlement', source, { S: 'succeeded', F: 'failed', B: 'returned' });
export const inProcess = 'P';

export const postings = codeTable('bank.open.posting', source, { '00': 'posted', '01': 'sentBack' });

export const registrations = codeTable('bank.open.registration', source, {
  A: 'registered',
  P: 'pending',
  R: 'refused',
});

export const noticeTypes = codeTable('bank.open.notice', source, {
  CREDIT_DECISION: 'creditDecided',
  PAYMENT_RESULT: 'disbursementSettled',
  REPAYMENT_POSTED: 'repaymentPosted',
  RELEASE_DECISION: 'releaseDecided',
  FEEDBACK_RESULT: 'feedbackChecked',
});

/** Code of the answer → what it means for us. `1103` may be the echo of a request that a proxy sent twice: the first may have been taken. */
export const refusals = codeTable('bank.open.refusal', source, {
  '1001': 'SYSTEM_REFUSED',
  '1002': 'SYSTEM_REFUSED',
  '1003': 'SYSTEM_REFUSED',
  '1101': 'SYSTEM_REFUSED',
  '1102': 'SYSTEM_BUSY',
  '1103': 'OUTCOME_UNKNOWN',
  '1104': 'SYSTEM_REFUSED',
  '2001': 'FUNDER_INFLIGHT_EXISTS',
  '2002': 'IDEMPOTENCY_CONFLICT',
  '2003': 'SYSTEM_REFUSED',
  '2004': 'DEADLINE_PASSED',
  '2005': 'LIMIT_INSUFFICIENT',
  '2006': 'PAYEE_NOT_MANDATED',
  '2007': 'CONTROL_NOT_PROVEN',
  '2008': 'LIMIT_FROZEN',
  '2009': 'ILLEGAL_TRANSITION',
  '2010': 'LTV_EXCEEDED',
  '2011': 'SYSTEM_REFUSED',
  '4040': 'NOT_FOUND',
  '5000': 'OUTCOME_UNKNOWN',
  '5003': 'SYSTEM_BUSY',
} satisfies Record<string, FailureCode>);

export const success = '0000';
export const notFound = '4040';

/** What a no of the bank is for us; a code that we do not know may mean anything. */
export function refusalOf(code: string, message: string): Failure {
  return new Failure(refusals.find(code) ?? 'EXT_CODE_UNMAPPED', {
    detail: `${code} ${message.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200)}`,
    externalCode: code,
  });
}
