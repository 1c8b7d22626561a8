/**
 * F3 spot pledge (现货质押), steps 1–8: from the trading unit's order to the disbursed loan.
 * Guards are evaluated where the money moves, not where the case was approved.
 */
import { portal } from '../contracts/portal/portal.ts';
import { sap, TradeOrder } from '../contracts/sap/sap.ts';
import { flow } from '../engine/flow.ts';
import { isFinancedBy } from '../ledger/configuration/projects.ts';
import { admit, collectDocuments } from './financing/admission.ts';
import { apply, place } from './financing/application.ts';
import { sign } from './financing/contracts.ts';
import { disburse } from './financing/disbursement.ts';
import { receiveGoods } from './spot-pledge/arrival.ts';
import { pledge } from './spot-pledge/collateral.ts';
import { pledgeSteps } from './steps.ts';

export const spotPledge = flow({
  name: 'spot-pledge',
  version: 1,
  title: { zh: '现货质押融资', en: 'Spot pledge' },
  input: TradeOrder,
  startedBy: [sap.notices.orderPlaced.name, portal.notices.orderPlaced.name],
  accepts: (tx, order) => isFinancedBy(tx, order.seller.externalNo, 'SPOT_PLEDGE'),
  keyOf: (order) => order.orderNo,
  caseOf: (order) => ({ key: order.orderNo, title: '现货质押' }),
  milestones: pledgeSteps,
  leadsTo: ['release'],
  async body(run, order) {
    const deal = await admit(run, order);
    await run.milestone(1);
    await collectDocuments(run, deal);
    await run.milestone(2);
    const application = await apply(run, deal);
    await run.milestone(3);
    const placed = await place(run, deal, application);
    await run.milestone(4);
    await sign(run, placed.deal, placed.application, placed.terms);
    await run.milestone(5);
    const lots = await receiveGoods(run, placed.deal, placed.application, placed.terms);
    await run.milestone(6);
    await pledge(run, placed.deal, placed.application, placed.terms, lots);
    await run.milestone(7);
    const loanNo = await disburse(run, placed.deal, placed.application, placed.terms);
    await run.milestone(8);
    return { outcome: 'disbursed', detail: `loan ${loanNo}` };
  },
});
