/** What the hub tells itself about future goods: they are paid for, and from then on their delivery is waited for. */
import { Uscc, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

export const FuturePaid = contract(
  'hub/future-paid',
  strict({ caseNo: ShortText, futureNo: ShortText, applicationNo: ShortText, borrowerUscc: Uscc, loanNo: ShortText }),
);

export const futureGoodsNotices = {
  futurePaid: notice({
    contract: FuturePaid,
    label: { zh: '未来货权已付款', en: 'future goods are paid for' },
    keyOf: (m) => m.futureNo,
    idOf: (m) => m.futureNo,
  }),
};
