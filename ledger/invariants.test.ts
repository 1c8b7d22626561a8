import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assaults } from './attacks.fixture.ts';
import { accounts, books, stageNames, type Books, type Deal, type Stage } from './fixture.ts';
import { invariants, verifyBooks } from './invariants.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const broken = async () =>
  (await verifyBooks(the.store)).flatMap(({ id, offenders }) => offenders.map((offender) => `${id} ${offender}`));

test('no invariant is broken at any point of a case from the order to the released goods', async () => {
  for (const stage of stageNames) {
    await the.bring(stage);
    expect([stage, await broken()]).toEqual([stage, []]);
  }
});

interface Plant {
  readonly id: string;
  readonly what: string;
  readonly at: Stage;
  /** What must be out of the way for it to come about. */
  readonly drop?: string;
  readonly sql: (deal: Deal) => string;
}

const paymentColumns = 'no, purpose, application_no, payee_account, amount, currency, state';
const plants: readonly Plant[] = [
  {
    id: 'I-01',
    what: 'more pledged than there is',
    at: 'effective',
    drop: 'alter table stock_lot drop constraint stock_not_overpledged',
    sql: ({ lots }) => `update stock_lot set on_hand = on_hand - 1 where lot_no = '${lots[0]?.lotNo}'`,
  },
  {
    id: 'I-01',
    what: 'less pledged than its pledges say',
    at: 'effective',
    sql: ({ lots }) => `update stock_lot set pledged = pledged - 0.001 where lot_no = '${lots[0]?.lotNo}'`,
  },
  {
    id: 'I-01',
    what: 'a release under way that stock has forgotten',
    at: 'drafted',
    sql: ({ lots }) => `update stock_lot set pledged = 0 where lot_no = '${lots[0]?.lotNo}'`,
  },
  {
    id: 'I-02',
    what: 'a lot in two pledges',
    at: 'effective',
    drop: 'drop index lot_pledged_once',
    sql: ({ lots }) =>
      `insert into pledge_item (pledge_no, lot_no, quantity, price, price_at) select no, '${lots[0]?.lotNo}', 1, 1, now() from pledge where state = 'CANCELLED' or no <> '${lots[0]?.lotNo}' on conflict do nothing`,
  },
  {
    id: 'I-04',
    what: 'a payment above what was approved',
    at: 'instructed',
    sql: ({ paymentNo }) => `update payment set amount = amount + 0.01 where no = '${paymentNo}'`,
  },
  {
    id: 'I-05',
    what: 'an order locked twice',
    at: 'applied',
    drop: 'drop index asset_locked_once',
    sql: ({ applicationNo }) =>
      `insert into asset_lock (asset_key, application_no) select asset_key, application_no from asset_lock where application_no = '${applicationNo}'`,
  },
  {
    id: 'I-06',
    what: 'a search of the day before',
    at: 'registering',
    drop: 'alter table registration drop constraint search_is_fresh',
    sql: ({ requestNo }) =>
      `update registration set searched_at = submitted_at - interval '24 hours' where request_no = '${requestNo}'`,
  },
  {
    id: 'I-06',
    what: 'a loan without registration',
    at: 'disbursed',
    drop: 'alter table registration drop constraint registered_has_number',
    sql: ({ requestNo }) => `update registration set registered_at = null where request_no = '${requestNo}'`,
  },
  {
    id: 'I-07',
    what: 'a payment without signed contracts',
    at: 'instructed',
    sql: ({ envelopeNo }) => `update envelope set state = 'SENT' where no = '${envelopeNo}'`,
  },
  {
    id: 'I-08',
    what: 'a payment to another account',
    at: 'instructed',
    sql: ({ paymentNo }) => `update payment set payee_account = '${accounts.dealer}' where no = '${paymentNo}'`,
  },
  {
    id: 'I-09',
    what: 'two disbursements',
    at: 'instructed',
    drop: 'drop index disbursed_once',
    sql: ({ paymentNo }) =>
      `insert into payment (${paymentColumns}) select no || '-2', purpose, application_no, payee_account, amount, currency, state from payment where no = '${paymentNo}'`,
  },
  {
    id: 'I-10',
    what: 'one number with two effects',
    at: 'ordered',
    drop: 'drop index effect_number',
    sql: ({ caseId }) =>
      `insert into effect (key, run_id, case_id, path, system, operation, number, state, payload_hash)
       select 'key-' || n, gen_random_uuid(), '${caseId}', 'path', 'bank', 'bank.disburse', 'DB-1', 'intent', 'h' from generate_series(1, 2) n`,
  },
  {
    id: 'I-11',
    what: 'the operator as payee',
    at: 'instructed',
    sql: ({ paymentNo }) => `update payment set payee_account = '${accounts.operator}' where no = '${paymentNo}'`,
  },
  {
    id: 'I-13',
    what: 'a release on a repayment that is not posted',
    at: 'releasable',
    sql: ({ repaymentNo }) => `update repayment set state = 'MATCHED' where no = '${repaymentNo}'`,
  },
  {
    id: 'I-14',
    what: 'a loan on goods that fell in price',
    at: 'disbursed',
    sql: ({ pledgeNo }) => `update pledge_item set price = 3399.99 where pledge_no = '${pledgeNo}'`,
  },
  {
    id: 'I-15',
    what: 'more outbound than released',
    at: 'sent',
    drop: 'alter table release_item drop constraint outbound_within_released',
    sql: ({ releaseNo }) => `update release_item set outbound = quantity + 1 where release_no = '${releaseNo}'`,
  },
  {
    id: 'I-16',
    what: 'a supervisor that is the pledgor',
    at: 'effective',
    drop: 'alter table pledge drop constraint supervisor_independent',
    sql: ({ pledgeNo }) => `update pledge set supervisor_id = pledgor_id where no = '${pledgeNo}'`,
  },
  {
    id: 'I-16',
    what: 'an effective pledge without proof of control',
    at: 'effective',
    drop: 'alter table pledge drop constraint effective_is_proven',
    sql: ({ pledgeNo }) => `update pledge set control_at = null where no = '${pledgeNo}'`,
  },
  {
    id: 'I-17',
    what: 'one person as maker and checker',
    at: 'releasable',
    drop: 'alter table release_order drop constraint maker_is_not_checker',
    sql: ({ releaseNo }) => `update release_order set maker = checker where no = '${releaseNo}'`,
  },
  {
    id: 'I-20',
    what: 'a limit that is not its movements',
    at: 'approved',
    sql: ({ applicationNo }) => `update credit_limit set reserved = reserved - 0.01 where no = '${applicationNo}'`,
  },
  {
    id: 'I-20',
    what: 'a movement that is gone',
    at: 'approved',
    sql: ({ applicationNo }) => `delete from limit_movement where limit_no = '${applicationNo}'`,
  },
  {
    id: 'I-21',
    what: 'a balance that is not principal less repayments',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set balance = balance - 0.01 where no = '${loanNo}'`,
  },
  {
    id: 'I-21',
    what: 'an allocation that is not the amount',
    at: 'posted',
    drop: 'alter table repayment drop constraint posted_is_allocated',
    sql: ({ repaymentNo }) => `update repayment set interest = 0 where no = '${repaymentNo}'`,
  },
  {
    id: 'I-26',
    what: 'a fact that is there twice',
    at: 'ordered',
    drop: 'alter table signal drop constraint signal_pkey',
    sql: () =>
      `insert into signal (key, id, notice, body, taken_by) select 'k', 'i', 'n', '', gen_random_uuid() from generate_series(1, 2)`,
  },
  {
    id: 'I-27',
    what: 'a state that its history does not tell',
    at: 'applied',
    sql: ({ applicationNo }) => `update application set state = 'DISBURSED' where no = '${applicationNo}'`,
  },
  {
    id: 'I-27',
    what: 'a history with a gap',
    at: 'approved',
    sql: ({ applicationNo }) => `delete from history where entity_id = '${applicationNo}' and event = 'push'`,
  },
  {
    id: 'I-27',
    what: 'a history that lost its beginning',
    at: 'approved',
    sql: ({ applicationNo }) => `delete from history where entity_id = '${applicationNo}' and event = 'submit'`,
  },
  {
    id: 'I-31',
    what: 'a funder that is the borrower',
    at: 'applied',
    drop: 'alter table application drop constraint funder_is_not_borrower',
    sql: ({ applicationNo }) => `update application set funder_id = borrower_id where no = '${applicationNo}'`,
  },
];

/** Constraints dropped, triggers asleep, all of it rolled back. */
test.each(plants)('the query of $id finds $what', async ({ id, at, drop, sql }) => {
  const deal = await the.bring(at);
  const invariant = invariants.find((one) => one.id === id);
  if (!invariant) throw new Error(`there is no invariant ${id}`);
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    expect((await client.query(invariant.sql)).rowCount).toBe(0);
    if (drop !== undefined) await client.query(drop);
    await client.query('set local session_replication_role = replica');
    expect((await client.query(sql(deal))).rowCount).toBeGreaterThan(0);
    expect((await client.query(invariant.sql)).rowCount).toBeGreaterThan(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('every invariant has a planted offender here, or two writers who break it once its protection is gone', () => {
  const shown = new Set([...plants, ...assaults.map(({ invariant: id }) => ({ id }))].map(({ id }) => id));
  expect(invariants.filter(({ id }) => !shown.has(id))).toEqual([]);
});

test('evidence that was changed, and an anchor that its chain does not hold, are found in the whole report', async () => {
  const changed = await the.bring('instructed');
  const anchored = await the.bring('instructed');
  const client = await the.store.pool.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(`update evidence set payload = '{"amount":"1.00"}' where case_id = $1 and no = 2`, [
      changed.caseId,
    ]);
    await client.query(`insert into anchor values ('EV-1', $1, 2, repeat('0', 64), '0x0', '1', now())`, [
      anchored.caseId,
    ]);
  } finally {
    await client.query('set session_replication_role = origin');
    client.release();
  }
  expect(await broken()).toEqual([`I-27 evidence of ${changed.caseId}`, `I-27 evidence of ${anchored.caseId}`]);
});
