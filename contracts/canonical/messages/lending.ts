/** Applications, limits, loans and repayments (domain.md 2.14). */
import { family, message, type Definition } from '../definition.ts';
import { bizText, currency, date, instant, integer, list, object, one, opt, rate, text, yuan } from '../fields.ts';
import { allocation, applicationFields, assetKinds, balances } from '../entities/lending.ts';

const source = 'Lianshu domain model 1.10';
const applicationNo = bizText('融资申请编号', 'The application');
const reason = text('原因', 'Why, for people');

const SubmitApplication = message(
  {
    name: 'cmd.application.submit',
    zh: '提交融资申请',
    en: 'Asks for financing; answered by returned, locked or withdrawn, then routed and decided',
    source: `${source}; HNDEMP 3105`,
    key: 'applicationNo',
  },
  applicationFields,
);

const applicationEvents = family(
  'evt.application',
  { key: 'applicationNo', source },
  { applicationNo },
  {
    returned: {
      zh: '融资申请退回',
      en: 'A rule refused it; it may be corrected and submitted again',
      more: {
        code: bizText('拒绝代码', 'Stable refusal code'),
        reason,
        collidesWith: opt(bizText('冲突对象', 'What it collides with, masked')),
      },
    },
    locked: {
      zh: '融资资产已锁定',
      en: 'Its assets are locked for it alone and the limit is reserved (I-05)',
      more: {
        assets: list(
          object('资产', 'One asset', {
            kind: one(assetKinds, '资产类型', 'What it is'),
            key: bizText('资产键', 'Its number'),
          }),
          '资产',
          'What is locked',
          500,
          1,
        ),
        reserved: yuan('预占额度', 'Reserved of the limit'),
        currency,
      },
    },
    routed: {
      zh: '融资申请已路由',
      en: 'A funder was chosen; why is kept with the version of the rules',
      more: {
        funder: bizText('资金方', 'The chosen funder'),
        ruleVersion: bizText('规则版本', 'By which rules'),
        attempt: integer('尝试次数', 'Counts from 1; one funder at a time', 1, 100),
      },
    },
    decided: {
      zh: '融资审批结果',
      en: 'The funder decided; terms are present when approved',
      more: {
        verdict: one(['APPROVED', 'REJECTED'], '结论', 'What was decided'),
        funderRef: bizText('资金方编号', "The funder's number"),
        decidedAt: instant('审批时间', 'When'),
        terms: opt(
          object('批复条件', 'What is offered', {
            amount: yuan('批复金额', 'At most what was asked'),
            currency,
            rate: rate('年利率', 'Annual fraction, six decimals'),
            tenorDays: integer('期限', 'Days', 1, 3660),
            validTo: instant('有效期至', 'Then the offer is gone'),
          }),
        ),
        reason: opt(reason),
      },
    },
    withdrawn: { zh: '融资申请撤回', en: 'The applicant withdrew it before signing', more: { reason } },
  },
);

const limitEvents = family(
  'evt.limit',
  {
    key: 'limitNo',
    source: 'Lianshu domain model 1.8; HNDEMP 3112/3113',
    example: { total: '5000000.00', used: '2000000.00', reserved: '1000000.00', available: '2000000.00' },
  },
  {
    limitNo: bizText('额度编号', 'The limit'),
    total: yuan('总额', 'What the funder granted'),
    used: yuan('已用', 'Outstanding'),
    reserved: yuan('预占', 'Held for applications under way'),
    available: yuan('可用', 'total - used - reserved, never below zero (I-20)'),
    currency,
    reason: opt(reason),
    asOf: instant('数据时点', 'When the funder said so'),
  },
  {
    granted: { zh: '额度已批准', en: 'A limit is ACTIVE' },
    changed: { zh: '额度已变更', en: 'Total, used or reserved changed' },
    frozen: { zh: '额度已冻结', en: 'No new drawing under it' },
    expired: { zh: '额度已到期', en: 'Its last day has passed' },
  },
);

const loanEvents = family(
  'evt.loan',
  { key: 'loanNo', source: 'Lianshu domain model 1.12; HNDEMP 3009' },
  {
    loanNo: bizText('借据编号', 'The loan'),
    applicationNo,
    balances,
    valueDate: date('起息日', 'Business day on which it counts'),
    asOf: instant('数据时点', 'When the funder said so'),
  },
  {
    activated: {
      zh: '借据生效',
      en: 'The money was received; interest runs',
      more: {
        principal: yuan('本金', 'Amount actually received'),
        currency,
        rate: rate('年利率', 'Annual fraction, six decimals'),
        maturity: date('到期日', 'Last day, not counted'),
      },
    },
    due: { zh: '借据到期', en: 'It falls due today' },
    overdue: {
      zh: '借据逾期',
      en: 'It was not paid within the days of grace',
      more: { daysOverdue: integer('逾期天数', 'Calendar days', 1, 36_500) },
    },
    settled: { zh: '借据结清', en: 'Nothing is owed; registration is cancelled within ten working days (I-33)' },
    extended: { zh: '借据展期', en: 'A new maturity was agreed', more: { maturity: date('新到期日', 'New last day') } },
    reversed: { zh: '放款冲正', en: 'The disbursement came back before use', more: { reason } },
  },
);

const repaymentEvents = family(
  'evt.repayment',
  { key: 'loanNo', source: 'Lianshu domain model 1.12; Civil Code art. 560-561' },
  {
    loanNo: bizText('借据编号', 'The loan'),
    repaymentNo: bizText('还款编号', 'The repayment'),
    amount: yuan('金额', 'What was paid'),
    currency,
    valueDate: date('起息日', 'From which day it counts'),
  },
  {
    notified: { zh: '还款已告知', en: 'Somebody says that it was paid; nothing follows from it yet' },
    matched: {
      zh: '还款已匹配',
      en: 'A bank entry proves that it arrived',
      more: { statementEntryNo: bizText('流水号', 'The entry') },
    },
    posted: {
      zh: '还款已入账',
      en: 'The funder booked it: only now goods may go and limits come back (I-13)',
      more: { postingNo: bizText('入账编号', "The funder's posting"), allocation, balances },
    },
    reversed: {
      zh: '还款已冲正',
      en: 'The funder took the posting back',
      more: { postingNo: bizText('入账编号', 'The posting'), reason },
    },
  },
);

export const lendingMessages: readonly Definition[] = [
  SubmitApplication,
  ...applicationEvents,
  ...limitEvents,
  ...loanEvents,
  ...repaymentEvents,
];
