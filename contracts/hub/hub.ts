/**
 * What the hub tells itself (`run.tell`): facts by which one flow starts another or wakes it. They are kept like facts from outside, and
 * nobody outside is told of them. Each area of business lists its own beside its contracts.
 */
import { kind } from '../kind.ts';
import { markingNotices } from './marking.ts';
import { stockNotices } from './stock.ts';
import { repaymentNotices } from './repayments.ts';
import { creditNotices } from './credit.ts';
import { dueNotices } from './due.ts';
import { onboardingNotices } from './onboarding.ts';
import { factoringNotices } from './factoring.ts';
import { futureGoodsNotices } from './futureGoods.ts';
import { overdueNotices } from './overdue.ts';
import { settlementNotices, settlementOperations } from './settlement.ts';

export const hub = kind(
  'hub',
  { ...settlementOperations },
  {
    ...dueNotices,
    ...creditNotices,
    ...futureGoodsNotices,
    ...repaymentNotices,
    ...onboardingNotices,
    ...factoringNotices,
    ...overdueNotices,
    ...settlementNotices,
    ...markingNotices,
    ...stockNotices,
  },
);
