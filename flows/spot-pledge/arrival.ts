/** Step 6: goods in. */
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import { wms } from '../../contracts/wms/wms.ts';
import { type Run } from '../../engine/flow.ts';
import { adviseCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { arrivalDifferences } from '../../ledger/goods/arrivals.ts';
import { receiveLots } from '../../ledger/goods/stock.ts';
import { clear, raise } from '../../ledger/oversight/alerts.ts';
import type { Applied, Deal, Lots, Terms } from '../financing/deal.ts';
import { orExpired, withinOffer } from '../financing/offer.ts';

type Received = Message<typeof wms.notices.goodsReceived.contract>;

/** Step 6: the warehouse is told what comes and says what came. More or less than was announced is decided on before a receipt is issued. */
export async function receiveGoods(run: Run, deal: Deal, application: Applied, terms: Terms): Promise<Lots> {
  const { project, order, dealer, actor } = deal;
  const noticeNo = numberFor('IN', run.caseId);
  await run.call(
    wms.operations.announceInbound,
    {
      noticeNo,
      warehouseCode: project.warehouse,
      ownerCode: dealer.uscc,
      orderNo: order.orderNo,
      lines: order.lines.map((l) => ({
        lineNo: l.lineNo,
        materialCode: l.materialCode,
        name: l.description ?? l.materialCode,
        quantity: l.quantity,
        unit: l.unit,
      })),
    },
    { system: project.systems.warehouse },
  );
  const received = await whatCame(run, deal, application, terms, noticeNo);
  await acceptDifference(run, deal, received);
  await run.record('record the lots', async (tx) => {
    await receiveLots(tx, project.warehouse, dealer.id, received.lots, received, actor);
    await move(tx, 'application', application.no, 'ready', actor);
  });
  return received.lots;
}

/** By the warehouse's own word, or, where its feed is down, by the count of two people: whichever comes first is the fact. */
async function whatCame(
  run: Run,
  { project, actor }: Deal,
  application: Applied,
  terms: Terms,
  noticeNo: string,
): Promise<Received> {
  const from = project.systems.warehouse;
  const told = await run
    .wait(wms.notices.goodsReceived, { key: noticeNo, within: withinOffer(run, terms, '3 working days'), from })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    });
  if (told) return told;
  await run.record('ask for a count', (tx) =>
    adviseCase(
      tx,
      run.caseId,
      `仓库未回传入库 ${noticeNo}；如已到货请人工清点（双人签字） if the goods are there: let two people count them`,
    ),
  );
  return run
    .wait(wms.notices.goodsReceived, { key: noticeNo, within: withinOffer(run, terms, '20 working days'), from })
    .catch(orExpired(run, application, terms, actor));
}

/** Beyond tolerance (0.3 % where nothing else is set) nothing goes on by itself: an alert, and two people who accept what came or not. */
async function acceptDifference(run: Run, { order, actor }: Deal, received: Received): Promise<void> {
  const about = { type: 'STOCK_DIFF', subject: received.noticeNo, caseId: run.caseId } as const;
  const differences = await run.record('compare with what was announced', async (tx) => {
    const found = await arrivalDifferences(tx, order.lines, received.lots);
    const [worst] = found.toSorted((a, b) => Number(b.fraction) - Number(a.fraction));
    if (!worst) return found;
    const metric = `${worst.materialCode} ${worst.received} of ${worst.announced}`;
    await raise(tx, { ...about, level: worst.level, metric }, actor);
    await keepEvidence(tx, run.caseId, 'N21 stock difference', received.receiptNo, { differences: found });
    return found;
  });
  if (differences.length === 0) return;
  const decided = await run
    .ask('accept the difference', {
      title: {
        zh: '到货数量超差，是否按实收办理',
        en: 'other quantities came in than were announced: go on with what came?',
      },
      payload: { noticeNo: received.noticeNo, receiptNo: received.receiptNo, differences },
      people: 2,
      within: '3 working days',
      roles: ['funder', 'operator'],
    })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    });
  if (decided?.decision !== 'approved')
    run.stop(
      'returned',
      `what came in differs from what was announced: ${differences.map((d) => d.materialCode).join(', ')}`,
    );
  await run.record('go on with what came', (tx) => clear(tx, about, actor, 'accepted by two people'));
}
