/** Code tables of the 外联平台 of China Construction Bank. What is not in a table is unknown: never a success, never a refusal. */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const source = 'contracts/bank/ccb.wire.ts: public code that talks to the bank, or chosen (with an X, or as marked)';

/** `RETURN_CODE`: whether the request was taken. Those with an X are chosen. */
export const ccbReturns = codeTable('bank.ccb.return', source, {
  '000000': 'taken',
  '0130Z0100001': 'OUTCOME_UNKNOWN', // Busy, or the connection behind it timed out: it may have been done.
  '0130Z0100002': 'OUTCOME_UNKNOWN', // The other bank, likewise.
  '0130Z0100004': 'SYSTEM_REFUSED', // Password.
  '0130Z0100005': 'NAME_MISMATCH',
  '0130Z1101001': 'SYSTEM_REFUSED', // Incomplete.
  '0130Z1101002': 'SYSTEM_REFUSED', // Form or range of a field.
  '0130Z1101003': 'SYSTEM_REFUSED', // Form or length of a field.
  '0130Z1101004': 'SYSTEM_REFUSED', // The account may not do this.
  '0130Z1101007': 'SYSTEM_REFUSED', // State of the account.
  X130Z0000001: 'notFound',
  X130Z0000002: 'duplicate', // Taken before under this number: which transfer that is, a query tells.
  X130Z0000003: 'SYSTEM_BUSY', // After the daily cut-off; not taken.
} satisfies Record<string, FailureCode | 'taken' | 'notFound' | 'duplicate'>);

/** `DEAL_TYPE` of a transfer. 9: not certain yet, 6W0600 tells. 4 and A as one public program reads them. */
export const ccbDealTypes = codeTable('bank.ccb.deal-type', source, {
  '4': 'taken',
  '9': 'taken',
  A: 'SYSTEM_REFUSED',
} satisfies Record<string, FailureCode | 'taken'>);

/**
 * `DEAL_RESULT` of 6W0600, to be confirmed with the bank. One public program takes 2 and 3 for success too; here they have
 * no row, because money that is taken for paid and is not would be the worse mistake.
 */
export const ccbResults = codeTable('bank.ccb.result', source, {
  '4': 'succeeded',
  '5': 'failed',
  '9': 'pending',
});

/** `FLAG1` of a movement: 0 借 out, 1 贷 in. */
export const ccbDirections = codeTable('bank.ccb.direction', source, { '0': 'debit', '1': 'credit' });

/** `FLAG2` of a movement; what it says is chosen. */
export const ccbEntries = codeTable('bank.ccb.entry', source, {
  '0': 'payment',
  '1': 'return',
  '2': 'fee',
  '3': 'interest',
  '4': 'other',
});

export const ccbCurrencies = twoWayTable('bank.ccb.currency', source, { '01': 'CNY' });
