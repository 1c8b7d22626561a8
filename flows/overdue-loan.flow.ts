/**
 * F11 overdue (逾期), steps 2 to 6, for one loan on its own case: the funder is heard before anybody is dunned; notices on fixed days with
 * proof of delivery; the goods or the debtor are called upon; after ninety days it is non-performing. Any day it may be mended.
 */
import { hub } from '../contracts/hub/hub.ts';
import { LoanLapsed } from '../contracts/hub/overdue.ts';
import { flow, type Milestone } from '../engine/flow.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { overdueLoan } from '../ledger/money/overdue.ts';
import { raise } from '../ledger/oversight/alerts.ts';
import { hearTheFunder } from './overdue-loan/funder.ts';
import { endMended, mendedBy, morningAfter, type Overdue } from './overdue-loan/mending.ts';
import { remind } from './overdue-loan/notices.ts';
import { callUpon, declareNonPerforming } from './overdue-loan/security.ts';

const milestone = (no: number, zh: string, en: string, party: string): Milestone => ({ no, name: { zh, en }, party });

/** Days after the due date on which people are reminded. */
const noticeDays = [1, 3, 7, 15, 30];
/** By then the debtor had two reminders: who secures the loan is called upon. */
const securityDay = 3;
const nonPerformingDay = 90;
/** A claim becomes statute-barred after three years (民法典 188); by then it is not this flow's any more. */
const claimDays = 3 * 365;

export const overdueLoanFlow = flow({
  name: 'overdue-loan',
  version: 1,
  title: { zh: '逾期催收', en: 'An overdue loan' },
  input: LoanLapsed,
  startedBy: [hub.notices.loanLapsed.name],
  keyOf: ({ loanNo, lapse }) => `${loanNo}/${lapse}`,
  caseOf: ({ caseNo }) => ({ id: caseNo }),
  milestones: [
    milestone(2, '逾期登记、资金方核对', 'lapsed, the funder is heard', 'bank'),
    milestone(3, '分期催收通知', 'notices with proof', 'notify'),
    milestone(4, '追索担保', 'security called upon', 'funder'),
    milestone(5, '九十日不良、黑名单提报', 'non-performing, blacklist proposed', 'operator'),
    milestone(6, '清偿与解冻', 'mended, unfrozen by the funder', 'funder'),
  ],
  async body(run, lapsed) {
    const actor = `run:${run.id}`;
    const loan = await run.record('who stands behind it', (tx) => overdueLoan(tx, lapsed.loanNo));
    const late: Overdue = { ...lapsed, loan, actor };
    await run.record('it is overdue', async (tx) => {
      const alert = { type: 'OVERDUE', subject: loan.loanNo, caseId: run.caseId, owner: 'FND' } as const;
      await raise(tx, { ...alert, level: 'WARN', metric: `due on ${lapsed.since}` }, actor);
      await keepEvidence(tx, run.caseId, 'N22 overdue notice', `${loan.loanNo}/${lapsed.lapse}`, {
        since: lapsed.since,
        balance: loan.balance,
      });
    });
    const current = await hearTheFunder(run, late);
    if (current !== undefined) return { outcome: 'current', detail: current };
    await run.milestone(2);
    for (const [place, day] of noticeDays.entries()) {
      const mended = await mendedBy(run, late, day);
      if (mended) return endMended(run, late, mended);
      // A morning that was missed is not made up for when the next is past, too.
      const next = noticeDays[place + 1];
      if (next === undefined || run.now() < morningAfter(late, next)) await remind(run, late, day);
      if (day === securityDay) await callUpon(run, late);
    }
    await run.milestone(3);
    const mended = (await mendedBy(run, late, nonPerformingDay)) ?? (await beyond());
    return endMended(run, late, mended);

    async function beyond() {
      await declareNonPerforming(run, late);
      const settled = await mendedBy(run, late, claimDays);
      return settled ?? run.stop('unpaid', `loan ${loan.loanNo} was never repaid`);
    }
  },
});
