/** Credit limits, applications, loans, repayments: the funder is right about each, the hub holds a shadow that is reconciled. */
import { entity, stateful } from '../definition.ts';
import {
  account,
  bizText,
  company,
  currency,
  date,
  files,
  flag,
  fraction,
  instant,
  integer,
  list,
  object,
  one,
  opt,
  rate,
  text,
  ulid,
  yuan,
} from '../fields.ts';
import { dayCount, method } from './configuration.ts';

export const limitStates = [
  'APPLIED',
  'UNDER_REVIEW',
  'APPROVED',
  'REJECTED',
  'ACTIVE',
  'FROZEN',
  'REDUCED',
  'EXPIRED',
  'CANCELLED',
] as const;

export const CreditLimit = entity(
  {
    name: 'credit-limit',
    zh: '授信额度',
    en: 'How much a funder lends to a party under a product; total = used + reserved + available. Reduced below what is used, available is 0 and an alert opens',
    source: 'Lianshu domain model 1.8; HNDEMP 3112/3113; I-04, I-20',
    example: { total: '5000000.00', used: '2000000.00', reserved: '1000000.00', available: '2000000.00' },
  },
  {
    ...stateful(limitStates, 'ACTIVE'),
    limitNo: bizText('额度编号', 'Business number'),
    partyId: ulid('受信人', 'To whom'),
    funderId: ulid('资金方', 'By whom'),
    productId: opt(ulid('产品', 'For which product; absent: all')),
    total: yuan('总额', 'What the funder granted'),
    used: yuan('已用', 'Principal outstanding, or drawn when not revolving'),
    reserved: yuan('预占', 'Held for applications under way'),
    available: yuan('可用', 'total - used - reserved, never below zero'),
    currency,
    revolving: flag('可循环', 'Whether repaid principal may be drawn again'),
    rate: opt(rate('年利率', 'Annual fraction, six decimals')),
    validFrom: date('生效日期', 'First day'),
    validTo: date('失效日期', 'Last day'),
    decisionRef: bizText('批复编号', "The funder's decision"),
    asOf: instant('数据时点', 'When the funder last said so'),
  },
);

export const LimitMovement = entity(
  {
    name: 'limit-movement',
    zh: '额度流水',
    en: 'One entry of the ledger of a limit; entries are never changed. RESTORE only from POSTED principal and only if revolving',
    source: 'Lianshu domain model 1.8; I-20',
  },
  {
    id: ulid('标识', 'Identity in the hub'),
    limitId: ulid('额度', 'The limit'),
    kind: one(['RESERVE', 'CONSUME', 'RELEASE', 'RESTORE'], '流水类型', 'What the application or repayment does to it'),
    amount: yuan('金额', 'Always positive; the kind gives the direction'),
    currency,
    applicationNo: opt(bizText('融资申请编号', 'Cause of RESERVE, CONSUME, RELEASE')),
    repaymentNo: opt(bizText('还款编号', 'Cause of RESTORE')),
    at: instant('时间', 'When booked'),
  },
);

export const applicationStates = [
  'DRAFT',
  'SUBMITTED',
  'PRECHECK',
  'RETURNED',
  'ASSETS_LOCKED',
  'ROUTED',
  'FUNDER_REVIEW',
  'APPROVED',
  'REJECTED',
  'CONTRACTING',
  'SIGNED',
  'READY_TO_DISBURSE',
  'DISBURSED',
  'CLOSED',
  'WITHDRAWN',
  'OFFER_EXPIRED',
] as const;

export const assetKinds = ['ORDER', 'INVOICE', 'RECEIVABLE', 'CERTIFICATE', 'LOT', 'WAREHOUSE_RECEIPT'] as const;

/** What an applicant says; the same in the entity and in `cmd.application.submit`. */
export const applicationFields = {
  applicationNo: bizText('融资申请编号', 'Business number'),
  applicant: company('申请人', 'Who borrows; never the funder of the same case (I-31)'),
  productId: ulid('产品', 'The product'),
  productVersion: integer('产品版本', 'The published version it is pinned to', 1),
  projectId: ulid('融资项目', 'The project'),
  amount: yuan('申请金额', 'Asked for'),
  currency,
  tenorDays: integer('期限', 'Days', 1, 3660),
  purpose: text('用途', 'What the money is for'),
  payee: opt(account('收款账户', 'Entrusted payment: the seller named in the mandate (I-08)')),
  assets: list(
    object('资产', 'One asset, locked for this application alone (I-05)', {
      kind: one(assetKinds, '资产类型', 'What it is'),
      key: bizText('资产键', 'Number by which the same asset is recognised everywhere'),
      amount: yuan('占用金额', 'How much of it is financed'),
    }),
    '融资资产',
    'What the financing rests on',
    500,
    1,
  ),
  documents: files('申请材料', 'By hash'),
  consentIds: list(ulid('授权', 'A consent'), '数据授权', 'Consents that let the data package leave', 50, 1),
  funderId: opt(ulid('指定资金方', 'Absent: routed by rules')),
  core: opt(company('核心企业', 'Debtor of the receivable, in factoring')),
  guarantor: opt(company('担保方', 'Who guarantees; never the funder of the same case (I-31)')),
  repaymentAccount: opt(account('还款账户', 'From where it is repaid')),
  serviceFee: opt(
    object('服务费', 'Of the platform, never taken from principal (I-22)', {
      rate: fraction('费率', 'Share of the amount'),
      minimum: yuan('最低收费', 'At least'),
      currency,
    }),
  ),
};

export const FinancingApplication = entity(
  {
    name: 'financing-application',
    zh: '融资申请',
    en: 'One request for financing. Every end but DISBURSED is compensated: limit released, assets unlocked, registration cancelled, envelope revoked',
    source: 'Lianshu domain model 1.10; HNDEMP 3105; I-04, I-05, I-09',
  },
  {
    ...stateful(applicationStates, 'APPROVED'),
    ...applicationFields,
    approved: opt(
      object('批复', 'What the funder offered', {
        amount: yuan('批复金额', 'At most what was asked'),
        currency,
        rate: rate('年利率', 'Annual fraction, six decimals'),
        tenorDays: integer('期限', 'Days', 1, 3660),
        validTo: instant('有效期至', 'Then OFFER_EXPIRED'),
        funderRef: bizText('资金方编号', "The funder's number"),
      }),
    ),
    reason: opt(text('原因', 'Why returned, rejected or withdrawn')),
  },
);

export const loanStates = [
  'PENDING',
  'DISBURSING',
  'UNKNOWN',
  'FAILED',
  'ACTIVE',
  'REVERSED',
  'DUE',
  'OVERDUE',
  'DEFAULTED',
  'DISPOSING',
  'SETTLED',
  'WRITTEN_OFF',
  'EXTENDED',
] as const;

/** Five balances that never mix. */
export const balances = object('余额', 'What is owed now, by kind', {
  principal: yuan('本金', 'Never below zero (I-21)'),
  interest: yuan('利息', 'Accrued and not paid'),
  penalty: yuan('罚息', 'On what is overdue'),
  compound: yuan('复利', 'On interest overdue, where agreed'),
  fee: yuan('费用', 'Fees'),
  currency,
});

export const allocation = list(
  object('冲抵', 'Part of a repayment', {
    kind: one(['FEE', 'PENALTY', 'COMPOUND', 'INTEREST', 'PRINCIPAL'], '冲抵项', 'Kind of debt'),
    amount: yuan('金额', 'How much went there'),
    currency,
  }),
  '冲抵明细',
  'By the order of the product; sums to the repayment (Civil Code art. 560-561; I-21)',
  5,
);

export const Loan = entity(
  {
    name: 'loan',
    zh: '借据',
    en: 'One drawing. Principal is what was really received; only facts of the funder move it. Interest is rounded half up to 0.01 once per posted item',
    source: 'Lianshu domain model 1.12; Civil Code art. 670, 677-678; HNDEMP 3009; I-21, I-22',
  },
  {
    ...stateful(loanStates, 'ACTIVE'),
    loanNo: bizText('借据编号', "The funder's note number (BillNo)"),
    contractNo: bizText('借款合同编号', 'Loan contract'),
    applicationNo: bizText('融资申请编号', 'The application'),
    borrowerId: ulid('借款人', 'Who owes'),
    funderId: ulid('资金方', 'Who is owed'),
    principal: yuan('本金', 'Amount actually received'),
    currency,
    rate: rate('年利率', 'Annual fraction, six decimals'),
    dayCount,
    startDate: date('起息日', 'Counted'),
    maturity: date('到期日', 'Not counted; on a holiday the next working day'),
    method,
    payee: account('放款账户', 'Where the money went'),
    instructionNo: bizText('放款指令编号', 'The payment that disbursed it'),
    balances,
    fiveClass: opt(
      one(['NORMAL', 'SPECIAL_MENTION', 'SUBSTANDARD', 'DOUBTFUL', 'LOSS'], '五级分类', "The funder's classification"),
    ),
    asOf: instant('数据时点', 'When the funder last said so'),
  },
);

export const PlanInstalment = entity(
  {
    name: 'plan-instalment',
    zh: '还款计划',
    en: 'One instalment of a plan; the last one absorbs what rounding left',
    source: 'Lianshu domain model 1.12',
  },
  {
    loanNo: bizText('借据编号', 'The loan'),
    sequence: integer('期次', 'Counts from 1', 1, 600),
    dueDate: date('应还日', 'On a holiday the next working day (Civil Code art. 203)'),
    principal: yuan('应还本金', 'Due on that day'),
    interest: yuan('应还利息', 'Due on that day'),
    fee: yuan('应还费用', 'Due on that day'),
    paid: yuan('已还金额', 'Posted against it so far'),
    currency,
    status: one(['OPEN', 'PARTLY_PAID', 'PAID', 'OVERDUE'], '状态', 'Of the instalment'),
  },
);

export const Repayment = entity(
  {
    name: 'repayment',
    zh: '还款',
    en: 'Money that repays. Only POSTED by the funder frees goods or restores a limit; NOTIFIED and MATCHED do not',
    source: 'Lianshu domain model 1.12; I-13, I-21',
  },
  {
    ...stateful(['NOTIFIED', 'FAILED', 'MATCHED', 'POSTED', 'REVERSED'], 'POSTED'),
    repaymentNo: bizText('还款编号', 'Business number'),
    loanNo: bizText('借据编号', 'The loan'),
    type: one(
      ['SCHEDULED', 'EARLY_PART', 'EARLY_FULL', 'OVERDUE', 'DEBTOR_PAYMENT', 'DISPOSAL'],
      '还款类型',
      'DEBTOR_PAYMENT: the debtor of a receivable paid',
    ),
    amount: yuan('金额', 'What arrived'),
    currency,
    valueDate: date('起息日', 'From which day it counts'),
    channel: one(['CLEARING', 'BANK_TRANSFER', 'FUNDER_DEBIT', 'MANUAL'], '渠道', 'How it was paid'),
    statementEntryNo: opt(bizText('流水号', 'Bank statement entry it was matched with')),
    postingNo: opt(bizText('入账编号', "The funder's posting")),
    allocation,
  },
);
