/** Reminders (催办): people are told that something waits for them. That one was not sent stops no business. */
import { isFailure } from '../../contracts/failures.ts';
import { notify } from '../../contracts/notify/notify.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { signerOf } from '../../ledger/parties/authorities.ts';
import type { Project } from '../../ledger/configuration/projects.ts';

/** To the person who signs for the company, by text message; `no` tells one reminder of the case from the next. */
export async function remind(
  run: Run,
  project: Project,
  party: string,
  told: { readonly no: string; readonly about: string; readonly deadline: Date },
): Promise<void> {
  const { phone } = await run.record(`whom to remind ${told.no}`, async (tx) => ({
    phone: (await signerOf(tx, party)).phone,
  }));
  const message = {
    messageNo: `${numberFor('MS', run.caseId)}-${told.no}`,
    phone,
    template: 'signRequest' as const,
    params: [
      { name: 'contractNo', value: told.about.slice(0, 32) },
      { name: 'deadline', value: businessDate(told.deadline) },
    ],
  };
  await run.call(notify.operations.sendSms, message, { system: project.systems.sms }).catch((thrown: unknown) => {
    if (!isFailure(thrown)) throw thrown;
  });
}

/** To the operator's group: somebody is late. */
export async function escalate(run: Run, project: Project, no: string, text: string): Promise<void> {
  const message = { messageNo: `${numberFor('MG', run.caseId)}-${no}`, text };
  await run.call(notify.operations.postGroup, message, { system: project.systems.group }).catch((thrown: unknown) => {
    if (!isFailure(thrown)) throw thrown;
  });
}
