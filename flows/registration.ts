/** Takes a registration (中登登记) back when the financing that it was for did not come about. */
import { Failure } from '../contracts/failures.ts';
import { registry } from '../contracts/registry/registry.ts';
import type { Run } from '../engine/flow.ts';
import { numberFor } from '../ledger/cases.ts';
import { guardUnfunded } from '../ledger/guards.ts';
import { move } from '../ledger/lifecycle.ts';
import { recordRegistration, registrationOf } from '../ledger/goods/pledges.ts';

/**
 * What the registry was asked may have been registered though nobody heard of it, so it is asked before anything is
 * concluded. While it is still at it, people decide.
 */
export async function withdrawRegistration(
  run: Run,
  system: string,
  {
    applicationNo,
    requestNo,
    cancelNo = numberFor('RX', run.caseId),
  }: { applicationNo: string; requestNo: string; cancelNo?: string },
  actor: string,
): Promise<void> {
  const kept = await run.record('what is registered', async (tx) => {
    await guardUnfunded(tx, applicationNo);
    return registrationOf(tx, requestNo);
  });
  if (kept?.state === 'SUBMITTED' && !(await heardOf(run, system, requestNo, actor))) return;
  const { registrationNo, amendCode } =
    (await run.record('the registration', (tx) => registrationOf(tx, requestNo))) ?? {};
  if (!registrationNo || !amendCode) return;
  const reason = '主债权未设立';
  await run.call(registry.operations.cancel, { requestNo: cancelNo, registrationNo, amendCode, reason }, { system });
  await run.wait(registry.notices.registrationChanged, {
    key: cancelNo,
    within: '10 working days',
    from: system,
    poll: { operation: registry.operations.readChange, system, every: '4 hours' },
  });
  await run.record('record the cancellation', (tx) =>
    move(tx, 'registration', requestNo, 'cancel', actor, { cancelled_at: run.now() }),
  );
}

/** Whether the request became a registration after all; the books then hold it. */
async function heardOf(run: Run, system: string, requestNo: string, actor: string): Promise<boolean> {
  const answer = await run.call(registry.operations.readRegistration, { no: requestNo }, { system });
  if (answer.outcome === 'pending')
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the registry still works on ${requestNo}` });
  await run.record('record what became of it', (tx) =>
    answer.outcome === 'confirmed'
      ? recordRegistration(tx, answer.response, actor)
      : move(tx, 'registration', requestNo, 'fail', actor),
  );
  return answer.outcome === 'confirmed';
}
