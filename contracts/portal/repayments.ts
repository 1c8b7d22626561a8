/** What a funder tells of the money that comes in for its loans, and of what it takes back (F7). */
import { Type } from 'typebox';
import { AccountNo, BusinessDate, CompanyName, Currency, ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

/** A credit on the funder's repayment account that the hub did not order (来账): paid by the borrower himself, or by somebody for him. */
export const BankEntry = contract(
  'portal/bank-entry',
  strict({
    /** The bank's own number of the entry: the same told twice is one. */
    entryNo: ShortText,
    accountNo: AccountNo,
    amount: Yuan,
    currency: Currency,
    valueDate: BusinessDate,
    payer: strict({ name: CompanyName, accountNo: AccountNo }),
    /** EndToEndId, or the loan's number, where the payer gave one. */
    reference: Type.Optional(ShortText),
    remark: Type.Optional(Text),
  }),
);

/** A posted repayment is taken back (冲正): what it paid is owed again. */
export const RepaymentReversal = contract(
  'portal/repayment-reversal',
  strict({ caseNo: ShortText, repaymentNo: ShortText, on: BusinessDate, reason: Text }),
);

export const repaymentCommands = {
  moneyCame: command({
    contract: BankEntry,
    label: { zh: '来账通知', en: 'money came in' },
    path: 'bank-entries',
    by: ['funder', 'operator'],
    keyOf: (m) => m.entryNo,
    idOf: (m) => m.entryNo,
  }),
  repaymentReversed: command({
    contract: RepaymentReversal,
    label: { zh: '还款冲正', en: 'repayment reversed' },
    path: 'repayment-reversals',
    by: ['funder'],
    keyOf: (m) => m.repaymentNo,
    idOf: (m) => m.repaymentNo,
  }),
};
