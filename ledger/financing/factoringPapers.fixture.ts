/** For tests: whose a factoring is, its numbers, and the papers that are handed in for it. */
import { accounts, dayMs } from '../fixture.ts';

/** Gross and net of each receivable, what is lent on it (80 %), and what two funders take of that. */
export const sums = {
  exTax: '1000000.00',
  tax: '130000.00',
  gross: '1130000.00',
  deductions: '30000.00',
  net: '1100000.00',
  lent: '880000.00',
  slices: ['500000.00', '380000.00'],
} as const;

/** The creditor is the trading unit, the debtor its customer; two more funders besides the bank. */
export interface FactoringParties {
  readonly creditor: string;
  readonly debtor: string;
  readonly funder: string;
  readonly others: readonly [string, string];
  /** Version of the product. */
  readonly productId: string;
}

export interface Factoring extends FactoringParties {
  readonly caseId: string;
  readonly contractNo: string;
  readonly invoiceNo: string;
  readonly receivableNo: string;
  readonly confirmationNo: string;
  readonly applicationNo: string;
  readonly offerNo: string;
  readonly subscriptions: readonly [string, string];
  readonly envelopeNo: string;
  readonly requestNo: string;
  readonly noticeNo: string;
  contractId: string;
  /** Of the confirmation, while it waits for its checker. */
  approval: string;
}

export const hash = 'a'.repeat(64);
export const inDays = (days: number) => new Date(Date.now() + days * dayMs);

export const confirmed = { amount: sums.net, dueDate: '2027-02-28', payAccount: accounts.funder, waiver: true };

export function claim(f: Factoring) {
  return {
    no: f.receivableNo,
    creditor: f.creditor,
    debtor: f.debtor,
    contractId: f.contractId,
    currency: 'CNY',
    grossAmount: sums.gross,
    deductions: sums.deductions,
    dueDate: '2027-02-28',
    payAccount: accounts.funder,
    invoices: [{ key: f.invoiceNo, amount: sums.gross }],
  };
}

export function application(f: Factoring, amount: string = sums.lent) {
  return {
    no: f.applicationNo,
    caseId: f.caseId,
    borrower: f.creditor,
    funder: f.funder,
    amount,
    currency: 'CNY',
    tenorDays: 90,
    purpose: '支付货款',
    payeeAccount: accounts.unit,
    productId: f.productId,
    receivables: [{ no: f.receivableNo, financed: amount, advanceRate: '0.800000' }],
    disclosed: true,
    recourse: true,
  };
}

export function offer(f: Factoring) {
  return {
    no: f.offerNo,
    applicationNo: f.applicationNo,
    channel: 'MARKET',
    amount: sums.lent,
    currency: 'CNY',
    minTicket: '100000.00',
    rateLow: '0.040000',
    rateHigh: '0.060000',
    visibleTo: [f.funder, f.others[0]],
    closesAt: inDays(3),
  };
}

export function subscription(f: Factoring, i: 0 | 1) {
  const funder = i === 0 ? f.funder : f.others[0];
  const no = f.subscriptions[i];
  return { no, offerNo: f.offerNo, funder, amount: sums.slices[i], rateLow: '0.042000', rateHigh: '0.050000' };
}

export function notice(f: Factoring) {
  return {
    no: f.noticeNo,
    receivableNo: f.receivableNo,
    assignee: f.funder,
    sentBy: 'FACTOR' as const,
    documentSha256: hash,
    assignmentProof: hash,
    disclosed: true,
  };
}
