/** Offers of assets to funders (资产分配), subscriptions (认购), payment instructions and what is reconciled of them. */
import { entity, stateful } from '../definition.ts';
import {
  account,
  base64,
  bizText,
  company,
  currency,
  date,
  file,
  instant,
  integer,
  list,
  object,
  one,
  opt,
  rate,
  signedYuan,
  text,
  ulid,
  yuan,
} from '../fields.ts';

export const AssetOffer = entity(
  {
    name: 'asset-offer',
    zh: '资产挂牌',
    en: 'An asset offered to chosen funders; what is accepted never exceeds it. A funder never sees another funder (I-30)',
    source: 'Lianshu domain model 1.14',
    example: { rateMin: '0.040000', rateMax: '0.052000', minTicket: '100000.00' },
  },
  {
    ...stateful(
      [
        'DRAFT',
        'PUBLISHED',
        'PARTIALLY_SUBSCRIBED',
        'FULLY_SUBSCRIBED',
        'RATE_FIXED',
        'CONTRACTING',
        'FUNDED',
        'WITHDRAWN',
        'LAPSED',
      ],
      'PUBLISHED',
    ),
    offerNo: bizText('挂牌编号', 'Business number'),
    assetKey: bizText('资产键', 'Number of the asset; locked for this offer alone (I-05)'),
    channel: one(['TARGETED', 'POOL'], '分配方式', 'Named funders, or all that are admitted'),
    amount: yuan('挂牌金额', 'Offered'),
    minTicket: yuan('起购金额', 'Smallest subscription'),
    currency,
    rateMin: rate('最低年利率', 'Annual fraction, six decimals'),
    rateMax: rate('最高年利率', 'Annual fraction, six decimals'),
    fixedRate: opt(rate('确定年利率', 'Within both ranges; fixed by two persons (I-17)')),
    visibleFunderIds: list(ulid('资金方', 'A funder'), '可见资金方', 'Who may see it', 200, 1),
    closesAt: instant('截止时间', 'No subscription after it'),
  },
);

export const Subscription = entity(
  {
    name: 'subscription',
    zh: '认购',
    en: "One funder's bid for part of an offer; cancelled only before the rate is fixed",
    source: 'Lianshu domain model 1.14; I-30',
  },
  {
    ...stateful(['PLACED', 'ACCEPTED', 'OUTBID', 'CANCELLED', 'CONFIRMED', 'PAID']),
    subscriptionNo: bizText('认购编号', 'Business number'),
    offerNo: bizText('挂牌编号', 'The offer'),
    funderId: ulid('资金方', 'Who bids'),
    amount: yuan('认购金额', 'Asked for'),
    acceptedAmount: opt(yuan('受理金额', 'Granted; the sum over an offer never exceeds it')),
    currency,
    proposedRate: rate('意向年利率', 'Annual fraction, six decimals'),
    placedAt: instant('认购时间', 'When it came'),
  },
);

export const paymentStates = [
  'CREATED',
  'APPROVED',
  'SUBMITTING',
  'ACCEPTED',
  'SUCCEEDED',
  'FAILED',
  'UNKNOWN',
  'RETURNED',
] as const;

/** The order itself; the same in the entity and in `cmd.disburse.request`. */
export const paymentFields = {
  instructionNo: bizText('指令编号', 'Unique for ever; at most 30 characters at the strictest bank', 'CMB YURREF'),
  relatedNo: bizText('关联编号', 'Loan, repayment or fee it pays'),
  purpose: one(
    ['DISBURSE_ENTRUSTED', 'DISBURSE_SELF', 'REPAY', 'COLLECTION_SPLIT', 'FEE', 'REFUND'],
    '用途',
    'What it is for',
  ),
  payer: object('付款方', 'Whose account is debited; never the operator', {
    company: company('企业', 'Who pays'),
    account: account('账户', 'From where'),
  }),
  payee: object('收款方', 'Whose account is credited; never the operator', {
    company: company('企业', 'Who is paid'),
    account: account('账户', 'Verified, past its cooling period, as in the signed mandate'),
  }),
  amount: yuan('金额', 'To pay'),
  currency,
  wishDate: date('期望日期', 'Execution day'),
  postscript: text('附言', 'Seen by the payee'),
  mandateNo: opt(bizText('委托编号', "The borrower's payment mandate (受托支付)")),
};

export const PaymentInstruction = entity(
  {
    name: 'payment-instruction',
    zh: '支付指令',
    en: 'An order to a bank, from one party to another; the hub never holds money. From UNKNOWN it is only queried, never sent again; success may still be RETURNED (退票)',
    source: '银发〔2025〕77号 art. 4, 14; HNDEMP 3115; ISO 20022 pain.001; I-08, I-09, I-10, I-11',
  },
  {
    ...stateful(paymentStates, 'SUCCEEDED'),
    ...paymentFields,
    approvalId: ulid('复核单', 'Two persons, bound to the hash of this instruction'),
    previousNo: opt(bizText('前一指令', 'The failed or returned one that this replaces')),
    initiatorSignature: opt(base64('发起方签名', 'Over payerName|payerAcct|payeeName|payeeAcct|amount|wishDate')),
    platformSignature: opt(base64('平台签名', 'Over the same elements')),
    bankResult: opt(
      object('银行回执', 'What the bank says', {
        code: bizText('返回码', "The bank's own code, unmapped"),
        bankSerial: bizText('银行流水号', 'Number of the bank'),
        bankDate: date('银行日期', 'Booking day'),
        receipt: opt(file('电子回单', 'Receipt file')),
        memo: opt(text('说明', 'What the bank adds')),
      }),
    ),
  },
);

const reconTypes = ['FUND', 'LOAN', 'CERTIFICATE', 'STOCK', 'LIMIT'] as const;

export const ReconciliationRun = entity(
  {
    name: 'reconciliation-run',
    zh: '对账批次',
    en: 'One comparison of the books with those of one counterparty, for one business day',
    source: 'Lianshu domain model 1.15; HNDEMP 3107/3108, 3116',
  },
  {
    ...stateful(['RECEIVED', 'PARKED', 'COMPARED', 'SIGNED_OFF', 'VOID'], 'COMPARED'),
    runNo: bizText('对账编号', 'Business number'),
    businessDate: date('业务日期', 'The day compared'),
    system: bizText('对账方', 'Counterparty, by its system in the hub'),
    type: one(reconTypes, '对账类型', 'What is compared'),
    file: opt(file('对账文件', 'As received; a file may be empty')),
    counts: object('笔数', 'Items by outcome', {
      matched: integer('相符', 'MATCHED'),
      amountDiff: integer('金额不符', 'AMOUNT_DIFF'),
      statusDiff: integer('状态不符', 'STATUS_DIFF'),
      onlyHub: integer('仅平台有', 'ONLY_HUB'),
      onlyExternal: integer('仅对方有', 'ONLY_EXT'),
    }),
    hubTotal: opt(yuan('平台合计', 'Sum of the hub; none for STOCK')),
    externalTotal: opt(yuan('对方合计', 'Sum of the counterparty; none for STOCK')),
    currency,
  },
);

export const ReconciliationItem = entity(
  { name: 'reconciliation-item', zh: '对账明细', en: 'One line compared', source: 'Lianshu domain model 1.15' },
  {
    id: ulid('标识', 'Identity in the hub'),
    runNo: bizText('对账编号', 'The run'),
    result: one(['MATCHED', 'AMOUNT_DIFF', 'STATUS_DIFF', 'ONLY_HUB', 'ONLY_EXT'], '结果', 'How it compares'),
    businessKey: bizText('业务键', 'Number of the thing compared'),
    hubAmount: opt(yuan('平台金额', 'Absent: only the counterparty has it')),
    externalAmount: opt(yuan('对方金额', 'Absent: only the hub has it')),
    difference: opt(signedYuan('差额', 'Hub less counterparty')),
    currency,
    hubStatus: opt(bizText('平台状态', 'State in the hub')),
    externalStatus: opt(bizText('对方状态', "The counterparty's own word")),
  },
);

export const ReconciliationCase = entity(
  {
    name: 'reconciliation-case',
    zh: '对账差异单',
    en: 'A difference that people look into; resolved by a compensating command, or accepted by two persons. The books are never edited',
    source: 'Lianshu domain model 1.15; I-17',
  },
  {
    ...stateful(['OPEN', 'INVESTIGATING', 'RESOLVED', 'CLOSED']),
    caseNo: bizText('差异单号', 'Business number'),
    itemId: ulid('明细', 'The item'),
    resolution: opt(one(['COMPENSATED', 'ACCEPTED'], '处理方式', 'How it ended')),
    commandId: opt(ulid('补偿指令', 'eventId of the compensating command')),
    approvalId: opt(ulid('复核单', 'Two persons, when accepted')),
    note: opt(text('说明', 'What was found')),
  },
);
