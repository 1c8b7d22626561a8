/** Canonical messages ↔ ICBC's services for supply-chain finance: what the hub hands in, and the first answer to it. */
import {
  AdviceTaken,
  ApplicationTaken,
  bank,
  CollateralDelivery,
  CollateralTaken,
  CreditApplication,
  Disbursement,
  DisbursementTaken,
  ReleaseRequest,
  ReleaseTaken,
  RepaymentAdvice,
  Withdrawal,
  WithdrawalTaken,
} from '../../contracts/bank/bank.ts';
import {
  IcbcApplication,
  IcbcCollateral,
  IcbcDisbursement,
  IcbcRegistration,
  IcbcRelease,
  IcbcRepayment,
  IcbcTaken,
  IcbcWithdrawal,
  IcbcWithdrawn,
} from '../../contracts/bank/icbc.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { currencyCodes, productCodes, registrations } from './icbc.codes.ts';
import { instantOf } from './icbc.forms.ts';

const { operations } = bank;

export const toApplication = mapping('bank.icbc.toApplication', CreditApplication, IcbcApplication, (a) => ({
  appl_no: a.applicationNo,
  prod_code: productCodes.codeOf(a.product, '#/product'),
  borrower: customer(a.borrower),
  appl_amount: a.amount,
  currency: currencyCodes.codeOf(a.currency, '#/currency'),
  term_days: String(a.tenorDays),
  purpose: a.purpose,
  payee: account(a.payee),
  order: { order_no: a.order.orderNo, order_amount: a.order.total, order_date: a.order.orderDate },
  goods: a.goods.map((g) => ({
    goods_code: g.materialCode,
    goods_name: g.name,
    quantity: g.quantity,
    unit: g.unit,
    unit_price: g.unitPrice,
  })),
  documents: a.documents.map((d) => ({ doc_type: d.type, doc_name: d.name, doc_sha256: d.sha256 })),
  checks: { enterprise_check_no: a.verification.enterprise, agent_check_no: a.verification.agent },
  open_items: a.openItemsTotal,
}));

export const toWithdrawal = mapping('bank.icbc.toWithdrawal', Withdrawal, IcbcWithdrawal, (w) => ({
  appl_no: w.applicationNo,
  ref_no: w.funderRef,
  reason: w.reason,
}));

export const toCollateral = mapping('bank.icbc.toCollateral', CollateralDelivery, IcbcCollateral, (c) => ({
  pledge_no: c.pledgeNo,
  appl_no: c.applicationNo,
  receipt_no: c.warehouseReceiptNo,
  receipt_sha256: c.receiptSha256,
  registration_no: c.registrationNo,
  supervisor: customer(c.supervisor),
  lots: lotsOf(c.lots),
  value: c.value,
}));

export const toDisbursement = mapping('bank.icbc.toDisbursement', Disbursement, IcbcDisbursement, (d) => ({
  instr_no: d.instructionNo,
  appl_no: d.applicationNo,
  ref_no: d.funderRef,
  contract_no: d.loanContractNo,
  mandate_no: d.mandateNo,
  borrower: customer(d.borrower),
  payee: account(d.payee),
  amount: d.amount,
  currency: currencyCodes.codeOf(d.currency, '#/currency'),
  order_no: d.orderNo,
  postscript: d.postscript,
}));

export const toRepayment = mapping('bank.icbc.toRepayment', RepaymentAdvice, IcbcRepayment, (r) => ({
  repay_no: r.repaymentNo,
  loan_no: r.loanNo,
  amount: r.amount,
  currency: currencyCodes.codeOf(r.currency, '#/currency'),
  value_date: r.valueDate,
  clearing_serial: r.clearingSerial,
  payer: customer(r.payer),
}));

export const toRelease = mapping('bank.icbc.toRelease', ReleaseRequest, IcbcRelease, (r) => ({
  release_no: r.releaseNo,
  pledge_no: r.pledgeNo,
  loan_no: r.loanNo,
  repay_no: r.repaymentNo,
  lots: lotsOf(r.lots),
  value_after: r.valueAfter,
  exposure_after: r.exposureAfter,
}));

export const applicationTaken = mapping('bank.icbc.applicationTaken', IcbcTaken, ApplicationTaken, (t) => ({
  funderRef: t.ref_no,
}));
/** Withdrawn is what the bank has withdrawn: anything else that it says is none. */
export const withdrawalTaken = mapping('bank.icbc.withdrawalTaken', IcbcWithdrawn, WithdrawalTaken, (w) => {
  if (registrations.of(w.reg_status, '#/reg_status') !== 'registered')
    throw new Failure('EXT_CODE_UNMAPPED', { externalCode: w.reg_status });
  return { applicationNo: w.appl_no, withdrawnAt: instantOf(present(w.withdraw_time, 'withdraw_time')) };
});
export const collateralTaken = mapping('bank.icbc.collateralTaken', IcbcTaken, CollateralTaken, (t) => ({
  custodyNo: t.ref_no,
}));
export const disbursementTaken = mapping('bank.icbc.disbursementTaken', IcbcTaken, DisbursementTaken, (t) => ({
  bankNo: t.ref_no,
}));
export const adviceTaken = mapping('bank.icbc.adviceTaken', IcbcTaken, AdviceTaken, (t) => ({ funderRef: t.ref_no }));
export const releaseTaken = mapping('bank.icbc.releaseTaken', IcbcTaken, ReleaseTaken, (t) => ({
  funderRef: t.ref_no,
}));

const leaves = { '/<outcome=notFound>': 'the dialect answers it: return code 904040 comes without anything else' };

export const applicationEnquiry = mapping(
  'bank.icbc.applicationEnquiry',
  IcbcRegistration,
  operations.queryApplication.response,
  (r) => registered(r, (no) => ({ funderRef: no })),
  { leaves },
);
export const withdrawalEnquiry = mapping(
  'bank.icbc.withdrawalEnquiry',
  IcbcWithdrawn,
  operations.queryWithdrawal.response,
  (w) =>
    registrations.of(w.reg_status, '#/reg_status') === 'pending'
      ? { outcome: 'pending' as const }
      : { outcome: 'confirmed' as const, response: withdrawalTaken(w) },
  { leaves: { ...leaves, '/<outcome=refused>': 'a refused withdrawal is not registered' } },
);
export const collateralEnquiry = mapping(
  'bank.icbc.collateralEnquiry',
  IcbcRegistration,
  operations.queryCollateral.response,
  (r) => registered(r, (no) => ({ custodyNo: no })),
  { leaves },
);
export const disbursementEnquiry = mapping(
  'bank.icbc.disbursementEnquiry',
  IcbcRegistration,
  operations.queryDisbursement.response,
  (r) => registered(r, (no) => ({ bankNo: no })),
  { leaves },
);
export const adviceEnquiry = mapping(
  'bank.icbc.adviceEnquiry',
  IcbcRegistration,
  operations.queryAdvice.response,
  (r) => registered(r, (no) => ({ funderRef: no })),
  { leaves },
);
export const releaseEnquiry = mapping(
  'bank.icbc.releaseEnquiry',
  IcbcRegistration,
  operations.queryRelease.response,
  (r) => registered(r, (no) => ({ funderRef: no })),
  { leaves },
);

function registered<A>(r: Message<typeof IcbcRegistration>, response: (refNo: string) => A) {
  switch (registrations.of(r.reg_status, '#/reg_status')) {
    case 'registered':
      return { outcome: 'confirmed' as const, response: response(present(r.ref_no, 'ref_no')) };
    case 'pending':
      return { outcome: 'pending' as const };
    case 'refused':
      return {
        outcome: 'refused' as const,
        code: present(r.refuse_code, 'refuse_code'),
        detail: r.refuse_reason ?? '',
      };
  }
}

function customer(company: { name: string; uscc: string }) {
  return { cust_name: company.name, credit_code: company.uscc };
}

function account(a: { accountName: string; accountNo: string; bankName: string; bankCode: string }) {
  return { account_name: a.accountName, account_no: a.accountNo, bank_name: a.bankName, bank_code: a.bankCode };
}

function lotsOf(lots: readonly { lotNo: string; materialCode: string; quantity: string; unit: string }[]) {
  return lots.map((lot) => ({
    lot_no: lot.lotNo,
    goods_code: lot.materialCode,
    quantity: lot.quantity,
    unit: lot.unit,
  }));
}

/** What the status makes mandatory. */
function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: `${field} is missing` });
  return value;
}
