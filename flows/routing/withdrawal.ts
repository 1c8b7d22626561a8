/** An application is taken back (撤回) from a funder, and its acknowledgement is waited for: before that nobody else is asked. */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Run } from '../../engine/flow.ts';
import { attemptOf, endAttempt } from '../../ledger/financing/routing.ts';
import { move } from '../../ledger/lifecycle.ts';
import { raise } from '../../ledger/oversight/alerts.ts';
import type { Deal } from '../financing/deal.ts';

/**
 * The answer is the acknowledgement; a lost one is asked for. A funder that refuses may have paid, or be about to: then people find
 * out, and only they let another funder be asked.
 */
export async function withdraw(run: Run, deal: Deal, no: string, funderRef: string, reason: string): Promise<void> {
  const { project, actor } = deal;
  try {
    await run.call(
      bank.operations.withdrawApplication,
      { applicationNo: no, funderRef, reason },
      {
        system: project.systems.funder,
        before: (tx) => move(tx, 'route_attempt', no, 'withdraw', actor),
        after: (tx) => endAttempt(tx, no, 'acknowledge', reason, actor),
      },
    );
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    await notWithdrawn(run, deal, no, thrown.message);
  }
}

async function notWithdrawn(run: Run, { actor, project }: Deal, no: string, why: string): Promise<void> {
  await run.record('the withdrawal was refused', async (tx) => {
    await raise(
      tx,
      { type: 'DUP_ASSET', level: 'CALL', subject: no, caseId: run.caseId, metric: why.slice(0, 100) },
      actor,
    );
  });
  const decided = await run.ask('the funder refuses the withdrawal', {
    title: { zh: '资方拒绝撤回，核实是否已放款', en: 'the funder refuses the withdrawal: has it paid?' },
    payload: { attempt: no, funder: project.funder.name, why },
    within: '10 working days',
    roles: ['operator'],
  });
  if (decided.decision === 'rejected') run.stop('failed', `${no} could not be withdrawn: ${why}`);
  await run.record('withdrawn on paper', (tx) => endAttempt(tx, no, 'acknowledge', decided.reason, actor));
}

/** Compensation: what the funder still holds of this attempt is taken back. What it has ended itself is left. */
export async function takeBack(run: Run, { project, actor }: Deal, no: string, reason: string): Promise<void> {
  const attempt = await run.record('what the funder still holds', (tx) => attemptOf(tx, no));
  if (!attempt || !['PUSHED', 'APPROVED'].includes(attempt.state)) return;
  const { system } = { system: project.systems.funder };
  const known = await run.call(bank.operations.queryApplication, { no }, { system });
  if (known.outcome !== 'confirmed') return;
  const { funderRef } = known.response;
  await run
    .call(
      bank.operations.withdrawApplication,
      { applicationNo: no, funderRef, reason },
      {
        system,
        before: (tx) => move(tx, 'route_attempt', no, 'withdraw', actor),
        after: (tx) => endAttempt(tx, no, 'acknowledge', reason, actor),
      },
    )
    .catch(async (thrown: unknown) => {
      if (!isFailure(thrown)) throw thrown;
      await run.record('not taken back', (tx) =>
        raise(tx, { type: 'DUP_ASSET', level: 'CALL', subject: no, caseId: run.caseId, metric: thrown.type }, actor),
      );
    });
}
