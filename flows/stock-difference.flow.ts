/**
 * F9 steps 4–7, one difference of one lot: what is left is held where pledged goods left without an order; the keeper explains within a
 * day; keeper and supervisor count again within three; a note that two parties sign changes the books; what is refused is a dispute, and
 * the goods count at the lower figure until it ends; pledged goods that are gone are called for (F8).
 */
import { hub } from '../contracts/hub/hub.ts';
import { StockDiffers } from '../contracts/hub/stock.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Run } from '../engine/flow.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { partiesOf } from '../ledger/goods/parties.ts';
import { escalate } from '../ledger/oversight/alerts.ts';
import { tellGroup } from './alert.flow.ts';
import { inTime } from './marking/inTime.ts';
import { differenceSteps } from './marking/steps.ts';
import { hold, letGo } from './stock/holding.ts';
import { signNote, type Differing } from './stock/note.ts';

export const stockDifference = flow({
  name: 'stock-difference',
  version: 1,
  title: { zh: '账实差异处理', en: 'Difference of stock' },
  input: StockDiffers,
  startedBy: [hub.notices.stockDiffers.name],
  keyOf: (differs) => differs.alertNo,
  caseOf: (differs) => ({ id: differs.caseNo }),
  milestones: differenceSteps,
  async body(run, differs) {
    const found = await run.record('who is concerned', async (tx) => {
      const project = await projectNamed(tx, differs.project);
      const pledgeeId = differs.pledgeNo ? (await partiesOf(tx, differs.pledgeNo)).pledgeeId : project.funder.id;
      return { project, pledgeeId };
    });
    const about: Differing = { ...differs, ...found, actor: `run:${run.id}` };
    const held = about.unauthorised ? await hold(run, about) : [];
    await run.milestone(4);
    await explain(run, about);
    if (about.cause === 'UNKNOWN_LOT') return unknown(about);
    const recounted = await recount(run, about);
    await run.milestone(5);
    const ended = await signNote(run, about, recounted);
    await letGo(run, about, held);
    return ended;
  },
});

/** Step 5: no answer, and the funder may have the goods moved, or call for more. */
async function explain(run: Run, about: Differing): Promise<void> {
  const { alertNo, project, lotNo } = about;
  const told = await inTime(
    run.wait(portal.notices.differenceExplained, { key: alertNo, within: '1 day', from: 'keeper' }),
  );
  if (told)
    return run.record('record the explanation', (tx) =>
      keepEvidence(tx, run.caseId, 'N21 stock difference', `${alertNo} explained`, {
        by: told.explainedBy,
        reason: told.reason,
        report: told.reportSha256,
      }),
    );
  await run.record('the keeper does not answer', (tx) => escalate(tx, alertNo, about.actor).then(() => undefined));
  await tellGroup(run, project, `${alertNo}-N`, `保管人逾期未说明 批次 ${lotNo}：请资方决定移库或追加`);
  const decided = await inTime(
    run.ask('the keeper does not answer', {
      title: {
        zh: `保管人未说明差异 ${lotNo}：移库或追加`,
        en: `the keeper does not explain lot ${lotNo}: move the goods or call for more`,
      },
      payload: { alertNo, lotNo, booked: about.booked, counted: about.counted },
      within: '1 day',
      roles: ['FND', 'FND-C'],
    }),
  );
  await run.record('what the funder decided', (tx) =>
    keepEvidence(tx, run.caseId, 'N21 stock difference', `${alertNo} unexplained`, {
      decision: decided?.decision ?? 'none',
      reason: decided?.reason ?? '',
      by: decided?.by ?? [],
    }),
  );
}

interface Recounted {
  readonly noteNo: string;
  readonly quantity: string;
  readonly keeper: string;
  readonly supervisor: string;
  readonly reportSha256: string;
}

/** Within three days on the spot, then each further day the alert is somebody else's: nothing is adjusted without it. */
async function recount(run: Run, about: Differing): Promise<Recounted> {
  const { alertNo, lotNo } = about;
  for (let late = false; ; late = true) {
    const within = late ? '1 day' : '3 days';
    const told = await inTime(run.wait(portal.notices.lotRecounted, { key: alertNo, within, from: 'keeper' }));
    if (told?.lotNo === lotNo && told.countedBy !== told.supervisedBy && told.unit === about.unit) {
      await run.record('record the recount', (tx) =>
        keepEvidence(tx, run.caseId, 'N21 stock difference', told.noteNo, {
          lotNo,
          quantity: told.quantity,
          photos: told.photos,
          weighTickets: told.weighTickets,
          report: told.reportSha256,
        }),
      );
      const { noteNo, quantity, countedBy: keeper, supervisedBy: supervisor, reportSha256 } = told;
      return { noteNo, quantity, keeper, supervisor, reportSha256 };
    }
    if (!told) await run.record('no recount came', (tx) => escalate(tx, alertNo, about.actor).then(() => undefined));
  }
}

/** A lot of which the books know nothing is never made from a difference: it comes in by a goods receipt, or goes. Its alert stays till then. */
function unknown({ lotNo }: Differing): { outcome: string; detail: string } {
  return { outcome: 'unknown lot', detail: `${lotNo} is not in the books and not made` };
}
