/** Steps 7 and 8: each funder pays its slice to the supplier; its voucher counts when the bank's entry matches; the supplier acknowledges. */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Message } from '../../contracts/contract.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardDisbursement } from '../../ledger/guards.ts';
import { move } from '../../ledger/lifecycle.ts';
import { activateLoan } from '../../ledger/money/loans.ts';
import { failPayment, instructPayment, losePayment } from '../../ledger/money/payments.ts';
import { withdrawApplication } from '../../ledger/financing/applications.ts';
import type { Slice } from '../../ledger/financing/slices.ts';
import { accountOf, type AccountRow } from '../../ledger/parties/accounts.ts';
import { inTime, sliceNo, type Agreed, type Deal } from './deal.ts';
import { checkInvoices } from './invoices.ts';
import { receipt } from './receipt.ts';
import { escalate } from './reminders.ts';

type Settled = Message<typeof bank.notices.disbursementSettled.contract>;

export interface Paid {
  readonly instructionNo: string;
  readonly bankSerial: string;
  readonly amount: string;
}

/** Applications whose money arrived. Nothing is paid on an invoice that is not worth what it was (盯发票). */
export async function disburseAll(run: Run, deal: Deal, agreed: Agreed): Promise<string[]> {
  const { asked, project, supplier, core, actor } = deal;
  const sides = { seller: supplier.id, buyer: core.id };
  const checked = await checkInvoices(run, project.systems.invoice, asked, sides, 'IW', actor);
  const refusals = checked.flatMap(({ refusal }) => refusal ?? []);
  if (refusals.length > 0) run.stop('returned', refusals.join('; '));
  const branches = Object.fromEntries(
    agreed.slices.map((slice) => [slice.subscriptionNo, (branch: Run) => disburse(branch, deal, agreed, slice)]),
  );
  const paid = await run.all('disburse', branches);
  const arrived = agreed.slices.filter(({ subscriptionNo }) => paid[subscriptionNo] === true);
  if (arrived.length === 0) run.stop('failed', 'no funder has paid');
  if (arrived.length === agreed.slices.length)
    await run.record('the offer is funded', (tx) => move(tx, 'asset_offer', agreed.offerNo, 'fund', actor));
  return arrived.map(({ applicationNo }) => applicationNo);
}

/** False when the money did not arrive for good. */
async function disburse(run: Run, deal: Deal, agreed: Agreed, slice: Slice): Promise<boolean> {
  const { project, actor } = deal;
  const booked = await booking(run, deal, slice);
  if (booked === undefined) return giveUp(run, agreed, slice, actor);
  const payee = await run.record('ready to disburse', async (tx) => {
    await move(tx, 'application', slice.applicationNo, 'ready', actor);
    return accountOf(tx, deal.supplier.id);
  });
  for (let round = 0; round < 3; round += 1) {
    const paid = await pay(run, deal, agreed, slice, { payee, funderRef: booked, round });
    if (paid) {
      await receipt(run, deal, slice, paid);
      return true;
    }
    await escalate(
      run,
      project,
      `DB${slice.subscriptionNo.slice(-8)}${round}`,
      `放款失败，份额 ${slice.subscriptionNo}`,
    );
    const decided = await inTime(
      run.ask('the disbursement failed', {
        title: { zh: '放款失败：重新放款', en: 'The disbursement failed: pay once more' },
        payload: { subscriptionNo: slice.subscriptionNo, round },
        within: '3 working days',
        roles: ['OPS', 'OPS-C'],
      }),
    );
    if (decided?.decision !== 'approved') break;
  }
  return giveUp(run, agreed, slice, actor);
}

/** The funder has entered the signed contract in its books; only then it can be asked to pay on it. */
async function booking(run: Run, { project }: Deal, slice: Slice): Promise<string | undefined> {
  const wait = () =>
    inTime(
      run.wait(portal.notices.contractBooked, { key: slice.subscriptionNo, within: '3 working days', from: 'funder' }),
    );
  const first = await wait();
  if (first) return first.funderRef;
  await escalate(run, project, `BK${slice.subscriptionNo.slice(-8)}`, `资金方 ${slice.funder.name} 尚未入账合同`);
  return (await wait())?.funderRef;
}

/** One of several that did not pay takes nothing from the others; the first one's lock carries theirs, and people see to it. */
async function giveUp(run: Run, agreed: Agreed, slice: Slice, actor: string): Promise<boolean> {
  if (slice.applicationNo !== agreed.leadNo)
    await run.record('take the slice back', (tx) => withdrawApplication(tx, slice.applicationNo, actor));
  return false;
}

interface Ordered {
  readonly payee: AccountRow;
  readonly funderRef: string;
  readonly round: number;
}

async function pay(run: Run, deal: Deal, agreed: Agreed, slice: Slice, ordered: Ordered): Promise<Paid | undefined> {
  const { supplier, asked, actor } = deal;
  const { system } = slice.funder;
  const instructionNo = sliceNo('DB', run, agreed, slice, ordered.round);
  const { applicationNo, subscriptionNo, amount } = slice;
  const { accountName, accountNo, bankName, bankCode } = ordered.payee;
  const instructed = run.call(
    bank.operations.disburse,
    {
      instructionNo,
      applicationNo: subscriptionNo,
      funderRef: ordered.funderRef,
      loanContractNo: applicationNo,
      mandateNo: applicationNo,
      borrower: { name: supplier.name, uscc: supplier.uscc },
      payee: { accountName, accountNo, bankName, bankCode },
      amount,
      currency: 'CNY',
      orderNo: asked.receivable.receivableNo,
      postscript: `保理款 ${asked.receivable.receivableNo}`.slice(0, 60),
    },
    {
      system,
      // Every guard is green in the transaction that commits the instruction, or nothing is sent (I-07..I-12, I-19).
      before: async (tx) => {
        await guardDisbursement(tx, applicationNo, accountNo, amount);
        const instruction = {
          no: instructionNo,
          purpose: 'DISBURSE' as const,
          applicationNo,
          payee: accountNo,
          amount,
          currency: 'CNY',
        };
        await instructPayment(tx, instruction, actor);
        await keepEvidence(tx, run.caseId, 'N14 disbursement instruction', instructionNo, { subscriptionNo, amount });
      },
      after: (tx) => move(tx, 'payment', instructionNo, 'accept', actor),
    },
  );
  const refused = await instructed.then(
    () => undefined,
    async (thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type === 'OUTCOME_UNKNOWN') throw thrown;
      await run.record('record the refused payment', (tx) => failPayment(tx, instructionNo, 'failed', actor));
      return thrown;
    },
  );
  if (refused) return undefined;
  const settled = await run
    .wait(bank.notices.disbursementSettled, {
      key: instructionNo,
      within: '3 working days',
      from: system,
      poll: { operation: bank.operations.readSettlement, system, every: '2 hours' },
    })
    .catch(nobodyKnows(run, instructionNo, actor));
  return settle(run, slice, agreed, instructionNo, settled, actor);
}

async function settle(
  run: Run,
  slice: Slice,
  agreed: Agreed,
  instructionNo: string,
  settled: Settled,
  actor: string,
): Promise<Paid | undefined> {
  const { loan, status, bankSerial = '' } = settled;
  if (status !== 'succeeded' || !loan) {
    const outcome = status === 'returned' ? 'returned' : 'failed';
    await run.record('record the failed payment', (tx) => failPayment(tx, instructionNo, outcome, actor));
    return undefined;
  }
  const loanNo = sliceNo('LN', run, agreed, slice);
  await run.record('record the loan', async (tx) => {
    const { applicationNo, subscriptionNo } = slice;
    const { settledAt } = settled;
    const told = {
      no: loanNo,
      funderNo: loan.loanNo,
      applicationNo,
      paymentNo: instructionNo,
      serialNo: bankSerial,
      settledAt,
    };
    await activateLoan(tx, { ...loan, ...told }, actor);
    await move(tx, 'subscription', subscriptionNo, 'pay', actor);
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', instructionNo, {
      bankSerial,
      loanNo: loan.loanNo,
      amount: settled.amount,
    });
  });
  return { instructionNo, bankSerial, amount: settled.amount };
}

/** No word in all that time: the outcome is unknown, nothing is sent again, and people and the daily file decide (I-10). */
function nobodyKnows(run: Run, instructionNo: string, actor: string) {
  return async (thrown: unknown): Promise<never> => {
    if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED')
      await run.record('record that nobody knows', (tx) => losePayment(tx, instructionNo, actor));
    throw thrown;
  };
}
