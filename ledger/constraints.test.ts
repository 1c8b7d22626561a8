/**
 * Each constraint, unique index and trigger of the books: what breaks it is refused, with its refusal code, and goes
 * through once that one constraint is gone. The second half shows that the first can fail.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accounts, books, refusal, type Books, type Deal, type Stage } from './fixture.ts';
import type { Tx } from './lifecycle.ts';
import { lifecycles } from './lifecycles.ts';

interface Attack {
  readonly name: string;
  /** The refusal code; where the business never meets it, the constraint itself. */
  readonly code: string;
  readonly at: Stage;
  readonly sql: (deal: Deal, other: Deal, the: Books) => string;
  readonly drop: string;
}

const check = (table: string, name: string) => `alter table ${table} drop constraint ${name}`;
const trigger = (table: string, name: string) => `drop trigger ${name} on ${table}`;
const noLifecycle = (table: string) => trigger(table, `${table}_lifecycle`);

const actSql = (kind: string, state: string, approvedBy: string) =>
  `insert into act (id, run_id, kind, body, reason, seq_seen, payload_hash, proposed_by, approved_by, state, expires_at)
   values (gen_random_uuid(), gen_random_uuid(), '${kind}', '{}', 'a reason', 1, 'h', 'Zhang', ${approvedBy}, '${state}', now())`;

const attacks: readonly Attack[] = [
  {
    name: 'stock_not_overpledged', // I-01
    code: 'STOCK_SHORT',
    at: 'effective',
    sql: ({ lots }) => `update stock_lot set pledged = pledged + 0.001 where lot_no = '${lots[0]?.lotNo}'`,
    drop: check('stock_lot', 'stock_not_overpledged'),
  },
  {
    name: 'lot_pledged_once', // I-02
    code: 'PLEDGE_OVERLAP',
    at: 'effective',
    sql: ({ lots }, other) =>
      `insert into pledge_item (pledge_no, lot_no, quantity, price, price_at) values ('${other.pledgeNo}', '${lots[0]?.lotNo}', 1, 1, now())`,
    drop: 'drop index lot_pledged_once',
  },
  {
    name: 'approved_within_asked', // I-04
    code: 'LIMIT_INSUFFICIENT',
    at: 'approved',
    sql: ({ applicationNo }) => `update application set approved_amount = amount + 0.01 where no = '${applicationNo}'`,
    drop: check('application', 'approved_within_asked'),
  },
  {
    name: 'asset_locked_once', // I-05
    code: 'ASSET_ALREADY_LOCKED',
    at: 'applied',
    sql: ({ orderNo }, other) =>
      `insert into asset_lock (asset_key, application_no) values ('order:${orderNo}', '${other.applicationNo}')`,
    drop: 'drop index asset_locked_once',
  },
  {
    name: 'search_is_fresh', // I-06
    code: 'REGISTRATION_MISSING',
    at: 'registering',
    sql: ({ requestNo }) =>
      `update registration set searched_at = submitted_at - interval '24 hours' where request_no = '${requestNo}'`,
    drop: check('registration', 'search_is_fresh'),
  },
  {
    name: 'completed_is_verified', // I-07
    code: 'SIGNATURES_INCOMPLETE',
    at: 'signing',
    sql: ({ envelopeNo }) => `update envelope set state = 'COMPLETED' where no = '${envelopeNo}'`,
    drop: check('envelope', 'completed_is_verified'),
  },
  {
    name: 'disbursed_once', // I-09, I-10
    code: 'PAYMENT_UNKNOWN_PENDING',
    at: 'instructed',
    sql: ({ applicationNo }) =>
      `insert into payment (no, purpose, application_no, payee_account, amount, currency, state) values ('DB-2', 'DISBURSE', '${applicationNo}', '${accounts.unit}', 1, 'CNY', 'SUBMITTING')`,
    drop: 'drop index disbursed_once',
  },
  {
    name: 'effect_number', // I-10
    code: 'IDEMPOTENCY_CONFLICT',
    at: 'ordered',
    sql: ({ caseId }) =>
      `insert into effect (key, run_id, case_id, path, system, operation, number, state, payload_hash)
       select 'key-' || n, gen_random_uuid(), '${caseId}', 'path', 'bank', 'bank.disburse', 'DB-1', 'intent', 'h' from generate_series(1, 2) n`,
    drop: 'drop index effect_number',
  },
  {
    name: 'act_two_people', // I-21
    code: 'SAME_PERSON_APPROVAL',
    at: 'ordered',
    sql: () => actSql('retry', 'open', "' zhang '"),
    drop: check('act', 'act_two_people'),
  },
  {
    name: 'act_four_eyes', // I-21
    code: 'SAME_PERSON_APPROVAL',
    at: 'ordered',
    sql: () => actSql('terminate', 'open', 'null'),
    drop: check('act', 'act_four_eyes'),
  },
  {
    name: 'act_unchanged', // I-21
    code: 'APPROVAL_STALE',
    at: 'ordered',
    sql: () => `${actSql('skip', 'proposed', 'null')}; update act set body = '{"output": 1}'`,
    drop: trigger('act', 'act_unchanged'),
  },
  ...(['payer_account', 'payee_account'] as const).map((column) => ({
    name: `operator_holds_no_money as ${column}`, // I-11
    code: 'PAYEE_NOT_MANDATED',
    at: 'instructed' as const,
    sql: ({ paymentNo }: Deal) => `update payment set ${column} = '${accounts.operator}' where no = '${paymentNo}'`,
    drop: trigger('payment', 'payment_operator'),
  })),
  {
    name: 'release_after_posting', // I-13
    code: 'REPAYMENT_NOT_POSTED',
    at: 'matched',
    sql: ({ pledgeNo, repaymentNo }) =>
      `insert into release_order (no, pledge_no, repayment_no, state) values ('RO-2', '${pledgeNo}', '${repaymentNo}', 'DRAFT');
       update release_order set state = 'PENDING_FND' where no = 'RO-2';
       update release_order set state = 'APPROVED', maker = '甲', checker = '乙' where no = 'RO-2'`,
    drop: trigger('release_order', 'release_order_posting'),
  },
  {
    name: 'outbound_within_released', // I-15
    code: 'STOCK_SHORT',
    at: 'sent',
    sql: ({ releaseNo }) => `update release_item set outbound = quantity + 0.001 where release_no = '${releaseNo}'`,
    drop: check('release_item', 'outbound_within_released'),
  },
  {
    name: 'supervisor_independent', // I-16
    code: 'SUPERVISOR_NOT_INDEPENDENT',
    at: 'requested',
    sql: ({ pledgeNo }) => `update pledge set supervisor_id = pledgor_id where no = '${pledgeNo}'`,
    drop: check('pledge', 'supervisor_independent'),
  },
  ...(['control_at', 'registration_no', 'custody_no'] as const).map((column) => ({
    name: `effective_is_proven by ${column}`, // I-16
    code: 'CONTROL_NOT_PROVEN',
    at: 'registered' as const,
    sql: ({ pledgeNo }: Deal) =>
      `update pledge set custody_no = 'C', ${column} = null where no = '${pledgeNo}';`.replace(
        "custody_no = 'C', custody_no = null",
        'custody_no = null',
      ) + `update pledge set state = 'EFFECTIVE' where no = '${pledgeNo}'`,
    drop: check('pledge', 'effective_is_proven'),
  })),
  {
    name: 'maker_is_not_checker', // I-17
    code: 'SAME_PERSON_APPROVAL',
    at: 'submitted',
    sql: ({ releaseNo }) => `update release_order set maker = '甲', checker = '甲' where no = '${releaseNo}'`,
    drop: check('release_order', 'maker_is_not_checker'),
  },
  {
    name: 'decided_by_two', // I-17
    code: 'SAME_PERSON_APPROVAL',
    at: 'posted',
    sql: ({ pledgeNo, repaymentNo }) =>
      `insert into release_order (no, pledge_no, repayment_no, state) values ('RO-3', '${pledgeNo}', '${repaymentNo}', 'DRAFT');
       update release_order set state = 'PENDING_FND' where no = 'RO-3';
       update release_order set state = 'APPROVED', maker = '甲' where no = 'RO-3'`,
    drop: check('release_order', 'decided_by_two'),
  },
  {
    name: 'limit_sufficient', // I-20
    code: 'LIMIT_INSUFFICIENT',
    at: 'approved',
    sql: ({ applicationNo }) => `update credit_limit set used = used + 0.01 where no = '${applicationNo}'`,
    drop: check('credit_limit', 'limit_sufficient'),
  },
  {
    name: 'balance_within_principal, below', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set balance = -0.01 where no = '${loanNo}'`,
    drop: check('loan', 'balance_within_principal'),
  },
  {
    name: 'balance_within_principal, above',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set balance = principal + 0.01 where no = '${loanNo}'`,
    drop: check('loan', 'balance_within_principal'),
  },
  {
    name: 'settled_owes_nothing',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set state = 'SETTLED' where no = '${loanNo}'`,
    drop: check('loan', 'settled_owes_nothing'),
  },
  {
    name: 'posted_is_allocated', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'posted',
    sql: ({ repaymentNo }) => `update repayment set interest = interest - 0.01 where no = '${repaymentNo}'`,
    drop: check('repayment', 'posted_is_allocated'),
  },
  {
    name: 'released_within_pledged',
    code: 'STOCK_SHORT',
    at: 'effective',
    sql: ({ pledgeNo }) => `update pledge_item set released = quantity + 0.001 where pledge_no = '${pledgeNo}'`,
    drop: check('pledge_item', 'released_within_pledged'),
  },
  {
    name: 'closed_when_released',
    code: 'closed_when_released',
    at: 'effective',
    sql: ({ pledgeNo }) => `update pledge_item set closed = true where pledge_no = '${pledgeNo}'`,
    drop: check('pledge_item', 'closed_when_released'),
  },
  {
    name: 'funder_is_not_borrower', // I-31
    code: 'NOT_ALLOWED',
    at: 'applied',
    sql: ({ applicationNo }) => `update application set funder_id = borrower_id where no = '${applicationNo}'`,
    drop: check('application', 'funder_is_not_borrower'),
  },
  ...(['history', 'limit_movement', 'evidence'] as const).flatMap((table) =>
    [`update ${table} set at = at`, `delete from ${table}`].map((sql) => ({
      name: `append_only: ${sql}`, // I-27
      code: 'append_only',
      at: 'approved' as const,
      sql: () => sql,
      drop: trigger(table, `${table}_append_only`),
    })),
  ),
  ...(['history', 'limit_movement', 'evidence'] as const).map((table) => ({
    name: `append_only: truncate ${table}`, // I-27
    code: 'append_only',
    at: 'approved' as const,
    sql: () => `truncate ${table}`,
    drop: trigger(table, `${table}_not_emptied`),
  })),
  ...Object.keys(lifecycles).map((entity) => ({
    name: `illegal_transition of ${entity}`, // I-27
    code: 'ILLEGAL_TRANSITION',
    at: 'drafted' as const,
    // A decided release names two people; that is another rule's business.
    sql: () =>
      `update ${entity} set state = 'NOWHERE'${entity === 'release_order' ? ", maker = '甲', checker = '乙'" : ''}`,
    drop: noLifecycle(entity),
  })),
  {
    name: 'illegal_transition: a beginning in the middle',
    code: 'ILLEGAL_TRANSITION',
    at: 'ordered',
    sql: () => `insert into party (legal_name, roles, state) values ('虚构公司', '{}', 'VERIFYING')`,
    drop: noLifecycle('party'),
  },
];

let the: Books;
const deals = new Map<Stage, Deal>();
let other: Deal;
beforeAll(async () => {
  the = await books();
  other = await the.bring('requested');
  for (const { at } of attacks) if (!deals.has(at)) deals.set(at, await the.bring(at));
}, 60_000);
afterAll(() => the.drop());

/** In a transaction that leaves nothing behind, changes of the schema included. */
async function scratch(work: (tx: Tx) => Promise<void>): Promise<void> {
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

function attackSql({ at, sql }: Attack): string {
  const deal = deals.get(at);
  if (!deal) throw new Error(`no case was brought to ${at}`);
  return sql(deal, other, the);
}

test.each(attacks)('the books refuse what breaks $name, with $code', async (attack) => {
  await scratch(async (tx) => {
    expect(await refusal(tx.query(attackSql(attack)))).toBe(attack.code);
  });
});

test.each(attacks)('without $name the same goes through: the refusal above is its doing', async (attack) => {
  await scratch(async (tx) => {
    await tx.query(attack.drop);
    expect(await refusal(tx.query(attackSql(attack)))).toBe('nothing refused it');
  });
});

test('every named constraint, partial unique index and trigger of the books is attacked here', async () => {
  const found = await the.store.pool.query<{ name: string }>(
    `select conname "name" from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace and conname !~ '_check\\d*$'
     union select indexrelid::regclass::text from pg_index where indisunique and indpred is not null and indrelid = any($1::regclass[])
     union select tgname from pg_trigger where not tgisinternal`,
    [['asset_lock', 'pledge_item', 'payment', 'effect']],
  );
  const dropped = new Set(attacks.map(({ drop }) => /(?:constraint|index|trigger) (\w+)/.exec(drop)?.[1]));
  expect(found.rows.map(({ name }) => name).filter((name) => !dropped.has(name))).toEqual([]);
  expect(found.rows.length).toBeGreaterThanOrEqual(30);
});
