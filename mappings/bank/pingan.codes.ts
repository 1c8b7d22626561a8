/** Code tables of Ping An B2Bi. What is not in a table is unknown: never a success, never a refusal. */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const source = 'contracts/bank/pingan.wire.ts: public code that talks to the bank, or chosen (as marked)';

/** Return code of the header: whether the request was taken. Says nothing about what becomes of a transfer. */
export const pinganHeads = codeTable('bank.pingan.head', source, {
  '000000': 'taken',
  YQ9996: 'notFound',
  MA0103: 'notFound',
  MA0102: 'duplicate', // Chosen. Taken before under this voucher: which transfer that is, a query tells.
  MA9120: 'SYSTEM_BUSY', // Chosen: after the daily cut-off; not taken.
  YQ9993: 'SYSTEM_REFUSED', // Bad parameters.
  YQ9990: 'SYSTEM_REFUSED', // The account may not do this.
  YQ9988: 'SYSTEM_REFUSED', // The payer's account is not signed up.
  YQ9987: 'SYSTEM_REFUSED',
  YQ9986: 'SYSTEM_REFUSED',
  YQ9985: 'SYSTEM_REFUSED', // Our certificate.
  YQ9984: 'SYSTEM_BUSY', // The transaction is suspended.
  YQ9983: 'SYSTEM_REFUSED', // Our signature.
  YQ9982: 'NAME_MISMATCH', // Name of the payee.
  YQ9981: 'SYSTEM_REFUSED',
  YQ9980: 'SYSTEM_REFUSED',
  YQ9978: 'SYSTEM_REFUSED',
  YQ9977: 'SYSTEM_REFUSED', // Encoding or form of the XML.
  YQ9975: 'SYSTEM_REFUSED',
  YQ9974: 'SYSTEM_REFUSED',
  YQ9971: 'SYSTEM_BUSY', // Too many requests.
  YQ9964: 'SYSTEM_REFUSED',
  YQ9963: 'SYSTEM_REFUSED',
  YQ0000: 'SYSTEM_REFUSED', // No such transaction code.
  AFE004: 'OUTCOME_UNKNOWN', // The front machine lost the answer of the bank behind it.
} satisfies Record<string, FailureCode | 'taken' | 'notFound' | 'duplicate'>);

/** `Stt` of 4005. The bank calls every other value "under way"; here each needs a row. 10 is chosen. */
export const pinganStates = codeTable('bank.pingan.transfer-state', source, {
  '10': 'pending',
  '20': 'succeeded',
  '30': 'failed',
});

export const pinganReturns = codeTable('bank.pingan.returned', source, { '0': 'kept', '1': 'returned' });

export const pinganDirections = codeTable('bank.pingan.direction', source, { D: 'debit', C: 'credit' });

/** `AbstractStr` of a movement; TRS is known, the others are chosen. */
export const pinganAbstracts = codeTable('bank.pingan.abstract', source, {
  TRS: 'payment',
  RTN: 'return',
  FEE: 'fee',
  INT: 'interest',
  OTH: 'other',
});

export const pinganCurrencies = twoWayTable('bank.pingan.currency', source, { RMB: 'CNY' });
