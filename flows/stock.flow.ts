/** F9 stock reconciliation (货准), steps 1–3, each business day: the warehouse's snapshot by lot beside the books, and sign-off. */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { SnapshotWanted } from '../contracts/hub/stock.ts';
import { portal } from '../contracts/portal/portal.ts';
import { isFailure } from '../contracts/failures.ts';
import { wms } from '../contracts/wms/wms.ts';
import type { Period } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { projectNamed, type Project } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { keepSnapshot } from '../ledger/goods/counts.ts';
import { ownersIn } from '../ledger/goods/differences.ts';
import { clear, raise } from '../ledger/oversight/alerts.ts';
import { inTime } from './marking/inTime.ts';
import { stockSteps } from './marking/steps.ts';
import { alarm, beyondTolerance, compare, type Snapshot } from './stock/comparing.ts';

export const stock = flow({
  name: 'stock',
  version: 1,
  title: { zh: '货准', en: 'Stock reconciliation' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, due) => Promise.resolve(due.what === 'stock'),
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '货准' }),
  milestones: stockSteps,
  async body(run, due) {
    const { project, owners } = await run.record('whose goods lie there', async (tx) => {
      const found = await projectNamed(tx, due.scope);
      return { project: found, owners: await ownersIn(tx, found) };
    });
    if (owners.length === 0) return signOff(run, due.on, 0, 0);
    const first = await take(run, project, `${due.scope}/${due.on}`, due.on);
    await run.milestone(1);
    const seen = beyondTolerance(await compare(run, first));
    if (seen.length === 0) return signOff(run, due.on, owners.length, 0);
    // What is on its way between the two sides at the cut-off agrees some hours later; what does not, is a difference.
    await run.sleep('what is on its way arrives', '4 hours');
    const second = await take(run, project, `${due.scope}/${due.on}/2`, due.on);
    const still = beyondTolerance(await compare(run, second));
    const lots = new Set(seen.map(({ lotNo }) => lotNo));
    const opened = await alarm(
      run,
      second,
      still.filter(({ lotNo }) => lots.has(lotNo)),
    );
    return signOff(run, due.on, owners.length, opened);
  },
});

/** Step 1: the feed is asked by a run of its own, so that this one sees that it is late. */
async function take(run: Run, project: Project, no: string, on: string): Promise<Snapshot> {
  const snapshot = { no, project: project.id, warehouse: project.warehouse, partial: false };
  await run.tell(hub.notices.snapshotWanted, { snapshotNo: no, project: project.id });
  if (await isTaken(run, no, project, '2 hours')) return snapshot;
  await late(run, project, `${project.warehouse} ${project.id} ${on}`, `库存快照迟到 ${project.warehouse}（${on}）`);
  if (!(await isTaken(run, no, project, '1 day'))) {
    // Under the warehouse's own code: this one stops drawings (I-12).
    await late(run, project, project.warehouse, `库存快照迟到超过一天 ${project.warehouse}：暂停放款`);
    while (!(await isTaken(run, no, project, '1 day')));
  }
  await run.record('the feed is back', async (tx) => {
    for (const subject of [`${project.warehouse} ${project.id} ${on}`, project.warehouse])
      await clear(tx, { type: 'STOCK_FEED_LATE', subject }, `run:${run.id}`, 'the snapshot came');
  });
  return snapshot;
}

async function isTaken(run: Run, no: string, project: Project, within: Period): Promise<boolean> {
  const { warehouse } = project.systems;
  return (await inTime(run.wait(hub.notices.snapshotTaken, { key: no, within, from: warehouse }))) !== undefined;
}

async function late(run: Run, project: Project, subject: string, text: string): Promise<void> {
  const alert = await run.record('the feed is late', async (tx) =>
    raise(
      tx,
      { type: 'STOCK_FEED_LATE', subject, level: 'WARN', metric: 'no snapshot', caseId: run.caseId },
      `run:${run.id}`,
    ),
  );
  if (!alert.opened || alert.open === undefined) return;
  const told = { alertNo: alert.open, caseNo: run.caseId, project: project.id, step: 4, ackHours: 4, text } as const;
  await run.tell(hub.notices.alertOpened, told);
}

/** Step 3. What differs has its own run; the day is signed off with it named. */
async function signOff(
  run: Run,
  on: string,
  owners: number,
  differences: number,
): Promise<{ outcome: string; detail: string }> {
  await run.milestone(2);
  const outcome = differences === 0 ? 'signed off' : 'differs';
  await run.record('sign off', async (tx) => {
    await keepEvidence(tx, run.caseId, 'N24 reconciliation', run.id, { on, owners, differences });
    await closeCase(tx, run.caseId, outcome);
  });
  await run.milestone(3);
  return { outcome, detail: `${on}: ${owners} owners, ${differences} differences` };
}

/** Asks the warehouse, lot by lot, owner by owner, for as long as it takes. */
export const stockFeed = flow({
  name: 'stock-feed',
  version: 1,
  title: { zh: '取得库存快照', en: 'Snapshot of stock' },
  input: SnapshotWanted,
  startedBy: [hub.notices.snapshotWanted.name],
  keyOf: (wanted) => wanted.snapshotNo,
  caseOf: (wanted) => ({ key: `stock/${wanted.snapshotNo.split('/').slice(0, 2).join('/')}`, title: '货准' }),
  milestones: stockSteps.slice(0, 1),
  async body(run, { snapshotNo, project: projectId }) {
    const { project, owners } = await run.record('whose goods lie there', async (tx) => {
      const found = await projectNamed(tx, projectId);
      return { project: found, owners: await ownersIn(tx, found) };
    });
    const lots: { lotNo: string; quantity: string; unit: string }[] = [];
    let takenAt: string | undefined;
    for (const ownerCode of owners) {
      const read = await readOwner(run, project, ownerCode);
      // Together they speak of the earliest instant.
      if (takenAt === undefined || Date.parse(read.asOf) < Date.parse(takenAt)) takenAt = read.asOf;
      lots.push(...read.lots.map(({ lotNo, onHand, unit }) => ({ lotNo, quantity: onHand, unit })));
    }
    const { warehouse } = project;
    const countedBy = project.systems.warehouse;
    await run.record('keep the snapshot', (tx) =>
      keepSnapshot(tx, {
        no: snapshotNo,
        warehouse,
        takenAt: takenAt ?? run.now().toISOString(),
        channel: 'FEED',
        countedBy,
        lots,
      }),
    );
    await run.milestone(1);
    await run.tell(hub.notices.snapshotTaken, { snapshotNo, lots: lots.length });
    return { outcome: 'taken', detail: `${snapshotNo}: ${lots.length} lots` };
  },
});

/** A snapshot of one instant where the warehouse's system has one; otherwise its stock as it is read now. */
async function readOwner(run: Run, project: Project, ownerCode: string) {
  const place = { warehouseCode: project.warehouse, ownerCode };
  const system = project.systems.warehouse;
  try {
    return await run.call(wms.operations.readLots, place, { system });
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type !== 'OPERATION_NOT_OFFERED') throw thrown;
  }
  const asOf = run.now().toISOString();
  return { asOf, ...(await run.call(wms.operations.readStock, place, { system })) };
}
