/** Steps 4 to 6: what the seller dispatched arrives, or does not: late, lost, short, of a lower grade. */
import { isFailure } from '../../contracts/failures.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { wms } from '../../contracts/wms/wms.ts';
import type { Message } from '../../contracts/contract.ts';
import type { Period } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import {
  alertLate,
  clearLate,
  moveFuture,
  moveUnits,
  shortOf,
  unitsOf,
  type FutureDeal,
} from '../../ledger/goods/futureGoods.ts';
import { stateOf } from '../../ledger/lifecycle.ts';
import { receiveLots, type LotRow } from '../../ledger/goods/stock.ts';

type Dispatch = Message<typeof portal.notices.goodsDispatched.contract>;

/** A lot as it came, and what a unit of it is worth when its grade is lower than contracted. */
export interface ArrivedLot extends LotRow {
  readonly gradePrice?: string;
}

export type Arrival = { readonly lots: readonly ArrivedLot[] } | { readonly missing: 'lost' | 'late' };

/** One notice for each dispatch, by letters. */
export const noticePrefixes = ['IN', 'INB', 'INC', 'IND', 'INE', 'INF'];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** So long after the estimated arrival it is an alert (§2 F4.4). */
const graceDays = 3;

/** Until the end of that business day in Shanghai. */
function until(run: Run, date: string, moreDays = 0): Period {
  const end = Date.parse(`${date}T16:00:00Z`) + moreDays * dayMs;
  return `${Math.max(0, Math.ceil((end - run.now().getTime()) / hourMs))} hours`;
}

export const late = (thrown: unknown): undefined => {
  if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
  return undefined;
};

/** Step 4: the seller says what is on its way; nothing until the agreed day is no delivery. */
export async function awaitDispatch(run: Run, deal: FutureDeal, actor: string): Promise<Dispatch | undefined> {
  const dispatch = await run
    .wait(portal.notices.goodsDispatched, { key: run.caseId, within: until(run, deal.deliverBy), from: 'mill' })
    .catch(late);
  if (!dispatch) return undefined;
  await run.record('record the dispatch', async (tx) => {
    await moveFuture(tx, deal.no, 'dispatch', actor);
    await moveUnits(tx, deal.no, ['future', 'transit'], dispatch.lines, dispatch.dispatchNo);
    await keepEvidence(tx, run.caseId, 'N03 trade data', dispatch.dispatchNo, {
      billOfLading: dispatch.billOfLading,
      policyNo: dispatch.insurance.policyNo,
      lossPayeeIsFunder: dispatch.insurance.lossPayee.uscc === deal.project.funder.uscc,
      eta: dispatch.eta,
    });
  });
  return dispatch;
}

/** Steps 5 and 6: each day somebody looks; what is late is told, what is lost or has passed the day is no longer waited for. */
export async function awaitArrival(
  run: Run,
  deal: FutureDeal,
  dispatch: Dispatch,
  noticeNo: string,
  actor: string,
): Promise<Arrival> {
  const system = deal.project.systems.warehouse;
  await run.call(
    wms.operations.announceInbound,
    {
      noticeNo,
      warehouseCode: deal.project.warehouse,
      ownerCode: deal.dealer.uscc,
      orderNo: deal.orderNo,
      lines: dispatch.lines.map((line, i) => ({ lineNo: String((i + 1) * 10), name: line.materialCode, ...line })),
    },
    { system },
  );
  for (;;) {
    const within = { key: noticeNo, within: '24 hours', from: system } as const;
    const received = await run.wait(wms.notices.goodsReceived, within).catch(late);
    if (received) return arrived(run, deal, dispatch, received, actor);
    const seen = await run.record('look after the goods', async (tx) => {
      if ((await stateOf(tx, 'future_goods', deal.no)) === 'LOST') return 'lost';
      if (run.now().getTime() > Date.parse(`${dispatch.eta}T16:00:00Z`) + graceDays * dayMs)
        await alertLate(tx, noticeNo, dispatch.eta, run.caseId, actor);
      return run.now().getTime() > Date.parse(`${deal.deliverBy}T16:00:00Z`) ? 'late' : 'waiting';
    });
    if (seen === 'lost' || seen === 'late') return { missing: seen };
  }
}

type Received = Message<typeof wms.notices.goodsReceived.contract>;

async function arrived(
  run: Run,
  deal: FutureDeal,
  dispatch: Dispatch,
  received: Received,
  actor: string,
): Promise<Arrival> {
  await run.record('record what arrived', async (tx) => {
    await receiveLots(tx, deal.project.warehouse, deal.dealer.id, received.lots, received, actor);
    await moveUnits(tx, deal.no, ['transit', 'received'], received.lots, received.receiptNo);
    // What did not come with it does not come: the seller answers for it.
    const short = await shortOf(tx, dispatch.lines, received.lots);
    await moveUnits(tx, deal.no, ['transit', 'short'], short, received.receiptNo);
    await moveFuture(tx, deal.no, 'receive', actor);
    await clearLate(tx, received.noticeNo, run.caseId, actor);
    await keepEvidence(tx, run.caseId, 'N12 receipt issued', received.receiptNo, {
      goodsReceipt: received.receiptNo,
      lots: received.lots.map(({ lotNo, quantity }) => ({ lotNo, quantity })),
      short: short.map(({ materialCode, quantity }) => ({ materialCode, quantity })),
    });
  });
  return { lots: await inspected(run, received) };
}

/** The keeper's inspection (质检). Without its word in three working days, people find out. */
async function inspected(run: Run, received: Received): Promise<ArrivedLot[]> {
  const key = received.receiptNo;
  for (;;) {
    const report = await run
      .wait(portal.notices.qualityReported, { key, within: '3 working days', from: 'keeper' })
      .catch(late);
    if (report) {
      await run.record('record the inspection', (tx) =>
        keepEvidence(tx, run.caseId, 'N03 trade data', report.reportNo, {
          document: report.documentSha256,
          lower: report.lots.filter(({ grade }) => grade === 'lower').map(({ lotNo }) => lotNo),
        }),
      );
      return received.lots.map((lot) => {
        const found = report.lots.find(({ lotNo }) => lotNo === lot.lotNo);
        return found?.grade === 'lower' && found.price !== undefined ? { ...lot, gradePrice: found.price } : { ...lot };
      });
    }
    const asked = await run
      .ask('have the goods inspected', {
        title: { zh: '质检逾期，请督促监管方', en: 'the goods are not inspected in time: press the keeper' },
        payload: { goodsReceiptNo: key },
        within: '3 working days',
        roles: ['operator'],
      })
      .catch(late);
    if (asked?.decision === 'rejected') run.stop('uninspected', 'nobody says of what grade the goods are');
  }
}

/** What of the order is still to come. */
export async function stillToCome(run: Run, deal: FutureDeal): Promise<boolean> {
  const lines = await run.record('what is still to come', (tx) => unitsOf(tx, deal.no));
  return lines.some(({ future }) => !/^0\.0+$/.test(future));
}

export const noticeNo = (caseId: string, place: number): string =>
  numberFor(noticePrefixes[place] ?? `IN${place}X`, caseId);
