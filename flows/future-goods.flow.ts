/**
 * F4 future goods right (未来货权), steps 1–3: from the deposit to the money that the funder pays to the mill, for goods that do not exist
 * yet. What then becomes of them is the matter of `future-delivery`: nothing of this is taken back once money has moved.
 */
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { sap, TradeOrder } from '../contracts/sap/sap.ts';
import { flow } from '../engine/flow.ts';
import { isFinancedBy } from '../ledger/configuration/projects.ts';
import { moveFuture } from '../ledger/goods/futureGoods.ts';
import { move } from '../ledger/lifecycle.ts';
import { admit, collectDocuments } from './financing/admission.ts';
import { apply, place } from './financing/application.ts';
import { disburse } from './financing/disbursement.ts';
import { receiveDeposit, signByFour, soldBy, undertake } from './future-goods/agreement.ts';
import { registerFuture } from './future-goods/payment.ts';
import { futureSteps } from './future-goods/steps.ts';

export const futureGoods = flow({
  name: 'future-goods',
  version: 1,
  title: { zh: '未来货权融资', en: 'Financing of future goods' },
  input: TradeOrder,
  startedBy: [sap.notices.orderPlaced.name, portal.notices.orderPlaced.name],
  accepts: (tx, order) => isFinancedBy(tx, order.seller.externalNo, 'FUTURE_GOODS'),
  keyOf: (order) => order.orderNo,
  caseOf: (order) => ({ key: order.orderNo, title: '未来货权' }),
  milestones: futureSteps.slice(0, 3),
  async body(run, order) {
    const admitted = await admit(run, order);
    await collectDocuments(run, admitted);
    const deposit = await receiveDeposit(run, admitted);
    await run.milestone(1);
    const deal = await soldBy(run, admitted, deposit);
    const applied = await apply(run, deal);
    const placed = await place(run, deal, applied);
    const { application, terms } = placed;
    const agreed = { deposit, undertaking: await undertake(run, placed.deal) };
    const futureNo = await signByFour(run, placed.deal, application, terms, agreed);
    await run.milestone(2);
    const { deliverBy } = agreed.undertaking;
    await registerFuture(run, placed.deal, application, terms, { futureNo, deliverBy });
    await run.record('ready to be paid', (tx) => move(tx, 'application', application.no, 'ready', deal.actor));
    const loanNo = await disburse(run, placed.deal, application, terms);
    await run.record('the goods are paid for', (tx) => moveFuture(tx, futureNo, 'pay', deal.actor));
    await run.milestone(3);
    await run.tell(hub.notices.futurePaid, {
      caseNo: run.caseId,
      futureNo,
      applicationNo: application.no,
      borrowerUscc: deal.dealer.uscc,
      loanNo,
    });
    return { outcome: 'disbursed', detail: `loan ${loanNo}` };
  },
});
