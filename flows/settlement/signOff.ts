/** Step 6: two people sign what was compared. Who does not, stops the disbursements of that funder from the third day on. */
import { isFailure } from '../../contracts/failures.ts';
import type { Run } from '../../engine/flow.ts';
import { closeCase } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { alarm, allClear, dayTotals, signOffDay } from '../../ledger/money/settlementDay.ts';
import type { Day } from './morning.ts';

/** Who says no says why; it is looked into and asked again. A day that is refused so often is an affair of its own. */
const refusalsMax = 20;
/** So much of what somebody wrote is told with the alert. */
const metricMax = 200;

export async function signOff(run: Run, day: Day, runNo: string, actor: string): Promise<void> {
  const totals = await run.record('what is signed', (tx) => dayTotals(tx, runNo));
  const title = { zh: '日终对账签核', en: 'sign off the settlement of the day' };
  const asked = { title, payload: totals, people: 2 };
  let decided = await run
    .ask('sign off', { ...asked, within: '2 days', roles: ['operator'] })
    .catch(async (thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      await run.record('nobody signed for two days', (tx) =>
        alarm(tx, day.scope, day.on, 'not signed off: disbursements of this funder are stopped', 'CALL', actor),
      );
      return run.ask('sign off, late', { ...asked, within: '30 days', roles: ['operator', 'risk'] });
    });
  for (let refusals = 1; decided.decision === 'rejected' && refusals <= refusalsMax; refusals += 1) {
    const why = `not signed off: ${decided.by.join(', ')}: ${decided.reason}`.slice(0, metricMax);
    await run.record('the sign-off was refused', (tx) => alarm(tx, day.scope, day.on, why, 'CALL', actor));
    decided = await run.ask('sign off again', { ...asked, within: '30 days', roles: ['operator', 'risk'] });
  }
  const [maker, checker] = decided.by;
  if (decided.decision === 'rejected' || maker === undefined || checker === undefined)
    return run.stop('refused', `${decided.by.join(', ')}: ${decided.reason}`);
  await run.record('sign off', async (tx) => {
    await signOffDay(tx, runNo, { maker, checker }, actor);
    await allClear(tx, day.scope, day.on, actor, 'signed off');
    await keepEvidence(tx, run.caseId, 'N24 reconciliation', runNo, { ...totals, maker, checker });
    await closeCase(tx, run.caseId, 'reconciled');
  });
  await run.milestone(6);
}
