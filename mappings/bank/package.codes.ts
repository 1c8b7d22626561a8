/** Code tables of data packages. What is not in a table is unknown: never a success, never a refusal. */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

/** The format is the hub's own proposal to funders that have only a folder. */
const source = 'docs/partners/bank-package.md';

/**
 * Code of a receipt, for the package and for each file in it. `again`: what arrived is not what was sent, nothing was registered, and
 * the same content may come again under the next sequence. `duplicate` says nothing about the first one, so neither do we.
 */
export const receipts = codeTable('bank.package.receipt', source, {
  '00': 'taken',
  '11': 'again',
  '12': 'SYSTEM_REFUSED',
  '13': 'SYSTEM_REFUSED',
  '14': 'again',
  '15': 'duplicate',
  '16': 'again',
  '17': 'SYSTEM_REFUSED',
  '18': 'SYSTEM_REFUSED',
  '21': 'FUNDER_INFLIGHT_EXISTS',
  '22': 'IDEMPOTENCY_CONFLICT',
  '23': 'SYSTEM_REFUSED',
  '24': 'ILLEGAL_TRANSITION',
  '25': 'SYSTEM_REFUSED',
} satisfies Record<string, FailureCode | 'taken' | 'again' | 'duplicate'>);

/** Whether the same content may go out again under the next sequence. */
export function isAgain(code: string): boolean {
  return receipts.find(code) === 'again';
}

export const verdicts = codeTable('bank.package.verdict', source, { '1': 'approved', '2': 'rejected' });
export const postings = codeTable('bank.package.posting', source, { '1': 'posted', '2': 'sentBack' });
export const dayCounts = codeTable('bank.package.day-count', source, { '01': 'ACT/360', '02': 'ACT/365' });
export const products = twoWayTable('bank.package.product', source, { XHZY: 'SPOT_PLEDGE' });
export const currencies = twoWayTable('bank.package.currency', source, { '01': 'CNY' });
