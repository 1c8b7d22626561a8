/** F9 step 1 by other roads: a count that the warehouse tells, a count by hand, and movements that the hub never ordered (异动). */
import { StockCount } from '../contracts/portal/stock.ts';
import { portal } from '../contracts/portal/portal.ts';
import { StockChanged, StockCounted } from '../contracts/wms/stock.ts';
import { wms } from '../contracts/wms/wms.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { keepSnapshot, type Snapshot as Kept } from '../ledger/goods/counts.ts';
import { afterMovement, projectOfLots } from '../ledger/goods/differences.ts';
import { stockSteps } from './marking/steps.ts';
import { alarm, beyondTolerance, compare } from './stock/comparing.ts';

interface Report extends Kept {
  readonly project?: string;
  readonly photos?: readonly string[];
  readonly unauthorised?: boolean;
}

export const countReport = flow({
  name: 'count-report',
  version: 1,
  title: { zh: '仓库盘点', en: 'Count of the warehouse' },
  input: StockCounted,
  startedBy: [wms.notices.stockCounted.name],
  keyOf: (count) => `${count.warehouseCode} ${count.reportNo}`,
  caseOf: (count) => ({ key: `count ${count.warehouseCode} ${count.reportNo}`, title: '盘点' }),
  milestones: stockSteps,
  body: (run, count) =>
    reconcile(run, {
      no: `PD ${count.warehouseCode} ${count.reportNo}`,
      warehouse: count.warehouseCode,
      takenAt: count.countedAt,
      channel: 'FEED',
      countedBy: count.warehouseCode,
      lots: count.lots.map(({ lotNo, counted, unit }) => ({ lotNo, quantity: counted, unit })),
    }),
});

export const manualCount = flow({
  name: 'manual-count',
  version: 1,
  title: { zh: '人工盘点', en: 'Count by hand' },
  input: StockCount,
  startedBy: [portal.notices.stockCounted.name],
  keyOf: (count) => count.countNo,
  caseOf: (count) => ({ key: `count ${count.countNo}`, title: '盘点' }),
  milestones: stockSteps,
  body: (run, { countNo, warehouseCode, countedAt, ...count }) =>
    reconcile(run, { no: countNo, warehouse: warehouseCode, takenAt: countedAt, channel: 'MANUAL', ...count }),
});

/**
 * A movement without an order of the hub: what would lie there is held against what is pledged at once. The warehouse's own numbers tell
 * one movement from another: told twice or late it is the same one.
 */
export const stockMovement = flow({
  name: 'stock-movement',
  version: 1,
  title: { zh: '库存异动', en: 'Movement that was not ordered' },
  input: StockChanged,
  startedBy: [wms.notices.stockChanged.name],
  keyOf: (change) => `${change.warehouseCode} ${change.changeNo}`,
  caseOf: (change) => ({ key: `movement ${change.warehouseCode} ${change.changeNo}`, title: '库存异动' }),
  milestones: stockSteps,
  async body(run, change) {
    const lots = await run.record('what would lie there', (tx) => afterMovement(tx, change.lots));
    return reconcile(run, {
      no: `YD ${change.warehouseCode} ${change.changeNo}`,
      warehouse: change.warehouseCode,
      takenAt: run.now().toISOString(),
      channel: 'FEED',
      countedBy: change.warehouseCode,
      lots,
      // Goods that went elsewhere: not a loss, not another measure.
      unauthorised: change.reason === 'transferred' || change.reason === 'other',
    });
  },
});

async function reconcile(run: Run, report: Report): Promise<{ outcome: string; detail: string }> {
  const { no, warehouse, lots, photos = [], unauthorised = false } = report;
  const project = await run.record('whose goods', async (tx) => {
    const numbers = lots.map(({ lotNo }) => lotNo);
    await keepSnapshot(tx, report);
    return (await projectOfLots(tx, numbers)) ?? report.project ?? null;
  });
  await run.milestone(1);
  if (project === null) return over(run, report, 'unknown', 'no project has goods of these lots');
  const snapshot = { no, project, warehouse, partial: true, unauthorised };
  const differences = beyondTolerance(await compare(run, snapshot));
  await run.milestone(2);
  const opened = await alarm(run, snapshot, differences);
  const outcome = differences.length === 0 ? 'signed off' : 'differs';
  return over(run, report, outcome, `${lots.length} lots, ${opened} new differences`, {
    photos,
    differences: differences.length,
  });
}

async function over(run: Run, { no }: Report, outcome: string, detail: string, payload: Record<string, unknown> = {}) {
  await run.record('sign off', async (tx) => {
    await keepEvidence(tx, run.caseId, 'N24 reconciliation', no, { outcome, ...payload });
    await closeCase(tx, run.caseId, outcome);
  });
  await run.milestone(3);
  return { outcome, detail };
}
