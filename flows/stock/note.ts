/** Steps 6 and 7: the note of adjustment, its two signatures, the dispute when one is refused, and the demand for what is missing. */
import { hub } from '../../contracts/hub/hub.ts';
import type { StockDiffers } from '../../contracts/hub/stock.ts';
import type { Message } from '../../contracts/contract.ts';
import type { Run } from '../../engine/flow.ts';
import type { Project } from '../../ledger/configuration/projects.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { demandGap, dropNote, postNote, writeNote } from '../../ledger/goods/differences.ts';
import { refuseAdjustment } from '../../ledger/goods/stock.ts';
import type { Actor } from '../../ledger/lifecycle.ts';
import { clear, escalate } from '../../ledger/oversight/alerts.ts';
import { tellGroup } from '../alert.flow.ts';
import { inTime } from '../marking/inTime.ts';

export interface Differing extends Omit<Message<typeof StockDiffers>, 'project'> {
  readonly project: Project;
  readonly pledgeeId: string;
  readonly actor: Actor;
}

interface Recounted {
  readonly noteNo: string;
  readonly quantity: string;
  readonly keeper: string;
  readonly supervisor: string;
  readonly reportSha256: string;
}

interface Ended {
  readonly outcome: string;
  readonly detail: string;
}

export async function signNote(run: Run, about: Differing, recounted: Recounted): Promise<Ended> {
  const { lotNo, project, actor } = about;
  const { noteNo, quantity: counted, reportSha256 } = recounted;
  const change = await run.record('write the note', async (tx) => {
    const note = {
      no: noteNo,
      lotNo,
      counted,
      reason: `difference ${about.alertNo}`,
      reportSha256,
      keeperId: project.keeper.id,
    };
    return (await writeNote(tx, note, actor)) ?? null;
  });
  if (change === null) return end(run, about, 'found', `${lotNo}: counted again, the books are right`);
  const signed = await inTime(
    run.ask('sign the note', {
      title: { zh: `签署调整单 ${noteNo}`, en: `sign the note of adjustment ${noteNo}` },
      payload: { noteNo, lotNo, change, counted, report: reportSha256 },
      within: '3 days',
      roles: ['FND', 'FND-C'],
      notBy: [recounted.keeper, recounted.supervisor],
    }),
  );
  if (signed?.decision === 'approved') return post(run, about, recounted, signed.by[0] ?? '');
  return dispute(run, about, recounted, signed?.reason ?? 'nobody signed it in time');
}

/** A compensating movement, never an edit; and what of it was pledged is called for. */
async function post(run: Run, about: Differing, { noteNo, keeper }: Recounted, checker: string): Promise<Ended> {
  const { caseNo, lotNo, project, pledgeeId: signerId, actor } = about;
  const posted = await run.record('post the note', async (tx) => {
    const { lostPledged, pledgeNo } = await postNote(tx, noteNo, { signerId, maker: keeper, checker }, actor);
    await keepEvidence(tx, run.caseId, 'N21 stock difference', `${noteNo} posted`, { lotNo, lostPledged });
    const callNo = pledgeNo === undefined ? undefined : await demandGap(tx, pledgeNo, caseNo, actor);
    return { lostPledged, pledgeNo: pledgeNo ?? null, callNo: callNo ?? null };
  });
  await run.milestone(6);
  const { pledgeNo, callNo, lostPledged } = posted;
  if (pledgeNo !== null && callNo !== null)
    await run.tell(hub.notices.marginCalled, { callNo, caseNo, pledgeNo, project: project.id, cause: 'STOCK' });
  if (pledgeNo !== null) await run.milestone(7);
  return end(run, about, 'adjusted', `${noteNo}: ${lotNo}, pledged and lost ${lostPledged}`);
}

/** Valued at the lower figure until both agree: that it was so, and it is posted, or that the goods are there. */
async function dispute(run: Run, about: Differing, recounted: Recounted, why: string): Promise<Ended> {
  const { alertNo, lotNo, project, pledgeNo, caseNo, actor } = about;
  const { noteNo } = recounted;
  const callNo = await run.record('refuse the note', async (tx) => {
    await refuseAdjustment(tx, noteNo, why, actor);
    await escalate(tx, alertNo, actor);
    await keepEvidence(tx, run.caseId, 'N21 stock difference', `${noteNo} disputed`, { lotNo, why });
    return (pledgeNo && (await demandGap(tx, pledgeNo, caseNo, actor))) ?? null;
  });
  await run.milestone(6);
  await tellGroup(run, project, `${alertNo}-D`, `调整单 ${noteNo} 未获签署，批次 ${lotNo} 转争议，按较低数量计值`);
  if (callNo && pledgeNo) {
    await run.tell(hub.notices.marginCalled, { callNo, caseNo, pledgeNo, project: project.id, cause: 'STOCK' });
    await run.milestone(7);
  }
  for (;;) {
    const settled = await inTime(
      run.ask('settle the dispute', {
        title: { zh: `货物争议 ${lotNo}：是否确认短少`, en: `dispute about lot ${lotNo}: are the goods missing` },
        payload: { alertNo, noteNo, lotNo, why },
        people: 2,
        within: '30 days',
        roles: ['WH', 'FND', 'FND-C'],
      }),
    );
    if (settled?.decision === 'approved') {
      const [maker = '', checker = ''] = settled.by;
      return post(run, about, { ...recounted, keeper: maker }, checker);
    }
    if (settled) return dropped(run, about, noteNo, settled.reason, callNo !== null);
  }
}

/** The goods are there: what was called for because of this dispute is called for no more. */
async function dropped(run: Run, about: Differing, noteNo: string, reason: string, called: boolean): Promise<Ended> {
  const { pledgeNo, actor } = about;
  await run.record('drop the note', async (tx) => {
    await dropNote(tx, noteNo, reason, actor);
    if (called && pledgeNo) await clear(tx, { type: 'MARGIN_CALL', subject: pledgeNo }, actor, reason);
  });
  if (pledgeNo) await run.tell(hub.notices.collateralChanged, { pledgeNo, cause: 'GOODS', no: noteNo });
  return end(run, about, 'dispute dropped', `${noteNo}: ${reason}`);
}

async function end(run: Run, about: Differing, outcome: string, detail: string): Promise<Ended> {
  await run.record('resolve the alert', (tx) =>
    clear(tx, { type: 'STOCK_DIFF', subject: about.lotNo }, about.actor, detail),
  );
  return { outcome, detail };
}
