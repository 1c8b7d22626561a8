/**
 * F5 exchange (换货) and top-up (补货). The order of the steps is law: what comes in is locked, controlled, approved and registered before
 * anything of what is pledged leaves (I-13); whatever fails before that leaves the pledge as it was.
 */
import { hub } from '../contracts/hub/hub.ts';
import { ChangeRequest } from '../contracts/portal/pledgeChange.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow } from '../engine/flow.ts';
import { finishChange } from '../ledger/goods/changes.ts';
import { openPledge } from '../ledger/goods/releases.ts';
import { anchorCase } from './anchoring.ts';
import { approve, lockIn, register, type Change } from './pledge-change/bringingIn.ts';
import { check } from './pledge-change/checks.ts';
import { orderOut } from './pledge-change/lettingOut.ts';
import { changeSteps } from './pledge-change/steps.ts';
import { refreshPrices } from './release/ordering.ts';
import { letGoodsOut } from './release/outbound.ts';

export const pledgeChange = flow({
  name: 'pledge-change',
  version: 1,
  title: { zh: '换货与补货', en: 'Exchange and top-up' },
  input: ChangeRequest,
  startedBy: [portal.notices.changeAsked.name],
  keyOf: (asked) => asked.changeNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: changeSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const open = await run.record('find the pledge', (tx) =>
      openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc),
    );
    await run.milestone(1);
    const change: Change = { open, asked, checked: await check(run, open, asked), actor };
    await run.milestone(2);
    const control = await lockIn(run, change);
    await run.milestone(3);
    await approve(run, change);
    await run.milestone(4);
    await register(run, change, control);
    await run.milestone(5);
    const { changeNo, lotsOut, picker } = asked;
    if (asked.kind === 'substitution' && lotsOut && picker) {
      await refreshPrices(run, open);
      const releaseNo = `RL${changeNo}`;
      const out = { releaseNo, lots: lotsOut, picker, ground: { changeNo } };
      const order = await orderOut(run, open, out, actor);
      await letGoodsOut(
        run,
        open,
        { releaseNo, picker, caseNo: run.caseId, applicationNo: asked.applicationNo, borrowerUscc: asked.borrowerUscc },
        order,
        actor,
      );
    }
    await run.record('finish the change', (tx) => finishChange(tx, changeNo, actor));
    await run.milestone(6);
    await run.tell(hub.notices.collateralChanged, { pledgeNo: open.pledgeNo, cause: 'GOODS', no: changeNo });
    await anchorCase(run, open.project.systems.evidence);
    return { outcome: asked.kind === 'substitution' ? 'exchanged' : 'toppedUp', detail: `change ${changeNo}` };
  },
});
