/** What supplier, core enterprise, funders and operator tell the hub of a factoring with confirmation (保理确权), in its nine steps. */
import { Type } from 'typebox';
import {
  AccountNo,
  BusinessDate,
  CompanyName,
  Instant,
  PersonName,
  Rate,
  Sha256Hex,
  ShortText,
  Text,
  Uscc,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

const Document = strict({ type: ShortText, name: Text, sha256: Sha256Hex });

const InvoiceUsed = strict({
  type: Type.Enum(['special', 'ordinary', 'eSpecial', 'eOrdinary', 'digitalSpecial', 'digitalOrdinary']),
  code: Type.Optional(Type.String({ pattern: '^\\d{10}(\\d{2})?$', maxLength: 12 })),
  no: Type.String({ pattern: '^(\\d{8}|\\d{20})$', maxLength: 20 }),
  issuedOn: BusinessDate,
  amountExTax: Yuan,
  tax: Yuan,
  amountIncTax: Yuan,
  checkCodeLast6: Type.Optional(Type.String({ pattern: '^\\d{6}$', maxLength: 6 })),
  /** What the receivable takes up of it (占用金额). */
  used: Yuan,
});

/** Step 2 (融资发起): contract, invoices, proof of acceptance, and the receivable that rests on them. */
export const Factoring = contract(
  'portal/factoring',
  strict({
    factoringNo: ShortText,
    project: ShortText,
    supplierUscc: Uscc,
    debtorUscc: Uscc,
    contract: strict({ contractNo: ShortText, amount: Yuan, signedOn: BusinessDate, fileSha256: Sha256Hex }),
    invoices: Type.Array(InvoiceUsed, { minItems: 1, maxItems: 100 }),
    /** `acceptance` (验收) at least. */
    documents: Type.Array(Document, { minItems: 1, maxItems: 50 }),
    receivable: strict({
      receivableNo: ShortText,
      grossAmount: Yuan,
      deductions: Yuan,
      dueDate: BusinessDate,
      /** Where the debtor is to pay (回款账户). */
      collectionAccountNo: AccountNo,
    }),
    /** What is asked for, at most the confirmed amount times the advance rate. */
    amount: Yuan,
    advanceRate: Rate,
    tenorDays: Type.Integer({ minimum: 1, maximum: 365 }),
    purpose: Text,
    /** 明保理 or 暗保理. */
    disclosed: Type.Boolean(),
    /** 有追索权. */
    recourse: Type.Boolean(),
    consents: Type.Array(strict({ purpose: ShortText, recipient: CompanyName }), { minItems: 1, maxItems: 50 }),
  }),
);

/** Step 3 (确权): one person of the debtor takes it up, a maker compares it with the debtor's own books, a checker signs. */
const Confirmation = contract(
  'portal/confirmation',
  strict({
    caseNo: ShortText,
    receivableNo: ShortText,
    actNo: ShortText,
    act: Type.Enum(['claim', 'putBack', 'approve', 'sign', 'reject']),
    person: PersonName,
    /** With `approve`. */
    terms: Type.Optional(
      strict({ amount: Yuan, dueDate: BusinessDate, payAccountNo: AccountNo, waiver: Type.Boolean() }),
    ),
    /** With `sign`. */
    signature: Type.Optional(Type.String({ minLength: 1, maxLength: 8_000 })),
    certSerial: Type.Optional(ShortText),
    /** With `reject`. */
    reason: Type.Optional(Text),
  }),
);

/** Step 4 (资产分配): to whom it is offered, and on which terms. */
const Allocation = contract(
  'portal/allocation',
  strict({
    caseNo: ShortText,
    allocationNo: ShortText,
    channel: ShortText,
    funders: Type.Array(Uscc, { minItems: 1, maxItems: 20 }),
    minTicket: Yuan,
    rateLow: Rate,
    rateHigh: Rate,
  }),
);

/** Step 4 (认购): a funder takes all of it or a part, at any rate of a range. */
const Subscription = contract(
  'portal/subscription',
  strict({
    offerNo: ShortText,
    subscriptionNo: ShortText,
    funderUscc: Uscc,
    amount: Yuan,
    rateLow: Rate,
    rateHigh: Rate,
  }),
);

/** Until the rate is fixed. */
export const SubscriptionCancellation = contract(
  'portal/subscription-cancellation',
  strict({ caseNo: ShortText, subscriptionNo: ShortText, funderUscc: Uscc }),
);

/** Step 5 (确认最终利率): what the operator's maker proposes. */
const FinalRate = contract(
  'portal/final-rate',
  strict({ caseNo: ShortText, offerNo: ShortText, proposalNo: ShortText, rate: Rate, person: PersonName }),
);

/** The receiving system of the debtor says when the notice of assignment (转让通知) came in. */
const NoticeArrival = contract(
  'portal/notice-arrival',
  strict({ noticeNo: ShortText, arrivedAt: Instant, system: ShortText, acknowledged: Type.Boolean() }),
);

/** Step 7: the funder has entered the signed contract in its own books, under a number of its own. */
const ContractBooking = contract(
  'portal/contract-booking',
  strict({ subscriptionNo: ShortText, funderUscc: Uscc, funderRef: ShortText }),
);

/** Step 7 (放款凭证): it proves nothing by itself; the bank's own entry does. */
const Voucher = contract(
  'portal/voucher',
  strict({
    instructionNo: ShortText,
    fileName: ShortText,
    fileSha256: Sha256Hex,
    bankSerial: ShortText,
    amount: Yuan,
  }),
);

/** Step 8 (确认收款). */
const ReceiptAnswer = contract(
  'portal/receipt-answer',
  strict({
    instructionNo: ShortText,
    answerNo: ShortText,
    verdict: Type.Union([Type.Literal('received'), Type.Literal('disputed')]),
    reason: Type.Optional(Text),
  }),
);

const payment = {
  caseNo: ShortText,
  receivableNo: ShortText,
  paymentNo: ShortText,
  amount: Yuan,
  /** The payer's two people. */
  maker: PersonName,
  checker: PersonName,
};

/** Step 9: the debtor orders its payment to the collection account; or it says that it has paid elsewhere already. */
const DebtorPayment = contract(
  'portal/debtor-payment',
  strict({
    ...payment,
    /** The supplier's own one (原账户), where it was paid before the assignment. Absent: it is to be paid as confirmed. */
    paidToAccountNo: Type.Optional(AccountNo),
  }),
);

/** Step 9: the supplier passes on what came to its old account, or buys the receivable back (回购). */
const SupplierPayment = contract(
  'portal/supplier-payment',
  strict({ ...payment, kind: Type.Union([Type.Literal('redirect'), Type.Literal('buyBack')]) }),
);

export const factoringCommands = {
  factoringInitiated: command({
    contract: Factoring,
    label: { zh: '保理融资发起', en: 'factoring initiated' },
    path: 'factorings',
    by: ['supplier'],
    keyOf: (m) => m.factoringNo,
    idOf: (m) => m.factoringNo,
  }),
  confirmationActed: command({
    contract: Confirmation,
    label: { zh: '核心企业确权', en: 'confirmation' },
    path: 'confirmations',
    by: ['core'],
    keyOf: (m) => m.receivableNo,
    idOf: (m) => m.actNo,
  }),
  assetAllocated: command({
    contract: Allocation,
    label: { zh: '资产分配', en: 'asset allocated' },
    path: 'allocations',
    by: ['operator', 'core'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.allocationNo,
  }),
  subscribed: command({
    contract: Subscription,
    label: { zh: '资金方认购', en: 'subscription' },
    path: 'offer-subscriptions',
    by: ['funder'],
    keyOf: (m) => m.offerNo,
    idOf: (m) => m.subscriptionNo,
  }),
  subscriptionCancelled: command({
    contract: SubscriptionCancellation,
    label: { zh: '撤回认购', en: 'subscription cancelled' },
    path: 'asset-subscription-cancellations',
    by: ['funder'],
    keyOf: (m) => m.subscriptionNo,
    idOf: (m) => m.subscriptionNo,
  }),
  rateProposed: command({
    contract: FinalRate,
    label: { zh: '提出最终利率', en: 'final rate proposed' },
    path: 'final-rates',
    by: ['operator'],
    keyOf: (m) => m.offerNo,
    idOf: (m) => m.proposalNo,
  }),
  noticeArrived: command({
    contract: NoticeArrival,
    label: { zh: '转让通知到达', en: 'notice of assignment arrived' },
    path: 'notice-arrivals',
    by: ['core'],
    keyOf: (m) => m.noticeNo,
    idOf: (m) => m.noticeNo,
  }),
  contractBooked: command({
    contract: ContractBooking,
    label: { zh: '资金方入账合同', en: 'contract booked by the funder' },
    path: 'contract-bookings',
    by: ['funder'],
    keyOf: (m) => m.subscriptionNo,
    idOf: (m) => m.subscriptionNo,
  }),
  voucherUploaded: command({
    contract: Voucher,
    label: { zh: '上传放款凭证', en: 'disbursement voucher' },
    path: 'vouchers',
    by: ['funder'],
    keyOf: (m) => m.instructionNo,
    idOf: (m) => `${m.instructionNo}/${m.fileSha256}`,
  }),
  receiptAnswered: command({
    contract: ReceiptAnswer,
    label: { zh: '确认收款', en: 'receipt acknowledged' },
    path: 'receipt-answers',
    by: ['supplier'],
    keyOf: (m) => m.instructionNo,
    idOf: (m) => m.answerNo,
  }),
  debtorPaid: command({
    contract: DebtorPayment,
    label: { zh: '核心企业回款', en: 'payment by the debtor' },
    path: 'debtor-payments',
    by: ['core'],
    keyOf: (m) => m.receivableNo,
    idOf: (m) => m.paymentNo,
  }),
  supplierPaid: command({
    contract: SupplierPayment,
    label: { zh: '资产方转付或回购', en: 'payment by the supplier' },
    path: 'supplier-payments',
    by: ['supplier'],
    keyOf: (m) => m.receivableNo,
    idOf: (m) => m.paymentNo,
  }),
};
