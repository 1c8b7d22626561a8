/** What is compared with the books of others: what is owed, and what has an open break although it is owed no more. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installFixtureProject, project } from '../configuration/project.fixture.ts';
import { actor, books, type Books, type Deal } from '../fixture.ts';
import { keepComparison } from './breaks.ts';
import { loansHeld, lotsHeld } from './crossBooks.ts';

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  deal = await the.bring('disbursed');
  await the.store.pool.query("update loan set funder_no = coalesce(funder_no, 'F-1') where no = $1", [deal.loanNo]);
  await installFixtureProject(the);
}, 30_000);
afterAll(() => the.drop());

const loans = () => the.store.tx((tx) => loansHeld(tx, project));
const lots = () => the.store.tx((tx) => lotsHeld(tx, project));
const compare = (kind: 'LOAN' | 'STOCK', subject: string, differs: boolean) =>
  the.store.tx((tx) =>
    keepComparison(tx, kind, [subject], differs ? [{ kind, subject, difference: 'x' }] : [], '2026-11-23', actor),
  );

test('what has an open break is compared until it agrees, also when it is over with us', async () => {
  const lotNo = deal.lots[0]?.lotNo ?? '';
  expect(await loans()).toMatchObject([{ loanNo: deal.loanNo, system: 'bank-one' }]);
  expect((await lots()).flatMap((owner) => owner.lots)).toContainEqual({ lotNo, pledged: deal.lots[0]?.quantity });
  await compare('LOAN', deal.loanNo, true);
  await compare('STOCK', lotNo, true);
  await the.advance(deal, 'released');
  expect(await loans()).toMatchObject([{ loanNo: deal.loanNo, balance: '0.00' }]);
  expect((await lots()).flatMap((owner) => owner.lots)).toEqual([{ lotNo, pledged: '0.000' }]);
  await compare('LOAN', deal.loanNo, false);
  await compare('STOCK', lotNo, false);
  expect(await loans()).toEqual([]);
  expect(await lots()).toEqual([]);
});
