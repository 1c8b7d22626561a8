/** F2, step 8: a loan without goods behind it is repaid; what its limit restores is restored with the posting. */
import { portal } from '../contracts/portal/portal.ts';
import { LoanRepayment } from '../contracts/portal/credit.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { move } from '../ledger/lifecycle.ts';
import { openLoan } from '../ledger/money/openLoans.ts';
import { anchorCase } from './anchoring.ts';
import { repaymentSteps } from './credit/steps.ts';
import { repayAll } from './financing/repayment.ts';

export const repayment = flow({
  name: 'repayment',
  version: 1,
  title: { zh: '还款', en: 'Repayment' },
  input: LoanRepayment,
  startedBy: [portal.notices.loanRepaymentApplied.name],
  keyOf: (asked) => asked.requestNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: repaymentSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const { applicationNo, borrowerUscc } = asked;
    const open = await run.record('find the loan', (tx) => openLoan(tx, run.caseId, applicationNo, borrowerUscc));
    await repayAll(run, open, actor);
    await run.milestone(8);
    await anchorCase(run, open.project.systems.evidence);
    await run.record('close the case', async (tx) => {
      await move(tx, 'application', applicationNo, 'close', actor);
      await closeCase(tx, run.caseId, 'repaid');
    });
    return { outcome: 'repaid', detail: `loan ${open.loanNo} settled` };
  },
});
