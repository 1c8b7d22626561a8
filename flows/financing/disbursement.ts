/** Step 8: the loan is paid out. */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import { type Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardDisbursement } from '../../ledger/guards.ts';
import { move } from '../../ledger/lifecycle.ts';
import { activateLoan } from '../../ledger/money/loans.ts';
import { failPayment, instructPayment, losePayment } from '../../ledger/money/payments.ts';
import { pledgeValue } from '../../ledger/goods/pledges.ts';
import { anchorCase } from '../anchoring.ts';
import { quoteOf } from '../quotes.ts';
import { shareOf } from '../terms.ts';
import type { Applied, Deal, Terms } from './deal.ts';

/** Step 8: every guard is green in the transaction that commits the instruction, or nothing is sent. */
export async function disburse(
  run: Run,
  { project, order, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
): Promise<string> {
  const system = project.systems.funder;
  const instructionNo = numberFor('DB', run.caseId);
  // The goods were priced when they were pledged; nothing is paid on a price that is older than a business day.
  for (const [materialCode, unit] of new Map(order.lines.map((line) => [line.materialCode, line.unit])))
    await quoteOf(run, project.systems.price, materialCode, unit);
  const amount = await run.record('fix the amount', async (tx) => {
    const value = await pledgeValue(tx, numberFor('PL', run.caseId));
    return shareOf(value, terms.pledgeRate, terms.amount);
  });
  const instructed = run.call(
    bank.operations.disburse,
    {
      instructionNo,
      applicationNo: application.no,
      funderRef: terms.funderRef,
      loanContractNo: application.no,
      mandateNo: numberFor('EN', run.caseId),
      borrower: { name: dealer.name, uscc: dealer.uscc },
      payee: application.payee,
      amount,
      currency: application.currency,
      orderNo: order.orderNo,
      postscript: `货款 ${order.orderNo}`,
    },
    {
      system,
      before: async (tx) => {
        await guardDisbursement(tx, application.no, application.payee.accountNo, amount);
        await instructPayment(
          tx,
          {
            no: instructionNo,
            purpose: 'DISBURSE',
            applicationNo: application.no,
            payee: application.payee.accountNo,
            amount,
            currency: application.currency,
          },
          actor,
        );
        await keepEvidence(tx, run.caseId, 'N14 disbursement instruction', instructionNo, { amount });
      },
      after: (tx) => move(tx, 'payment', instructionNo, 'accept', actor),
    },
  );
  await instructed.catch(async (thrown: unknown) => {
    await run.record('record the refused payment', (tx) => failPayment(tx, instructionNo, 'failed', actor));
    throw thrown;
  });
  const answer = run.wait(bank.notices.disbursementSettled, {
    key: instructionNo,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readSettlement, system, every: '2 hours' },
  });
  const settled = await answer.catch(nobodyKnows(run, instructionNo, actor));
  const { loan } = settled;
  if (settled.status !== 'succeeded' || !loan) {
    const outcome = settled.status === 'returned' ? 'returned' : 'failed';
    await run.record('record the failed payment', (tx) => failPayment(tx, instructionNo, outcome, actor));
    return run.stop('failed', settled.reason ?? `the payment ${settled.status}`);
  }
  const loanNo = numberFor('LN', run.caseId);
  await run.record('record the loan', async (tx) => {
    await activateLoan(
      tx,
      {
        ...loan,
        no: loanNo,
        funderNo: loan.loanNo,
        applicationNo: application.no,
        paymentNo: instructionNo,
        serialNo: settled.bankSerial,
        settledAt: settled.settledAt,
      },
      actor,
    );
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', instructionNo, {
      bankSerial: settled.bankSerial ?? '',
      loanNo: loan.loanNo,
      amount: settled.amount,
    });
  });
  await anchorCase(run, project.systems.evidence);
  return loanNo;
}

/** No word in all that time: the outcome is unknown, nothing is sent again, and people and the daily file decide (I-10). */
function nobodyKnows(run: Run, instructionNo: string, actor: string) {
  return async (thrown: unknown): Promise<never> => {
    if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED')
      await run.record('record that nobody knows', (tx) => losePayment(tx, instructionNo, actor));
    throw thrown;
  };
}
