/** Every flow, and every version of it that may still have runs. */
import type { AnyFlow } from '../engine/flow.ts';
import { alert } from './alert.flow.ts';
import { callDecision, overdueCall } from './call-decision.flow.ts';
import { marginCall } from './margin-call.flow.ts';
import { marking } from './marking.flow.ts';
import { marketQuote, unitQuote } from './price-quote.flow.ts';
import { stockDifference } from './stock-difference.flow.ts';
import { countReport, manualCount, stockMovement } from './stock-report.flow.ts';
import { stock, stockFeed } from './stock.flow.ts';
import { days } from './days.flow.ts';
import { feedback } from './feedback.flow.ts';
import { breakResolution } from './break-resolution.flow.ts';
import { listingContest } from './listing-contest.flow.ts';
import { overdue } from './overdue.flow.ts';
import { overdueLoanFlow } from './overdue-loan.flow.ts';
import { reconciliation } from './reconciliation.flow.ts';
import { shortfall } from './shortfall.flow.ts';
import { blacklisting } from './onboarding/blacklisting.flow.ts';
import { inquiry } from './onboarding/inquiry.flow.ts';
import { renewal } from './onboarding/renewal.flow.ts';
import { onboarding } from './onboarding.flow.ts';
import { creditClearing } from './credit-clearing.flow.ts';
import { creditLimit } from './credit-limit.flow.ts';
import { orderChange, orderPull } from './credit-orders.flow.ts';
import { credit } from './credit.flow.ts';
import { repayment } from './repayment.flow.ts';
import { lateDecision, unaskedPayment } from './routing-late.flow.ts';
import { debtorPayment, factoringCollection, supplierPayment } from './factoring-collection.flow.ts';
import { factoring } from './factoring.flow.ts';
import { invoiceChanged } from './invoice-changed.flow.ts';
import { subscriptionCancellation } from './subscription-cancellation.flow.ts';
import { arrivalCount } from './arrival-count.flow.ts';
import { disbursementReturn } from './disbursement-return.flow.ts';
import { incomingMoney } from './incoming-money.flow.ts';
import { moneyPosting } from './money-posting.flow.ts';
import { reminders } from './reminders.flow.ts';
import { repaymentReversal } from './repayment-reversal.flow.ts';
import { futureDelivery } from './future-delivery.flow.ts';
import { futureGoods } from './future-goods.flow.ts';
import { cashTopUp } from './pledge-change/cashTopUp.flow.ts';
import { floatingAgreement, floatingOutbound } from './pledge-change/floating.flow.ts';
import { goodsDeposit } from './pledge-change/goodsDeposit.flow.ts';
import { partRelease } from './pledge-change/partRelease.flow.ts';
import { pledgeChange } from './pledge-change.flow.ts';
import { transitReport } from './transit-report.flow.ts';
import { release } from './release.flow.ts';
import { settlement } from './settlement.flow.ts';
import { spotPledge } from './spot-pledge.flow.ts';

export const flows: readonly AnyFlow[] = [
  feedback,
  futureGoods,
  futureDelivery,
  transitReport,
  pledgeChange,
  partRelease,
  cashTopUp,
  floatingAgreement,
  floatingOutbound,
  goodsDeposit,
  onboarding,
  renewal,
  inquiry,
  blacklisting,
  breakResolution,
  listingContest,
  overdue,
  overdueLoanFlow,
  reconciliation,
  settlement,
  shortfall,
  days,
  arrivalCount,
  disbursementReturn,
  incomingMoney,
  moneyPosting,
  reminders,
  repaymentReversal,
  spotPledge,
  credit,
  creditClearing,
  creditLimit,
  orderChange,
  orderPull,
  repayment,
  lateDecision,
  unaskedPayment,
  factoring,
  factoringCollection,
  debtorPayment,
  supplierPayment,
  subscriptionCancellation,
  invoiceChanged,
  release,
  marking,
  marketQuote,
  unitQuote,
  alert,
  marginCall,
  callDecision,
  overdueCall,
  stock,
  stockFeed,
  countReport,
  manualCount,
  stockMovement,
  stockDifference,
];
