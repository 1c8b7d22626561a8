/** Canonical messages ↔ the open bank API. */
import {
  AdviceTaken,
  ApplicationTaken,
  bank,
  CollateralDelivery,
  CollateralTaken,
  CreditApplication,
  CreditDecided,
  Disbursement,
  DisbursementSettled,
  DisbursementTaken,
  ReleaseDecided,
  ReleaseRequest,
  ReleaseTaken,
  RepaymentAdvice,
  RepaymentPosted,
  RepaymentQuote,
  Withdrawal,
  WithdrawalTaken,
} from '../../contracts/bank/bank.ts';
import {
  OpenApplication,
  OpenCollateral,
  OpenCustody,
  OpenDecision,
  OpenDisbursement,
  OpenPayment,
  OpenPaymentResult,
  OpenPosting,
  OpenQuote,
  OpenRef,
  OpenRegistration,
  OpenRelease,
  OpenReleaseDecision,
  OpenRepayment,
  OpenWithdrawal,
  OpenWithdrawn,
} from '../../contracts/bank/open.wire.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Message } from '../../contracts/contract.ts';
import { mapping } from '../../contracts/mapping.ts';
import {
  currencyCodes,
  dayCounts,
  inProcess,
  postings,
  productCodes,
  registrations,
  settlements,
  underWay,
  verdicts,
} from './open.codes.ts';
import { dateOf, dayOf, instantOf, rateOf } from './open.forms.ts';

const otherReference = 'the reference of another kind of registration';
const notFound = 'the dialect answers it: code 4040 comes without data';

const { operations } = bank;

export const toApplication = mapping('bank.open.toApplication', CreditApplication, OpenApplication, (a) => ({
  applNo: a.applicationNo,
  prodCode: productCodes.codeOf(a.product, '#/product'),
  borrower: customer(a.borrower),
  applAmt: a.amount,
  ccy: currencyCodes.codeOf(a.currency, '#/currency'),
  termDays: a.tenorDays,
  purpose: a.purpose,
  payee: account(a.payee),
  order: { orderNo: a.order.orderNo, orderAmt: a.order.total, orderDate: dayOf(a.order.orderDate) },
  goods: a.goods.map((g) => ({
    code: g.materialCode,
    name: g.name,
    qty: g.quantity,
    unit: g.unit,
    price: g.unitPrice,
  })),
  docs: a.documents.map((d) => ({ docType: d.type, docName: d.name, sha256: d.sha256 })),
  checks: { enterprise: a.verification.enterprise, agent: a.verification.agent },
  openItems: a.openItemsTotal,
}));

export const toWithdrawal = mapping('bank.open.toWithdrawal', Withdrawal, OpenWithdrawal, (w) => ({
  applNo: w.applicationNo,
  bankRef: w.funderRef,
  reason: w.reason,
}));

export const toCollateral = mapping('bank.open.toCollateral', CollateralDelivery, OpenCollateral, (c) => ({
  plgNo: c.pledgeNo,
  applNo: c.applicationNo,
  receiptNo: c.warehouseReceiptNo,
  receiptSha256: c.receiptSha256,
  regNo: c.registrationNo,
  supervisor: customer(c.supervisor),
  lots: lotsOf(c.lots),
  value: c.value,
}));

export const toDisbursement = mapping('bank.open.toDisbursement', Disbursement, OpenDisbursement, (d) => ({
  instrNo: d.instructionNo,
  applNo: d.applicationNo,
  bankRef: d.funderRef,
  contractNo: d.loanContractNo,
  mandateNo: d.mandateNo,
  borrower: customer(d.borrower),
  payee: account(d.payee),
  amt: d.amount,
  ccy: currencyCodes.codeOf(d.currency, '#/currency'),
  orderNo: d.orderNo,
  remark: d.postscript,
}));

export const toRepayment = mapping('bank.open.toRepayment', RepaymentAdvice, OpenRepayment, (r) => ({
  repayNo: r.repaymentNo,
  loanNo: r.loanNo,
  amt: r.amount,
  ccy: currencyCodes.codeOf(r.currency, '#/currency'),
  valueDate: dayOf(r.valueDate),
  serialNo: r.clearingSerial,
  payer: customer(r.payer),
}));

export const toRelease = mapping('bank.open.toRelease', ReleaseRequest, OpenRelease, (r) => ({
  relNo: r.releaseNo,
  plgNo: r.pledgeNo,
  loanNo: r.loanNo,
  repayNo: r.repaymentNo,
  lots: lotsOf(r.lots),
  valueAfter: r.valueAfter,
  exposureAfter: r.exposureAfter,
}));

export const applicationTaken = mapping('bank.open.applicationTaken', OpenRef, ApplicationTaken, (a) => ({
  funderRef: a.bankRef,
}));
/** Withdrawn is what the bank has withdrawn: anything else that it says is none. */
export const withdrawalTaken = mapping('bank.open.withdrawalTaken', OpenWithdrawn, WithdrawalTaken, (w) => {
  if (registrations.of(w.regState, '#/regState') !== 'registered')
    throw new Failure('EXT_CODE_UNMAPPED', { externalCode: w.regState });
  return { applicationNo: w.applNo, withdrawnAt: instantOf(present(w.recTime, 'recTime')) };
});
export const collateralTaken = mapping('bank.open.collateralTaken', OpenCustody, CollateralTaken, (a) => ({
  custodyNo: a.custodyNo,
}));
export const disbursementTaken = mapping('bank.open.disbursementTaken', OpenPayment, DisbursementTaken, (a) => ({
  bankNo: a.payNo,
}));
export const adviceTaken = mapping('bank.open.adviceTaken', OpenRef, AdviceTaken, (a) => ({ funderRef: a.bankRef }));
export const releaseTaken = mapping('bank.open.releaseTaken', OpenRef, ReleaseTaken, (a) => ({ funderRef: a.bankRef }));

export const applicationEnquiry = mapping(
  'bank.open.applicationEnquiry',
  OpenRegistration,
  operations.queryApplication.response,
  (r) => registered(r, () => ({ funderRef: present(r.bankRef, 'bankRef') })),
  { drops: { '/custodyNo': otherReference, '/payNo': otherReference }, leaves: { '/<outcome=notFound>': notFound } },
);
export const withdrawalEnquiry = mapping(
  'bank.open.withdrawalEnquiry',
  OpenWithdrawn,
  operations.queryWithdrawal.response,
  (w) =>
    registrations.of(w.regState, '#/regState') === 'pending'
      ? pending
      : { outcome: 'confirmed' as const, response: withdrawalTaken(w) },
  { leaves: { '/<outcome=notFound>': notFound, '/<outcome=refused>': 'a refused withdrawal is not registered' } },
);
export const collateralEnquiry = mapping(
  'bank.open.collateralEnquiry',
  OpenRegistration,
  operations.queryCollateral.response,
  (r) => registered(r, () => ({ custodyNo: present(r.custodyNo, 'custodyNo') })),
  { drops: { '/bankRef': otherReference, '/payNo': otherReference }, leaves: { '/<outcome=notFound>': notFound } },
);
export const disbursementEnquiry = mapping(
  'bank.open.disbursementEnquiry',
  OpenRegistration,
  operations.queryDisbursement.response,
  (r) => registered(r, () => ({ bankNo: present(r.payNo, 'payNo') })),
  { drops: { '/bankRef': otherReference, '/custodyNo': otherReference }, leaves: { '/<outcome=notFound>': notFound } },
);
export const adviceEnquiry = mapping(
  'bank.open.adviceEnquiry',
  OpenRegistration,
  operations.queryAdvice.response,
  (r) => registered(r, () => ({ funderRef: present(r.bankRef, 'bankRef') })),
  { drops: { '/custodyNo': otherReference, '/payNo': otherReference }, leaves: { '/<outcome=notFound>': notFound } },
);
export const releaseEnquiry = mapping(
  'bank.open.releaseEnquiry',
  OpenRegistration,
  operations.queryRelease.response,
  (r) => registered(r, () => ({ funderRef: present(r.bankRef, 'bankRef') })),
  { drops: { '/custodyNo': otherReference, '/payNo': otherReference }, leaves: { '/<outcome=notFound>': notFound } },
);

/** An approval without terms is none: the missing offer shows here. */
export const creditDecided = mapping('bank.open.creditDecided', OpenDecision, CreditDecided, (d) => {
  const verdict = verdicts.of(d.status, '#/status');
  const base = { applicationNo: d.applNo, funderRef: d.bankRef, decidedAt: instantOf(present(d.decTime, 'decTime')) };
  if (verdict === 'rejected') return { ...base, verdict, ...reasonOf(d) };
  const offer = present(d.offer, 'offer');
  const terms = {
    amount: offer.amt,
    rate: rateOf(offer.rate),
    tenorDays: offer.termDays,
    dayCount: dayCounts.of(offer.basis, '#/offer/basis'),
    ...(offer.pledgeRate === undefined ? {} : { pledgeRate: rateOf(offer.pledgeRate) }),
    validTo: instantOf(offer.validUntil),
  };
  return { ...base, verdict, terms, ...reasonOf(d) };
});
export const decisionEnquiry = mapping(
  'bank.open.decisionEnquiry',
  OpenDecision,
  operations.readDecision.response,
  (d) => (d.status === underWay ? pending : { outcome: 'confirmed' as const, response: creditDecided(d) }),
  { leaves: { '/<outcome=notFound>': notFound, '/<outcome=refused>': 'a rejection is a decision, hence confirmed' } },
);

/** Money that moved has a serial number, and a loan note (借据) stands against it. */
export const disbursementSettled = mapping(
  'bank.open.disbursementSettled',
  OpenPaymentResult,
  DisbursementSettled,
  (p) => {
    const status = settlements.of(p.status, '#/status');
    const base = {
      instructionNo: p.instrNo,
      status,
      amount: p.amt,
      settledAt: instantOf(present(p.settleTime, 'settleTime')),
      ...reasonOf(p),
    };
    if (status === 'failed') return base;
    const loan = present(p.loan, 'loan');
    return {
      ...base,
      bankSerial: present(p.serialNo, 'serialNo'),
      loan: {
        loanNo: loan.loanNo,
        startDate: dateOf(loan.startDate),
        maturity: dateOf(loan.dueDate),
        rate: rateOf(loan.rate),
      },
    };
  },
);
export const settlementEnquiry = mapping(
  'bank.open.settlementEnquiry',
  OpenPaymentResult,
  operations.readSettlement.response,
  (p) => (p.status === inProcess ? pending : { outcome: 'confirmed' as const, response: disbursementSettled(p) }),
  {
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=refused>': 'a payment that failed is a result, hence confirmed',
    },
  },
);

export const repaymentQuote = mapping('bank.open.repaymentQuote', OpenQuote, RepaymentQuote, (q) => ({
  loanNo: q.loanNo,
  valueDate: dateOf(q.date),
  principal: q.principal,
  interest: q.interest,
  penalty: q.penalty,
  fee: q.fee,
  total: q.total,
}));

export const repaymentPosted = mapping(
  'bank.open.repaymentPosted',
  OpenPosting,
  RepaymentPosted,
  (p) => {
    if (postings.of(p.status, '#/status') !== 'posted')
      throw new Failure('EXT_CODE_UNMAPPED', { externalCode: p.status });
    return {
      repaymentNo: p.repayNo,
      loanNo: p.loanNo,
      postingNo: present(p.postNo, 'postNo'),
      amount: p.amt,
      valueDate: dateOf(p.valueDate),
      postedAt: instantOf(present(p.postTime, 'postTime')),
      allocation: present(p.alloc, 'alloc'),
      principalBalance: present(p.balance, 'balance'),
    };
  },
  { drops: { '/reason': 'only a posting that was sent back has one' } },
);
export const postingEnquiry = mapping(
  'bank.open.postingEnquiry',
  OpenPosting,
  operations.readPosting.response,
  (p) => {
    if (p.status === underWay) return pending;
    if (postings.of(p.status, '#/status') === 'sentBack')
      return { outcome: 'refused' as const, code: p.status, detail: p.reason ?? '' };
    return { outcome: 'confirmed' as const, response: repaymentPosted(p) };
  },
  { leaves: { '/<outcome=notFound>': notFound } },
);

export const releaseDecided = mapping('bank.open.releaseDecided', OpenReleaseDecision, ReleaseDecided, (d) => ({
  releaseNo: d.relNo,
  verdict: verdicts.of(d.status, '#/status'),
  decidedAt: instantOf(present(d.decTime, 'decTime')),
  maker: present(d.maker, 'maker'),
  checker: present(d.checker, 'checker'),
  ...reasonOf(d),
}));
export const releaseDecisionEnquiry = mapping(
  'bank.open.releaseDecisionEnquiry',
  OpenReleaseDecision,
  operations.readReleaseDecision.response,
  (d) => (d.status === underWay ? pending : { outcome: 'confirmed' as const, response: releaseDecided(d) }),
  { leaves: { '/<outcome=notFound>': notFound, '/<outcome=refused>': 'a rejection is a decision, hence confirmed' } },
);

const pending = { outcome: 'pending' as const };

function registered<A>(r: Message<typeof OpenRegistration>, response: () => A) {
  switch (registrations.of(r.regState, '#/regState')) {
    case 'registered':
      return { outcome: 'confirmed' as const, response: response() };
    case 'pending':
      return pending;
    case 'refused':
      return { outcome: 'refused' as const, code: present(r.code, 'code'), detail: r.reason ?? '' };
  }
}

function customer(company: { name: string; uscc: string }) {
  return { custName: company.name, creditCode: company.uscc };
}

function account(a: { accountName: string; accountNo: string; bankName: string; bankCode: string }) {
  return { acctName: a.accountName, acctNo: a.accountNo, openBank: a.bankName, cnaps: a.bankCode };
}

function lotsOf(lots: readonly { lotNo: string; materialCode: string; quantity: string; unit: string }[]) {
  return lots.map((lot) => ({ lotNo: lot.lotNo, code: lot.materialCode, qty: lot.quantity, unit: lot.unit }));
}

function reasonOf(from: { readonly reason?: string }): { reason?: string } {
  return from.reason === undefined ? {} : { reason: from.reason };
}

/** What the status makes mandatory. */
function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: `${field} is missing` });
  return value;
}
