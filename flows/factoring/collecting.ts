/** Step 9: one payment towards a receivable, split at once between those who financed it and the supplier. No money rests with the hub. */
import { bank } from '../../contracts/bank/bank.ts';
import { fenOf } from '../../contracts/canonical/money.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import type { Message } from '../../contracts/contract.ts';
import type { ReceivablePayment } from '../../contracts/hub/factoring.ts';
import { businessDate } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move, type Tx } from '../../ledger/lifecycle.ts';
import {
  approvePayment,
  createPayment,
  failPayment,
  instructPayment,
  submitPayment,
} from '../../ledger/money/payments.ts';
import { failRepayment, notifyRepayment, postRepayment } from '../../ledger/money/repayments.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import type { Collecting, OpenSlice, Payer } from '../../ledger/trade/factorings.ts';
import { recordCollection } from '../../ledger/trade/receivables.ts';
import { letterOf } from './deal.ts';
import { splitOf } from './splitting.ts';

export type Payment = Message<typeof ReceivablePayment>;

interface Part {
  readonly no: string;
  readonly payee: Payer;
  readonly amount: string;
  /** Absent: the surplus. */
  readonly slice?: OpenSlice;
}

/** Returns whether all of it reached whom it was meant for. */
export async function collect(
  run: Run,
  open: Collecting,
  payment: Payment,
  round: number,
  actor: string,
): Promise<boolean> {
  const valueDate = businessDate(run.now());
  const dues: string[] = [];
  const owed = open.slices.filter(({ balance }) => fenOf(balance) > 0n);
  for (const { funderLoanNo, system } of owed)
    dues.push((await run.call(bank.operations.quoteRepayment, { loanNo: funderLoanNo, valueDate }, { system })).total);
  const parts = partsOf(run, open, payment, { owed, dues, round });
  const settled = await order(run, open, payment, parts, round, actor);
  const arrived = parts.filter((_, place) => settled[place] === true);
  for (const part of arrived) if (part.slice) await post(run, part, part.slice, open, valueDate, actor);
  if (arrived.length < parts.length) return false;
  if (payment.kind !== 'buyBack') await run.record('record the collection', (tx) => count(tx, open, payment, actor));
  return true;
}

/** What a receivable was paid in full is due now, whatever day it was due. */
async function count(tx: Tx, { receivableNo }: Collecting, payment: Payment, actor: string): Promise<void> {
  const found = await tx.query<{ state: string; full: boolean }>(
    `select r.state, r.collected + $2::numeric >= c.confirmed_amount "full" from receivable r
     join confirmation c on c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED' where r.no = $1`,
    [receivableNo, payment.amount],
  );
  const { state = '', full = false } = found.rows[0] ?? {};
  if (full && ['ASSIGNED', 'DISPUTED'].includes(state)) await move(tx, 'receivable', receivableNo, 'mature', actor);
  await recordCollection(tx, receivableNo, payment.amount, actor);
  if (!full && state === 'ASSIGNED')
    await move(
      tx,
      'receivable',
      receivableNo,
      'dispute',
      actor,
      {},
      { reason: `paid short by ${payment.paymentNo}`, word: 'CORE' },
    );
}

/** The surplus is the supplier's where the factor has recourse (民法典 766), and the first factor's where it has none (767). */
function partsOf(
  run: Run,
  open: Collecting,
  payment: Payment,
  {
    owed,
    dues,
    round,
  }: { readonly owed: readonly OpenSlice[]; readonly dues: readonly string[]; readonly round: number },
): Part[] {
  const { shares, rest } = splitOf(payment.amount, dues);
  const parts: Part[] = owed.map((slice, place) => ({
    no: numberFor(`RP${letterOf(round)}${letterOf(place)}`, run.caseId),
    payee: slice.funder,
    amount: shares[place] ?? '0.00',
    slice,
  }));
  const [lead] = open.slices;
  // A supplier that passes on what it got keeps what nobody else is owed; who buys back pays what is owed, and no more.
  const surplusTo = payment.kind !== 'debtor' ? undefined : open.recourse ? open.creditor : lead?.funder;
  if (surplusTo && fenOf(rest) > 0n)
    parts.push({ no: numberFor(`RS${letterOf(round)}`, run.caseId), payee: surplusTo, amount: rest });
  return parts.filter(({ amount }) => fenOf(amount) > 0n);
}

/** Which of the parts arrived. */
async function order(
  run: Run,
  open: Collecting,
  payment: Payment,
  parts: readonly Part[],
  round: number,
  actor: string,
): Promise<boolean[]> {
  const payer = payment.kind === 'debtor' ? open.debtor : open.creditor;
  const options = {
    system: open.project.systems.clearing,
    before: (tx: Tx) => instruct(tx, open, payment, payer, parts, actor),
    after: async (tx: Tx) => {
      for (const { no } of parts) await move(tx, 'payment', no, 'accept', actor);
    },
  };
  const common = {
    payer: side(payer),
    currency: 'CNY' as const,
    loanNo: open.receivableNo,
    postscript: `应收账款 ${open.receivableNo}`.slice(0, 60),
  };
  const [only] = parts;
  const { arrived, settledAt } =
    only && parts.length === 1
      ? await orderOne(run, only, common, options)
      : await orderSplit(run, numberFor(`SP${letterOf(round)}`, run.caseId), parts, common, options);
  await end(run, parts, arrived, settledAt, actor);
  return [...arrived];
}

const side = ({ name, uscc, account }: Payer) => ({ company: { name, uscc }, account });

interface Common {
  readonly payer: ReturnType<typeof side>;
  readonly currency: 'CNY';
  readonly loanNo: string;
  readonly postscript: string;
}

interface Options {
  readonly system: string;
  readonly before: (tx: Tx) => Promise<void>;
  readonly after: (tx: Tx) => Promise<void>;
}

interface Arrived {
  readonly arrived: readonly boolean[];
  readonly settledAt: string;
}

async function orderOne(run: Run, { no, amount, payee }: Part, common: Common, options: Options): Promise<Arrived> {
  const { system } = options;
  await run.call(clearing.operations.collect, { ...common, instructionNo: no, payee: side(payee), amount }, options);
  const settled = await run.wait(clearing.notices.collectionSettled, {
    key: no,
    within: '3 working days',
    from: system,
    poll: { operation: clearing.operations.readCollection, system, every: '2 hours' },
  });
  return { arrived: [settled.status === 'succeeded'], settledAt: settled.settledAt };
}

async function orderSplit(
  run: Run,
  instructionNo: string,
  parts: readonly Part[],
  common: Common,
  options: Options,
): Promise<Arrived> {
  const { system } = options;
  const named = parts.map(({ payee, amount }, place) => ({ partNo: place + 1, payee: side(payee), amount }));
  const amount = sumOf(parts);
  await run.call(clearing.operations.split, { ...common, instructionNo, amount, parts: named }, options);
  const settled = await run.wait(clearing.notices.splitSettled, {
    key: instructionNo,
    within: '3 working days',
    from: system,
    poll: { operation: clearing.operations.readSplit, system, every: '2 hours' },
  });
  const reached = (no: number) => settled.parts.some(({ partNo, status }) => partNo === no && status === 'succeeded');
  return { arrived: named.map(({ partNo }) => reached(partNo)), settledAt: settled.settledAt };
}

function sumOf(parts: readonly Part[]): string {
  const fen = parts.reduce((sum, { amount }) => sum + fenOf(amount), 0n);
  return `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
}

/** The payer's own order for what is owed; what goes to anybody else is approved by the payer's two people. */
async function instruct(
  tx: Tx,
  open: Collecting,
  { maker, checker, kind }: Payment,
  payer: Payer,
  parts: readonly Part[],
  actor: string,
): Promise<void> {
  for (const { no, amount, payee, slice } of parts) {
    const payment = {
      no,
      applicationNo: slice?.applicationNo ?? open.leadNo,
      payer: payer.account.accountNo,
      payee: payee.account.accountNo,
      amount,
      currency: 'CNY',
    };
    if (slice) {
      await instructPayment(tx, { ...payment, purpose: 'REPAY' }, actor);
      const type = kind === 'debtor' ? ('DEBTOR_PAYMENT' as const) : ('EARLY_FULL' as const);
      await notifyRepayment(tx, { no, loanNo: slice.loanNo, paymentNo: no, amount, type }, actor);
      continue;
    }
    await createPayment(tx, { ...payment, purpose: 'COLLECTION_SPLIT' }, actor);
    const subject = { entity: 'payment', id: no, event: 'approve' } as const;
    await approvePayment(
      tx,
      no,
      await decidedElsewhere(tx, subject, { maker, checker, source: 'portal' }, actor),
      actor,
    );
    await submitPayment(tx, no, actor);
  }
}

async function end(
  run: Run,
  parts: readonly Part[],
  arrived: readonly boolean[],
  settledAt: string,
  actor: string,
): Promise<void> {
  await run.record('record what arrived', async (tx) => {
    for (const [place, { no, slice }] of parts.entries()) {
      if (arrived[place] === true) {
        await move(tx, 'payment', no, 'succeed', actor, { serial_no: no, settled_at: settledAt });
        if (slice) await move(tx, 'repayment', no, 'match', actor);
      } else if (slice) await failRepayment(tx, no, 'failed', actor);
      else await failPayment(tx, no, 'failed', actor);
    }
  });
}

/** The funder posts it, nobody else. It counts for the day on which the payer ordered it. */
async function post(
  run: Run,
  part: Part,
  slice: OpenSlice,
  open: Collecting,
  valueDate: string,
  actor: string,
): Promise<void> {
  const { system } = slice;
  const { no, amount } = part;
  const { name, uscc } = open.debtor;
  await run.call(
    bank.operations.adviseRepayment,
    {
      repaymentNo: no,
      loanNo: slice.funderLoanNo,
      amount,
      currency: 'CNY',
      valueDate,
      clearingSerial: no,
      payer: { name, uscc },
    },
    { system },
  );
  const posted = await run.wait(bank.notices.repaymentPosted, {
    key: no,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readPosting, system, every: '4 hours' },
  });
  await run.record(`post repayment ${no}`, async (tx) => {
    await postRepayment(tx, { ...posted, loanNo: slice.loanNo }, actor);
    await keepEvidence(tx, run.caseId, 'N17 repayment posted', no, {
      amount: posted.amount,
      postingNo: posted.postingNo,
    });
  });
}
