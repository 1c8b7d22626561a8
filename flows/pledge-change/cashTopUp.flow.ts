/** F5 step 7, top-up in cash (现金补仓): it counts from the moment at which the funder's bank entry proves it, not when it is promised. */
import { fenOf } from '../../contracts/canonical/money.ts';
import { isFailure } from '../../contracts/failures.ts';
import { hub } from '../../contracts/hub/hub.ts';
import { CashTopUp } from '../../contracts/portal/pledgeChange.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { flow } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { enterMargin } from '../../ledger/goods/changes.ts';
import { openPledge } from '../../ledger/goods/releases.ts';
import { beyondSteps } from './steps.ts';

export const cashTopUp = flow({
  name: 'cash-top-up',
  version: 1,
  title: { zh: '现金补仓', en: 'Top-up in cash' },
  input: CashTopUp,
  startedBy: [portal.notices.cashAnnounced.name],
  keyOf: (asked) => asked.topUpNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: beyondSteps,
  async body(run, asked) {
    const open = await run.record('find the pledge', (tx) =>
      openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc),
    );
    const came = await run
      .wait(portal.notices.marginReceived, { key: asked.topUpNo, within: '3 working days', from: 'funder' })
      .catch((thrown: unknown) => {
        if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED')
          return run.stop('unproven', 'no bank entry proves that the cash came');
        throw thrown;
      });
    const { entryNo: no, amount, currency, statementRef } = came;
    await run
      .record('enter the margin', async (tx) => {
        await enterMargin(tx, { no, pledgeNo: open.pledgeNo, amount, currency, statementRef });
        await keepEvidence(tx, run.caseId, 'N15 bank receipt', no, { amount, statementRef, announced: asked.amount });
      })
      .catch((thrown: unknown) => {
        // One entry of a statement proves one top-up.
        if (isFailure(thrown)) return run.stop('unproven', `${thrown.type}: ${thrown.message}`);
        throw thrown;
      });
    await run.milestone(7);
    await run.tell(hub.notices.collateralChanged, { pledgeNo: open.pledgeNo, cause: 'CASH', no });
    const whole = fenOf(amount) >= fenOf(asked.amount);
    return {
      outcome: whole ? 'toppedUp' : 'toppedUpInPart',
      detail: `${amount} of ${asked.amount} by ${statementRef}`,
    };
  },
});
