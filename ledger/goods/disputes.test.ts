import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { stateOf } from '../lifecycle.ts';
import { decide, propose } from '../oversight/approvals.ts';
import { goodsSpecimens } from './attacks.fixture.ts';
import { liftDisposal, startDisposal } from './pledges.ts';
import { freezeLot, refuseAdjustment, thawLot } from './stock.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

test('goods that a court holds are free for nobody until they are let go', async () => {
  const { lots } = await the.bring('received');
  const lotNo = lots[0]?.lotNo ?? '';
  const available = async () =>
    (await the.store.pool.query<{ n: string }>('select available::text n from stock_lot where lot_no = $1', [lotNo]))
      .rows[0]?.n;
  const whole = await available();
  await the.store.tx((tx) => freezeLot(tx, lotNo, whole ?? '', 'COURT-1', actor));
  expect(await available()).toBe('0.000');
  expect(await refusal(the.store.tx((tx) => freezeLot(tx, lotNo, '0.001', 'COURT-2', actor)))).toBe('STOCK_SHORT');
  await the.store.tx((tx) => thawLot(tx, lotNo, whole ?? '', 'COURT-1', actor));
  expect(await available()).toBe(whole);
});

test('an adjustment that the other party does not sign changes no stock', async () => {
  const no = await goodsSpecimens.stock_adjustment(the);
  const moved = async () =>
    (await the.store.pool.query('select 1 from stock_movement where document_no = $1', [no])).rowCount;
  const before = await moved();
  await the.store.tx((tx) => refuseAdjustment(tx, no, 'weighed again', actor));
  expect(await the.store.tx((tx) => stateOf(tx, 'stock_adjustment', no))).toBe('REFUSED');
  expect(await moved()).toBe(before);
});

test('a disposal that two people began, two people lift', async () => {
  const { pledgeNo } = await the.bring('disbursed');
  const approved = (event: 'dispose' | 'lift') =>
    the.store.tx(async (tx) => {
      const approval = await propose(tx, { entity: 'pledge', id: pledgeNo, event }, '甲', actor);
      await decide(tx, approval, 'approve', '乙', actor);
      return approval;
    });
  const begun = await approved('dispose');
  await the.store.tx((tx) => startDisposal(tx, pledgeNo, { approval: begun, reason: 'no top-up' }, actor));
  expect(await refusal(the.store.tx((tx) => liftDisposal(tx, pledgeNo, { approval: begun, reason: 'x' }, actor)))).toBe(
    'SAME_PERSON_APPROVAL',
  );
  const lifted = await approved('lift');
  await the.store.tx((tx) => liftDisposal(tx, pledgeNo, { approval: lifted, reason: 'topped up' }, actor));
  expect(await the.store.tx((tx) => stateOf(tx, 'pledge', pledgeNo))).toBe('EFFECTIVE');
});
