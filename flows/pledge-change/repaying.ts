/** A part of a loan is repaid: by its borrower, or by a seller who pays back. Straight to the funder, who alone posts it. */
import { bank } from '../../contracts/bank/bank.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import type { Message } from '../../contracts/contract.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import type { OpenLoan } from '../../ledger/money/openLoans.ts';
import { instructPayment } from '../../ledger/money/payments.ts';
import { failRepayment, notifyRepayment, postRepayment } from '../../ledger/money/repayments.ts';
import type { AccountRow } from '../../ledger/parties/accounts.ts';

export interface Part {
  readonly no: string;
  readonly amount: string;
  readonly payer: { readonly name: string; readonly uscc: string };
  readonly account: AccountRow;
  /** Who orders it; undefined when the borrower does. */
  readonly type?: 'EARLY_PART' | 'DEBTOR_PAYMENT' | 'DISPOSAL';
}

export type Posted = Message<typeof bank.notices.repaymentPosted.contract>;

/** Stops the run when the money does not come. */
export async function repayPart(run: Run, open: OpenLoan, part: Part, actor: string): Promise<Posted> {
  const { systems } = open.project;
  const settled = await collect(run, open, part, actor);
  await run.call(
    bank.operations.adviseRepayment,
    {
      repaymentNo: part.no,
      loanNo: open.funderLoanNo,
      amount: settled.amount,
      currency: 'CNY',
      valueDate: businessDate(new Date(settled.settledAt)),
      clearingSerial: settled.serialNo,
      payer: part.payer,
    },
    { system: systems.funder, name: `advise ${part.no}` },
  );
  const posted = await run.wait(bank.notices.repaymentPosted, {
    key: part.no,
    within: '3 working days',
    from: systems.funder,
    poll: { operation: bank.operations.readPosting, system: systems.funder, every: '4 hours' },
  });
  if (posted.loanNo !== open.funderLoanNo)
    run.stop('unpaid', `the funder posts ${part.no} to its loan ${posted.loanNo}, not to ${open.funderLoanNo}`);
  await run.record('post the part', async (tx) => {
    await postRepayment(tx, { ...posted, loanNo: open.loanNo }, actor);
    await keepEvidence(tx, run.caseId, 'N17 repayment posted', part.no, {
      amount: posted.amount,
      postingNo: posted.postingNo,
      principal: posted.allocation.principal,
    });
  });
  return posted;
}

async function collect(run: Run, open: OpenLoan, part: Part, actor: string) {
  const { systems, funder } = open.project;
  const { no, amount } = part;
  const instructed = run.call(
    clearing.operations.collect,
    {
      instructionNo: no,
      payer: { company: part.payer, account: part.account },
      payee: { company: { name: funder.name, uscc: funder.uscc }, account: open.funderAccount },
      amount,
      currency: 'CNY',
      loanNo: open.funderLoanNo,
      postscript: `还款 ${open.funderLoanNo}`,
    },
    {
      system: systems.clearing,
      before: async (tx) => {
        const accounts = { payer: part.account.accountNo, payee: open.funderAccount.accountNo };
        const payment = {
          no,
          purpose: 'REPAY',
          applicationNo: open.applicationNo,
          ...accounts,
          amount,
          currency: 'CNY',
        } as const;
        await instructPayment(tx, payment, actor);
        await notifyRepayment(
          tx,
          { no, loanNo: open.loanNo, paymentNo: no, amount, type: part.type ?? 'EARLY_PART' },
          actor,
        );
      },
      after: (tx) => move(tx, 'payment', no, 'accept', actor),
    },
  );
  await instructed.catch(async (thrown: unknown) => {
    await run.record('record the refused collection', (tx) => failRepayment(tx, no, 'failed', actor));
    throw thrown;
  });
  const settled = await run.wait(clearing.notices.collectionSettled, {
    key: no,
    within: '3 working days',
    from: systems.clearing,
    poll: { operation: clearing.operations.readCollection, system: systems.clearing, every: '2 hours' },
  });
  if (settled.status !== 'succeeded') {
    const { status } = settled;
    await run.record('record the failed collection', (tx) => failRepayment(tx, no, status, actor));
    return run.stop('unpaid', settled.reason ?? `the collection ${settled.status}`);
  }
  await run.record('match the part', async (tx) => {
    await move(tx, 'payment', no, 'succeed', actor, { serial_no: settled.serialNo, settled_at: settled.settledAt });
    await move(tx, 'repayment', no, 'match', actor);
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', no, { serialNo: settled.serialNo, amount: settled.amount });
  });
  return settled;
}
