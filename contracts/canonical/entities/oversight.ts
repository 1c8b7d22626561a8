/** What watches: prices, alerts, the blacklist, four-eyes approvals, and the worklist that people claim from. */
import { entity, stateful } from '../definition.ts';
import { bizText, currency, flag, instant, integer, one, opt, sha256, sm3, text, ulid, unit, yuan } from '../fields.ts';

export const PriceQuote = entity(
  {
    name: 'price-quote',
    zh: '质物报价',
    en: 'One price of one material. Stale after one business day; a jump above 10 % needs a second source or person',
    source: 'Lianshu domain model 1.17; I-12',
    example: { price: '3400.00' },
  },
  {
    id: ulid('标识', 'Identity in the hub'),
    materialCode: bizText('物料编码', 'Material in the canonical code table'),
    price: yuan('单价', 'Per unit'),
    currency,
    unit: unit('计价单位', 'UN/ECE Rec 20'),
    source: bizText('来源', 'Feed, market or trading unit'),
    quotedBy: opt(bizText('报价人', 'Number of the person, when quoted by hand')),
    asOf: instant('价格时点', 'For which instant it holds'),
    confirmed: flag('已确认', 'A jump was confirmed by a second source or person'),
  },
);

export const alertTypes = [
  'PRICE_WARN',
  'MARGIN_CALL',
  'STOCK_DIFF',
  'STOCK_FEED_LATE',
  'INVOICE_RED',
  'CONTRACT_CHANGED',
  'LIMIT_FROZEN',
  'OVERDUE',
  'REG_EXPIRING',
  'LICENCE_EXPIRING',
  'INSURANCE_EXPIRING',
  'DUP_ASSET',
  'NEGATIVE_NEWS',
  'CONNECTOR_DOWN',
] as const;

/** What an alert is about; the same in the entity and in `evt.alert.*`. */
export const alertFields = {
  alertNo: bizText('预警编号', 'Business number'),
  type: one(alertTypes, '预警类型', 'One alert is open per type and subject'),
  level: one(['INFO', 'WARN', 'CALL', 'DISPOSE'], '级别', 'How grave'),
  subject: bizText('对象', 'Number of the thing it is about'),
  metric: bizText('指标', 'What was measured, as text with its unit'),
  threshold: bizText('阈值', 'What it was measured against; re-arms with 2 % hysteresis'),
  deadline: opt(instant('处理期限', 'By when somebody must act')),
};

export const Alert = entity(
  {
    name: 'alert',
    zh: '预警',
    en: 'Something that people must look at: a fall in price (盯市), a difference in stock (货准), a feed that is late',
    source: 'Lianshu domain model 1.17; Civil Code art. 433 (margin call)',
  },
  {
    ...stateful(['OPEN', 'ACKED', 'ACTION', 'RESOLVED', 'ESCALATED', 'FALSE_POSITIVE']),
    ...alertFields,
    openedAt: instant('触发时间', 'When it opened'),
    owner: opt(bizText('处理人', 'Number of the person; never a name')),
    note: opt(text('处理说明', 'What was done')),
  },
);

export const BlacklistEntry = entity(
  {
    name: 'blacklist-entry',
    zh: '黑名单',
    en: 'A subject with whom no new business is done: checked on submit, approve, disburse, release. Shared as reason code and hash only',
    source: 'Lianshu domain model 1.18; PIPL art. 13; I-12, I-17',
  },
  {
    ...stateful(['PROPOSED', 'ACTIVE', 'LIFTED', 'EXPIRED'], 'ACTIVE'),
    subjectKind: one(['COMPANY', 'PERSON'], '对象类别', 'Whose number was hashed'),
    subjectHash: sm3('对象哈希', 'Keyed HMAC-SM3 of code or identity number; never the number'),
    scope: one(['LOCAL', 'GROUP', 'SHARED'], '范围', 'Who is told'),
    reasonCode: bizText('原因代码', 'By the code table of reasons'),
    source: one(['DISHONEST_DEBTOR_LIST', 'OVERDUE', 'AML', 'FRAUD', 'MANUAL'], '来源', 'Where it is from'),
    evidenceSha256: opt(sha256('证据哈希', 'What it rests on')),
    validFrom: instant('生效时间', 'From when'),
    validTo: opt(instant('失效时间', 'Until when')),
    approvalId: opt(ulid('复核单', 'Two persons')),
  },
);

export const Approval = entity(
  {
    name: 'approval',
    zh: '复核单',
    en: 'Four eyes: a maker asks, another person decides, on exactly this payload; the hash is computed again at execution and any change voids it',
    source: 'Lianshu domain model 1.0; I-17',
  },
  {
    ...stateful(['PROPOSED', 'APPROVED', 'REJECTED', 'LAPSED'], 'APPROVED'),
    subject: bizText('对象', 'Number of the thing'),
    action: bizText('动作', 'What is to be done to it'),
    payloadSha256: sha256('内容哈希', 'Of the canonical payload (RFC 8785)'),
    level: integer('复核层级', 'Counts from 1', 1, 9),
    maker: bizText('经办人', 'Number of the person; never a name'),
    checker: opt(bizText('复核人', 'Another person than the maker')),
    decision: opt(one(['APPROVED', 'REJECTED'], '决定', 'What was decided')),
    decidedAt: opt(instant('决定时间', 'When')),
    reason: opt(text('理由', 'Why')),
  },
);

export const WorkItem = entity(
  {
    name: 'work-item',
    zh: '待办事项',
    en: 'An item of a worklist that one person claims (领用) for a while',
    source: 'Lianshu domain model 1.0; factoring step 3',
  },
  {
    ...stateful(['OPEN', 'CLAIMED', 'DONE', 'RELEASED', 'EXPIRED']),
    list: bizText('列表', 'Which worklist'),
    subject: bizText('对象', 'Number of the thing'),
    claimedBy: opt(bizText('领用人', 'Number of the person; never a name')),
    claimedUntil: opt(instant('领用期限', 'Then EXPIRED and free again')),
    dueAt: opt(instant('办理期限', 'By when it must be done')),
  },
);
