/** What was counted beside what the books say (F9 2, 4): alerts for what differs, and a run for each difference. */
import { hub } from '../../contracts/hub/hub.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { reconcileStock, type Difference } from '../../ledger/goods/counts.ts';
import { clearUnknown, raiseDifferences, type OpenedDifference } from '../../ledger/goods/differences.ts';

export interface Snapshot {
  readonly no: string;
  readonly project: string;
  readonly warehouse: string;
  /** Only what it lists was counted. */
  readonly partial: boolean;
  /** Pledged goods that are gone left without an order. */
  readonly unauthorised?: boolean;
}

export function compare(run: Run, { no, project, partial }: Snapshot): Promise<Difference[]> {
  return run.record('compare with the books', async (tx) => {
    const differences = await reconcileStock(tx, no, { project, partial });
    if (!partial) await clearUnknown(tx, no, project, `run:${run.id}`);
    return differences;
  });
}

export const beyondTolerance = (differences: readonly Difference[]): Difference[] =>
  differences.filter(({ cause }) => cause !== 'WITHIN_TOLERANCE');

/** Returns how many alerts were opened. */
export async function alarm(run: Run, snapshot: Snapshot, differences: readonly Difference[]): Promise<number> {
  const opened = await run.record('open what differs', async (tx) => {
    const alerts = await raiseDifferences(tx, differences, run.caseId, `run:${run.id}`);
    for (const { alertNo, caseNo, lotNo, cause, level, booked, counted } of alerts)
      await keepEvidence(tx, caseNo, 'N21 stock difference', alertNo, {
        snapshot: snapshot.no,
        lotNo,
        cause,
        level,
        booked,
        counted,
      });
    return alerts;
  });
  for (const difference of opened) await begin(run, snapshot, difference);
  return opened.length;
}

async function begin(run: Run, snapshot: Snapshot, difference: OpenedDifference): Promise<void> {
  const { alertNo, caseNo, lotNo, booked, counted, level, pledgeNo } = difference;
  const unauthorised = pledgeNo !== undefined && (snapshot.unauthorised === true || difference.cause === 'LOT_GONE');
  const { project, warehouse: warehouseCode } = snapshot;
  await run.tell(hub.notices.alertOpened, {
    alertNo,
    caseNo,
    project,
    step: 4,
    ackHours: 4,
    text: `${unauthorised ? '质押货物疑似擅自出库' : '账实不符'} ${level} 批次 ${lotNo}：账面 ${booked}，实存 ${counted}`,
    ...(pledgeNo
      ? { pledgeNo, sms: { template: 'stockAlarm', params: { lotNo: lotNo.slice(0, 32), booked, counted, alertNo } } }
      : {}),
  });
  await run.tell(hub.notices.stockDiffers, {
    ...difference,
    project,
    warehouseCode,
    snapshotNo: snapshot.no,
    unauthorised,
  });
}
