/** Steps 4 and 5: what secures the loan is called upon; after ninety days it is non-performing, and the borrower is proposed for the blacklist. */
import { hub } from '../../contracts/hub/hub.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { overdueLoan } from '../../ledger/money/overdue.ts';
import { raise } from '../../ledger/oversight/alerts.ts';
import { messageSha256 } from '../disclosures.ts';
import type { Overdue } from './mending.ts';
import { owedNow } from './notices.ts';

/**
 * Goods: the funder decides to extend or to dispose (F8 step 6). Receivables: the factoring serves the notice that was held and asks for
 * buy-back itself; the debtor who has the notice is reminded from here. Without either, there is the borrower alone.
 */
export async function callUpon(run: Run, late: Overdue): Promise<void> {
  const { loan, lapse } = late;
  const owed = await owedNow(run, late);
  const on = businessDate(run.now());
  const { pledgeNo, debtor } = await run.record('what secures it now', (tx) => overdueLoan(tx, loan.loanNo));
  if (pledgeNo !== null)
    await run.tell(hub.notices.collateralCalled, {
      caseNo: run.caseId,
      loanNo: loan.loanNo,
      pledgeNo,
      lapse,
      owed,
      on,
    });
  await run.record('the security is called upon', (tx) =>
    keepEvidence(tx, run.caseId, 'N22 overdue notice', `${loan.loanNo}/${lapse} security`, {
      pledge: pledgeNo ?? '',
      debtor: debtor?.name ?? '',
      owed,
      on,
    }),
  );
  await run.milestone(4);
}

/** Ninety days (银保监办发〔2019〕205号): two people decide on the blacklist, in the flow that does that for everybody. */
export async function declareNonPerforming(run: Run, late: Overdue): Promise<void> {
  const { loan, lapse, since, actor } = late;
  const told = { loanNo: loan.loanNo, since, balance: await owedNow(run, late) };
  await run.record('non-performing', async (tx) => {
    const alert = { type: 'OVERDUE', subject: `${loan.loanNo}/90`, caseId: run.caseId, owner: 'FND' } as const;
    await raise(tx, { ...alert, level: 'DISPOSE', metric: 'NON_PERFORMING' }, actor);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', `${loan.loanNo} D+90`, {
      ...told,
      class: 'NON_PERFORMING',
    });
  });
  await run.tell(portal.notices.blacklistProposed, {
    entryNo: `${numberFor('BL', run.caseId)}-${lapse}`,
    subject: { uscc: loan.borrower.uscc },
    scope: 'GROUP',
    reasonCode: 'OVERDUE_90',
    source: 'OVERDUE',
    evidenceSha256: messageSha256(told),
  });
  await run.milestone(5);
}
