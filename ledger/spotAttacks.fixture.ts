/** What breaks each constraint, index and trigger of a spot pledge, at some stage of a case. */
import { sql, type Attack } from './attack.fixture.ts';
import { type Books, type Deal, type Stage } from './fixture.ts';

interface StagedAttack {
  readonly name: string;
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

const staged: readonly StagedAttack[] = [
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
      `insert into asset_lock (asset_key, application_no) values ('order:1710/${orderNo}', '${other.applicationNo}')`,
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
    sql: ({
      envelopeNo,
    }) => `update envelope_signer set state = 'SIGNED', signed_at = hub_now() where envelope_no = '${envelopeNo}';
       update envelope set state = 'COMPLETED', vendor_status = 'completed' where no = '${envelopeNo}'`,
    drop: check('envelope', 'completed_is_verified'),
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
    // Of this row, and of the case.
    drop: `${check('application', 'funder_is_not_borrower')}; ${trigger('application', 'application_takes_part')}`,
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
  {
    name: 'illegal_transition: a beginning in the middle',
    code: 'ILLEGAL_TRANSITION',
    at: 'ordered',
    sql: () => `insert into party (legal_name, state) values ('虚构公司', 'VERIFYING')`,
    drop: noLifecycle('party'),
  },
];

export const spotAttacks: readonly Attack[] = staged.map(({ name, code, at, drop, sql: text }) => ({
  name,
  code,
  drop,
  prepare: async (the) => sql(text(await the.at(at), await the.at('requested', 2), the)),
}));
