/** Repayment (还款): the borrower’s money goes to the funder, who alone posts it. With goods behind the loan, and without. */
import { bank } from '../../contracts/bank/bank.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import type { OpenLoan } from '../../ledger/money/openLoans.ts';
import { instructPayment } from '../../ledger/money/payments.ts';
import { failRepayment, notifyRepayment, postRepayment } from '../../ledger/money/repayments.ts';

/** One number each; letters, because that is what the clearing's numbers allow. */
const repaymentPrefixes = ['RP', 'RPB', 'RPC', 'RPD'];

/**
 * Step 9. Interest is owed up to the day on which the money arrives: a collection quoted before midnight and settled after
 * it leaves a day's interest of principal open, which is collected too before goods are asked for.
 */
export async function repayAll(run: Run, open: OpenLoan, actor: string): Promise<string> {
  for (const prefix of repaymentPrefixes) {
    const repaymentNo = numberFor(prefix, run.caseId);
    const balance = await repay(run, open, repaymentNo, actor);
    if (/^0(\.0+)?$/.test(balance)) return repaymentNo;
  }
  return run.stop('unpaid', `loan ${open.loanNo} is not settled after ${repaymentPrefixes.length} collections`);
}

/** The dealer's money goes straight to the funder's account; the funder posts it, nobody else. Returns what is still owed. */
async function repay(run: Run, open: OpenLoan, repaymentNo: string, actor: string): Promise<string> {
  const { systems } = open.project;
  const valueDate = businessDate(run.now());
  const quote = await run.call(
    bank.operations.quoteRepayment,
    { loanNo: open.funderLoanNo, valueDate },
    { system: systems.funder },
  );
  const collected = run.call(
    clearing.operations.collect,
    {
      instructionNo: repaymentNo,
      payer: { company: open.dealer, account: open.dealerAccount },
      payee: {
        company: { name: open.project.funder.name, uscc: open.project.funder.uscc },
        account: open.funderAccount,
      },
      amount: quote.total,
      currency: 'CNY',
      loanNo: open.funderLoanNo,
      postscript: `还款 ${open.funderLoanNo}`,
    },
    {
      system: systems.clearing,
      before: async (tx) => {
        await instructPayment(
          tx,
          {
            no: repaymentNo,
            purpose: 'REPAY',
            applicationNo: open.applicationNo,
            payer: open.dealerAccount.accountNo,
            payee: open.funderAccount.accountNo,
            amount: quote.total,
            currency: 'CNY',
          },
          actor,
        );
        await notifyRepayment(
          tx,
          { no: repaymentNo, loanNo: open.loanNo, paymentNo: repaymentNo, amount: quote.total },
          actor,
        );
      },
      after: (tx) => move(tx, 'payment', repaymentNo, 'accept', actor),
    },
  );
  await collected.catch(async (thrown: unknown) => {
    await run.record('record the refused collection', (tx) => failRepayment(tx, repaymentNo, 'failed', actor));
    throw thrown;
  });
  const settled = await run.wait(clearing.notices.collectionSettled, {
    key: repaymentNo,
    within: '3 working days',
    from: systems.clearing,
    poll: { operation: clearing.operations.readCollection, system: systems.clearing, every: '2 hours' },
  });
  if (settled.status !== 'succeeded') {
    const { status } = settled;
    await run.record('record the failed collection', (tx) => failRepayment(tx, repaymentNo, status, actor));
    return run.stop('unpaid', settled.reason ?? `the collection ${settled.status}`);
  }
  await run.record('match the repayment', async (tx) => {
    await move(tx, 'payment', repaymentNo, 'succeed', actor, {
      serial_no: settled.serialNo,
      settled_at: settled.settledAt,
    });
    await move(tx, 'repayment', repaymentNo, 'match', actor);
  });
  await run.call(
    bank.operations.adviseRepayment,
    {
      repaymentNo,
      loanNo: open.funderLoanNo,
      amount: settled.amount,
      currency: 'CNY',
      valueDate: businessDate(new Date(settled.settledAt)),
      clearingSerial: settled.serialNo,
      payer: open.dealer,
    },
    { system: systems.funder },
  );
  const posted = await run.wait(bank.notices.repaymentPosted, {
    key: repaymentNo,
    within: '3 working days',
    from: systems.funder,
    poll: { operation: bank.operations.readPosting, system: systems.funder, every: '4 hours' },
  });
  if (posted.loanNo !== open.funderLoanNo)
    return run.stop(
      'unpaid',
      `the funder posts ${repaymentNo} to its loan ${posted.loanNo}, not to ${open.funderLoanNo}`,
    );
  await run.record('post the repayment', async (tx) => {
    await postRepayment(tx, { ...posted, loanNo: open.loanNo }, actor);
    await keepEvidence(tx, run.caseId, 'N17 repayment posted', repaymentNo, {
      amount: posted.amount,
      postingNo: posted.postingNo,
    });
  });
  return posted.principalBalance;
}
