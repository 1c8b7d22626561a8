/**
 * F2 credit financing (信用融资), steps 1–6: from the trading unit's order to the money on the unit's account. No goods are pledged:
 * the order, the signed mandate and the funder's limit carry the loan.
 */
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { sap, TradeOrder } from '../contracts/sap/sap.ts';
import { businessDate } from '../engine/calendar.ts';
import { flow } from '../engine/flow.ts';
import { isFinancedBy } from '../ledger/configuration/projects.ts';
import { move } from '../ledger/lifecycle.ts';
import { preScreen } from './credit/preScreen.ts';
import { creditSteps } from './credit/steps.ts';
import { admit, collectDocuments } from './financing/admission.ts';
import { apply, place } from './financing/application.ts';
import { sign } from './financing/contracts.ts';
import { disburse } from './financing/disbursement.ts';

export const credit = flow({
  name: 'credit',
  version: 1,
  title: { zh: '信用融资', en: 'Credit financing' },
  input: TradeOrder,
  startedBy: [sap.notices.orderPlaced.name, portal.notices.orderPlaced.name],
  accepts: (tx, order) => isFinancedBy(tx, order.seller.externalNo, 'CREDIT'),
  keyOf: (order) => order.orderNo,
  caseOf: (order) => ({ key: order.orderNo, title: '信用融资' }),
  milestones: creditSteps,
  async body(run, order) {
    const deal = await admit(run, order);
    await run.milestone(1);
    await collectDocuments(run, deal);
    await preScreen(run, deal);
    await run.milestone(2);
    const application = await apply(run, deal);
    await run.milestone(3);
    const placed = await place(run, deal, application);
    await run.milestone(4);
    await sign(run, placed.deal, placed.application, placed.terms);
    // Nothing but the signed papers secures it.
    await run.record('ready to be paid out', (tx) => move(tx, 'application', application.no, 'ready', deal.actor));
    await run.milestone(5);
    const loanNo = await disburse(run, placed.deal, placed.application, placed.terms);
    await run.milestone(6);
    // The unit's clearing waits for this, whenever its bill comes.
    await run.tell(hub.notices.creditDisbursed, {
      orderNo: order.orderNo,
      applicationNo: application.no,
      loanNo,
      amount: placed.terms.amount,
      on: businessDate(run.now()),
    });
    return { outcome: 'disbursed', detail: `loan ${loanNo}` };
  },
});
