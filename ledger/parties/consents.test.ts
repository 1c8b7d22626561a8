import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, type Books } from '../fixture.ts';
import { stateOf } from '../lifecycle.ts';
import { expireConsents, giveConsent } from './consents.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

test('a consent whose time is over ends once, and the next one is another', async () => {
  const give = (validTo: Date) =>
    the.store.tx((tx) => giveConsent(tx, the.dealer, { recipient: '某银行', purpose: 'financing', validTo }, actor));
  const first = await give(new Date(Date.now() + 150));
  await sleep(300);
  expect(await the.store.tx((tx) => expireConsents(tx, actor))).toBe(1);
  expect(await the.store.tx((tx) => stateOf(tx, 'consent', first))).toBe('EXPIRED');
  expect(await the.store.tx((tx) => expireConsents(tx, actor))).toBe(0);
  expect(await give(new Date(Date.now() + 60_000))).not.toBe(first);
});
