/** A funder (资金方): receives data packages, decides, pays by entrusted payment (受托支付), posts repayments, approves releases. */
import { Type } from 'typebox';
import {
  Account,
  BusinessDate,
  Company,
  Currency,
  Instant,
  LotQuantity,
  Rate,
  Sha256Hex,
  ShortText,
  Text,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';
import { Feedback, FeedbackChecked, FeedbackTaken } from './feedback.ts';
import { Statement } from './statement.ts';

const Lots = Type.Array(LotQuantity, { minItems: 1, maxItems: 500 });
const Verdict = Type.Union([Type.Literal('approved'), Type.Literal('rejected')]);

/** The data package (数据包) of a financing application (融资申请). */
export const CreditApplication = contract(
  'bank/credit-application',
  strict({
    applicationNo: ShortText,
    product: Type.Union([Type.Literal('SPOT_PLEDGE'), Type.Literal('CREDIT'), Type.Literal('FUTURE_GOODS')]),
    borrower: Company,
    amount: Yuan,
    currency: Currency,
    tenorDays: Type.Integer({ minimum: 1, maximum: 365 }),
    purpose: Text,
    payee: Account,
    order: strict({ orderNo: ShortText, total: Yuan, orderDate: BusinessDate }),
    goods: Type.Array(
      strict({
        materialCode: ShortText,
        name: Text,
        quantity: Type.String({ maxLength: 16 }),
        unit: Type.String({ maxLength: 3 }),
        unitPrice: Yuan,
      }),
      { minItems: 1, maxItems: 500 },
    ),
    documents: Type.Array(strict({ type: ShortText, name: Text, sha256: Sha256Hex }), { maxItems: 100 }),
    verification: strict({ enterprise: ShortText, agent: ShortText }),
    openItemsTotal: Type.String({ maxLength: 19 }),
  }),
);
export const ApplicationTaken = contract('bank/application-taken', strict({ funderRef: ShortText }));

export const CreditDecided = contract(
  'bank/credit-decided',
  strict({
    applicationNo: ShortText,
    funderRef: ShortText,
    verdict: Verdict,
    decidedAt: Instant,
    terms: Type.Optional(
      strict({
        amount: Yuan,
        rate: Rate,
        tenorDays: Type.Integer({ minimum: 1, maximum: 365 }),
        dayCount: Type.Union([Type.Literal('ACT/360'), Type.Literal('ACT/365')]),
        /** Of goods; an approval without security has none. */
        pledgeRate: Type.Optional(Rate),
        validTo: Instant,
      }),
    ),
    reason: Type.Optional(Text),
  }),
);

/** The application is taken back, or what was offered is declined: before another funder is asked, or because one was. */
export const Withdrawal = contract(
  'bank/withdrawal',
  strict({ applicationNo: ShortText, funderRef: ShortText, reason: Text }),
);
/** The funder decides nothing more, and pays nothing. One that has paid refuses. */
export const WithdrawalTaken = contract(
  'bank/withdrawal-taken',
  strict({ applicationNo: ShortText, withdrawnAt: Instant }),
);

/** The pledge and its papers are handed to the funder's custody (交由资金方保管). */
export const CollateralDelivery = contract(
  'bank/collateral-delivery',
  strict({
    pledgeNo: ShortText,
    applicationNo: ShortText,
    warehouseReceiptNo: ShortText,
    receiptSha256: Sha256Hex,
    registrationNo: ShortText,
    supervisor: Company,
    lots: Lots,
    value: Yuan,
  }),
);
export const CollateralTaken = contract('bank/collateral-taken', strict({ custodyNo: ShortText }));

/** Disbursement (放款) by entrusted payment: always to the mandated payee (I-08). */
export const Disbursement = contract(
  'bank/disbursement',
  strict({
    /** At most 30 characters: the strictest bank (CMB YURREF). */
    instructionNo: Type.String({ minLength: 1, maxLength: 30 }),
    applicationNo: ShortText,
    funderRef: ShortText,
    loanContractNo: ShortText,
    mandateNo: ShortText,
    borrower: Company,
    payee: Account,
    amount: Yuan,
    currency: Currency,
    orderNo: ShortText,
    postscript: Type.String({ minLength: 1, maxLength: 60 }),
  }),
);
export const DisbursementTaken = contract('bank/disbursement-taken', strict({ bankNo: ShortText }));

export const DisbursementSettled = contract(
  'bank/disbursement-settled',
  strict({
    instructionNo: ShortText,
    status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed'), Type.Literal('returned')]),
    amount: Yuan,
    settledAt: Instant,
    bankSerial: Type.Optional(ShortText),
    /** Loan note (借据) opened by the funder. */
    loan: Type.Optional(strict({ loanNo: ShortText, startDate: BusinessDate, maturity: BusinessDate, rate: Rate })),
    reason: Type.Optional(Text),
  }),
);

/** What a full repayment on that day costs, by the funder's books. */
export const RepaymentQuote = contract(
  'bank/repayment-quote',
  strict({
    loanNo: ShortText,
    valueDate: BusinessDate,
    principal: Yuan,
    interest: Yuan,
    penalty: Yuan,
    fee: Yuan,
    total: Yuan,
  }),
);

/** Money that arrived through clearing is announced to the funder, who alone posts it. */
export const RepaymentAdvice = contract(
  'bank/repayment-advice',
  strict({
    repaymentNo: ShortText,
    loanNo: ShortText,
    amount: Yuan,
    currency: Currency,
    valueDate: BusinessDate,
    clearingSerial: ShortText,
    payer: Company,
  }),
);
export const AdviceTaken = contract('bank/advice-taken', strict({ funderRef: ShortText }));

export const RepaymentPosted = contract(
  'bank/repayment-posted',
  strict({
    repaymentNo: ShortText,
    loanNo: ShortText,
    postingNo: ShortText,
    amount: Yuan,
    valueDate: BusinessDate,
    postedAt: Instant,
    allocation: strict({ fee: Yuan, penalty: Yuan, interest: Yuan, principal: Yuan }),
    principalBalance: Yuan,
  }),
);

/** Release order (解质押单) put before the funder. */
export const ReleaseRequest = contract(
  'bank/release-request',
  strict({
    releaseNo: ShortText,
    pledgeNo: ShortText,
    loanNo: ShortText,
    /** What it rests on: the repayment that was posted, or the delivery of the goods that came instead (换货). */
    repaymentNo: ShortText,
    lots: Lots,
    valueAfter: Yuan,
    exposureAfter: Yuan,
  }),
);
export const ReleaseTaken = contract('bank/release-taken', strict({ funderRef: ShortText }));
export const ReleaseDecided = contract(
  'bank/release-decided',
  strict({
    releaseNo: ShortText,
    verdict: Verdict,
    decidedAt: Instant,
    /** Persons, not accounts: maker ≠ checker (I-17). */
    maker: ShortText,
    checker: ShortText,
    reason: Type.Optional(Text),
  }),
);

const queried = { effect: 'read', request: QueryByNumber } as const;

export const bank = kind(
  'bank',
  {
    applyCredit: operation({
      request: CreditApplication,
      response: ApplicationTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryApplication',
      numberOf: (r) => r.applicationNo,
      label: { zh: '推送授信申请包', en: 'credit application package' },
    }),
    queryApplication: operation({
      ...queried,
      response: enquiry(ApplicationTaken),
      label: { zh: '查询授信申请', en: 'query application' },
    }),
    /** Poll of the decision itself, for the day the callback is lost. */
    readDecision: operation({
      ...queried,
      response: enquiry(CreditDecided),
      label: { zh: '查询审批结果', en: 'query decision' },
    }),
    withdrawApplication: operation({
      request: Withdrawal,
      response: WithdrawalTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryWithdrawal',
      numberOf: (r) => r.applicationNo,
      label: { zh: '撤回授信申请', en: 'withdraw the application' },
    }),
    queryWithdrawal: operation({
      ...queried,
      response: enquiry(WithdrawalTaken),
      label: { zh: '查询申请撤回', en: 'query withdrawal' },
    }),
    deliverCollateral: operation({
      request: CollateralDelivery,
      response: CollateralTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryCollateral',
      numberOf: (r) => r.pledgeNo,
      label: { zh: '仓单移交', en: 'deliver the warehouse receipt' },
    }),
    queryCollateral: operation({
      ...queried,
      response: enquiry(CollateralTaken),
      label: { zh: '查询仓单移交', en: 'query collateral' },
    }),
    disburse: operation({
      request: Disbursement,
      response: DisbursementTaken,
      effect: 'money',
      idempotent: true,
      query: 'queryDisbursement',
      numberOf: (r) => r.instructionNo,
      label: { zh: '受托支付放款指令', en: 'disbursement instruction' },
    }),
    queryDisbursement: operation({
      ...queried,
      response: enquiry(DisbursementTaken),
      label: { zh: '查询放款指令', en: 'query disbursement' },
    }),
    readSettlement: operation({
      ...queried,
      response: enquiry(DisbursementSettled),
      label: { zh: '查询放款结果', en: 'query settlement' },
    }),
    readStatement: operation({
      request: contract('bank/read-statement', strict({ accountNo: ShortText, date: BusinessDate })),
      response: Statement,
      effect: 'read',
      label: { zh: '查询账户明细', en: 'account statement' },
    }),
    quoteRepayment: operation({
      request: contract('bank/quote-repayment', strict({ loanNo: ShortText, valueDate: BusinessDate })),
      response: RepaymentQuote,
      effect: 'read',
      label: { zh: '还款试算', en: 'repayment quote' },
    }),
    adviseRepayment: operation({
      request: RepaymentAdvice,
      response: AdviceTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryAdvice',
      numberOf: (r) => r.repaymentNo,
      label: { zh: '还款到账通知', en: 'repayment advice' },
    }),
    queryAdvice: operation({
      ...queried,
      response: enquiry(AdviceTaken),
      label: { zh: '查询到账通知', en: 'query advice' },
    }),
    readPosting: operation({
      ...queried,
      response: enquiry(RepaymentPosted),
      label: { zh: '查询还款入账', en: 'query posting' },
    }),
    requestRelease: operation({
      request: ReleaseRequest,
      response: ReleaseTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryRelease',
      numberOf: (r) => r.releaseNo,
      label: { zh: '提交解质押单', en: 'release order' },
    }),
    queryRelease: operation({
      ...queried,
      response: enquiry(ReleaseTaken),
      label: { zh: '查询解质押单', en: 'query release order' },
    }),
    readReleaseDecision: operation({
      ...queried,
      response: enquiry(ReleaseDecided),
      label: { zh: '查询解押审批', en: 'query release decision' },
    }),
    submitFeedback: operation({
      request: Feedback,
      response: FeedbackTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryFeedback',
      numberOf: (r) => r.feedbackNo,
      label: { zh: '报送贷后反馈', en: 'post-loan feedback' },
    }),
    queryFeedback: operation({
      ...queried,
      response: enquiry(FeedbackTaken),
      label: { zh: '查询贷后反馈', en: 'query feedback' },
    }),
    readFeedback: operation({
      ...queried,
      response: enquiry(FeedbackChecked),
      label: { zh: '查询反馈校验结果', en: 'query what became of feedback' },
    }),
  },
  {
    creditDecided: notice({
      contract: CreditDecided,
      label: { zh: '审批结果', en: 'credit decision' },
      keyOf: (m) => m.applicationNo,
      // Decided once more, it is another fact: the last signed counts (F2, step 5).
      idOf: (m) => `${m.applicationNo}/${m.decidedAt}`,
      reports: { operation: 'applyCredit', verdict: () => 'happened' },
    }),
    disbursementSettled: notice({
      contract: DisbursementSettled,
      label: { zh: '放款结果', en: 'disbursement result' },
      keyOf: (m) => m.instructionNo,
      idOf: (m) => `${m.instructionNo}/${m.status}`,
      reports: { operation: 'disburse', verdict: (m) => (m.status === 'succeeded' ? 'happened' : undefined) },
    }),
    repaymentPosted: notice({
      contract: RepaymentPosted,
      label: { zh: '还款入账', en: 'repayment posted' },
      keyOf: (m) => m.repaymentNo,
      idOf: (m) => m.postingNo,
      reports: { operation: 'adviseRepayment', verdict: () => 'happened' },
    }),
    releaseDecided: notice({
      contract: ReleaseDecided,
      label: { zh: '解押审批结果', en: 'release decision' },
      keyOf: (m) => m.releaseNo,
      idOf: (m) => m.releaseNo,
      reports: { operation: 'requestRelease', verdict: () => 'happened' },
    }),
    feedbackChecked: notice({
      contract: FeedbackChecked,
      label: { zh: '反馈校验结果', en: 'feedback checked' },
      keyOf: (m) => m.feedbackNo,
      idOf: (m) => m.feedbackNo,
      reports: { operation: 'submitFeedback', verdict: () => 'happened' },
    }),
  },
);
