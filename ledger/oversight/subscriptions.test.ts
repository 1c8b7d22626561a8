/** Who hears of what: those who take part and subscribed, with the columns that they may read, in the transaction that changed the books. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { books, type Books, type Deal } from '../fixture.ts';
import { freezeLimit } from '../money/limits.ts';
import { raise } from './alerts.ts';
import { subscribe, tellParties } from './subscriptions.ts';
import { takeDue, wasDelivered, wasNotDelivered } from './tidings.ts';
import type { EventKind } from '../../contracts/portal/subscriptions.ts';

let the: Books;
let deal: Deal;
const kinds: EventKind[] = ['limit.frozen', 'limit.changed', 'alert.opened', 'loan.overdue', 'feedback.missed'];

beforeAll(async () => {
  the = await books();
  await the.store.pool.query(
    `insert into project (id, seller_no, unit_id, keeper_id, company_code, warehouse, pledge_rate, systems) values ('P', '1710', $1, $2, '1000', 'WH01', 0.7, '{"erp":"erp"}')`,
    [the.unit, the.keeper],
  );
  deal = await the.bring('disbursed');
  await the.store.pool.query(
    `insert into caller (id, role, party_id) values ('unit', 'unit', $1), ('dealer-17101', 'dealer', $2), ('bank', 'funder', $3), ('house', 'keeper', $4), ('mill', 'funder', $1)`,
    [the.unit, the.dealer, the.funder, the.keeper],
  );
  const wish = { channel: 'POLL', kinds } as const;
  await the.store.tx(async (tx) => {
    await subscribe(tx, 'unit', { party: the.unit, relation: 'unit' }, wish);
    await subscribe(tx, 'dealer-17101', { party: the.dealer, relation: 'borrower' }, wish);
    await subscribe(
      tx,
      'bank',
      { party: the.funder, relation: 'funder' },
      { ...wish, channel: 'WEBHOOK', url: 'https://bank.example/in' },
    );
    await subscribe(tx, 'house', { party: the.keeper, relation: 'keeper' }, wish);
    // Somebody who is no funder of this case, though he calls himself one.
    await subscribe(tx, 'mill', { party: the.unit, relation: 'funder' }, wish);
  });
}, 60_000);
afterAll(() => the.drop());

const heard = async () =>
  (
    await the.store.pool.query<{ caller: string; kind: string; body: Record<string, unknown> }>(
      'select caller, kind, body from party_event order by caller, id',
    )
  ).rows;

test('a limit that is frozen is told to borrower and funder as it stands, to the unit that it is, and to nobody else', async () => {
  await the.store.tx((tx) => freezeLimit(tx, deal.applicationNo, 'overdue', 'SYS', 'test'));
  const told = await heard();
  expect(told.map(({ caller, kind }) => `${caller} ${kind}`)).toEqual([
    'bank limit.frozen',
    'dealer-17101 limit.frozen',
    'unit limit.frozen',
  ]);
  expect(told[0]?.body).toMatchObject({
    case: deal.caseId,
    no: deal.applicationNo,
    state: 'FROZEN',
    total: '2857190.00',
  });
  expect(told[2]?.body).toEqual({ case: deal.caseId });
});

test('what is undone was never told', async () => {
  const before = (await heard()).length;
  const undone = the.store.tx(async (tx) => {
    await tellParties(tx, { kind: 'loan.overdue', no: deal.loanNo });
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await heard()).toHaveLength(before);
});

test('an alert of a case is told without what the relation may not read', async () => {
  await the.store.tx((tx) =>
    raise(tx, { type: 'STOCK_FEED_LATE', subject: 'WH01', caseId: deal.caseId, level: 'WARN' }, 'test'),
  );
  const told = (await heard()).filter(({ kind }) => kind === 'alert.opened');
  expect(told.map(({ caller }) => caller)).toEqual(['bank', 'dealer-17101', 'unit']);
  expect(told.map(({ body }) => 'subject' in body)).toEqual([true, true, false]);
});

test('a webhook is posted by one sender at a time, again after a failure, and no more once the address is gone', async () => {
  const [first, second] = await Promise.all([takeDue(the.store, 1), takeDue(the.store, 1)]);
  expect(new Set([...first, ...second].map(({ row }) => row)).size).toBe(2);
  expect(await takeDue(the.store, 10)).toEqual([]);
  const [posting] = first;
  if (!posting) throw new Error('nothing was due');
  await wasNotDelivered(the.store, posting, { problem: 'HTTP 503', gone: false });
  await the.store.pool.query('update party_event set due_at = clock_timestamp() where id = $1', [posting.row]);
  expect(await takeDue(the.store, 10)).toMatchObject([{ row: posting.row, attempt: 2 }]);
  await wasDelivered(the.store, posting);
  await wasNotDelivered(the.store, second[0] ?? posting, { problem: 'HTTP 410', gone: true });
  const left = await the.store.pool.query("select from event_subscription where caller = 'bank' and active");
  expect(left.rowCount).toBe(0);
  expect(await takeDue(the.store, 10)).toEqual([]);
});
