/** F3 8, F2 6: the money of a loan came back (退票) after it had been paid out. No loan is left, and its limit is free again. */
import { bank } from '../contracts/bank/bank.ts';
import { isFailure } from '../contracts/failures.ts';
import { wms } from '../contracts/wms/wms.ts';
import { flow, type Run } from '../engine/flow.ts';
import { adviseCase, closeCase, numberFor } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { guardUnfunded } from '../ledger/guards.ts';
import { move } from '../ledger/lifecycle.ts';
import { cancelPledge } from '../ledger/goods/pledges.ts';
import { financedLoan, isPaidOut, type Returned } from '../ledger/money/returned.ts';
import { reverseLoan } from '../ledger/money/loans.ts';
import { withdrawRegistration } from './registration.ts';

export const disbursementReturn = flow({
  name: 'disbursement-return',
  version: 1,
  title: { zh: '放款退票', en: 'Returned disbursement' },
  input: bank.notices.disbursementSettled.contract,
  startedBy: [bank.notices.disbursementSettled.name],
  accepts: (tx, told) => (told.status === 'returned' ? isPaidOut(tx, told.instructionNo) : Promise.resolve(false)),
  keyOf: (told) => told.instructionNo,
  // Numbers of a case's instructions are those of the case.
  caseOf: (told) => ({ id: told.instructionNo.replace(/^[A-Z]+/, 'CASE-') }),
  milestones: [],
  async body(run, told) {
    const actor = `run:${run.id}`;
    const reason = told.reason ?? 'the money came back';
    const loan = await run.record('take the loan back', async (tx) => {
      const found = await financedLoan(tx, told.instructionNo);
      await reverseLoan(tx, found.loanNo, reason, actor);
      await adviseCase(tx, run.caseId, `放款退票：${reason} the money came back`);
      await keepEvidence(tx, run.caseId, 'N15 bank receipt', told.instructionNo, {
        returned: true,
        amount: told.amount,
      });
      return found;
    });
    const decided = await run
      .ask('end the financing', {
        title: {
          zh: '放款已退票：是否结束融资并退还押品',
          en: 'the money came back: end the financing and give back what secures it?',
        },
        payload: { instructionNo: told.instructionNo, loanNo: loan.loanNo, amount: told.amount, reason },
        within: '5 working days',
        roles: ['funder', 'operator'],
      })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      });
    if (decided?.decision !== 'approved')
      return { outcome: 'reversed', detail: `loan ${loan.loanNo}; what secures it stays` };
    await giveBack(run, loan, actor);
    await run.record('close the case', async (tx) => {
      await move(tx, 'application', loan.applicationNo, 'close', actor);
      await closeCase(tx, run.caseId, 'returned');
    });
    return { outcome: 'returned', detail: `loan ${loan.loanNo}` };
  },
});

/** The registration first, then the goods: nobody holds them for a claim that is not there. */
async function giveBack(run: Run, loan: Returned, actor: string): Promise<void> {
  const { pledge, applicationNo, project } = loan;
  if (!pledge) return;
  const { requestNo, no: pledgeNo, lots } = pledge;
  if (requestNo !== null)
    await withdrawRegistration(run, project.systems.registry, { applicationNo, requestNo }, actor);
  await run.call(
    wms.operations.unlockStock,
    {
      pledgeNo,
      warehouseCode: project.warehouse,
      ownerCode: loan.borrowerUscc,
      lots,
      reason: numberFor('LN', run.caseId),
    },
    {
      system: project.systems.warehouse,
      before: (tx) => guardUnfunded(tx, applicationNo),
      after: (tx) => cancelPledge(tx, pledgeNo, actor),
    },
  );
}
