/**
 * An alert (预警) is told, and one of the people takes it in time; otherwise it goes to the next (F8 3: a day; F9 4: four hours, then
 * everybody who is concerned is called one by one).
 */
import { hub } from '../contracts/hub/hub.ts';
import { AlertOpened } from '../contracts/hub/marking.ts';
import type { Message } from '../contracts/contract.ts';
import { isFailure } from '../contracts/failures.ts';
import { notify } from '../contracts/notify/notify.ts';
import type { Period } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { projectNamed, type Project } from '../ledger/configuration/projects.ts';
import { partiesOf } from '../ledger/goods/parties.ts';
import { stateOf } from '../ledger/lifecycle.ts';
import { acknowledge, escalate } from '../ledger/oversight/alerts.ts';
import { inTime } from './marking/inTime.ts';
import { alertSteps } from './marking/steps.ts';
import { textTo } from './telling.ts';

type Told = Message<typeof AlertOpened>;

/** Whoever sees it first. */
const first = ['CUST', 'UNIT', 'OPS', 'FND', 'WH'];
/** Those who answer for it when nobody did. */
const next = ['OPS-C', 'FND', 'FND-C'];

export const alert = flow({
  name: 'alert',
  version: 1,
  title: { zh: '预警告知与签收', en: 'Alert' },
  input: AlertOpened,
  startedBy: [hub.notices.alertOpened.name],
  keyOf: (told) => told.alertNo,
  caseOf: (told) => ({ id: told.caseNo }),
  milestones: alertSteps,
  async body(run, told) {
    const { alertNo, ackHours } = told;
    const project = await run.record('choose the project', (tx) => projectNamed(tx, told.project));
    await tellGroup(run, project, `${alertNo}-A`, told.text);
    await textAll(run, project, told, 'A');
    await run.milestone(told.step);
    if (await taken(run, told, first, `${ackHours} hours`)) return { outcome: 'acknowledged', detail: alertNo };
    const escalated = await run.record('nobody took it', (tx) => escalate(tx, alertNo, `run:${run.id}`));
    if (!escalated) return { outcome: 'over', detail: alertNo };
    await tellGroup(run, project, `${alertNo}-B`, `升级 ${told.text}`);
    await textAll(run, project, told, 'B');
    if (await taken(run, told, next, '1 working day')) return { outcome: 'acknowledged late', detail: alertNo };
    return { outcome: 'unanswered', detail: alertNo };
  },
});

/** False when nobody took it in time. */
async function taken(run: Run, told: Told, roles: readonly string[], within: Period): Promise<boolean> {
  const decided = await inTime(
    run.ask('take the alert', {
      title: { zh: `预警待签收 ${told.alertNo}`, en: `take the alert ${told.alertNo}` },
      payload: { alertNo: told.alertNo, text: told.text },
      within,
      roles,
    }),
  );
  if (!decided) return false;
  await run.record('record who took it', async (tx) => {
    // What it is about may be over at this very moment.
    await tx.query('select from alert where no = $1 for update', [told.alertNo]);
    const state = await stateOf(tx, 'alert', told.alertNo);
    if (state === 'OPEN' || state === 'ESCALATED')
      await acknowledge(tx, told.alertNo, decided.by[0] ?? '', `run:${run.id}`);
  });
  return true;
}

/** To the unit's and the operator's group. That a message was not taken stops nothing. */
export async function tellGroup(run: Run, project: Project, messageNo: string, text: string): Promise<void> {
  try {
    await run.call(notify.operations.postGroup, { messageNo, text }, { system: project.systems.group });
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
}

async function textAll(run: Run, project: Project, { alertNo, pledgeNo, sms }: Told, round: 'A' | 'B'): Promise<void> {
  if (pledgeNo === undefined || sms === undefined) return;
  const parties = await run.record('whom it concerns', (tx) => partiesOf(tx, pledgeNo));
  const concerned = [parties.pledgorId, parties.pledgeeId, parties.supervisorId];
  for (const [place, party] of concerned.entries())
    await textTo(run, {
      no: `${alertNo}-${round}${place + 1}`,
      party,
      system: project.systems.sms,
      template: sms.template,
      params: sms.params,
    });
}
