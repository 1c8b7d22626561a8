/** What changes a pledge after money was lent on it (F5), what is lost of it (F9), and how it ends when it is not paid (F8). */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, dayMs, lent, refusal, type Books, type Deal } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import {
  approveChange,
  cancelChange,
  enterMargin,
  finishChange,
  floatOut,
  lockChange,
  registerChange,
} from './changes.ts';
import { finishDisposal, pledgeValue, startDisposal } from './pledges.ts';
import { approveRelease, draftRelease, executeRelease, type ReleaseDraft } from './releases.ts';
import { anyNo, lentOn, proposedAdjustment, requestedChange, twoPeople } from './specimens.fixture.ts';
import { postAdjustment } from './stock.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const run = (work: (tx: Tx) => Promise<unknown>) => refusal(the.store.tx(work));
const value = (deal: Deal) => the.store.tx((tx) => pledgeValue(tx, deal.pledgeNo));
const people = { maker: '甲', checker: '乙' };
const lotOf = (deal: Deal, i = 0) => {
  const lot = deal.lots[i];
  if (!lot) throw new Error('a lot was expected');
  return lot;
};
const cash = (deal: Deal, amount: string) =>
  run((tx) =>
    enterMargin(tx, { no: anyNo('MG'), pledgeNo: deal.pledgeNo, amount, currency: 'CNY', statementRef: anyNo('ST') }),
  );

async function register(no: string): Promise<void> {
  await the.store.tx((tx) => move(tx, 'pledge_change', no, 'askLock', actor));
  await the.store.tx((tx) => lockChange(tx, no, { lockNo: 'LK', at: new Date() }, actor));
  await the.store.tx((tx) => approveChange(tx, no, people, actor));
  await the.store.tx((tx) => registerChange(tx, no, `ZD-${no}`, actor));
}
const release = (draft: Omit<ReleaseDraft, 'no'>) => {
  const no = anyNo('RO');
  return run(async (tx) => {
    await draftRelease(tx, { no, ...draft }, actor);
    await move(tx, 'release_order', no, 'submit', actor);
    await approveRelease(tx, no, 'token-token-token', new Date(Date.now() + dayMs), people, actor);
    await move(tx, 'release_order', no, 'send', actor);
    await executeRelease(tx, no, draft.pledgeNo, anyNo('OUT'), draft.lots ?? [], actor);
  });
};

test('goods are exchanged: what comes in is locked, approved and registered before what goes out leaves', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  const { pledgeNo } = deal;
  const changeNo = await requestedChange(the, pledgeNo, 'SUBSTITUTION', '500.000');
  const out = { pledgeNo, ground: 'SUBSTITUTION', changeNo, lots: [lotOf(deal, 1)] } as const;
  expect(await value(deal)).toBe('4081700.00'); // Not registered: it counts for nothing.
  expect(await release(out)).toBe('REPAYMENT_NOT_POSTED');
  await register(changeNo);
  expect(await value(deal)).toBe('5781700.00');
  expect(await release(out)).toBe('nothing refused it');
  await the.store.tx((tx) => finishChange(tx, changeNo, actor));
  expect(await value(deal)).toBe('4081700.00');
  // Nothing more may go: the loan is at its limit again.
  expect(await release({ ...out, lots: [{ ...lotOf(deal), quantity: '0.001' }] })).toBe('LTV_EXCEEDED');
});

test('an exchange that does not come about gives its goods back, and a registered one stays', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  const one = await requestedChange(the, deal.pledgeNo, 'SUBSTITUTION', '10.000');
  await the.store.tx((tx) => cancelChange(tx, one, actor));
  const found = await the.store.pool.query<{ pledged: string }>(
    'select l.pledged::text from stock_lot l join pledge_item i using (lot_no) where i.change_no = $1',
    [one],
  );
  expect(found.rows[0]?.pledged).toBe('0.000');
  const two = await requestedChange(the, deal.pledgeNo, 'TOP_UP', '10.000');
  await register(two);
  expect(await run((tx) => cancelChange(tx, two, actor))).toBe('ILLEGAL_TRANSITION');
});

test('one person does not approve a change alone', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  const no = await requestedChange(the, deal.pledgeNo, 'TOP_UP', '10.000');
  await the.store.tx((tx) => move(tx, 'pledge_change', no, 'askLock', actor));
  await the.store.tx((tx) => lockChange(tx, no, { lockNo: 'LK', at: new Date() }, actor));
  expect(await run((tx) => move(tx, 'pledge_change', no, 'approve', actor))).toBe('SAME_PERSON_APPROVAL');
  expect(await run((tx) => approveChange(tx, no, { maker: '甲', checker: '甲' }, actor))).toBe('SAME_PERSON_APPROVAL');
});

test('cash beside the goods lets as many go as it pays for, and stays while it is needed', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  const { pledgeNo } = deal;
  const out = (quantity: string) => release({ pledgeNo, ground: 'CASH_MARGIN', lots: [{ ...lotOf(deal), quantity }] });
  expect(await out('0.001')).toBe('REPAYMENT_NOT_POSTED');
  expect(await cash(deal, '238000.00')).toBe('nothing refused it'); // 100 t × 3 400.00 × 70 %.
  expect(await out('100.001')).toBe('LTV_EXCEEDED');
  expect(await out('100.000')).toBe('nothing refused it');
  expect(await cash(deal, '-0.01')).toBe('LTV_EXCEEDED');
});

test('of a floating pledge goods leave without an order down to what must stay', async () => {
  const deal = await lentOn(the, 'STOCK_FLOATING', { floor: '3500000.00' });
  const out = (quantity: string) =>
    run((tx) => floatOut(tx, deal.pledgeNo, [{ lotNo: lotOf(deal).lotNo, quantity }], anyNo('OUT'), actor));
  expect(await out('0.001')).toBe('LTV_EXCEEDED');
  expect(await cash(deal, lent)).toBe('nothing refused it');
  expect(await out('100.000')).toBe('nothing refused it'); // Nothing is owed beyond the cash.
  expect(await cash(deal, '-1000000.00')).toBe('nothing refused it');
  expect(await out('71.089')).toBe('FLOOR_BREACH'); // Of 3 741 700.00 that leaves 3 499 997.40.
  expect(await out('71.088')).toBe('nothing refused it');
});

test('pledged goods that are not there are written off by a note of two parties, and the value falls', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  const { lotNo } = lotOf(deal);
  const no = await proposedAdjustment(the, lotNo, '-0.500');
  const post = (signer: string, approval: string) => (tx: Tx) => postAdjustment(tx, no, { signer, approval }, actor);
  const approval = await twoPeople(the, 'stock_adjustment', no, 'post');
  expect(await run(post(the.keeper, approval))).toBe('SAME_PERSON_APPROVAL');
  expect(await the.store.tx(post(the.funder, approval))).toEqual({ lostPledged: '0.500', pledgeNo: deal.pledgeNo });
  expect(await value(deal)).toBe('4080000.00');
  expect(await run(post(the.funder, approval))).toBe('ILLEGAL_TRANSITION');
  // A note of a free lot moves stock only.
  const [row] = (
    await the.store.pool.query<{ n: string }>(
      "select count(*)::text n from stock_movement where kind = 'ADJUST' and document_no = $1",
      [no],
    )
  ).rows;
  expect(row?.n).toBe('1');
});

test('two people decide to dispose of the goods; sold, nothing of them is pledged or there', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  const { pledgeNo } = deal;
  expect(await run((tx) => move(tx, 'pledge', pledgeNo, 'dispose', actor))).toBe('SAME_PERSON_APPROVAL');
  const approval = await twoPeople(the, 'pledge', pledgeNo, 'dispose');
  await the.store.tx((tx) => startDisposal(tx, pledgeNo, { approval, reason: '逾期' }, actor));
  await the.store.tx((tx) => finishDisposal(tx, pledgeNo, anyNo('SALE'), actor));
  expect(await the.store.tx((tx) => stateOf(tx, 'pledge', pledgeNo))).toBe('DISPOSED');
  const left = await the.store.pool.query<{ left: string }>(
    'select sum(on_hand + pledged)::text "left" from stock_lot where lot_no = any($1)',
    [deal.lots.map(({ lotNo }) => lotNo)],
  );
  expect(left.rows[0]?.left).toBe('0.000');
});

test('money is not lent on goods whose price nobody renewed, nor beyond what they carry', async () => {
  const deal = await the.bring('effective');
  const covers = async (amount: string) => {
    const found = await the.store.pool.query<{ why: string | null }>('select pledge_covers($1, $2) why', [
      deal.applicationNo,
      amount,
    ]);
    return found.rows[0]?.why;
  };
  expect(await covers(lent)).toBeNull();
  expect(await covers('2857190.01')).toBe('LTV_EXCEEDED');
  const requested = await the.bring('requested');
  const none = await the.store.pool.query<{ why: string }>('select pledge_covers($1, 1) why', [
    requested.applicationNo,
  ]);
  expect(none.rows[0]?.why).toBe('CONTROL_NOT_PROVEN');
});
