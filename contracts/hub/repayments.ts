/** Money that was found to be for a loan: what the flow that looks at incoming money tells the loan's case. */
import { Type } from 'typebox';
import { BusinessDate, CompanyName, Currency, ShortText, Uscc, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

export const MoneyMatched = contract(
  'hub/money-matched',
  strict({
    caseNo: ShortText,
    loanNo: ShortText,
    entryNo: ShortText,
    amount: Yuan,
    currency: Currency,
    valueDate: BusinessDate,
    payer: strict({ name: CompanyName, uscc: Type.Optional(Uscc) }),
    /** By reference, by amount and payer, or by people. */
    by: Type.Enum(['reference', 'amount', 'people']),
  }),
);

export const repaymentNotices = {
  moneyMatched: notice({
    contract: MoneyMatched,
    label: { zh: '来账已匹配', en: 'money matched to a loan' },
    keyOf: (m) => m.entryNo,
    idOf: (m) => m.entryNo,
  }),
};
