/** F7 steps 4 and 5: money that was matched to a loan is told to its funder, who alone posts it. */
import { hub } from '../contracts/hub/hub.ts';
import { MoneyMatched } from '../contracts/hub/repayments.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { flow } from '../engine/flow.ts';
import { adviseCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { move } from '../ledger/lifecycle.ts';
import { openLoanNamed } from '../ledger/money/openLoans.ts';
import { instructPayment } from '../ledger/money/payments.ts';
import { nextRepaymentNo, notifyRepayment } from '../ledger/money/repayments.ts';
import { bookRepayment, isZero } from './financing/repayment.ts';
import { postingSteps } from './steps.ts';

export const moneyPosting = flow({
  name: 'money-posting',
  version: 1,
  title: { zh: '来账入账', en: 'Posting of incoming money' },
  input: MoneyMatched,
  startedBy: [hub.notices.moneyMatched.name],
  keyOf: (money) => money.entryNo,
  caseOf: (money) => ({ id: money.caseNo }),
  milestones: postingSteps,
  async body(run, money) {
    const actor = `run:${run.id}`;
    const settledAt = shanghaiTime(new Date(`${money.valueDate}T12:00:00+08:00`));
    const { open, repaymentNo } = await run.record('book the money', async (tx) => {
      const loan = await openLoanNamed(tx, money.loanNo);
      const no = await nextRepaymentNo(tx, loan.loanNo, run.caseId);
      const { amount, currency, entryNo } = money;
      const { applicationNo, funderAccount } = loan;
      await instructPayment(
        tx,
        { no, purpose: 'REPAY', applicationNo, payee: funderAccount.accountNo, amount, currency },
        actor,
      );
      await move(tx, 'payment', no, 'succeed', actor, { serial_no: entryNo, settled_at: settledAt });
      await notifyRepayment(tx, { no, loanNo: loan.loanNo, paymentNo: no, amount, type: 'SCHEDULED' }, actor);
      await move(tx, 'repayment', no, 'match', actor);
      await keepEvidence(tx, run.caseId, 'N15 bank receipt', no, { entryNo, amount, by: money.by });
      return { open: loan, repaymentNo: no };
    });
    await run.milestone(4);
    const arrived = { amount: money.amount, settledAt, serialNo: money.entryNo, payer: open.dealer };
    const balance = await bookRepayment(run, open, repaymentNo, arrived, actor);
    const settled = isZero(balance);
    await run.record('say what may be released', (tx) =>
      adviseCase(
        tx,
        run.caseId,
        settled ? '贷款已结清，可申请解押提货 the loan is settled: goods may be released' : undefined,
      ),
    );
    await run.milestone(5);
    return {
      outcome: settled ? 'settled' : 'repaid',
      detail: `${money.amount} of loan ${money.loanNo} by ${repaymentNo}`,
    };
  },
});
