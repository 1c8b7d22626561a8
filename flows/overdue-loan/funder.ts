/**
 * Step 2: the funder is right about its loan. Where its figures know of no penalty, that is a break between the two books, and nobody is
 * dunned before the funder has said how it stands.
 */
import { bank } from '../../contracts/bank/bank.ts';
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { keepComparison } from '../../ledger/money/breaks.ts';
import { correctLapse } from '../../ledger/money/overdue.ts';
import { inTime } from '../marking/inTime.ts';
import type { Overdue } from './mending.ts';

type Standing = Message<typeof portal.notices.loanStanding.contract>;

/** Why it is current; undefined when it is overdue by the funder's books, too. */
export async function hearTheFunder(run: Run, late: Overdue): Promise<string | undefined> {
  const { loan, actor } = late;
  if (await owesPenalty(run, late)) return undefined;
  const on = businessDate(run.now());
  await run.record('the funder knows of no delay', (tx) => {
    const difference = 'STANDING: overdue here, current by the funder';
    return keepComparison(tx, 'LOAN', [loan.loanNo], [{ kind: 'LOAN', subject: loan.loanNo, difference }], on, actor);
  });
  const standing = await heard(run, late);
  const isCurrent = standing.standing === 'current';
  await run.record(isCurrent ? 'it is current' : 'it is overdue there, too', async (tx) => {
    const { maturity, reason } = standing;
    if (isCurrent)
      await correctLapse(tx, loan.loanNo, { reason, on, ...(maturity === undefined ? {} : { maturity }) }, actor);
    await keepComparison(tx, 'LOAN', [loan.loanNo], [], on, actor);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', `${loan.loanNo} ${standing.statementNo}`, {
      standing: standing.standing,
      maturity: maturity ?? '',
    });
  });
  return isCurrent ? standing.reason : undefined;
}

/** Penalty runs from the due date: who asks for none knows of no delay. */
async function owesPenalty(run: Run, { loan }: Overdue): Promise<boolean> {
  try {
    const quote = await run.call(
      bank.operations.quoteRepayment,
      { loanNo: loan.funderLoanNo, valueDate: businessDate(run.now()) },
      { system: loan.project.systems.funder },
    );
    return quote.penalty !== '0.00';
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return false;
  }
}

/** The funder's own word by its signed command; after a working day people ask for it. */
async function heard(run: Run, { loan }: Overdue): Promise<Standing> {
  const { loanNo } = loan;
  const asked = { key: loanNo, from: 'funder' } as const;
  const told = await inTime(run.wait(portal.notices.loanStanding, { ...asked, within: '1 working day' }));
  if (told) return told;
  const decided = await inTime(
    run.ask('how does the loan stand', {
      title: { zh: '资金方账面未逾期，是否逾期？', en: 'the funder shows no delay: is the loan overdue?' },
      payload: { loanNo, funderLoanNo: loan.funderLoanNo },
      people: 2,
      within: '10 working days',
      roles: ['funder', 'operator'],
    }),
  );
  // The break stays open, nobody is dunned, and the check of the next day finds the same.
  if (!decided) return run.stop('undecided', `nobody said how loan ${loanNo} stands`);
  const standing = decided.decision === 'approved' ? 'overdue' : 'current';
  return { statementNo: `by ${decided.by.join(', ')}`.slice(0, 64), loanNo, standing, reason: decided.reason };
}
