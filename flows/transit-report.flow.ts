/** F4 step 5: where dispatched goods are; when they are lost, the claim on the insurer is the funder's, and people pursue it. */
import { portal } from '../contracts/portal/portal.ts';
import { TransitReport } from '../contracts/portal/futureGoods.ts';
import { flow } from '../engine/flow.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { futureDeal, futureNoOf, flagUnsecured, moveAll, moveFuture } from '../ledger/goods/futureGoods.ts';
import { late } from './future-goods/delivery.ts';

export const transitReport = flow({
  name: 'transit-report',
  version: 1,
  title: { zh: '在途报告', en: 'Transit report' },
  input: TransitReport,
  startedBy: [portal.notices.transitReported.name],
  keyOf: (report) => report.reportNo,
  caseOf: (report) => ({ id: report.caseNo }),
  milestones: [{ no: 1, name: { zh: '在途报告', en: 'position or loss reported' }, party: 'mill' }],
  async body(run, report) {
    const actor = `run:${run.id}`;
    const no = await run.record('record the report', async (tx) => {
      const futureNo = await futureNoOf(tx, run.caseId);
      await keepEvidence(tx, run.caseId, 'N03 trade data', report.reportNo, {
        dispatchNo: report.dispatchNo,
        event: report.event,
        at: report.at,
      });
      return futureNo;
    });
    await run.milestone(1);
    if (report.event === 'position') return { outcome: 'noted', detail: report.place };
    const claimNo = report.claimNo ?? 'unknown';
    const loanNo = await run.record('record the loss', async (tx) => {
      const deal = await futureDeal(tx, run.caseId, no);
      await moveAll(tx, no, ['transit', 'short'], report.reportNo);
      await moveFuture(tx, no, 'lose', actor, { claim_no: claimNo });
      await flagUnsecured(tx, { no, loanNo: deal.loanNo, caseId: run.caseId, why: 'lost in transit' }, actor);
      return deal.loanNo;
    });
    await run
      .ask('pursue the claim', {
        title: {
          zh: '货物灭失，保险赔款归资方，请索赔',
          en: 'the goods are lost: pursue the claim that is assigned to the funder',
        },
        payload: { futureNo: no, loanNo, claimNo, place: report.place },
        within: '10 working days',
        roles: ['funder', 'operator'],
      })
      .catch(late);
    return { outcome: 'claimAssigned', detail: `claim ${claimNo} is assigned to the funder for loan ${loanNo}` };
  },
});
