/** For tests: what happens to a case, stage by stage, by the ledger's own functions. */
import { approveApplication, submitApplication } from './financing/applications.ts';
import { completeEnvelope, draftEnvelope } from './financing/envelopes.ts';
import { keepEvidence } from './evidence.ts';
import { guardDisbursement, guardRelease } from './guards.ts';
import { move, type Tx } from './lifecycle.ts';
import { activateLoan } from './money/loans.ts';
import { instructPayment } from './money/payments.ts';
import { notifyRepayment, postRepayment } from './money/repayments.ts';
import { confirmControl, recordRegistration, requestPledge, submitRegistration, takeCustody } from './goods/pledges.ts';
import { keepQuote } from './goods/prices.ts';
import { tellReceipt } from './goods/receipts.ts';
import { approveRelease, draftRelease, executeRelease } from './goods/releases.ts';
import { receiveLots, type LotRow } from './goods/stock.ts';
import { recordOrder } from './trade/orders.ts';

export const actor = 'run:test';
/** domain.md 6: 1 200.500 t at 3 400.00, of which 70 % is lent. */
const total = '4081700.00';
export const lent = '2857190.00';
export const funderName = '虚构银行股份有限公司';

export const accounts = {
  unit: '6200000000000001',
  funder: '6200000000000002',
  operator: '6200000000000003',
  dealer: '6200000000000009',
} as const;

export interface Deal {
  readonly caseId: string;
  readonly orderNo: string;
  readonly applicationNo: string;
  readonly envelopeNo: string;
  readonly pledgeNo: string;
  readonly requestNo: string;
  readonly paymentNo: string;
  readonly loanNo: string;
  readonly repaymentNo: string;
  readonly releaseNo: string;
  readonly lots: readonly LotRow[];
  /** How many stages it has behind it. */
  done: number;
}

export interface Companies {
  readonly unit: string;
  readonly funder: string;
  readonly keeper: string;
  readonly dealer: string;
}

export const dayMs = 86_400_000;
const businessDay = (instant: Date) => new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
const inDays = (days: number) => new Date(Date.now() + days * dayMs);

/** What happens to a case, in order; each in a transaction of its own. */
export const stages = {
  ordered: async (tx, { caseId, orderNo }, { dealer }) => {
    await tx.query('insert into cases (id, key, title) values ($1, $2, $3)', [caseId, orderNo, '现货质押']);
    const lines = [
      {
        lineNo: '10',
        materialCode: 'HRB400',
        quantity: '1200.500',
        unit: 'TNE',
        unitPrice: '3400.00',
        amount: total,
      },
    ];
    const order = { orderNo, orderDate: '2026-11-20', currency: 'CNY', total, lines };
    const erp = { total, currency: 'CNY', buyerNo: '17101', lines };
    await recordOrder(tx, { ...order, caseId, sellerNo: '1710', buyer: dealer }, erp, { buyerNo: '17101' });
    await keepEvidence(tx, caseId, 'N03 trade data', orderNo, { total });
  },
  applied: (tx, { caseId, orderNo, applicationNo }, { dealer, funder }) =>
    submitApplication(
      tx,
      {
        no: applicationNo,
        caseId,
        orderNo,
        borrower: dealer,
        funder,
        amount: lent,
        currency: 'CNY',
        tenorDays: 90,
        purpose: '采购螺纹钢',
        payeeAccount: accounts.unit,
      },
      actor,
    ),
  pushed: (tx, { applicationNo }) => move(tx, 'application', applicationNo, 'push', actor),
  approved: (tx, { applicationNo }) =>
    approveApplication(
      tx,
      applicationNo,
      `F-${applicationNo}`,
      {
        amount: lent,
        rate: '0.052000',
        tenorDays: 90,
        dayCount: 'ACT/360',
        pledgeRate: '0.700000',
        validTo: inDays(30).toISOString(),
      },
      actor,
    ),
  signing: async (tx, { applicationNo, envelopeNo }, { dealer }) => {
    const documents = [{ fileName: 'loan-contract.pdf', sha256: 'a'.repeat(64) }];
    const envelope = { no: envelopeNo, applicationNo, documents, mandatePayee: accounts.unit, signers: [dealer] };
    await draftEnvelope(tx, envelope, actor);
    await move(tx, 'envelope', envelopeNo, 'send', actor, { vendor_flow_id: `V-${envelopeNo}` });
  },
  signed: (tx, { applicationNo, envelopeNo }) =>
    completeEnvelope(
      tx,
      envelopeNo,
      applicationNo,
      [{ fileName: 'loan-contract.pdf', originalSha256: 'a'.repeat(64) }],
      actor,
    ),
  received: async (tx, { applicationNo, lots }, { dealer }) => {
    await receiveLots(tx, 'WH01', dealer, lots);
    await move(tx, 'application', applicationNo, 'ready', actor);
  },
  requested: async (tx, { pledgeNo, applicationNo, lots }, { dealer, funder, keeper }) => {
    const priceAt = new Date().toISOString();
    const quoteDate = businessDay(new Date());
    const quote = { materialCode: 'HRB400', price: '3400.00', unit: 'TNE', source: 'test', quoteDate, asOf: priceAt };
    await keepQuote(tx, quote);
    const items = lots.map((lot) => ({ ...lot, price: '3400.00', priceAt }));
    await requestPledge(
      tx,
      {
        no: pledgeNo,
        applicationNo,
        pledgor: dealer,
        pledgee: funder,
        supervisor: keeper,
        securedAmount: lent,
        pledgeRate: '0.700000',
        items,
      },
      actor,
    );
  },
  lockAsked: (tx, { pledgeNo }) => move(tx, 'pledge', pledgeNo, 'askLock', actor),
  locked: (tx, { pledgeNo }) => move(tx, 'pledge', pledgeNo, 'lock', actor, { lock_no: `LK-${pledgeNo}` }),
  controlled: async (tx, { pledgeNo, lots }, { dealer, keeper }) => {
    const no = `WR-${pledgeNo}`;
    const goods = lots.map((lot) => ({ ...lot, variety: '螺纹钢' }));
    const issued = { issuer: keeper, issuedAt: new Date().toISOString(), keeperSha256: 'b'.repeat(64) };
    const depositor = { depositor: dealer, depositorName: '客户甲有限公司' };
    await tellReceipt(tx, { no, warehouse: 'WH01', ...depositor, ...issued, goods }, actor);
    await confirmControl(tx, pledgeNo, { receiptNo: no, at: new Date() }, actor);
  },
  registering: (tx, { requestNo, pledgeNo }) =>
    submitRegistration(
      tx,
      { requestNo, pledgeNo, searchNo: `S-${requestNo}`, searchedAt: new Date().toISOString() },
      actor,
    ),
  registered: async (tx, { requestNo, pledgeNo }) => {
    const registrationNo = `ZD-${requestNo}`;
    const registeredAt = new Date().toISOString();
    const expiresAt = inDays(365).toISOString();
    await recordRegistration(tx, { requestNo, registrationNo, amendCode: '1234', registeredAt, expiresAt }, actor);
    await move(tx, 'pledge', pledgeNo, 'register', actor, { registration_no: registrationNo });
  },
  effective: (tx, { pledgeNo }) => takeCustody(tx, pledgeNo, `CU-${pledgeNo}`, actor),
  instructed: async (tx, deal) => {
    await guardDisbursement(tx, deal.applicationNo, accounts.unit, lent);
    await instruct(tx, deal, deal.paymentNo);
    await keepEvidence(tx, deal.caseId, 'N14 disbursement instruction', deal.paymentNo, { amount: lent });
  },
  accepted: (tx, { paymentNo }) => move(tx, 'payment', paymentNo, 'accept', actor),
  disbursed: (tx, { loanNo, applicationNo, paymentNo }) =>
    activateLoan(
      tx,
      {
        no: loanNo,
        funderNo: `F-${loanNo}`,
        applicationNo,
        paymentNo,
        serialNo: `B-${paymentNo}`,
        settledAt: new Date().toISOString(),
        startDate: '2026-11-23',
        maturity: '2027-02-21',
        rate: '0.052000',
      },
      actor,
    ),
  notified: async (tx, { repaymentNo, applicationNo, loanNo }) => {
    const payment = { no: repaymentNo, applicationNo, payer: accounts.dealer, payee: accounts.funder };
    await instructPayment(tx, { ...payment, purpose: 'REPAY', amount: '2869158.45', currency: 'CNY' }, actor);
    await notifyRepayment(tx, { no: repaymentNo, loanNo, paymentNo: repaymentNo, amount: '2869158.45' }, actor);
    await move(tx, 'payment', repaymentNo, 'accept', actor);
  },
  matched: async (tx, { repaymentNo }) => {
    await move(tx, 'payment', repaymentNo, 'succeed', actor);
    await move(tx, 'repayment', repaymentNo, 'match', actor);
  },
  posted: (tx, { repaymentNo, loanNo }) =>
    postRepayment(
      tx,
      {
        repaymentNo,
        loanNo,
        postingNo: `PO-${repaymentNo}`,
        postedAt: new Date().toISOString(),
        allocation: { fee: '0.00', penalty: '0.00', interest: '11968.45', principal: lent },
        principalBalance: '0.00',
      },
      actor,
    ),
  drafted: async (tx, { releaseNo, pledgeNo, repaymentNo }) => {
    await draftRelease(tx, { no: releaseNo, pledgeNo, repaymentNo, lots: undefined }, actor);
  },
  submitted: (tx, { releaseNo }) => move(tx, 'release_order', releaseNo, 'submit', actor),
  releasable: (tx, { releaseNo }) =>
    approveRelease(tx, releaseNo, 'token-token-token', inDays(7), { maker: '甲', checker: '乙' }, actor),
  sent: async (tx, { releaseNo }) => {
    await guardRelease(tx, releaseNo);
    await move(tx, 'release_order', releaseNo, 'send', actor);
  },
  released: (tx, { releaseNo, pledgeNo, lots }) =>
    executeRelease(tx, releaseNo, pledgeNo, `OUT-${releaseNo}`, lots, actor),
  closed: async (tx, { requestNo, applicationNo }) => {
    await move(tx, 'registration', requestNo, 'cancel', actor, { cancelled_at: new Date() });
    await move(tx, 'application', applicationNo, 'close', actor);
  },
} satisfies Record<string, (tx: Tx, deal: Deal, books: Companies) => Promise<void>>;

export type Stage = keyof typeof stages;
export const stageNames = Object.keys(stages) as Stage[];

/** The instruction itself, without its guards. */
export function instruct(tx: Tx, { applicationNo }: Deal, no: string, amount: string = lent): Promise<void> {
  const payment = { no, purpose: 'DISBURSE', applicationNo, payee: accounts.unit, amount, currency: 'CNY' } as const;
  return instructPayment(tx, payment, actor);
}
