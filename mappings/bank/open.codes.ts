/** Code tables of the open bank API. What is not in a table is unknown: never a success, never a refusal. */
import { Failure, type FailureCode } from '../../contracts/failures.ts';

export const productCodes = { SPOT_PLEDGE: 'SP01' } as const;

/** ISO 4217 numeric, both ways. */
export const currencyCodes: Readonly<Record<string, string>> = { CNY: '156' };

export const verdicts = { '00': 'approved', '01': 'rejected' } as const;
/** Not decided, not posted yet. */
export const underWay = '09';

export const dayCounts = { A360: 'ACT/360', A365: 'ACT/365' } as const;

export const settlements = { S: 'succeeded', F: 'failed', B: 'returned' } as const;
export const inProcess = 'P';

export const postings = { '00': 'posted', '01': 'sentBack' } as const;

export const registrations = { A: 'registered', P: 'pending', R: 'refused' } as const;

export const noticeTypes = {
  CREDIT_DECISION: 'creditDecided',
  PAYMENT_RESULT: 'disbursementSettled',
  REPAYMENT_POSTED: 'repaymentPosted',
  RELEASE_DECISION: 'releaseDecided',
} as const;

/** Code of the answer → what it means for us. `1103` may be the echo of a request that a proxy sent twice: the first may have been taken. */
export const refusals = {
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
} as const satisfies Record<string, FailureCode>;

export const success = '0000';
export const notFound = '4040';

/** The entry of a table. @throws Failure EXT_CODE_UNMAPPED when there is none */
export function mapped<T extends Readonly<Record<string, string>>>(table: T, code: string, what: string): T[keyof T] {
  if (!Object.hasOwn(table, code))
    throw new Failure('EXT_CODE_UNMAPPED', { detail: `${what} has no mapping`, externalCode: code });
  return table[code as keyof T];
}

/** What a no of the bank is for us; a code that we do not know may mean anything. */
export function refusalOf(code: string, message: string): Failure {
  const type = Object.hasOwn(refusals, code) ? refusals[code as keyof typeof refusals] : 'EXT_CODE_UNMAPPED';
  return new Failure(type, {
    detail: `${code} ${message.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200)}`,
    externalCode: code,
  });
}
