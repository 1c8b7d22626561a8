/** F3 6: goods that came in while the warehouse's feed is down, counted by two people: the same fact as the warehouse's own (I-36). */
import { isFailure } from '../contracts/failures.ts';
import { ArrivalCount } from '../contracts/portal/arrivals.ts';
import { portal } from '../contracts/portal/portal.ts';
import { wms } from '../contracts/wms/wms.ts';
import { flow } from '../engine/flow.ts';
import { adviseCase } from '../ledger/cases.ts';
import { keeperSystem } from '../ledger/goods/arrivals.ts';
import { decidedElsewhere } from '../ledger/oversight/approvals.ts';
import { enterManually, postManually } from '../ledger/oversight/manualEntries.ts';

export const arrivalCount = flow({
  name: 'arrival-count',
  version: 1,
  title: { zh: '人工清点入库', en: 'Arrival counted by hand' },
  input: ArrivalCount,
  startedBy: [portal.notices.arrivalCounted.name],
  keyOf: (count) => `${count.received.receiptNo} ${count.documentSha256}`,
  // Numbers of a case's instructions are those of the case.
  caseOf: (count) => ({ id: count.received.noticeNo.replace(/^[A-Z]+/, 'CASE-') }),
  milestones: [],
  async body(run, { received, countedBy, witnessedBy, documentSha256 }) {
    const actor = `run:${run.id}`;
    const notice = wms.notices.goodsReceived;
    try {
      await run.record('enter the count', async (tx) => {
        const reason = 'the feed of the warehouse is down';
        const system = await keeperSystem(tx, run.caseId);
        const entry = await enterManually(tx, notice, { system, payload: received, documentSha256, reason }, actor);
        const subject = { entity: 'manual_entry', id: entry, event: 'post' } as const;
        const people = { maker: countedBy, checker: witnessedBy, source: 'keeper' };
        await postManually(tx, notice, entry, received, await decidedElsewhere(tx, subject, people, actor), actor);
        await adviseCase(tx, run.caseId);
      });
    } catch (thrown) {
      if (!isFailure(thrown) || thrown.type !== 'SAME_PERSON_APPROVAL') throw thrown;
      return { outcome: 'refused', detail: 'the count is signed by one person only' };
    }
    await run.tell(notice, received);
    return { outcome: 'entered', detail: received.receiptNo };
  },
});
