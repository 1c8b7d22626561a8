/** Code tables of ISO 20022. What is not in a table is unknown: never a success, never a refusal. */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const source = (set: string): string => `ISO 20022 external code sets, ${set}`;

/** `TxSts`, `PmtInfSts`, `GrpSts`. `ACSC` says that the payer's account was debited, `ACCC` that the payee's was credited. */
export const statuses = codeTable(
  'bank.iso20022.status',
  source('ExternalPaymentTransactionStatus1Code and ExternalPaymentGroupStatus1Code'),
  {
    RCVD: 'underWay',
    PDNG: 'underWay',
    PATC: 'underWay',
    ACTC: 'taken',
    ACCP: 'taken',
    ACFC: 'taken',
    ACSP: 'taken',
    ACWC: 'taken',
    ACWP: 'taken',
    ACSC: 'settled',
    ACCC: 'settled',
    RJCT: 'refused',
    CANC: 'refused',
    /** Of a group: what became of each stands further down. */
    PART: 'inParts',
  },
);

/** Why something was refused. `AM05` and `DU*` say that it came before: about what came before they say nothing. */
export const reasons = codeTable('bank.iso20022.reason', source('ExternalStatusReason1Code'), {
  AC01: 'SYSTEM_REFUSED',
  AC02: 'SYSTEM_REFUSED',
  AC03: 'SYSTEM_REFUSED',
  AC04: 'SYSTEM_REFUSED',
  AC06: 'SYSTEM_REFUSED',
  AG01: 'SYSTEM_REFUSED',
  AG02: 'SYSTEM_REFUSED',
  AM01: 'SYSTEM_REFUSED',
  AM02: 'LIMIT_INSUFFICIENT',
  AM03: 'SYSTEM_REFUSED',
  AM04: 'LIMIT_INSUFFICIENT',
  AM05: 'duplicate',
  AM09: 'SYSTEM_REFUSED',
  AM10: 'SYSTEM_REFUSED',
  BE01: 'NAME_MISMATCH',
  BE04: 'SYSTEM_REFUSED',
  CUST: 'SYSTEM_REFUSED',
  DT01: 'SYSTEM_REFUSED',
  DU01: 'duplicate',
  DU03: 'duplicate',
  DU04: 'duplicate',
  FF01: 'SYSTEM_REFUSED',
  MS02: 'SYSTEM_REFUSED',
  MS03: 'SYSTEM_REFUSED',
  NARR: 'SYSTEM_REFUSED',
  RC01: 'SYSTEM_REFUSED',
  RR04: 'SYSTEM_REFUSED',
  TM01: 'DEADLINE_PASSED',
} satisfies Record<string, FailureCode | 'duplicate'>);

/** `BkTxCd`: domain, family, subfamily. */
export const entries = codeTable('bank.iso20022.entry', source('Bank Transaction Code'), {
  'PMNT/ICDT/DMCT': 'payment',
  'PMNT/ICDT/BOOK': 'payment',
  'PMNT/ICDT/ESCT': 'payment',
  'PMNT/RCDT/DMCT': 'payment',
  'PMNT/RCDT/BOOK': 'payment',
  'PMNT/RCDT/ESCT': 'payment',
  'PMNT/ICDT/RRTN': 'return',
  'PMNT/RCDT/RRTN': 'return',
  'PMNT/ICDT/CHRG': 'fee',
  'ACMT/MDOP/CHRG': 'fee',
  'ACMT/MDOP/INTR': 'interest',
  'PMNT/MDOP/INTR': 'interest',
  'ACMT/OPCL/OTHR': 'other',
  'XTND/NTAV/NTAV': 'other',
});

/** `Bal/Tp`: the two that are told on; the others are neither. */
export const balances = codeTable('bank.iso20022.balance', source('ExternalBalanceType1Code'), {
  OPBD: 'opening',
  PRCD: 'opening',
  CLBD: 'closing',
  OPAV: 'neither',
  CLAV: 'neither',
  FWAV: 'neither',
  ITAV: 'neither',
  ITBD: 'neither',
  INFO: 'neither',
});

/** `Sts` of an entry: only what is booked has moved. */
export const entryStates = codeTable('bank.iso20022.entry-state', source('ExternalEntryStatus1Code'), {
  BOOK: 'booked',
  PDNG: 'notBooked',
  INFO: 'notBooked',
  FUTR: 'notBooked',
});

/** What this bank pays in: two decimals, exactly. */
export const currencies = twoWayTable('bank.iso20022.currency', 'ISO 4217; what is paid in, by agreement', {
  CNY: 'CNY',
});
