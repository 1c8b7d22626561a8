/** F4 steps 4–7: what was paid for is dispatched, arrives, and becomes a pledged warehouse receipt; or the seller pays back. */
import { FuturePaid } from '../contracts/hub/futureGoods.ts';
import { hub } from '../contracts/hub/hub.ts';
import { flow } from '../engine/flow.ts';
import { futureDeal, unitsOf } from '../ledger/goods/futureGoods.ts';
import { anchorCase } from './anchoring.ts';
import { convert } from './future-goods/conversion.ts';
import { cover, dayPassed, priced } from './future-goods/cover.ts';
import {
  awaitArrival,
  awaitDispatch,
  noticeNo,
  noticePrefixes,
  stillToCome,
  type ArrivedLot,
} from './future-goods/delivery.ts';
import { futureSteps } from './future-goods/steps.ts';

export const futureDelivery = flow({
  name: 'future-delivery',
  version: 1,
  title: { zh: '未来货权交付与转仓单', en: 'Delivery of future goods' },
  input: FuturePaid,
  startedBy: [hub.notices.futurePaid.name],
  keyOf: (paid) => paid.futureNo,
  caseOf: (paid) => ({ id: paid.caseNo }),
  milestones: futureSteps.slice(3),
  async body(run, paid) {
    const actor = `run:${run.id}`;
    const deal = await run.record('find the right', (tx) => futureDeal(tx, run.caseId, paid.futureNo));
    const lots: ArrivedLot[] = [];
    for (let place = 0; place < noticePrefixes.length && (await stillToCome(run, deal)); place += 1) {
      const dispatch = await awaitDispatch(run, deal, actor);
      if (!dispatch) {
        await dayPassed(run, deal, lots.length > 0, actor);
        break;
      }
      if (place === 0) await run.milestone(4);
      const arrival = await awaitArrival(run, deal, dispatch, noticeNo(run.caseId, place), actor);
      if ('lots' in arrival) {
        lots.push(...arrival.lots);
        if (place === 0) await run.milestone(5);
        continue;
      }
      if (arrival.missing === 'lost')
        run.stop('lost', `the goods of ${dispatch.dispatchNo} are lost, the claim is the funder's`);
      await dayPassed(run, deal, lots.length > 0, actor);
      break;
    }
    const lines = await run.record('as contracted', (tx) => unitsOf(tx, deal.no));
    const pricedLots = await priced(run, deal, lots, new Map(lines.map((line) => [line.materialCode, line.price])));
    const cash = await cover(run, deal, pricedLots, actor);
    await run.milestone(6);
    const receiptNo = await convert(run, deal, pricedLots, cash, actor);
    await anchorCase(run, deal.project.systems.evidence);
    await run.milestone(7);
    return { outcome: 'converted', detail: `receipt ${receiptNo} is pledged` };
  },
});
