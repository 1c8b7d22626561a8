/** For tests: what breaks each protection of limits and payments. */
import type { Attack } from '../attack.fixture.ts';
import { accounts, lent, type Deal } from '../fixture.ts';
import { asleep, check, staged, trigger, unseen, type Staged } from './attack.fixture.ts';

const movement = (limit: string, kind: string, amount: string, cause: 'application_no' | 'repayment_no', of: string) =>
  `insert into limit_movement (limit_no, kind, amount, ${cause}) values ('${limit}', '${kind}', ${amount}, '${of}');`;
const move = ({ applicationNo }: Deal, kind: string, amount: string) =>
  movement(applicationNo, kind, amount, 'application_no', applicationNo);
const limits = (constraint: string) => trigger('limit_movement', constraint);

const ofLimits: readonly Staged[] = [
  {
    name: 'limit_sufficient', // I-20
    code: 'LIMIT_INSUFFICIENT',
    at: 'approved',
    sql: (deal) => move(deal, 'RESERVE', '0.01'),
    drop: check('credit_limit', 'limit_sufficient'),
  },
  {
    name: 'limit_movement_applied', // I-20
    code: 'LIMIT_INSUFFICIENT',
    at: 'approved',
    sql: (deal) => move(deal, 'RESERVE', '0.01'),
    drop: limits('limit_movement_applied'),
  },
  {
    name: 'limit_is_open', // I-12
    code: 'LIMIT_FROZEN',
    at: 'approved',
    sql: (deal) =>
      `${move(deal, 'RELEASE', '1.00')} update credit_limit set state = 'FROZEN' where no = '${deal.applicationNo}'; ${move(deal, 'RESERVE', '1.00')}`,
    drop: limits('limit_is_open'),
  },
  {
    name: 'limit_reserved_first', // I-20
    code: 'LIMIT_INSUFFICIENT',
    at: 'approved',
    sql: ({ applicationNo }, _, other) =>
      movement(applicationNo, 'CONSUME', '1.00', 'application_no', other.applicationNo),
    drop: limits('limit_reserved_first'),
  },
  {
    name: 'restore_only_revolving', // I-20
    code: 'NOT_ALLOWED',
    at: 'posted',
    sql: ({ applicationNo, repaymentNo }) => movement(applicationNo, 'RESTORE', '1.00', 'repayment_no', repaymentNo),
    drop: limits('restore_only_revolving'),
  },
  {
    name: 'restore_only_posted', // I-20
    code: 'REPAYMENT_NOT_POSTED',
    at: 'matched',
    sql: ({ applicationNo, repaymentNo }) =>
      `update credit_limit set revolving = true where no = '${applicationNo}'; ${movement(applicationNo, 'RESTORE', '1.00', 'repayment_no', repaymentNo)}`,
    drop: limits('restore_only_posted'),
  },
  {
    name: 'reverse_only_returned',
    code: 'NOT_ALLOWED',
    at: 'disbursed',
    sql: (deal) => move(deal, 'REVERSE', lent),
    drop: limits('reverse_only_returned'),
  },
  {
    name: 'limit_reversed_once',
    code: 'IDEMPOTENCY_CONFLICT',
    at: 'disbursed',
    sql: (deal) =>
      `alter table limit_movement disable trigger reverse_only_returned; ${move(deal, 'REVERSE', '1.00').repeat(2)}`,
    drop: 'drop index limit_reversed_once',
  },
  {
    name: 'movement_names_cause',
    code: 'CONTRACT_VIOLATED',
    at: 'approved',
    sql: (deal) =>
      `${move(deal, 'RELEASE', '1.00')} insert into limit_movement (limit_no, kind, amount) values ('${deal.applicationNo}', 'RESERVE', 1.00)`,
    drop: check('limit_movement', 'movement_names_cause'),
  },
  {
    name: 'limit_only_by_movement', // I-20
    code: 'NOT_ALLOWED',
    at: 'approved',
    sql: ({ applicationNo }) => `update credit_limit set reserved = reserved - 0.01 where no = '${applicationNo}'`,
    drop: trigger('credit_limit', 'limit_only_by_movement'),
  },
];

const insert = (deal: Deal, purpose: string, given: { payee?: string; payer?: string; previous?: string } = {}) =>
  `insert into payment (no, purpose, application_no, payer_account, payee_account, amount, currency, state, previous_no)
   values ('XX-' || clock_timestamp(), '${purpose}', '${deal.applicationNo}', ${quoted(given.payer)}, '${given.payee ?? accounts.unit}',
     ${purpose === 'DISBURSE' ? lent : '1.00'}, 'CNY', 'SUBMITTING', ${quoted(given.previous)});`;
const quoted = (text: string | undefined) => (text === undefined ? 'null' : `'${text}'`);

const ofPayments: readonly Staged[] = [
  {
    name: 'disbursed_once', // I-09, I-10
    code: 'PAYMENT_UNKNOWN_PENDING',
    at: 'instructed',
    sql: (deal) => `${asleep('payment')} ${insert(deal, 'DISBURSE')}`,
    drop: 'drop index disbursed_once',
  },
  {
    name: 'collecting_once', // I-10
    code: 'PAYMENT_UNKNOWN_PENDING',
    at: 'notified',
    sql: (deal) => insert(deal, 'REPAY'),
    drop: 'drop index collecting_once',
  },
  {
    name: 'payment_previous_once',
    code: 'IDEMPOTENCY_CONFLICT',
    at: 'disbursed',
    sql: (deal) => `${asleep('payment')} ${insert(deal, 'FEE', { previous: deal.paymentNo }).repeat(2)}`,
    drop: 'drop index payment_previous_once',
  },
  ...(['payer', 'payee'] as const).map((side) => ({
    name: `payment_operator: as ${side}`, // I-11
    code: 'PAYEE_NOT_MANDATED',
    at: 'disbursed' as const,
    sql: (deal: Deal) => insert(deal, 'REPAY', { [side]: accounts.operator }),
    drop: trigger('payment', 'payment_operator'),
  })),
  {
    name: 'payment_between_parties', // I-11
    code: 'PAYEE_NOT_MANDATED',
    at: 'disbursed',
    sql: (deal) => insert(deal, 'REPAY', { payee: '6299999999999999' }),
    drop: trigger('payment', 'payment_between_parties'),
  },
  {
    name: 'payment_unchanged',
    code: 'NOT_ALLOWED',
    at: 'accepted',
    sql: ({ paymentNo }) => `update payment set amount = amount - 0.01 where no = '${paymentNo}'`,
    drop: trigger('payment', 'payment_unchanged'),
  },
  {
    name: 'payment_approved_first', // I-17
    code: 'SAME_PERSON_APPROVAL',
    at: 'disbursed',
    sql: (deal) => insert(deal, 'FEE'),
    drop: trigger('payment', 'payment_approved_first'),
  },
  {
    name: 'payment_follows_ended', // I-10
    code: 'CONTRACT_VIOLATED',
    at: 'effective',
    sql: (deal) => {
      const ended = insert(deal, 'DISBURSE').replace("'SUBMITTING'", "'FAILED'");
      return `${unseen(ended.replace(/;$/, ''))} ${insert(deal, 'DISBURSE')}`;
    },
    drop: trigger('payment', 'payment_follows_ended'),
  },
];

const dealer = `uscc = '914403001922038216'`;
/** What makes each rule of a disbursement refuse, and no other one. */
const broken: readonly (readonly [
  rule: string,
  code: string,
  change: (deal: Deal, funder: string) => string,
  othersRefuse?: true,
])[] = [
  ['01_borrower_active', 'PARTY_NOT_VERIFIED', () => `update party set state = 'FROZEN' where ${dealer}`],
  ['03_consent_given', 'CONSENT_MISSING', () => 'delete from consent'],
  [
    '04_contracts_signed',
    'SIGNATURES_INCOMPLETE',
    ({ envelopeNo }) => `update envelope set state = 'SENT' where no = '${envelopeNo}'`,
    true,
  ],
  [
    '05_payee_mandated',
    'PAYEE_NOT_MANDATED',
    ({ envelopeNo }) => `update envelope set mandate_payee = '${accounts.dealer}' where no = '${envelopeNo}'`,
  ],
  [
    '06_limit_reserved',
    'LIMIT_INSUFFICIENT',
    ({ applicationNo }) => `update credit_limit set reserved = reserved - 0.01 where no = '${applicationNo}'`,
  ],
  [
    '07_limit_not_frozen',
    'LIMIT_FROZEN',
    ({ applicationNo }) => `update credit_limit set state = 'FROZEN' where no = '${applicationNo}'`,
  ],
  [
    '08_amount_approved',
    'LIMIT_INSUFFICIENT',
    ({ applicationNo }) =>
      `update application set valid_to = hub_now() - interval '1 second' where no = '${applicationNo}'`,
  ],
  [
    '09_order_covers',
    'LIMIT_INSUFFICIENT',
    ({ orderNo }) => `update trade_order set paid = total where order_no = '${orderNo}'`,
  ],
  [
    '10_asset_locked',
    'ASSET_ALREADY_LOCKED',
    ({ applicationNo }) => `update asset_lock set released_at = now() where application_no = '${applicationNo}'`,
  ],
  [
    '11_pledge_registered',
    'REGISTRATION_MISSING',
    ({ requestNo }) =>
      `update registration set registered_at = hub_now() - interval '40 days', expires_at = hub_now() where request_no = '${requestNo}'`,
  ],
  [
    '12_pledge_effective',
    'CONTROL_NOT_PROVEN',
    ({ pledgeNo }) => `update pledge set state = 'REGISTERED' where no = '${pledgeNo}'`,
  ],
  ['13_price_fresh', 'PRICE_STALE', () => `update price_quote set good_until = hub_now() - interval '1 second'`],
  [
    '14_stock_feed_fresh',
    'CONTROL_NOT_PROVEN',
    () => `insert into alert (type, level, subject, state) values ('STOCK_FEED_LATE', 'WARN', 'WH01', 'OPEN')`,
  ],
  [
    '15_goods_cover',
    'LTV_EXCEEDED',
    ({ pledgeNo }) => `update pledge set pledge_rate = pledge_rate - 0.000001 where no = '${pledgeNo}'`,
  ],
  [
    '16_no_margin_call',
    'LTV_EXCEEDED',
    ({ pledgeNo }) =>
      `insert into alert (type, level, subject, state) values ('MARGIN_CALL', 'CALL', '${pledgeNo}', 'OPEN')`,
  ],
  [
    '17_books_reconciled',
    'RECONCILIATION_OPEN',
    (_, funder) =>
      `insert into recon_run (no, on_date, connector, type, funder_id, file_sha256, control_count, control_sum, state)
       values ('RR-late', '2026-01-05', 'bank', 'FUND', '${funder}', repeat('0', 64), 0, 0, 'COMPARED')`,
  ],
];

const ofRules: readonly Staged[] = broken.map(([rule, code, change, othersRefuse]) => ({
  name: `guard_${rule}`,
  code,
  at: 'effective',
  sql: (deal, the) => `${unseen(change(deal, the.funder))} ${insert(deal, 'DISBURSE')}`,
  drop: trigger('payment', `guard_${rule}`),
  ...(othersRefuse === undefined ? {} : { othersRefuse }),
}));

const overdue: Attack = {
  name: 'guard_02_borrower_not_overdue', // I-12
  code: 'LIMIT_FROZEN',
  drop: trigger('payment', 'guard_02_borrower_not_overdue'),
  prepare: async (the) => {
    const lapsed = await the.at('disbursed');
    const deal = await the.at('effective');
    const change = unseen(`update loan set state = 'OVERDUE' where no = '${lapsed.loanNo}'`);
    return (tx) => tx.query(`${change} ${insert(deal, 'DISBURSE')}`);
  },
};

export const limitAttacks: readonly Attack[] = [...[...ofLimits, ...ofPayments, ...ofRules].map(staged), overdue];
