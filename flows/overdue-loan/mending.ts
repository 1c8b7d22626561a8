/** Step 6: what is late was paid, posted by the funder, and found so by the daily check; then the funder gives the limit free again. */
import type { Message } from '../../contracts/contract.ts';
import { hub } from '../../contracts/hub/hub.ts';
import type { LoanLapsed } from '../../contracts/hub/overdue.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { frozenLimits, unfreezeLimits, type OverdueLoan } from '../../ledger/money/overdue.ts';
import { clear } from '../../ledger/oversight/alerts.ts';
import { inTime, until } from '../marking/inTime.ts';

/** What the steps of one overdue loan share. */
export interface Overdue extends Message<typeof LoanLapsed> {
  readonly loan: OverdueLoan;
  readonly actor: string;
}

export type Mended = Message<(typeof hub.notices.loanMended)['contract']>;

/** Notices go out in the morning. */
const morningHour = 9;
const hourMs = 3_600_000;

/** Nine o'clock of that many days after the due date. */
export function morningAfter({ since }: Overdue, days: number): Date {
  return new Date(Date.parse(`${since}T00:00:00+08:00`) + (days * 24 + morningHour) * hourMs);
}

/** Whether it is mended before that day's morning. A part of what is late leaves it overdue, and nobody is told. */
export function mendedBy(run: Run, late: Overdue, days: number): Promise<Mended | undefined> {
  const { loanNo, lapse } = late;
  return inTime(
    run.wait(hub.notices.loanMended, {
      key: `${loanNo}/${lapse}`,
      within: until(run.now(), morningAfter(late, days)),
      from: 'dealer',
    }),
  );
}

export async function endMended(run: Run, { loan, actor, lapse }: Overdue, { how, on }: Mended) {
  const { loanNo } = loan;
  const frozen = await run.record('it is not overdue any more', async (tx) => {
    await clear(tx, { type: 'OVERDUE', subject: loanNo }, actor, how);
    await clear(tx, { type: 'OVERDUE', subject: `${loanNo}/90` }, actor, how);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', `${loanNo}/${lapse} ${how}`, { on });
    return frozenLimits(tx, loanNo);
  });
  const { pledgeNo } = loan;
  // Who called upon the goods hears of it, too.
  if (pledgeNo !== null)
    await run.tell(hub.notices.collateralChanged, { pledgeNo, cause: 'REPAYMENT', no: `${loanNo}/${lapse}` });
  if (frozen.length > 0) await unfreeze(run, loan, actor, frozen, how);
  await run.milestone(6);
  return { outcome: how, detail: `loan ${loanNo} on ${on}` };
}

/** Frozen by the rule, free again only by the funder. */
async function unfreeze(
  run: Run,
  { loanNo }: OverdueLoan,
  actor: string,
  limits: readonly string[],
  how: string,
): Promise<void> {
  const decided = await inTime(
    run.ask('unfreeze the limit', {
      title: { zh: '逾期已清偿，解冻额度', en: 'the loan is mended: unfreeze the limit?' },
      payload: { loanNo, limits, how },
      within: '5 working days',
      roles: ['funder'],
    }),
  );
  if (decided?.decision !== 'approved') return;
  await run.record('unfreeze', (tx) =>
    unfreezeLimits(tx, loanNo, `${decided.by.join(', ')}: ${decided.reason}`, actor),
  );
}
