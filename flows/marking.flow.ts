/** F8 mark to market (盯市), steps 1–3, each business day: quotes, one batch at one set of prices, and the alerts that follow. */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import {
  marksOf,
  pledgedMaterials,
  watchMarks,
  watchPrices,
  type MaterialUnit,
  type Opened,
} from '../ledger/goods/marks.ts';
import { pinQuotes, revalue } from '../ledger/goods/prices.ts';
import { distanceTo, percentOf } from './marking/demand.ts';
import { inTime } from './marking/inTime.ts';
import { markingSteps } from './marking/steps.ts';

export const marking = flow({
  name: 'marking',
  version: 1,
  title: { zh: '盯市', en: 'Mark to market' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, due) => Promise.resolve(due.what === 'marking'),
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '盯市' }),
  milestones: markingSteps,
  async body(run, { scope, on }) {
    const materials = await run.record('what is pledged', async (tx) => {
      const project = await projectNamed(tx, scope);
      return pledgedMaterials(tx, project.id);
    });
    await quoteAll(run, materials, scope, on);
    await run.milestone(1);
    const setId = `${scope}/${on}`;
    const pledges = await run.record('mark to market', async (tx) => {
      await pinQuotes(tx, setId, on);
      return (await revalue(tx, setId, { project: scope })).pledges;
    });
    await run.milestone(2);
    const warned = await warn(run, scope, setId, materials);
    await run.milestone(3);
    await run.record('close the case', (tx) => closeCase(tx, run.caseId, 'marked'));
    return { outcome: 'marked', detail: `${pledges} pledges at ${setId}, ${warned} alerts` };
  },
});

/** Step 1: the cut-off waits for no feed. What did not come, or jumped and was not confirmed, leaves the last price to be used. */
async function quoteAll(run: Run, materials: readonly MaterialUnit[], project: string, on: string): Promise<void> {
  const requests = materials.map((material) => ({
    ...material,
    requestNo: `${project}/${on}/${material.materialCode}/${material.unit}`.slice(-64),
  }));
  for (const request of requests) await run.tell(hub.notices.quoteWanted, { ...request, project, on });
  for (const { requestNo } of requests)
    await inTime(run.wait(hub.notices.quoteKept, { key: requestNo, within: '5 hours', from: 'price' }));
}

/** Step 3: who is at a line is told; calls begin; calls that are open hear of the new mark. Returns how many alerts were opened. */
async function warn(run: Run, project: string, setId: string, materials: readonly MaterialUnit[]): Promise<number> {
  const actor = `run:${run.id}`;
  const watched = await run.record('open what is at a line', async (tx) => {
    const stale = await watchPrices(tx, setId, materials, run.caseId, actor);
    const marks = await watchMarks(tx, await marksOf(tx, setId), actor);
    for (const { alertNo, mark } of [...marks.warned, ...marks.called])
      await keepEvidence(tx, mark.caseNo, 'N20 price alert', alertNo, {
        pledgeNo: mark.pledgeNo,
        quotes: setId,
        value: mark.value,
        exposure: mark.exposure,
        ltv: mark.ltv ?? 'none',
        level: mark.level,
      });
    return { ...marks, stale };
  });
  for (const { alertNo, material } of watched.stale)
    await run.tell(hub.notices.alertOpened, {
      alertNo,
      caseNo: run.caseId,
      project,
      step: 3,
      ackHours: 24,
      text: `行情缺失 ${material}：沿用最近价格并打折，暂停放款与解押`,
    });
  for (const opened of watched.warned) await run.tell(hub.notices.alertOpened, warningOf(opened, project));
  for (const { alertNo, mark } of watched.called)
    await run.tell(hub.notices.marginCalled, {
      callNo: alertNo,
      caseNo: mark.caseNo,
      pledgeNo: mark.pledgeNo,
      project,
      cause: 'PRICE',
    });
  for (const pledgeNo of watched.openCalls)
    await run.tell(hub.notices.collateralChanged, { pledgeNo, cause: 'MARKED', no: setId });
  return watched.stale.length + watched.warned.length + watched.called.length;
}

function warningOf({ alertNo, mark }: Opened, project: string) {
  const ltv = percentOf(mark.ltv);
  return {
    alertNo,
    caseNo: mark.caseNo,
    project,
    step: 3 as const,
    ackHours: 24,
    pledgeNo: mark.pledgeNo,
    text: `质押率预警 ${mark.loanNo} ${ltv}，距追加线 ${distanceTo(mark.callRate, mark.ltv)} 个百分点`,
    sms: { template: 'priceWarn' as const, params: { loanNo: mark.loanNo, ltv, callRate: percentOf(mark.callRate) } },
  };
}
