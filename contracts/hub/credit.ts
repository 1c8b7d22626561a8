/** What the hub tells itself of credit financing (信用融资): money that arrived, and orders to be looked for. */
import { contract, strict } from '../contract.ts';
import { BusinessDate, ShortText, Yuan } from '../canonical/primitives.ts';
import { notice } from '../kind.ts';

/** The unit's company has the money for an order: what the dealer owed for it can be cleared. */
const CreditDisbursed = contract(
  'hub/credit-disbursed',
  strict({ orderNo: ShortText, applicationNo: ShortText, loanNo: ShortText, amount: Yuan, on: BusinessDate }),
);

export const creditNotices = {
  creditDisbursed: notice({
    contract: CreditDisbursed,
    label: { zh: '信用融资已放款', en: 'credit disbursed' },
    keyOf: (m) => m.orderNo,
    idOf: (m) => m.loanNo,
  }),
};
