/** What a sale brings: to the funder what is owed, to the pledgor the rest. Straight from the buyer's account; none of it passes the hub. */
import { bank } from '../../contracts/bank/bank.ts';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import type { Verdict } from '../../contracts/hub/marking.ts';
import type { Static } from 'typebox';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { buyerAccount } from '../../ledger/goods/parties.ts';
import { move } from '../../ledger/lifecycle.ts';
import { approvePayment, createPayment, failPayment, submitPayment } from '../../ledger/money/payments.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import type { AccountRow } from '../../ledger/parties/parties.ts';
import { repayPart } from '../pledge-change/repaying.ts';
import type { Call } from './reckoning.ts';

type Sale = Extract<Static<typeof Verdict>, { act: 'sell' }>['sale'];

export interface Proceeds {
  readonly price: string;
  readonly paid: string;
  readonly fee: string;
  readonly interest: string;
  readonly principal: string;
  readonly surplus: string;
  /** What is still owed of the principal. */
  readonly shortfall: string;
}

/** Interest grows over midnight: what is then still owed is collected by another number. */
const prefixes = ['DP', 'DPB', 'DPC', 'DPD'];

export async function collectProceeds(run: Run, call: Call, sale: Sale, by: readonly string[]): Promise<Proceeds> {
  const account = await run.record('account of the buyer', (tx) => buyerAccount(tx, sale.buyer.uscc));
  if (!account) return run.stop('refused', 'the buyer has no verified account here');
  const { loan, actor } = call;
  const paid = { fee: 0n, interest: 0n, principal: 0n };
  let left = fenOf(sale.price);
  let balance = loan.principal;
  for (const prefix of prefixes) {
    if (left === 0n || fenOf(balance) === 0n) break;
    const valueDate = businessDate(run.now());
    const { total } = await run.call(
      bank.operations.quoteRepayment,
      { loanNo: loan.funderLoanNo, valueDate },
      { system: loan.project.systems.funder },
    );
    const amount = left < fenOf(total) ? left : fenOf(total);
    const part = {
      no: numberFor(prefix, run.caseId),
      amount: yuanOf(amount),
      payer: sale.buyer,
      account,
      type: 'DISPOSAL',
    } as const;
    const posted = await repayPart(run, loan, part, actor);
    left -= amount;
    balance = posted.principalBalance;
    paid.fee += fenOf(posted.allocation.fee);
    paid.interest += fenOf(posted.allocation.interest) + fenOf(posted.allocation.penalty);
    paid.principal += fenOf(posted.allocation.principal);
  }
  if (left > 0n) await returnSurplus(run, call, sale, yuanOf(left), account, by);
  return {
    price: sale.price,
    paid: yuanOf(fenOf(sale.price) - left),
    fee: yuanOf(paid.fee),
    interest: yuanOf(paid.interest),
    principal: yuanOf(paid.principal),
    surplus: yuanOf(left),
    shortfall: balance,
  };
}

/** From the buyer to the pledgor's own account. The two people who approved the sale approved this with it. */
async function returnSurplus(
  run: Run,
  { loan, actor }: Call,
  sale: Sale,
  amount: string,
  account: AccountRow,
  [maker = '', checker = '']: readonly string[],
): Promise<void> {
  const no = numberFor('DS', run.caseId);
  const system = loan.project.systems.clearing;
  const accounts = { payer: account.accountNo, payee: loan.dealerAccount.accountNo };
  await run.record('approve the surplus', async (tx) => {
    const { applicationNo } = loan;
    await createPayment(tx, { no, purpose: 'REFUND', applicationNo, ...accounts, amount, currency: 'CNY' }, actor);
    const subject = { entity: 'payment', id: no, event: 'approve' } as const;
    const approval = await decidedElsewhere(tx, subject, { maker, checker, source: 'funder' }, actor);
    await approvePayment(tx, no, approval, actor);
  });
  const asked = run.call(
    clearing.operations.collect,
    {
      instructionNo: no,
      payer: { company: sale.buyer, account },
      payee: { company: loan.dealer, account: loan.dealerAccount },
      amount,
      currency: 'CNY',
      loanNo: loan.funderLoanNo,
      postscript: `处置余款 ${sale.saleNo}`,
    },
    {
      system,
      name: 'pay the surplus',
      before: (tx) => submitPayment(tx, no, actor),
      after: (tx) => move(tx, 'payment', no, 'accept', actor),
    },
  );
  await asked.catch(async (thrown: unknown) => {
    await run.record('record the refused surplus', (tx) => failPayment(tx, no, 'failed', actor));
    throw thrown;
  });
  const settled = await run.wait(clearing.notices.collectionSettled, {
    key: no,
    within: '3 working days',
    from: system,
    poll: { operation: clearing.operations.readCollection, system, every: '2 hours' },
  });
  const { status } = settled;
  await run.record('record the surplus', async (tx) => {
    if (status !== 'succeeded') return failPayment(tx, no, status, actor);
    await move(tx, 'payment', no, 'succeed', actor, { serial_no: settled.serialNo, settled_at: settled.settledAt });
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', no, { amount, payee: loan.dealer.uscc });
  });
  if (status !== 'succeeded') run.stop('surplus unpaid', settled.reason ?? `the surplus ${status}`);
}
