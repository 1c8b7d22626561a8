/** What is agreed before business begins: products, projects, templates, models. Versioned, and changed by two persons only. */
import { entity, stateful } from '../definition.ts';
import {
  bizText,
  currency,
  flag,
  fraction,
  instant,
  integer,
  list,
  longText,
  multiplier,
  object,
  one,
  opt,
  rate,
  sha256,
  text,
  ulid,
  yuan,
} from '../fields.ts';
import { partyRoles } from './parties.ts';

const dayCounts = ['ACT/360', 'ACT/365', '30/360'] as const;
const configured = ['DRAFT', 'REVIEW', 'PUBLISHED', 'RETIRED'] as const;

export const dayCount = one(dayCounts, '计息基准', 'Days of a year; explicit for each funder, never assumed');
export const method = one(
  ['BULLET', 'INTEREST_MONTHLY', 'EQUAL_PRINCIPAL', 'EQUAL_INSTALMENT'],
  '还款方式',
  'How principal and interest fall due',
);

export const Product = entity(
  {
    name: 'product',
    zh: '融资产品',
    en: 'Terms of a kind of financing. A published version never changes; cases pin it',
    source: 'Lianshu domain model 1.4; Civil Code art. 561 (allocation), 670 (no upfront interest); I-17',
    example: { lines: { warn: '0.750000', topUp: '0.800000', dispose: '0.900000' }, penaltyMultiplier: '1.500000' },
  },
  {
    ...stateful(configured, 'PUBLISHED'),
    productNo: bizText('产品编号', 'Number of the product; its version counts beside it'),
    name: text('产品名称', 'Name for people'),
    type: one(['CREDIT', 'SPOT_PLEDGE', 'FUTURE_GOODS', 'FACTORING'], '产品类型', 'Which flow it follows'),
    recourse: flag('有追索权', 'Factoring: whether the factor may turn back to the creditor'),
    disclosed: flag('明保理', 'Factoring: whether the debtor is told before disbursement'),
    rateMin: rate('最低年利率', 'Annual fraction, six decimals'),
    rateMax: rate('最高年利率', 'Annual fraction, six decimals'),
    tenorDaysMax: integer('最长期限', 'Days', 1, 3660),
    dayCount,
    method,
    advanceRate: opt(fraction('融资比例上限', 'Factoring: share of the confirmed amount')),
    pledgeRate: opt(fraction('质押率上限', 'Pledge: share of the value of the goods')),
    lines: opt(
      object('盯市线', 'Loan to value at which something happens', {
        warn: fraction('预警线', 'A warning'),
        topUp: fraction('补仓线', 'A margin call'),
        dispose: fraction('处置线', 'Disposal may begin'),
      }),
    ),
    graceDays: integer('宽限期', 'Days after maturity before overdue', 0, 30),
    penaltyMultiplier: multiplier(
      '罚息倍数',
      'Penalty rate is the rate times this; 1.3 to 1.5, misuse 1.5 to 2.0',
      '银发〔2003〕251号',
    ),
    allocationOrder: list(
      one(['FEE', 'PENALTY', 'COMPOUND', 'INTEREST', 'PRINCIPAL'], '冲抵项', 'One kind of debt'),
      '冲抵顺序',
      'In which order money repays; Civil Code art. 561 unless agreed otherwise',
      5,
      1,
    ),
    requiredDocuments: list(bizText('文件类型', 'Kind of document'), '必备文件', 'Without which no submission', 50),
    requiredSigners: list(one(partyRoles, '签署角色', 'Who signs'), '签署顺序', 'In this order', 20),
    requiredRegistrations: list(
      bizText('登记类型', 'Kind of registration'),
      '必备登记',
      'REGISTERED before disbursement (I-06)',
      10,
    ),
    entrustedPayment: one(['MANDATORY', 'OPTIONAL'], '受托支付', 'Whether money goes straight to the seller', 'I-08'),
    interestCollection: one(
      ['ARREARS', 'UPFRONT'],
      '收息方式',
      'UPFRONT only for purchase-type factoring, flagged',
      'Civil Code art. 670; I-22',
    ),
  },
);

export const FinancingProject = entity(
  {
    name: 'financing-project',
    zh: '融资项目',
    en: 'Binds one version of a product to the companies, templates and limits of one chain',
    source: 'Lianshu domain model 1.4',
  },
  {
    ...stateful(['DRAFT', 'ACTIVE', 'SUSPENDED', 'CLOSED'], 'ACTIVE'),
    projectNo: bizText('项目编号', 'Business number'),
    name: text('项目名称', 'Name for people'),
    productId: ulid('产品', 'The product'),
    productVersion: integer('产品版本', 'The version that cases of this project pin', 1),
    tradingUnitId: opt(ulid('经营单位', 'The trading unit')),
    coreId: opt(ulid('核心企业', 'The core enterprise, in factoring')),
    funderIds: list(ulid('资金方', 'A funder'), '资金方', 'Who may finance', 50, 1),
    warehouseId: opt(ulid('保管人', 'The warehouse keeper')),
    supervisorId: opt(ulid('监管方', 'The supervisor; never the pledgor (I-16)')),
    templateIds: list(ulid('合同模板', 'A template'), '合同模板', 'Templates in use', 50),
    limit: opt(yuan('项目额度', 'Highest exposure of the project')),
    currency,
    validTo: opt(instant('有效期至', 'Until when new cases may begin')),
  },
);

export const ContractTemplate = entity(
  {
    name: 'contract-template',
    zh: '合同模板',
    en: 'One version of a text to be signed; a factoring template must hold business type, scope, term, base contract, receivable and fee',
    source: 'Lianshu domain model 1.4; Civil Code art. 762',
  },
  {
    ...stateful(configured, 'PUBLISHED'),
    templateNo: bizText('模板编号', 'Business number; versions count beside it'),
    name: text('模板名称', 'Name for people'),
    documentType: bizText('文件类型', 'What it becomes when signed'),
    sha256: sha256('模板哈希', 'Hash of the text'),
    variables: list(
      object('变量', 'A blank to fill', {
        name: bizText('变量名', 'Name in the text'),
        required: flag('必填', 'Whether it may stay empty'),
      }),
      '变量',
      'Blanks of the text',
      500,
    ),
    signers: list(one(partyRoles, '签署角色', 'Who signs'), '签署方', 'In order', 20, 1),
  },
);

export const RiskModel = entity(
  {
    name: 'risk-model',
    zh: '风控模型',
    en: 'One version of a rule set: scorecard, routing, alert lines. Every decision names the version and can be explained',
    source: 'Lianshu domain model 1.4; PIPL art. 24 (automated decisions)',
  },
  {
    ...stateful(configured, 'PUBLISHED'),
    modelNo: bizText('模型编号', 'Business number; versions count beside it'),
    name: text('模型名称', 'Name for people'),
    purpose: one(['ADMISSION', 'ROUTING', 'ALERT', 'PRICING'], '用途', 'What it decides'),
    rulesSha256: sha256('规则哈希', 'Hash of the canonical rules'),
    rules: opt(longText('规则', 'The rules themselves, as canonical JSON (RFC 8785)')),
    inputs: list(bizText('输入', 'Name of a fact'), '输入项', 'The facts it looks at', 200, 1),
  },
);
