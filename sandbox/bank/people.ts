/**
 * The bank's people and its night batch: they decide, pay, post and release, and tell the hub. An act that comes twice
 * finds its work done and does nothing; a person may act earlier than planned through the control port.
 *
 * Magic fen, so that a case can be told beforehand how it ends: an application ending in `000.01` is rejected, one in `000.04` gets
 * four fifths, one in `000.05` lies on a desk; a payment ending in `000.02` fails, one in `000.09` the first time only, one ending in
 * `000.03` succeeds and is returned (退票) a day later. The zeros keep amounts that follow from a price of the day from meeting one by
 * chance.
 */
import { randomUUID } from 'node:crypto';
import { funder } from '../world.ts';
import { book } from './booking.ts';
import { addDays, allocate, dueOn, totalOf } from './interest.ts';
import {
  fenOf,
  fileOf,
  nextNumber,
  nowStamp,
  ppmOf,
  stamp,
  today,
  yuanOf,
  type Bank,
  type CreditDecision,
  type Loan,
  type PaymentFile,
  type ReleaseFile,
  type RepaymentFile,
} from './books.ts';
import { stray } from './stray.ts';
import { exceeds, thousandths, unsecured } from './desk.ts';
import { check, feedbackResult } from './feedback.ts';
import { creditDecision, paymentResult, releaseDecision, repaymentPosting } from './reports.ts';
import { identity, signDetached, signedText } from './seal.ts';

const dayMs = 86_400_000;
const endings = {
  rejected: '000.01',
  fails: '000.02',
  returned: '000.03',
  partly: '000.04',
  silent: '000.05',
  failsOnce: '000.09',
} as const;
const offerValidDays = 10;
const terms = { rate: '5.2000', basis: 'A360', pledgeRate: '70.0000' } as const;

type Args = Record<string, unknown>;
type Act = (args: Args, bank: Bank) => Promise<void> | void;

export const people: Readonly<Record<string, Act>> = {
  book,
  decide,
  ...stray({ decide, settle }),
  settle,
  bounce,
  post,
  decideRelease,
  checkFeedback,
  rejectFeedbacks,
  chargeFee,
  extend,
  adjust,
  chargeInterest,
  holdPostings,
  dropCallbacks,
  notify,
};

/**
 * Credit officer. `{ applicationNo, verdict?, amount?, rate?, reason?, despite? }`: amount in yuan, rate in percent (`"4.8000"`);
 * `despite: 'withdrawal'` decides what was taken back.
 */
function decide(args: Args, bank: Bank): void {
  const file = fileOf(bank.memory.applications, textOf(args, 'applicationNo'), '4040');
  if (file.decision || (file.withdrawn && args['despite'] !== 'withdrawal')) return;
  const { applNo, applAmt, order, termDays, prodCode } = file.request;
  if (applAmt.endsWith(endings.silent) && args['verdict'] === undefined) return;
  const base = { applNo, bankRef: file.answer.bankRef, decTime: nowStamp(bank) };
  const verdict = optional(args, 'verdict') ?? (applAmt.endsWith(endings.rejected) ? 'rejected' : 'approved');
  if (verdict === 'rejected') {
    file.decision = { ...base, status: '01', reason: optional(args, 'reason') ?? '综合评审未通过' };
  } else {
    const offered = [applAmt, order.orderAmt, optional(args, 'amount') ?? wishOf(applAmt)]
      .map(fenOf)
      .reduce((least, each) => (each < least ? each : least));
    const validUntilMs = bank.clock.now().getTime() + offerValidDays * dayMs;
    const offer = {
      amt: yuanOf(offered),
      ...(prodCode === unsecured ? { basis: terms.basis } : terms),
      rate: percent(optional(args, 'rate') ?? terms.rate),
      termDays,
      validUntil: stamp(validUntilMs),
    };
    file.decision = { ...base, status: '00', offer } satisfies CreditDecision;
    file.validUntilMs = validUntilMs;
    file.limit = { totalFen: String(offered), reservedFen: '0', usedFen: '0' };
  }
  tell(bank, 'CREDIT_DECISION', creditDecision(applNo, bank));
}

/** What the officer would give without being asked for another amount: of some, four fifths in whole yuan. */
function wishOf(asked: string): string {
  return asked.endsWith(endings.partly) ? yuanOf(((fenOf(asked) * 4n) / 500n) * 100n) : asked;
}

/** Payment desk. `{ instructionNo }`. */
function settle(args: Args, bank: Bank): void {
  const payment = fileOf(bank.memory.payments, textOf(args, 'instructionNo'), '4040');
  if (payment.status !== 'P') return;
  const { instrNo, applNo, amt, payee } = payment.request;
  const limit = fileOf(bank.memory.applications, applNo).limit;
  if (limit) limit.reservedFen = String(BigInt(limit.reservedFen) - fenOf(amt));
  payment.settleTime = nowStamp(bank);
  if (amt.endsWith(endings.fails) || (amt.endsWith(endings.failsOnce) && !failedBefore(applNo, bank))) {
    payment.status = 'F';
    payment.reason = '收款账户状态异常';
  } else {
    const loan = openLoan(payment, bank);
    payment.status = 'S';
    payment.serialNo = nextNumber(bank, 'SN');
    payment.loanNo = loan.loanNo;
    if (limit) limit.usedFen = String(BigInt(limit.usedFen) + fenOf(amt));
    bank.effect('disbursed', instrNo, { amt, payee: payee.acctNo, serialNo: payment.serialNo, loanNo: loan.loanNo });
    if (amt.endsWith(endings.returned)) bank.later('bounce', { instructionNo: instrNo }, dayMs);
  }
  tell(bank, 'PAYMENT_RESULT', paymentResult(instrNo, bank));
}

function openLoan(payment: PaymentFile, bank: Bank): Loan {
  const { applNo, amt } = payment.request;
  const offer = fileOf(bank.memory.applications, applNo).decision?.offer;
  if (!offer) throw new Error(`${applNo} has no offer`);
  const startDate = today(bank);
  const loan: Loan = {
    loanNo: nextNumber(bank, 'LN'),
    applNo,
    startDate,
    maturity: addDays(startDate, offer.termDays),
    rate: offer.rate,
    ratePpm: String(ppmOf(offer.rate)),
    dayCount: offer.basis,
    balanceFen: String(fenOf(amt)),
    accruedTo: startDate,
    unpaid: { fee: '0', penalty: '0', interest: '0' },
    state: 'active',
  };
  bank.memory.loans[loan.loanNo] = loan;
  return loan;
}

function failedBefore(applNo: string, bank: Bank): boolean {
  return Object.values(bank.memory.payments).some(({ request, status }) => request.applNo === applNo && status === 'F');
}

/** The payee's bank sends the money back. `{ instructionNo }`. Not once the borrower has begun to repay. */
function bounce(args: Args, bank: Bank): void {
  const payment = fileOf(bank.memory.payments, textOf(args, 'instructionNo'), '4040');
  const loan = fileOf(bank.memory.loans, payment.loanNo ?? '');
  const { instrNo, applNo, amt } = payment.request;
  if (payment.status !== 'S' || BigInt(loan.balanceFen) !== fenOf(amt)) return;
  payment.status = 'B';
  payment.settleTime = nowStamp(bank);
  payment.reason = '收款行退票：账号户名不符';
  loan.state = 'reversed';
  loan.balanceFen = '0';
  const limit = fileOf(bank.memory.applications, applNo).limit;
  if (limit) limit.usedFen = String(BigInt(limit.usedFen) - fenOf(amt));
  bank.effect('returned', instrNo, { amt });
  tell(bank, 'PAYMENT_RESULT', paymentResult(instrNo, bank));
}

/** Loan accounting. `{ repaymentNo }`. What has become more than is owed is sent back, and only a query tells. */
function post(args: Args, bank: Bank): void {
  const file = fileOf(bank.memory.repayments, textOf(args, 'repaymentNo'), '4040');
  if (file.status !== '09' || bank.memory.holdsPostings === true) return;
  const { repayNo, loanNo, amt, valueDate } = file.request;
  const loan = fileOf(bank.memory.loans, loanNo);
  const due = dueOn(loan, valueDate);
  const { paid, left } = allocate(fenOf(amt), due);
  if (loan.state !== 'active' || valueDate < loan.accruedTo || left > 0n) {
    file.status = '01';
    file.reason = '借据状态或应还金额已变化，款项退回';
    return;
  }
  loan.balanceFen = String(due.principal - paid.principal);
  loan.accruedTo = valueDate;
  loan.unpaid = {
    fee: String(due.fee - paid.fee),
    penalty: String(due.penalty - paid.penalty),
    interest: String(due.interest - paid.interest),
  };
  if (totalOf(due) === fenOf(amt)) loan.state = 'settled';
  markPosted(
    file,
    {
      fee: yuanOf(paid.fee),
      penalty: yuanOf(paid.penalty),
      interest: yuanOf(paid.interest),
      principal: yuanOf(paid.principal),
    },
    loan,
    bank,
  );
  bank.effect('posted', repayNo, { loanNo, amt, ...file.posting });
  tell(bank, 'REPAYMENT_POSTED', repaymentPosting(repayNo, bank));
}

function markPosted(
  file: RepaymentFile,
  alloc: NonNullable<RepaymentFile['posting']>['alloc'],
  loan: Loan,
  bank: Bank,
): void {
  file.status = '00';
  file.posting = {
    postNo: nextNumber(bank, 'PO'),
    postTime: nowStamp(bank),
    alloc,
    balance: yuanOf(BigInt(loan.balanceFen)),
  };
}

/** Maker proposes, checker decides: two people. `{ releaseNo, verdict?, reason? }`. Nobody may approve what the books do not bear out. */
function decideRelease(args: Args, bank: Bank): void {
  const file = fileOf(bank.memory.releases, textOf(args, 'releaseNo'), '4040');
  if (file.decision) return;
  const objection =
    objectionTo(file, bank) ??
    (optional(args, 'verdict') === 'rejected' ? (optional(args, 'reason') ?? '人工否决') : undefined);
  const signed = { decTime: nowStamp(bank), maker: funder.maker, checker: funder.checker };
  file.decision =
    objection === undefined ? { status: '00', ...signed } : { status: '01', ...signed, reason: objection };
  if (objection === undefined) handOut(file, bank);
  tell(bank, 'RELEASE_DECISION', releaseDecision(file.request.relNo, bank));
}

function objectionTo({ request }: ReleaseFile, bank: Bank): string | undefined {
  const { repayments, pledges, loans, applications } = bank.memory;
  const pledge = fileOf(pledges, request.plgNo);
  const repayment = Object.hasOwn(repayments, request.repayNo) ? repayments[request.repayNo] : undefined;
  // Goods that came instead (换货) are as good as money: they were handed over under that number for the same financing.
  const instead = Object.hasOwn(pledges, request.repayNo) ? pledges[request.repayNo] : undefined;
  const exchanged = instead !== undefined && instead !== pledge && instead.request.applNo === pledge.request.applNo;
  if (!exchanged && (repayment?.status !== '00' || repayment.request.loanNo !== request.loanNo)) return '还款尚未入账';
  const loan = fileOf(loans, request.loanNo);
  const settled = BigInt(loan.balanceFen) === 0n;
  const wanted = new Map<string, bigint>();
  for (const lot of request.lots) wanted.set(lot.lotNo, (wanted.get(lot.lotNo) ?? 0n) + thousandths(lot.qty));
  for (const [lotNo, quantity] of wanted) {
    // When nothing is owed any more the bank holds nothing back: an order that nobody used in time is given anew.
    const shelves = shelvesOf(request.plgNo, bank);
    const there = settled
      ? shelves.flatMap((shelf) =>
          shelf.request.lots.filter((lot) => lot.lotNo === lotNo).map((lot) => thousandths(lot.qty)),
        )
      : shelves.map(({ held }) => BigInt(held[lotNo] ?? '0'));
    if (there.reduce((sum, each) => sum + each, 0n) < quantity) return `批次 ${lotNo} 不在质押清单内或数量不足`;
  }
  const application = fileOf(applications, loan.applNo);
  return exceeds(BigInt(loan.balanceFen), fenOf(request.valueAfter), application) ? '解押后质押率超限' : undefined;
}

/** What was handed over for one financing: at first, and in exchange since. */
function shelvesOf(plgNo: string, bank: Bank) {
  const { applNo } = fileOf(bank.memory.pledges, plgNo).request;
  return Object.values(bank.memory.pledges).filter((pledge) => pledge.request.applNo === applNo);
}

function handOut({ request }: ReleaseFile, bank: Bank): void {
  for (const lot of request.lots) {
    const shelf = shelvesOf(request.plgNo, bank).find(({ held }) => Object.hasOwn(held, lot.lotNo));
    if (shelf) shelf.held[lot.lotNo] = String(BigInt(shelf.held[lot.lotNo] ?? '0') - thousandths(lot.qty));
  }
  bank.effect('released', request.relNo, { plgNo: request.plgNo, lots: request.lots });
}

/** Post-loan management. `{ feedbackNo, reject?, reason? }`: the number of a row that is not taken. */
function checkFeedback(args: Args, bank: Bank): void {
  if (check(args, bank)) tell(bank, 'FEEDBACK_RESULT', feedbackResult(textOf(args, 'feedbackNo'), bank));
}

/** `{ times, borrower? }`: of so many of the next feedbacks (of that USCC), the first row is not taken. */
function rejectFeedbacks(args: Args, bank: Bank): void {
  const borrower = optional(args, 'borrower');
  bank.memory.feedbackRejects = {
    times: Number(textOf(args, 'times')),
    ...(borrower === undefined ? {} : { borrower }),
  };
}

/** `{ loanNo, fee }`: a fee becomes due, and is served before anything else. */
function chargeFee(args: Args, bank: Bank): void {
  const loan = fileOf(bank.memory.loans, textOf(args, 'loanNo'), '4040');
  loan.unpaid.fee = String(BigInt(loan.unpaid.fee) + fenOf(textOf(args, 'fee')));
}

/** `{ loanNo, interest }`: the bank's own reckoning finds more interest than others do. */
function chargeInterest(args: Args, bank: Bank): void {
  const loan = fileOf(bank.memory.loans, textOf(args, 'loanNo'), '4040');
  loan.unpaid.interest = String(BigInt(loan.unpaid.interest) + fenOf(textOf(args, 'interest')));
}

/** `{ on }`: loan accounting posts nothing until it is switched off; what waits is then posted by the act `post`. */
function holdPostings(args: Args, bank: Bank): void {
  bank.memory.holdsPostings = args['on'] !== false;
}

/** `{ loanNo, maturity }`: the credit officer agrees to a later day (展期), `yyyyMMdd`. */
function extend(args: Args, bank: Bank): void {
  const loan = fileOf(bank.memory.loans, textOf(args, 'loanNo'), '4040');
  bank.memory.loans[textOf(args, 'loanNo')] = { ...loan, maturity: textOf(args, 'maturity') };
}

/** `{ loanNo, balance }`: somebody books on the loan what nobody is told, in yuan. */
function adjust(args: Args, bank: Bank): void {
  const loan = fileOf(bank.memory.loans, textOf(args, 'loanNo'), '4040');
  loan.balanceFen = String(fenOf(textOf(args, 'balance')));
}

/** `{ on }`: notices are lost until it is switched off. */
function dropCallbacks(args: Args, bank: Bank): void {
  bank.memory.dropCallbacks = args['on'] !== false;
}

function tell(bank: Bank, type: string, data: object): void {
  bank.later('notify', { id: nextNumber(bank, 'NT'), type, data }, 0);
}

/** One notice, as often as it takes: each try is a new request with its own signature, the notice keeps its id. */
async function notify(args: Args, bank: Bank): Promise<void> {
  if (bank.memory.dropCallbacks) return;
  const { participantNo, bankSignKid } = identity;
  const body = Buffer.from(JSON.stringify({ id: args['id'], type: args['type'], data: args['data'] }));
  const requestId = randomUUID();
  const timestamp = new Date().toISOString();
  const text = signedText('NOTICE', { participantNo, subject: ['POST', '/notices'], timestamp, requestId, body });
  const answer = await bank.post({
    path: '/notices',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-participant': participantNo,
      'x-request-id': requestId,
      'x-timestamp': timestamp,
      'x-jws-signature': await signDetached(bank.key('sign.pem'), bankSignKid, text),
    },
    body,
  });
  const said = JSON.parse(answer.body.toString()) as { code?: unknown; id?: unknown };
  if (said.code !== '0000' || said.id !== args['id'])
    throw new Error(`the hub did not take notice ${String(args['id'])}`);
}

function textOf(args: Args, name: string): string {
  const value = optional(args, name);
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

function optional(args: Args, name: string): string | undefined {
  const value = args[name];
  if (value !== undefined && typeof value !== 'string') throw new Error(`${name} must be a text`);
  return value;
}

function percent(text: string): string {
  if (!/^\d{1,2}\.\d{4}$/.test(text)) throw new Error('a rate is percent with four decimals');
  return text;
}
