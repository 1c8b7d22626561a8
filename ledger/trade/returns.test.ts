import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { stateOf } from '../lifecycle.ts';
import { tradeSpecimens } from './attacks.fixture.ts';
import { claimConfirmation, putBackConfirmation } from './confirmations.ts';
import { acknowledgeNotice, recordArrival, sendNotice } from './notices.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

test('a confirmation that nobody went on with goes back to all, and another person may take it on', async () => {
  const no = await tradeSpecimens.confirmation(the);
  await the.store.tx((tx) => claimConfirmation(tx, no, '甲', actor));
  expect(await refusal(the.store.tx((tx) => claimConfirmation(tx, no, '乙', actor)))).toBe('ILLEGAL_TRANSITION');
  await the.store.tx((tx) => putBackConfirmation(tx, no, actor));
  await the.store.tx((tx) => claimConfirmation(tx, no, '乙', actor));
  const found = await the.store.pool.query('select claimed_by from confirmation where no = $1', [no]);
  expect(found.rows).toEqual([{ claimed_by: '乙' }]);
});

test('a debtor acknowledges what has reached it, and nothing before', async () => {
  const no = await tradeSpecimens.assignment_notice(the);
  expect(await refusal(the.store.tx((tx) => acknowledgeNotice(tx, no, actor)))).toBe('ILLEGAL_TRANSITION');
  const at = new Date();
  await the.store.tx((tx) => sendNotice(tx, no, { channel: 'esign', at }, actor));
  await the.store.tx((tx) => recordArrival(tx, no, { at, source: 'esign-tsign' }, actor));
  await the.store.tx((tx) => acknowledgeNotice(tx, no, actor));
  expect(await the.store.tx((tx) => stateOf(tx, 'assignment_notice', no))).toBe('ACKNOWLEDGED');
});

test('what a clock a little behind ours says has arrived when it was sent; a day before that is no arrival', async () => {
  const sentAt = new Date();
  const sent = async () => {
    const no = await tradeSpecimens.assignment_notice(the);
    await the.store.tx((tx) => sendNotice(tx, no, { channel: 'esign', at: sentAt }, actor));
    return no;
  };
  const arrives = (no: string, minutesBefore: number) =>
    the.store.tx((tx) =>
      recordArrival(tx, no, { at: new Date(sentAt.getTime() - minutesBefore * 60_000), source: 'core-oa' }, actor),
    );
  const near = await sent();
  await arrives(near, 9);
  const kept = await the.store.pool.query('select arrived_at = sent_at same from assignment_notice where no = $1', [
    near,
  ]);
  expect(kept.rows).toEqual([{ same: true }]);
  const far = await sent();
  expect(await refusal(arrives(far, 24 * 60))).toBe('CONTRACT_VIOLATED');
});
