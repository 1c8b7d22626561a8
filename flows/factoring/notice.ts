/** Notice of assignment (债权转让通知): delivered is what the debtor's own system says came in (民法典 546, I-19). */
import { portal } from '../../contracts/portal/portal.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { acknowledgeNotice, draftNotice, recordArrival, sendNotice } from '../../ledger/trade/notices.ts';
import { paper } from '../papers.ts';
import { inTime, type Agreed, type Deal } from './deal.ts';
import { escalate, remind } from './reminders.ts';

/** Sent before money moves (明保理), or written and held (暗保理). One notice, which names all who bought. */
export async function notifyDebtor(run: Run, deal: Deal, agreed: Agreed): Promise<void> {
  const { asked, core, supplier, project, actor } = deal;
  const no = numberFor('NT', run.caseId);
  const { receivableNo, collectionAccountNo } = asked.receivable;
  const written = paper('transfer-notice.pdf', '应收账款转让通知书', [
    `应收账款 ${receivableNo}　转让人 ${supplier.name}　债务人 ${core.name}`,
    ...agreed.slices.map(({ funder, amount }) => `受让人 ${funder.name} ${funder.uscc}　份额 ${amount} 元`),
    `回款账户 ${collectionAccountNo}`,
  ]);
  await run.record(
    'write the notice of assignment',
    async (tx) => {
      const lead = agreed.slices[0]?.funder.id ?? '';
      const { disclosed } = asked;
      await draftNotice(
        tx,
        {
          no,
          receivableNo,
          assignee: lead,
          sentBy: 'FACTOR',
          documentSha256: written.sha256,
          assignmentProof: written.sha256,
          disclosed,
        },
        actor,
      );
      if (disclosed) await sendNotice(tx, no, { channel: 'PLATFORM', at: run.now() }, actor);
    },
    { undo: (tx) => withdrawNotice(tx, no, actor) },
  );
  if (!asked.disclosed) return;
  if (!(await awaitArrival(run, no, actor))) {
    await remind(run, project, core.id, { no: 'NT', about: receivableNo, deadline: run.now() });
    await escalate(run, project, 'NT', `转让通知 ${no} 尚无到达记录（${businessDate(run.now())}）`);
    if (!(await awaitArrival(run, no, actor)))
      run.stop('returned', 'NOTICE_NOT_DELIVERED: the debtor’s system recorded no arrival');
  }
}

type Tx = Parameters<typeof recordArrival>[0];

/** It was never needed, or what it says did not come about: the assignee takes it back. */
async function withdrawNotice(tx: Tx, no: string, actor: string): Promise<void> {
  const found = await tx.query<{ state: string }>('select state from assignment_notice where no = $1', [no]);
  const state = found.rows[0]?.state;
  if (state === 'DRAFT') await move(tx, 'assignment_notice', no, 'cancel', actor);
  if (state === 'DELIVERED' || state === 'ACKNOWLEDGED') await move(tx, 'assignment_notice', no, 'revoke', actor);
}

/** False when nothing arrived in five working days. */
export async function awaitArrival(run: Run, no: string, actor: string): Promise<boolean> {
  const arrived = await inTime(
    run.wait(portal.notices.noticeArrived, { key: no, within: '5 working days', from: 'core' }),
  );
  if (!arrived) return false;
  await run.record('record the arrival of the notice', async (tx) => {
    await recordArrival(tx, no, { at: new Date(arrived.arrivedAt), source: arrived.system }, actor);
    if (arrived.acknowledged) await acknowledgeNotice(tx, no, actor);
    await keepEvidence(tx, run.caseId, 'N10 notice delivered', no, {
      system: arrived.system,
      arrivedAt: arrived.arrivedAt,
      acknowledged: arrived.acknowledged,
    });
  });
  return true;
}
