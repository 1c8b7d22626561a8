/** F8 step 6: what one of the funder's people proposes on a call, two of them decide; and a loan that is overdue calls upon its goods (F11). */
import { CollateralCalled } from '../contracts/hub/overdue.ts';
import { hub } from '../contracts/hub/hub.ts';
import { CallDecision } from '../contracts/portal/marking.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow } from '../engine/flow.ts';
import { buyerAccount, pledgedLoan } from '../ledger/goods/parties.ts';
import { openAlert, raise } from '../ledger/oversight/alerts.ts';
import { inTime } from './marking/inTime.ts';
import { callSteps } from './marking/steps.ts';

const titles = {
  extend: { zh: '追加续期（双人）', en: 'extend the margin call' },
  dispose: { zh: '平仓处置（双人）', en: 'dispose of the goods' },
  sell: { zh: '变卖合同（双人）', en: 'sale of the goods' },
  lift: { zh: '风险解除（双人）', en: 'lift the disposal' },
} as const;

export const callDecision = flow({
  name: 'call-decision',
  version: 1,
  title: { zh: '追加处置决定', en: 'Decision on a margin call' },
  input: CallDecision,
  startedBy: [portal.notices.callDecided.name],
  keyOf: (proposed) => proposed.decisionNo,
  caseOf: (proposed) => ({ id: proposed.caseNo }),
  milestones: callSteps.slice(2, 3),
  async body(run, { decisionNo, callNo, pledgeNo, verdict }) {
    const objection = await run.record('what stands against it', async (tx) => {
      const loan = await pledgedLoan(tx, run.caseId, pledgeNo);
      if ((await openAlert(tx, { type: 'MARGIN_CALL', subject: pledgeNo })) !== callNo) return 'this call is not open';
      const selling = loan.pledgeState === 'DISPOSING';
      const needed = verdict.act === 'sell' || verdict.act === 'lift';
      if (needed !== selling) return selling ? 'the goods are being sold already' : 'no disposal has begun';
      if (verdict.act !== 'sell') return undefined;
      if (verdict.sale.buyer.uscc === loan.project.funder.uscc)
        return 'the pledgee may not keep the goods: they are sold to another (民法典 428)';
      if (!(await buyerAccount(tx, verdict.sale.buyer.uscc))) return 'the buyer has no verified account here';
      return undefined;
    });
    if (objection !== undefined) return { outcome: 'refused', detail: objection };
    const decided = await inTime(
      run.ask('decide on the call', {
        title: titles[verdict.act],
        payload: { decisionNo, callNo, pledgeNo, verdict },
        people: 2,
        within: '1 working day',
        roles: ['FND', 'FND-C'],
      }),
    );
    if (decided?.decision !== 'approved')
      return { outcome: decided ? 'rejected' : 'lapsed', detail: decided?.reason ?? 'nobody decided' };
    await run.tell(hub.notices.collateralChanged, {
      pledgeNo,
      cause: 'DECISION',
      no: decisionNo,
      verdict,
      by: decided.by.slice(0, 2),
    });
    await run.milestone(6);
    return { outcome: 'approved', detail: verdict.act };
  },
});

/** The goods behind an overdue loan: a call that the funder decides on at once. */
export const overdueCall = flow({
  name: 'overdue-call',
  version: 1,
  title: { zh: '逾期追索质物', en: 'Call upon the goods of an overdue loan' },
  input: CollateralCalled,
  startedBy: [hub.notices.collateralCalled.name],
  keyOf: (called) => `${called.loanNo}/${called.lapse}`,
  caseOf: (called) => ({ id: called.caseNo }),
  milestones: [],
  async body(run, { pledgeNo, loanNo, lapse }) {
    const opened = await run.record('open the call', async (tx) => {
      const { project } = await pledgedLoan(tx, run.caseId, pledgeNo);
      const subject = { type: 'MARGIN_CALL', subject: pledgeNo, caseId: run.caseId } as const;
      const alert = await raise(
        tx,
        { ...subject, level: 'CALL', metric: `loan ${loanNo} is overdue` },
        `run:${run.id}`,
      );
      return { callNo: alert.opened ? alert.open : undefined, project: project.id };
    });
    const { callNo, project } = opened;
    if (callNo === undefined) return { outcome: 'called already', detail: pledgeNo };
    await run.tell(hub.notices.marginCalled, {
      callNo,
      caseNo: run.caseId,
      pledgeNo,
      project,
      cause: 'OVERDUE',
      lapse,
    });
    return { outcome: 'called', detail: callNo };
  },
});
