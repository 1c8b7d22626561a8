/** Step 5: each difference is a case with an owner, until the next working day; then the head of operations has it. */
import { hub } from '../../contracts/hub/hub.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Run } from '../../engine/flow.ts';
import { alarm, allClear, assignBreaks, escalateBreaks, openBreaks } from '../../ledger/money/settlementDay.ts';
import type { Day } from './morning.ts';

/** A day that is not settled in all this time is an affair of its own. */
const weeksMax = 8;

/** Comes back when none is open. What settles them comes by command (`break-resolution.flow.ts`). */
export async function settleDifferences(run: Run, day: Day, runNo: string, actor: string): Promise<void> {
  let open = await run.record('give each difference an owner', (tx) => assignBreaks(tx, runNo));
  let within: '1 working day' | '5 working days' = '1 working day';
  let waited = 0;
  while (open > 0) {
    const closed = await nextClosed(run, runNo, within);
    if (!closed) {
      within = '5 working days';
      waited += 1;
      if (waited > weeksMax) run.stop('open', `${open} differences of ${runNo} were never settled`);
      await run.record('escalate what is still open', async (tx) => {
        const escalated = await escalateBreaks(tx, runNo);
        if (escalated > 0)
          await alarm(tx, day.scope, day.on, `${escalated} differences are past their day`, 'CALL', actor);
      });
    }
    open = await run.record('what is still open', (tx) => openBreaks(tx, runNo));
  }
  await run.record('all differences are settled', (tx) => allClear(tx, day.scope, day.on, actor, 'settled'));
  await run.milestone(5);
}

async function nextClosed(run: Run, runNo: string, within: '1 working day' | '5 working days'): Promise<boolean> {
  return run.wait(hub.notices.breakClosed, { key: runNo, within, from: 'operator' }).then(
    () => true,
    (thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED') return false;
      throw thrown;
    },
  );
}
