/** What the flows of a factoring tell each other, and those that look after what is overdue. */
import { Type } from 'typebox';
import { BusinessDate, ShortText, Uscc, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

/** All who finance it have paid: from now on the debtor's payment is waited for. */
export const FactoringFunded = contract(
  'hub/factoring-funded',
  strict({
    caseNo: ShortText,
    receivableNo: ShortText,
    projectId: ShortText,
    applicationNos: Type.Array(ShortText, { minItems: 1, maxItems: 20 }),
  }),
);

/** One payment towards a receivable, whoever it comes from: the two commands meet here. */
export const ReceivablePayment = contract(
  'hub/receivable-payment',
  strict({
    receivableNo: ShortText,
    paymentNo: ShortText,
    kind: Type.Union([
      Type.Literal('debtor'),
      Type.Literal('elsewhere'),
      Type.Literal('redirect'),
      Type.Literal('buyBack'),
    ]),
    amount: Yuan,
    maker: ShortText,
    checker: ShortText,
    paidToAccountNo: Type.Optional(ShortText),
  }),
);

/**
 * The debtor has not paid by the end of the due date. Whether the loans are overdue is the matter of the daily check (逾期). A held
 * notice of assignment is served, and a buy-back asked for, by the factoring itself.
 */
const FactoringOverdue = contract(
  'hub/factoring-overdue',
  strict({
    caseNo: ShortText,
    receivableNo: ShortText,
    applicationNos: Type.Array(ShortText, { minItems: 1, maxItems: 20 }),
    debtorUscc: Uscc,
    creditorUscc: Uscc,
    dueDate: BusinessDate,
    outstanding: Yuan,
    disclosed: Type.Boolean(),
    recourse: Type.Boolean(),
  }),
);

export const factoringNotices = {
  factoringFunded: notice({
    contract: FactoringFunded,
    label: { zh: '保理已放款', en: 'factoring funded' },
    keyOf: (m) => m.receivableNo,
    idOf: (m) => m.receivableNo,
  }),
  receivablePayment: notice({
    contract: ReceivablePayment,
    label: { zh: '应收账款回款', en: 'payment towards a receivable' },
    keyOf: (m) => m.receivableNo,
    idOf: (m) => m.paymentNo,
  }),
  factoringOverdue: notice({
    contract: FactoringOverdue,
    label: { zh: '应收账款逾期', en: 'receivable overdue' },
    keyOf: (m) => m.receivableNo,
    idOf: (m) => m.receivableNo,
  }),
};
