import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, refusal, type Books } from './fixture.ts';
import { keepBooks } from './housekeeping.ts';
import { invite } from './parties/invitations.ts';
import { giveConsent } from './parties/consents.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

test('what is over ends, once, and everything else stays', async () => {
  const soon = new Date(Date.now() + 150);
  const later = new Date(Date.now() + 3_600_000);
  await the.store.tx(async (tx) => {
    await giveConsent(tx, the.dealer, { recipient: '某银行', purpose: 'financing', validTo: soon }, actor);
    await giveConsent(tx, the.dealer, { recipient: '某平台', purpose: 'financing', validTo: later }, actor);
    await invite(tx, { party: the.dealer, expiresAt: soon }, actor);
  });
  await sleep(300);
  expect(await keepBooks(the.store)).toMatchObject({ consents: 1, invitations: 1, blacklist: 0, approvals: 0 });
  expect(await keepBooks(the.store)).toMatchObject({ consents: 0, invitations: 0 });
});

test('one duty that fails is told of, and the others are done all the same', async () => {
  const soon = new Date(Date.now() + 50);
  await the.store.tx((tx) =>
    giveConsent(tx, the.dealer, { recipient: '第三家', purpose: 'financing', validTo: soon }, actor),
  );
  await sleep(150);
  await the.store.pool.query('alter table invitation rename to invitation_away');
  expect(await refusal(keepBooks(the.store))).toContain('invitation');
  await the.store.pool.query('alter table invitation_away rename to invitation');
  const left = await the.store.pool.query(`select 1 from consent where state = 'GIVEN' and recipient = '第三家'`);
  expect(left.rowCount).toBe(0);
});
