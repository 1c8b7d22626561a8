/** What the hub tells itself about loans that are overdue (逾期, F11): one flow looks each day, one stays with each loan. */
import { Type } from 'typebox';
import { BusinessDate, ShortText, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

const loan = { caseNo: ShortText, loanNo: ShortText };

/** A loan lapsed: `since` is the day after which it was late; the same loan may lapse again. */
export const LoanLapsed = contract(
  'hub/loan-lapsed',
  strict({ ...loan, since: BusinessDate, lapse: Type.Integer({ minimum: 1 }), on: BusinessDate }),
);

/** It owes nothing that is late any more: cured, or settled. */
const LoanMended = contract(
  'hub/loan-mended',
  strict({
    ...loan,
    lapse: Type.Integer({ minimum: 1 }),
    how: Type.Enum(['cured', 'settled', 'writtenOff']),
    on: BusinessDate,
  }),
);

/** The goods behind an overdue loan are called upon (F8 step 6): the funder decides to extend or to dispose. */
export const CollateralCalled = contract(
  'hub/collateral-called',
  strict({ ...loan, pledgeNo: ShortText, lapse: Type.Integer({ minimum: 1 }), owed: Yuan, on: BusinessDate }),
);

/** What the disposal of those goods brought (F8 step 7): tell it, and the shortfall is decided on. */
export const CollateralRealised = contract(
  'hub/collateral-realised',
  strict({
    ...loan,
    pledgeNo: ShortText,
    proceeds: Yuan,
    surplus: Yuan,
    shortfall: Yuan,
    on: BusinessDate,
  }),
);

export const overdueNotices = {
  loanLapsed: notice({
    contract: LoanLapsed,
    label: { zh: '借据逾期', en: 'a loan is overdue' },
    keyOf: (m) => m.loanNo,
    idOf: (m) => `${m.loanNo}/${m.lapse}`,
  }),
  loanMended: notice({
    contract: LoanMended,
    label: { zh: '逾期解除', en: 'a loan is not overdue any more' },
    keyOf: (m) => `${m.loanNo}/${m.lapse}`,
    idOf: (m) => `${m.loanNo}/${m.lapse}`,
  }),
  collateralCalled: notice({
    contract: CollateralCalled,
    label: { zh: '请求处置质物', en: 'the goods are called upon' },
    keyOf: (m) => m.pledgeNo,
    idOf: (m) => `${m.loanNo}/${m.lapse}`,
  }),
  collateralRealised: notice({
    contract: CollateralRealised,
    label: { zh: '质物处置款', en: 'what the goods brought' },
    keyOf: (m) => m.loanNo,
    idOf: (m) => `${m.loanNo}/${m.pledgeNo}`,
  }),
};
