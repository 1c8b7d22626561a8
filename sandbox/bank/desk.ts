/** The bank's counter: what it does with each call once it knows who calls and that the call is whole. */
import {
  answeredBefore,
  digestOf,
  fenOf,
  fileOf,
  nextNumber,
  nowStamp,
  ppmOf,
  yuanOf,
  type ApplicationFile,
  type Bank,
} from './books.ts';
import {
  collateral,
  day,
  disbursement,
  release,
  repayment,
  withdrawal,
  type Application,
  type Disbursement,
} from './fields.ts';
import { dueOn, totalOf } from './interest.ts';
import { Refusal } from './refusal.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Product (信用融资) without goods behind it. */
export const unsecured = 'CR01';
/** Product (未来货权) that is paid before its goods exist: they are handed over later. */
const futureGoods = 'FG01';

/** How long the bank's people take, in business time. */
const delays = { decideMs: 4 * hour, settleMs: 10 * minute, postMs: hour, releaseMs: 2 * hour } as const;

/** Magic fen of an application: it comes back the first time. */
const returnedEnding = '000.08';

export function applyCredit(application: Application, bank: Bank): object {
  const { applications } = bank.memory;
  const before = answeredBefore(applications, application.applNo, application);
  if (before) return before;
  if (Object.values(applications).some((other) => isSameCase(other, application) && isInFlight(other, bank)))
    throw new Refusal('2001');
  if (application.applAmt.endsWith(returnedEnding)) returnOnce(application, bank);
  const answer = { bankRef: nextNumber(bank, 'BR') };
  applications[application.applNo] = { digest: digestOf(application), request: application, answer };
  bank.effect('applied', application.applNo, { bankRef: answer.bankRef, amt: application.applAmt });
  bank.later('decide', { applicationNo: application.applNo }, delays.decideMs);
  return answer;
}

function returnOnce({ order }: Application, bank: Bank): void {
  const returned = (bank.memory.returned ??= {});
  if (returned[order.orderNo]) return;
  returned[order.orderNo] = true;
  throw new Refusal('1002', '材料不全，退回补正');
}

function isSameCase(file: ApplicationFile, application: Application): boolean {
  return (
    file.request.borrower.creditCode === application.borrower.creditCode &&
    file.request.order.orderNo === application.order.orderNo
  );
}

/** Under review, or approved and not drawn yet: the same order is not looked at twice at a time. */
function isInFlight(file: ApplicationFile, bank: Bank): boolean {
  if (file.withdrawn) return false;
  if (!file.decision) return true;
  if (file.decision.status !== '00' || file.limit?.usedFen !== '0') return false;
  return (file.validUntilMs ?? 0) >= bank.clock.now().getTime();
}

/** Taken back before anything is drawn; once more is no second time. */
export function withdraw(body: unknown, no: string, bank: Bank): object {
  const request = withdrawal(body, 'withdrawal');
  const file = fileOf(bank.memory.applications, no, '2003', 'application');
  if (request.applNo !== no || request.bankRef !== file.answer.bankRef) throw new Refusal('2003');
  if (file.withdrawn && file.withdrawn.digest !== digestOf(request)) throw new Refusal('2002');
  if (!file.withdrawn) {
    const drawn = Object.values(bank.memory.payments).some(
      ({ request: paid, status }) => paid.applNo === no && (status === 'P' || status === 'S'),
    );
    if (drawn) throw new Refusal('2009', 'the loan is paid out, or about to be');
    file.withdrawn = { digest: digestOf(request), time: nowStamp(bank) };
    bank.effect('withdrawn', no, { bankRef: request.bankRef });
  }
  return withdrawalOf(no, bank);
}

export function withdrawalOf(no: string, bank: Bank): object {
  const { withdrawn } = fileOf(bank.memory.applications, no, '4040', 'application');
  if (!withdrawn) throw new Refusal('4040', 'the application is not withdrawn');
  return { applNo: no, regState: 'A', recTime: withdrawn.time };
}

export function deliverCollateral(body: unknown, bank: Bank): object {
  const request = collateral(body, 'collateral');
  const { pledges, applications } = bank.memory;
  const before = answeredBefore(pledges, request.plgNo, request);
  if (before) return before;
  const application = fileOf(applications, request.applNo, '2003', 'application');
  if (application.decision?.status !== '00') throw new Refusal('2009', 'the application is not approved');
  const answer = { custodyNo: nextNumber(bank, 'CU') };
  const held: Record<string, string> = {};
  for (const lot of request.lots) held[lot.lotNo] = String(BigInt(held[lot.lotNo] ?? '0') + thousandths(lot.qty));
  pledges[request.plgNo] = { digest: digestOf(request), request, answer, held };
  bank.effect('custody', request.plgNo, { custodyNo: answer.custodyNo, receiptNo: request.receiptNo });
  return answer;
}

export const thousandths = (quantity: string): bigint => BigInt(quantity.replace('.', ''));

export function disburse(body: unknown, bank: Bank): object {
  const request = disbursement(body, 'disbursement');
  const { payments, applications } = bank.memory;
  const before = answeredBefore(payments, request.instrNo, request);
  if (before) return before;
  const application = fileOf(applications, request.applNo, '2003', 'application');
  const amount = fenOf(request.amt);
  assertMayDraw(application, request, bank);
  assertCovered(application, amount, request.applNo, bank);
  if (application.limit) application.limit.reservedFen = String(BigInt(application.limit.reservedFen) + amount);
  const answer = { payNo: nextNumber(bank, 'PY') };
  payments[request.instrNo] = { digest: digestOf(request), request, answer, status: 'P' };
  bank.later('settle', { instructionNo: request.instrNo }, delays.settleMs);
  return answer;
}

/** Guards stand where the money is drawn, whatever was said when the case was approved. */
function assertMayDraw(application: ApplicationFile, request: Disbursement, bank: Bank): void {
  const asked = application.request;
  if (application.withdrawn) throw new Refusal('2009', 'the application is withdrawn');
  if (application.decision?.status !== '00') throw new Refusal('2009', 'the application is not approved');
  if (application.answer.bankRef !== request.bankRef || asked.order.orderNo !== request.orderNo)
    throw new Refusal('2003');
  if (
    asked.borrower.creditCode !== request.borrower.creditCode ||
    asked.borrower.custName !== request.borrower.custName
  ) {
    throw new Refusal('2003', 'the borrower is not the one of the application');
  }
  if ((application.validUntilMs ?? 0) < bank.clock.now().getTime()) throw new Refusal('2004');
  if (JSON.stringify(asked.payee) !== JSON.stringify(request.payee)) throw new Refusal('2006');
  if (fenOf(request.amt) === 0n) throw new Refusal('1002', 'disbursement.amt: nothing is to be paid');
}

function assertCovered(application: ApplicationFile, amountFen: bigint, applNo: string, bank: Bank): void {
  const limit = application.limit ?? { totalFen: '0', reservedFen: '0', usedFen: '0' };
  const drawn = BigInt(limit.reservedFen) + BigInt(limit.usedFen) + amountFen;
  if (drawn > BigInt(limit.totalFen)) throw new Refusal('2005');
  if ([unsecured, futureGoods].includes(application.request.prodCode)) return;
  const pledged = Object.values(bank.memory.pledges).filter((pledge) => pledge.request.applNo === applNo);
  if (pledged.length === 0) throw new Refusal('2007');
  const valueFen = pledged.reduce((sum, pledge) => sum + fenOf(pledge.request.value), 0n);
  if (exceeds(drawn, valueFen, application)) throw new Refusal('2010');
}

/** Whether a debt is above the pledge rate (质押率) of a value: compared as products, so that nothing is rounded. */
export function exceeds(debtFen: bigint, valueFen: bigint, application: ApplicationFile): boolean {
  return debtFen * 1_000_000n > valueFen * ppmOf(application.decision?.offer?.pledgeRate ?? '0.0000');
}

export function quoteRepayment(loanNo: string, dateText: string | undefined, bank: Bank): object {
  const date = day(dateText, 'date');
  const loan = fileOf(bank.memory.loans, loanNo, '4040', 'loan');
  if (loan.state === 'reversed') throw new Refusal('2009', 'the loan was reversed');
  if (date < loan.accruedTo) throw new Refusal('2009', 'the day lies before the last posting');
  const due = dueOn(loan, date);
  return {
    loanNo,
    date,
    principal: yuanOf(due.principal),
    interest: yuanOf(due.interest),
    penalty: yuanOf(due.penalty),
    fee: yuanOf(due.fee),
    total: yuanOf(totalOf(due)),
  };
}

export function adviseRepayment(body: unknown, bank: Bank): object {
  const request = repayment(body, 'repayment');
  const { repayments, loans } = bank.memory;
  const before = answeredBefore(repayments, request.repayNo, request);
  if (before) return before;
  const loan = fileOf(loans, request.loanNo, '2003', 'loan');
  if (loan.state !== 'active') throw new Refusal('2009', 'the loan is not active');
  if (request.valueDate < loan.accruedTo) throw new Refusal('2009', 'the value date lies before the last posting');
  if (fenOf(request.amt) === 0n) throw new Refusal('1002', 'repayment.amt: nothing was paid');
  if (fenOf(request.amt) > totalOf(dueOn(loan, request.valueDate))) throw new Refusal('2011');
  const answer = { bankRef: nextNumber(bank, 'RA') };
  repayments[request.repayNo] = { digest: digestOf(request), request, answer, status: '09' };
  bank.later('post', { repaymentNo: request.repayNo }, delays.postMs);
  return answer;
}

export function requestRelease(body: unknown, bank: Bank): object {
  const request = release(body, 'release');
  const { releases, pledges, loans } = bank.memory;
  const before = answeredBefore(releases, request.relNo, request);
  if (before) return before;
  const pledge = fileOf(pledges, request.plgNo, '2003', 'pledge');
  const loan = fileOf(loans, request.loanNo, '2003', 'loan');
  if (loan.applNo !== pledge.request.applNo) throw new Refusal('2003', 'the pledge does not secure this loan');
  const answer = { bankRef: nextNumber(bank, 'RL') };
  releases[request.relNo] = { digest: digestOf(request), request, answer };
  bank.later('decideRelease', { releaseNo: request.relNo }, delays.releaseMs);
  return answer;
}
