/** Step 8: the loan is paid out. */
import { bank } from '../../contracts/bank/bank.ts';
import { isFailure } from '../../contracts/failures.ts';
import { type Run } from '../../engine/flow.ts';
import { adviseCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { guardDisbursement } from '../../ledger/guards.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import { activateLoan } from '../../ledger/money/loans.ts';
import { failPayment, instructPayment, losePayment } from '../../ledger/money/payments.ts';
import { pledgeValue } from '../../ledger/goods/pledges.ts';
import { accountCools } from '../../ledger/parties/accounts.ts';
import { anchorCase, stampCase } from '../anchoring.ts';
import { quoteOf } from '../quotes.ts';
import { shareOf } from '../terms.ts';
import { pledgeRateOf, type Applied, type Deal, type Terms } from './deal.ts';
import { holdToOffer } from './offer.ts';

/** An instruction that failed is never sent again: the next one has a number of its own (domain.md 1.15). */
const instructionPrefixes = ['DB', 'DBB', 'DBC'];

/**
 * Step 8: every guard is green in the transaction that commits the instruction, or nothing is sent. Where the payee's account did not
 * take the money, people put it right and the next instruction goes out.
 */
export async function disburse(run: Run, deal: Deal, application: Applied, terms: Terms): Promise<string> {
  for (const prefix of instructionPrefixes) {
    await holdToOffer(run, application, terms, deal.actor);
    const paid = await payAtFreshPrice(run, deal, application, terms, numberFor(prefix, run.caseId));
    if ('loanNo' in paid) {
      await anchorCase(run, deal.project.systems.evidence);
      return paid.loanNo;
    }
    await mendAccount(run, application, paid.why);
  }
  return run.stop('failed', `${instructionPrefixes.length} payments failed`);
}

/** How often a price that went stale between the quote and the instruction is asked for anew. */
const quotesMax = 4;

async function payAtFreshPrice(
  run: Run,
  deal: Deal,
  application: Applied,
  terms: Terms,
  instructionNo: string,
): Promise<Paid> {
  for (let quotes = 1; ; quotes += 1) {
    try {
      return await pay(run, deal, application, terms, instructionNo);
    } catch (thrown) {
      // Refused by the guard: nothing was sent.
      if (!isFailure(thrown) || thrown.type !== 'PRICE_STALE' || quotes === quotesMax) throw thrown;
    }
  }
}

type Paid = { readonly loanNo: string } | { readonly why: string };

async function pay(
  run: Run,
  { project, order, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
  instructionNo: string,
): Promise<Paid> {
  const system = project.systems.funder;
  const amount = await amountOf(run, { project, order }, terms);
  await run.record('keep what is instructed', async (tx) => {
    await guardDisbursement(tx, application.no, application.payee.accountNo, amount);
    await keepEvidence(tx, run.caseId, 'N14 disbursement instruction', instructionNo, { amount });
  });
  await stampCase(run, project.systems);
  const instructed = run.call(
    bank.operations.disburse,
    {
      instructionNo,
      applicationNo: application.askedAs,
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
      },
      after: (tx) => move(tx, 'payment', instructionNo, 'accept', actor),
    },
  );
  await instructed.catch(async (thrown: unknown) => {
    await run.record('record the refused payment', (tx) => failPayment(tx, instructionNo, 'failed', actor));
    throw thrown;
  });
  const settled = await settlementOf(run, system, instructionNo, actor);
  const { loan } = settled;
  if (settled.status !== 'succeeded' || !loan) {
    const outcome = settled.status === 'returned' ? 'returned' : 'failed';
    await run.record('record the failed payment', (tx) => failPayment(tx, instructionNo, outcome, actor));
    return { why: settled.reason ?? `the payment ${settled.status}` };
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
  return { loanNo };
}

/** With goods behind it: not more than they carry, and not on a price that is older than a business day. */
async function amountOf(run: Run, { project, order }: Pick<Deal, 'project' | 'order'>, terms: Terms): Promise<string> {
  if (project.productType !== 'SPOT_PLEDGE') return terms.amount; // Nothing is pledged, or nothing is there yet (未来货权).
  for (const [materialCode, unit] of new Map(order.lines.map((line) => [line.materialCode, line.unit])))
    await quoteOf(run, project.systems.price, materialCode, unit);
  return run.record('fix the amount', async (tx) => {
    const value = await pledgeValue(tx, numberFor('PL', run.caseId));
    return shareOf(value, pledgeRateOf(terms), terms.amount);
  });
}

/** How long nobody may know what became of a payment before people must find out. */
const silence = ['3 working days', '10 working days', '20 working days'] as const;

/**
 * No word in all that time: the outcome is unknown, nothing is sent again (I-10) and nothing is taken back; the funder is asked on, and
 * its daily file may tell.
 */
async function settlementOf(run: Run, system: string, instructionNo: string, actor: string) {
  let unanswered: unknown;
  for (const within of silence) {
    const answer = await run
      .wait(bank.notices.disbursementSettled, {
        key: instructionNo,
        within,
        from: system,
        poll: { operation: bank.operations.readSettlement, system, every: '2 hours' },
      })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
        unanswered = thrown;
      });
    if (answer) return answer;
    await run.record('record that nobody knows', async (tx) => {
      if ((await stateOf(tx, 'payment', instructionNo)) !== 'UNKNOWN') await losePayment(tx, instructionNo, actor);
    });
  }
  throw unanswered;
}

/** The payee's bank did not take it: unit and funder look at the account. Changed, it rests for a day before it is paid to (I-08). */
async function mendAccount(run: Run, { no, payee }: Applied, why: string): Promise<void> {
  await run.record('ask for the account', (tx) =>
    adviseCase(tx, run.caseId, `放款失败：${why}。请核对收款账户 check the payee's account`),
  );
  const mended = await run
    .ask('put the account right', {
      title: { zh: '放款失败，核对收款账户', en: "the payment failed: put the payee's account right" },
      payload: { applicationNo: no, why },
      within: '3 working days',
      roles: ['funder', 'operator'],
    })
    .catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
    });
  if (mended?.decision !== 'approved') run.stop('failed', why);
  const cools = await run.record('whether the account rests', async (tx) => {
    await adviseCase(tx, run.caseId);
    return accountCools(tx, payee.accountNo);
  });
  if (cools) await run.sleep('the account rests', '24 hours');
}
