/** Repayment (还款): the borrower’s money goes to the funder, who alone posts it. With goods behind the loan, and without. */
import { bank } from '../../contracts/bank/bank.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import { hub } from '../../contracts/hub/hub.ts';
import { isFailure } from '../../contracts/failures.ts';
import { businessDate, type Period } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { checkDue } from '../../ledger/money/loans.ts';
import type { OpenLoan } from '../../ledger/money/openLoans.ts';
import { instructPayment } from '../../ledger/money/payments.ts';
import { failRepayment, nextRepaymentNo, notifyRepayment, postRepayment } from '../../ledger/money/repayments.ts';

/** So often, within one run: interest of a day that went by meanwhile, or an account that was empty. */
const collectionsMax = 4;

/**
 * Step 9. Interest is owed up to the day on which the money arrives: a collection quoted before midnight and settled after
 * it leaves a day's interest of principal open, which is collected too before goods are asked for. Where there are no funds, it is
 * tried again at the cut-off; then the loan is due as its plan says, and nothing is released.
 */
export async function repayAll(run: Run, open: OpenLoan, actor: string): Promise<string> {
  let refused = false;
  for (let tries = 0; tries < collectionsMax; tries += 1) {
    const repaymentNo = await run.record('number the collection', (tx) => nextRepaymentNo(tx, open.loanNo, run.caseId));
    const collected = await collect(run, open, repaymentNo, actor);
    if ('balance' in collected) {
      if (isZero(collected.balance)) return repaymentNo;
      continue;
    }
    if (refused) return giveUp(run, open, collected.why, actor);
    refused = true;
    await run.sleep('the cut-off', untilCutOff(run.now()));
  }
  return run.stop('unpaid', `loan ${open.loanNo} is not settled after ${collectionsMax} collections`);
}

export const isZero = (yuan: string): boolean => /^0(\.0+)?$/.test(yuan);

/** Up to then a bank takes a debit for the same day. */
const cutOffHour = 17;

function untilCutOff(now: Date): Period {
  const today = new Date(`${businessDate(now)}T${cutOffHour}:00:00+08:00`);
  const next = today > now ? today : new Date(today.getTime() + 24 * 3_600_000);
  return `${Math.max(1, Math.ceil((next.getTime() - now.getTime()) / 60_000))} minutes`;
}

async function giveUp(run: Run, { loanNo }: OpenLoan, why: string, actor: string): Promise<never> {
  await run.record('nothing was paid', (tx) => checkDue(tx, loanNo, businessDate(run.now()), actor));
  return run.stop('unpaid', why);
}

type Collected = { readonly balance: string } | { readonly why: string };

/** The dealer's money goes straight to the funder's account; the funder posts it, nobody else. Returns what is still owed. */
async function collect(run: Run, open: OpenLoan, repaymentNo: string, actor: string): Promise<Collected> {
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
  const refused = await collected.then(
    () => undefined,
    async (thrown: unknown) => {
      await run.record('record the refused collection', (tx) => failRepayment(tx, repaymentNo, 'failed', actor));
      // Asked for after its answer was lost, an account without funds is a refusal; told by a notice, the same is a failed collection.
      if (isFailure(thrown) && thrown.type === 'SYSTEM_REFUSED') return thrown.message;
      throw thrown;
    },
  );
  if (refused !== undefined) return { why: refused };
  const settled = await run.wait(clearing.notices.collectionSettled, {
    key: repaymentNo,
    within: '3 working days',
    from: systems.clearing,
    poll: { operation: clearing.operations.readCollection, system: systems.clearing, every: '2 hours' },
  });
  if (settled.status !== 'succeeded') {
    const { status } = settled;
    await run.record('record the failed collection', (tx) => failRepayment(tx, repaymentNo, status, actor));
    return { why: settled.reason ?? `the collection ${settled.status}` };
  }
  await run.record('match the repayment', async (tx) => {
    await move(tx, 'payment', repaymentNo, 'succeed', actor, {
      serial_no: settled.serialNo,
      settled_at: settled.settledAt,
    });
    await move(tx, 'repayment', repaymentNo, 'match', actor);
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', repaymentNo, {
      serial: settled.serialNo,
      amount: settled.amount,
    });
  });
  const balance = await bookRepayment(run, open, repaymentNo, { ...settled, payer: open.dealer }, actor);
  return { balance };
}

export interface Arrived {
  readonly amount: string;
  readonly settledAt: string;
  readonly serialNo: string;
  readonly payer: { readonly name: string; readonly uscc: string };
}

/** The funder hears of the money and posts it: only then does it count. Returns what is still owed of the principal. */
export async function bookRepayment(
  run: Run,
  open: OpenLoan,
  repaymentNo: string,
  arrived: Arrived,
  actor: string,
): Promise<string> {
  const system = open.project.systems.funder;
  await run.call(
    bank.operations.adviseRepayment,
    {
      repaymentNo,
      loanNo: open.funderLoanNo,
      amount: arrived.amount,
      currency: 'CNY',
      valueDate: businessDate(new Date(arrived.settledAt)),
      clearingSerial: arrived.serialNo,
      payer: arrived.payer,
    },
    { system },
  );
  const posted = await postingOf(run, system, repaymentNo);
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
  // Who called upon the goods reckons anew.
  const { pledgeNo } = open;
  if (pledgeNo) await run.tell(hub.notices.collateralChanged, { pledgeNo, cause: 'REPAYMENT', no: repaymentNo });
  return posted.principalBalance;
}

/** How often people are asked after a posting that does not come. */
const chasesMax = 10;

/** Until the funder has posted it, what was paid is on hold: nothing is released on it, and nothing is collected again (I-13). */
async function postingOf(run: Run, system: string, repaymentNo: string) {
  let late: unknown;
  const passed = (thrown: unknown) => {
    if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    late = thrown;
  };
  for (let chases = 0; chases < chasesMax; chases += 1) {
    const posted = await run
      .wait(bank.notices.repaymentPosted, {
        key: repaymentNo,
        within: '3 working days',
        from: system,
        poll: { operation: bank.operations.readPosting, system, every: '4 hours' },
      })
      .catch(passed);
    if (posted) return posted;
    await run
      .ask('chase the posting', {
        title: {
          zh: '还款到账未入账，请催办资方',
          en: 'the repayment has arrived and is not posted: chase the funder',
        },
        payload: { repaymentNo, funder: system },
        within: '3 working days',
        roles: ['funder', 'operator'],
      })
      .catch(passed);
  }
  throw late;
}
