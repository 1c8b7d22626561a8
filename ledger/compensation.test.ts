/** What is taken back when a financing or a release does not come about, and what must not be. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withdrawApplication } from './financing/applications.ts';
import { actor, books, dayMs, lent, refusal, type Books, type Deal, type Stage } from './fixture.ts';
import { verifyBooks } from './invariants.ts';
import { move, stateOf } from './lifecycle.ts';
import { failPayment } from './money/payments.ts';
import { failRepayment } from './money/repayments.ts';
import { cancelPledge, pledgeValue, requestPledge } from './goods/pledges.ts';
import { cancelRelease, draftRelease, executeRelease, undoRelease } from './goods/releases.ts';
import { sendRelease } from './goods/specimens.fixture.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(async () => {
  try {
    expect((await verifyBooks(the.store)).filter(({ offenders }) => offenders.length > 0)).toEqual([]);
  } finally {
    await the.drop();
  }
});

async function one<T>(sql: string, ...values: unknown[]): Promise<T> {
  const found = await the.store.pool.query(sql, values);
  return found.rows[0] as T;
}
const pledgedOf = ({ lots }: Deal) =>
  one<{ pledged: string; onHand: string }>(
    'select sum(pledged)::text pledged, sum(on_hand)::text "onHand" from stock_lot where lot_no = any($1)',
    lots.map((lot) => lot.lotNo),
  );
const cancel = (deal: Deal) => the.store.tx((tx) => cancelPledge(tx, deal.pledgeNo, actor));
const withdraw = (deal: Deal) => the.store.tx((tx) => withdrawApplication(tx, deal.applicationNo, actor));
const state = (entity: 'pledge' | 'application' | 'payment' | 'repayment' | 'release_order', no: string) =>
  the.store.tx((tx) => stateOf(tx, entity, no));

const unfunded: readonly Stage[] = [
  'requested',
  'lockAsked',
  'locked',
  'controlled',
  'registering',
  'registered',
  'effective',
];
test.each(unfunded)(
  'a pledge on which nothing was lent is cancelled when %s, and its goods can be pledged again',
  async (stage) => {
    const deal = await the.bring(stage);
    await cancel(deal);
    expect(await state('pledge', deal.pledgeNo)).toBe('CANCELLED');
    expect(await pledgedOf(deal)).toEqual({ pledged: '0.000', onHand: '1200.500' });

    const again = await the.bring('received');
    await the.store.tx((tx) =>
      requestPledge(
        tx,
        {
          no: again.pledgeNo,
          applicationNo: again.applicationNo,
          pledgor: the.dealer,
          pledgee: the.funder,
          supervisor: the.keeper,
          securedAmount: lent,
          pledgeRate: '0.700000',
          items: deal.lots.map((lot) => ({ ...lot, price: '3400.00', priceAt: new Date().toISOString() })),
        },
        actor,
      ),
    );
    expect(await pledgedOf(deal)).toEqual({ pledged: '1200.500', onHand: '1200.500' });
  },
);

test('a pledge is cancelled once: the goods are not given back twice', async () => {
  const deal = await the.bring('effective');
  await cancel(deal);
  expect(await refusal(cancel(deal))).toBe('ILLEGAL_TRANSITION');
  expect((await pledgedOf(deal)).pledged).toBe('0.000');
});

test.each(['instructed', 'accepted', 'disbursed', 'posted', 'released'] as const)(
  'nothing is given back once money may have moved: %s',
  async (stage) => {
    const deal = await the.bring(stage);
    const before = await pledgedOf(deal);
    expect(await refusal(cancel(deal))).toBe('PAYMENT_UNKNOWN_PENDING');
    expect(await refusal(withdraw(deal))).toBe('PAYMENT_UNKNOWN_PENDING');
    expect(await pledgedOf(deal)).toEqual(before);
    expect(await one('select released_at from asset_lock where application_no = $1', deal.applicationNo)).toEqual({
      released_at: null,
    });
  },
);

test.each([
  ['instructed', 'failed', 'FAILED'],
  ['accepted', 'failed', 'FAILED'],
  ['accepted', 'returned', 'RETURNED'],
] as const)('a payment that is %s and then %s lets everything be undone', async (stage, outcome, ended) => {
  const deal = await the.bring(stage);
  await the.store.tx((tx) => failPayment(tx, deal.paymentNo, outcome, actor));
  expect(await state('payment', deal.paymentNo)).toBe(ended);
  await cancel(deal);
  await withdraw(deal);
  expect(await state('application', deal.applicationNo)).toBe('WITHDRAWN');
  expect(await pledgedOf(deal)).toEqual({ pledged: '0.000', onHand: '1200.500' });
  expect(await one('select reserved::text, used::text from credit_limit where no = $1', deal.applicationNo)).toEqual({
    reserved: '0.00',
    used: '0.00',
  });
});

test('a refused instruction does not fail the payment of another run that has its number', async () => {
  const deal = await the.bring('accepted');
  await the.store.tx((tx) => failPayment(tx, deal.paymentNo, 'failed', 'run:another'));
  expect(await state('payment', deal.paymentNo)).toBe('ACCEPTED');
  await the.store.tx((tx) => failPayment(tx, 'DB-never-instructed', 'failed', actor));
});

test('a collection that fails fails its repayment, and another may follow', async () => {
  const deal = await the.bring('notified');
  await the.store.tx((tx) => failRepayment(tx, deal.repaymentNo, 'failed', 'run:another'));
  expect(await state('repayment', deal.repaymentNo)).toBe('NOTIFIED');
  await the.store.tx((tx) => failRepayment(tx, deal.repaymentNo, 'returned', actor));
  expect(await state('repayment', deal.repaymentNo)).toBe('FAILED');
  expect(await state('payment', deal.repaymentNo)).toBe('RETURNED');
});

test('a rejected application keeps its word, frees its asset, and can be made anew for the order', async () => {
  const deal = await the.bring('pushed');
  await the.store.tx((tx) => move(tx, 'application', deal.applicationNo, 'reject', actor));
  await withdraw(deal);
  expect(await state('application', deal.applicationNo)).toBe('REJECTED');
  expect(
    await one(
      'select count(*)::int "held" from asset_lock where application_no = $1 and released_at is null',
      deal.applicationNo,
    ),
  ).toEqual({ held: 0 });
});

test.each(['applied', 'pushed', 'approved', 'signing', 'signed', 'received'] as const)(
  'an application that is withdrawn when %s holds no asset and no limit',
  async (stage) => {
    const deal = await the.bring(stage);
    await withdraw(deal);
    expect(await state('application', deal.applicationNo)).toBe('WITHDRAWN');
    expect(
      await one(
        `select (select count(*)::int from asset_lock where application_no = $1 and released_at is null) held,
                (select coalesce(sum(reserved + used), 0) = 0 from credit_limit where no = $1) free`,
        deal.applicationNo,
      ),
    ).toEqual({ held: 0, free: true });
  },
);

test.each([
  ['drafted', 'CANCELLED'],
  ['submitted', 'CANCELLED'],
  ['releasable', 'CANCELLED'],
] as const)('a release that is undone when %s gives its goods back to the pledge', async (stage, ended) => {
  const deal = await the.bring(stage);
  expect(await the.store.tx((tx) => pledgeValue(tx, deal.pledgeNo))).toBe('0.00');
  await the.store.tx((tx) => undoRelease(tx, deal.releaseNo, actor));
  expect(await state('release_order', deal.releaseNo)).toBe(ended);
  expect(await the.store.tx((tx) => pledgeValue(tx, deal.pledgeNo))).toBe('4081700.00');
  // Undone again, nothing more happens.
  await the.store.tx((tx) => undoRelease(tx, deal.releaseNo, actor));
  expect(await the.store.tx((tx) => pledgeValue(tx, deal.pledgeNo))).toBe('4081700.00');
});

test('a release that the funder rejects gives its goods back, and another can be ordered', async () => {
  const deal = await the.bring('submitted');
  await the.store.tx((tx) => cancelRelease(tx, deal.releaseNo, 'reject', actor));
  await the.store.tx((tx) => undoRelease(tx, deal.releaseNo, actor));
  expect(await state('release_order', deal.releaseNo)).toBe('REJECTED');
  const { pledgeNo, repaymentNo } = deal;
  const again = await the.store.tx((tx) =>
    draftRelease(tx, { no: `${deal.releaseNo}-2`, pledgeNo, repaymentNo, lots: undefined }, actor),
  );
  expect(again).toMatchObject({ valueAfter: '0.00', lots: [{ quantity: '700.500' }, { quantity: '500.000' }] });
});

test('what the warehouse has is not taken back before its token ran out', async () => {
  const deal = await the.bring('sent');
  const undo = () => the.store.tx((tx) => undoRelease(tx, deal.releaseNo, actor));
  expect(await refusal(undo())).toBe('ILLEGAL_TRANSITION');
  await the.store.pool.query('update release_order set valid_to = $2 where no = $1', [
    deal.releaseNo,
    new Date(Date.now() - dayMs),
  ]);
  await undo();
  expect(await state('release_order', deal.releaseNo)).toBe('EXPIRED');
});

test('a release that was executed stays executed when its run is undone', async () => {
  const deal = await the.bring('released');
  await the.store.tx((tx) => undoRelease(tx, deal.releaseNo, actor));
  expect(await state('release_order', deal.releaseNo)).toBe('CLOSED');
  expect(await pledgedOf(deal)).toEqual({ pledged: '0.000', onHand: '0.000' });
});

test('goods are released part by part; what is left stays pledged until the last part', async () => {
  const deal = await the.bring('posted');
  const { pledgeNo, repaymentNo } = deal;
  const [first, second] = deal.lots;
  if (!first || !second) throw new Error('two lots were expected');
  const parts = [
    [{ ...first, quantity: '0.500' }],
    [{ ...first, quantity: '700.000' }],
    [{ ...second, quantity: '500.000' }],
  ];
  const states: (string | undefined)[] = [];
  for (const [i, lots] of parts.entries()) {
    const no = `${deal.releaseNo}-${i}`;
    await the.store.tx(async (tx) => {
      await draftRelease(tx, { no, pledgeNo, repaymentNo, lots }, actor);
      await sendRelease(tx, no);
      await executeRelease(tx, no, pledgeNo, `OUT-${no}`, lots, actor);
    });
    states.push(await state('pledge', pledgeNo));
  }
  expect(states).toEqual(['PARTIALLY_RELEASED', 'PARTIALLY_RELEASED', 'RELEASED']);
  expect(await pledgedOf(deal)).toEqual({ pledged: '0.000', onHand: '0.000' });
});

test('what was released and did not leave lies there free of the pledge', async () => {
  const deal = await the.bring('sent');
  const [first] = deal.lots;
  if (!first) throw new Error('a lot was expected');
  const lots = [{ ...first, quantity: '700.000' }];
  await the.store.tx((tx) => executeRelease(tx, deal.releaseNo, deal.pledgeNo, 'OUT-part', lots, actor));
  expect(await pledgedOf(deal)).toEqual({ pledged: '0.000', onHand: '500.500' });
});

test('not more leaves than was released, and nothing that was not', async () => {
  const deal = await the.bring('sent');
  const [first] = deal.lots;
  if (!first) throw new Error('a lot was expected');
  const leave = (lots: Deal['lots']) =>
    refusal(the.store.tx((tx) => executeRelease(tx, deal.releaseNo, deal.pledgeNo, 'OUT-x', lots, actor)));
  expect(await leave([{ ...first, quantity: '700.501' }])).toBe('STOCK_SHORT');
  expect(await leave([first, first])).toBe('STOCK_SHORT');
  expect(await leave([{ ...first, lotNo: 'L-unknown' }])).toBe('STOCK_SHORT');
});

test('a lot that one release emptied is not closed while another release of it may be given back', async () => {
  const deal = await the.bring('posted');
  const { pledgeNo, repaymentNo } = deal;
  const [first] = deal.lots;
  if (!first) throw new Error('a lot was expected');
  const draft = (no: string, quantity: string) =>
    the.store.tx(async (tx) => {
      await draftRelease(tx, { no, pledgeNo, repaymentNo, lots: [{ ...first, quantity }] }, actor);
      await sendRelease(tx, no);
    });
  await draft('RO-part-1', '700.000');
  await draft('RO-part-2', '0.500');
  const left = [{ ...first, quantity: '700.000' }];
  await the.store.tx((tx) => executeRelease(tx, 'RO-part-1', pledgeNo, 'OUT-part-1', left, actor));
  await the.store.tx((tx) => cancelRelease(tx, 'RO-part-2', 'cancel', actor));
  expect(await one('select closed, released::text from pledge_item where lot_no = $1', first.lotNo)).toEqual({
    closed: false,
    released: '700.000',
  });
});
