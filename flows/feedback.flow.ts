/** F12 post-loan feedback (贷后反馈): once a month each funder is told how the borrowers do whose loans run, as far as they have consented. */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { isFailure } from '../contracts/failures.ts';
import { flow, type Ending, type Run } from '../engine/flow.ts';
import { closeCase, numberFor } from '../ledger/cases.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { closeCycle, frozenByRule, toFeedBack, unfreezeLimits, type FedBack } from '../ledger/oversight/feedback.ts';
import { deliver, type Delivered, type Month } from './feedback/delivery.ts';
import { feedbackSteps } from './feedback/steps.ts';

export const feedback = flow({
  name: 'feedback',
  version: 1,
  title: { zh: '贷后反馈', en: 'Post-loan feedback' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, { what }) => what === 'feedback',
  keyOf: dueKey,
  caseOf: ({ scope, on }) => ({ key: `feedback/${scope}/${on}`, title: `贷后反馈 ${scope} ${monthBefore(on)}` }),
  milestones: feedbackSteps,
  async body(run, { scope, on }): Promise<Ending> {
    const period = monthBefore(on);
    const { project, told } = await run.record('who is told of whom', async (tx) => {
      const named = await projectNamed(tx, scope);
      const { id, sellerNo, systems } = named;
      return { project: named, told: await toFeedBack(tx, { id, sellerNo, erp: systems.erp }, period) };
    });
    const month: Month = { project, period, from: `${period}-01`, actor: `run:${run.id}` };
    const outcomes = await tellAll(run, month, told);
    for (const { no } of feedbackSteps) await run.milestone(no);
    const missed = outcomes.filter((outcome) => outcome === 'MISSED').length;
    const outcome = outcomes.length === 0 ? 'nothing' : missed === 0 ? 'told' : 'missed';
    await run.record('close the case', (tx) => closeCase(tx, run.caseId, outcome));
    return { outcome, detail: `${outcomes.length - missed} of ${outcomes.length} told` };
  },
});

/** One after the other: neither the ERP nor a funder is hurried. */
async function tellAll(run: Run, month: Month, told: readonly FedBack[]): Promise<Delivered['outcome'][]> {
  const outcomes: Delivered['outcome'][] = [];
  for (const [place, fedBack] of told.entries()) {
    const delivered = await deliver(run, month, fedBack, `${numberFor('FB', run.caseId)}-${place + 1}`);
    await run.record('how the month ended', (tx) =>
      closeCycle(tx, { ...delivered, project: month.project.id, period: month.period, fedBack }, month.actor),
    );
    if (delivered.outcome === 'TAKEN') await mend(run, month, fedBack);
    outcomes.push(delivered.outcome);
  }
  return outcomes;
}

/** Feedback came again after two months without: the funder's people say whether the limit is free again. */
async function mend(run: Run, { period, actor }: Month, fedBack: FedBack): Promise<void> {
  const limits = await run.record('limits that were frozen for it', (tx) => frozenByRule(tx, fedBack));
  if (limits.length === 0) return;
  const { funder, borrower } = fedBack;
  const decided = await run
    .ask('unfreeze the limit', {
      title: { zh: '反馈已恢复，解冻额度', en: 'feedback came again: unfreeze the limit?' },
      payload: { period, borrower: borrower.uscc, limits: [...limits] },
      party: funder.id,
      people: 2,
      within: '10 working days',
    })
    .catch(leftFrozen);
  if (decided?.decision === 'approved')
    await run.record('unfreeze', (tx) => unfreezeLimits(tx, fedBack, decided.by, actor));
}

/** Nobody said so in time: it stays frozen, and the next month asks again. */
function leftFrozen(thrown: unknown): undefined {
  if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED') return undefined;
  throw thrown;
}

/** `2026-11` for a day of December 2026. */
export function monthBefore(on: string): string {
  const [year = 0, month = 0] = on.split('-').map(Number);
  const before = new Date(Date.UTC(year, month - 2, 1));
  return before.toISOString().slice(0, 7);
}
