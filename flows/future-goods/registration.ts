/** The registration of the future goods changes with them: their receipt's number goes in, and it ends with the debt. */
import { registry } from '../../contracts/registry/registry.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { amendRegistration, cancelRegistration } from '../../ledger/financing/registrations.ts';
import type { FutureDeal } from '../../ledger/goods/futureGoods.ts';

export async function cancelFutureRegistration(
  run: Run,
  deal: FutureDeal,
  reason: string,
  actor: string,
): Promise<void> {
  const requestNo = numberFor('RC', run.caseId);
  const { registrationNo, amendCode } = deal.registration;
  const system = deal.project.systems.registry;
  await run.call(registry.operations.cancel, { requestNo, registrationNo, amendCode, reason }, { system });
  await run.wait(registry.notices.registrationChanged, {
    key: requestNo,
    within: '10 working days',
    from: system,
    poll: { operation: registry.operations.readChange, system, every: '4 hours' },
  });
  await run.record('record the cancellation', (tx) =>
    cancelRegistration(tx, deal.registration.requestNo, run.now(), actor),
  );
}

/** An amendment that was sent back is asked for again under a number of its own. */
const amendmentPrefixes = ['RA', 'RAB', 'RAC', 'RAD'];

/** The receipt's number goes into the registration. Returns the number of the amendment. */
export async function amend(
  run: Run,
  deal: FutureDeal,
  description: string,
  attempt: number,
  actor: string,
): Promise<string> {
  const requestNo = numberFor(amendmentPrefixes[attempt - 1] ?? 'RAX', run.caseId);
  const { registrationNo, amendCode } = deal.registration;
  const system = deal.project.systems.registry;
  await run.call(registry.operations.amend, { requestNo, registrationNo, amendCode, description }, { system });
  await run.wait(registry.notices.registrationChanged, {
    key: requestNo,
    within: '2 working days',
    from: system,
    poll: { operation: registry.operations.readChange, system, every: '4 hours' },
  });
  await run.record('record the amendment', (tx) =>
    amendRegistration(tx, deal.registration.requestNo, actor, 'the goods lie under a receipt now'),
  );
  return requestNo;
}
