/**
 * F6 factoring with confirmation (保理确权), steps 2 to 8: from the supplier's claim to the money that it acknowledges. The debtor
 * confirms, funders subscribe, all sign; who pays waits for registration and notice. Collection is a flow of its own.
 */
import { Factoring } from '../contracts/portal/factoring.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Run } from '../engine/flow.ts';
import { withdrawSlices } from '../ledger/financing/slices.ts';
import { anchorCase } from './anchoring.ts';
import { lock, withdrawOffer } from './factoring/allocation.ts';
import { confirm } from './factoring/confirmation.ts';
import type { Agreed, Deal } from './factoring/deal.ts';
import { disburseAll } from './factoring/disbursement.ts';
import { initiate } from './factoring/initiation.ts';
import { notifyDebtor } from './factoring/notice.ts';
import { agree } from './factoring/rate.ts';
import { registerShares } from './factoring/registering.ts';
import { sign } from './factoring/signing.ts';
import { factoringSteps } from './factoring/steps.ts';

/** So often an asset goes back to its allocation because a funder did not sign. */
const roundsMax = 3;

export const factoring = flow({
  name: 'factoring',
  version: 1,
  title: { zh: '保理确权', en: 'Factoring with confirmation' },
  input: Factoring,
  startedBy: [portal.notices.factoringInitiated.name],
  keyOf: (asked) => asked.factoringNo,
  caseOf: (asked) => ({ key: asked.factoringNo, title: '保理确权' }),
  milestones: factoringSteps,
  async body(run, asked) {
    const deal = await initiate(run, asked);
    await run.milestone(2);
    const confirmed = await confirm(run, deal);
    await run.milestone(3);
    for (let round = 0; round < roundsMax; round += 1) {
      const leadNo = await lock(run, deal, round);
      const agreed = await agree(run, deal, leadNo, round);
      const signed = await sign(run, deal, agreed, confirmed);
      if (signed === 'signed') return fund(run, deal, agreed);
      await takeBack(run, deal, agreed);
    }
    return run.stop('returned', 'no funder signed');
  },
});

/** Back to step 4: what was locked, approved and offered for those funders is given back; the debtor's confirmation stands. */
async function takeBack(run: Run, { actor }: Deal, agreed: Agreed): Promise<void> {
  await run.record('take the offer back', async (tx) => {
    await withdrawOffer(tx, agreed.offerNo, actor);
    await withdrawSlices(tx, agreed.leadNo, actor);
  });
}

async function fund(run: Run, deal: Deal, agreed: Agreed) {
  const { asked, project } = deal;
  const { receivableNo } = asked.receivable;
  await run.milestone(6);
  await registerShares(run, deal, agreed);
  await notifyDebtor(run, deal, agreed);
  await run.milestone(7);
  const applicationNos = await disburseAll(run, deal, agreed);
  await run.milestone(8);
  await anchorCase(run, project.systems.evidence);
  await run.tell(hub.notices.factoringFunded, {
    caseNo: run.caseId,
    receivableNo,
    projectId: project.id,
    applicationNos,
  });
  return { outcome: 'disbursed', detail: `${applicationNos.length} of ${agreed.slices.length} slices` };
}
