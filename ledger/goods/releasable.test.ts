import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, type Books, type Deal } from '../fixture.ts';
import { arrivalDifferences } from './arrivals.ts';
import { pledgeValue } from './pledges.ts';
import { isPriceStale, pledgedLots, releasableLots } from './releasable.ts';
import { draftRelease } from './releases.ts';

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  deal = await the.bring('disbursed');
});
afterAll(() => the.drop());

const owedOf = async () =>
  (
    await the.store.pool.query<{ balance: string; rate: string }>(
      'select l.balance::text balance, p.pledge_rate::text rate from loan l join pledge p using (application_no) where l.no = $1',
      [deal.loanNo],
    )
  ).rows[0] ?? { balance: '0.00', rate: '0.700000' };

test('all of it is free when all of it is repaid, and nothing while the goods just carry the loan', async () => {
  const { balance } = await owedOf();
  const most = await the.store.tx((tx) => releasableLots(tx, deal.pledgeNo, balance));
  expect(most).toEqual(await the.store.tx((tx) => pledgedLots(tx, deal.pledgeNo)));
});

test('a part of the loan frees so much that the rest still carries what is owed, and not a kilogram more', async () => {
  const repaid = '1000000.00';
  const { balance, rate } = await owedOf();
  const most = await the.store.tx((tx) => releasableLots(tx, deal.pledgeNo, repaid));
  const owed = Number(balance) - Number(repaid);
  const left = async (lots: typeof most) =>
    the.store
      .tx(async (tx) => {
        const { valueAfter } = await draftRelease(
          tx,
          { no: 'RO-probe', pledgeNo: deal.pledgeNo, ground: 'TOP_UP_EXCESS', lots },
          actor,
        );
        throw Object.assign(new Error('only looked'), { valueAfter });
      })
      .catch((thrown: { valueAfter?: string }) => Number(thrown.valueAfter));
  expect((await left(most)) * Number(rate)).toBeGreaterThanOrEqual(owed);
  const last = most.at(-1);
  if (!last) throw new Error('nothing is releasable');
  const more = [...most.slice(0, -1), { ...last, quantity: (Number(last.quantity) + 0.001).toFixed(3) }];
  expect((await left(more)) * Number(rate)).toBeLessThan(owed);
});

test('of what is wanted not more than there is room for', async () => {
  const [first] = deal.lots;
  if (!first) throw new Error('the deal has no lots');
  const wanted = [{ ...first, quantity: '10.000' }];
  expect(await the.store.tx((tx) => releasableLots(tx, deal.pledgeNo, '1000000.00', wanted))).toEqual(wanted);
  const all = await the.store.tx((tx) => releasableLots(tx, deal.pledgeNo, '100000.00', [...deal.lots]));
  expect(Number(all[0]?.quantity ?? '0')).toBeLessThan(Number(first.quantity));
  expect(Number(await the.store.tx((tx) => pledgeValue(tx, deal.pledgeNo)))).toBeGreaterThan(0);
  expect(await the.store.tx((tx) => isPriceStale(tx, deal.pledgeNo))).toBe(false);
});

test('what came in is compared by material, within a tolerance that is three in a thousand', async () => {
  const one = (quantity: string, materialCode = 'HRB400') => [{ materialCode, quantity }];
  const compare = (came: { materialCode: string; quantity: string }[]) =>
    the.store.tx((tx) => arrivalDifferences(tx, one('1000.000'), came));
  expect(await compare(one('997.000'))).toEqual([]);
  expect(await compare([...one('500.000'), ...one('500.000')])).toEqual([]);
  expect(await compare(one('996.000'))).toMatchObject([{ level: 'INFO', fraction: '0.004000' }]);
  expect(await compare(one('990.000'))).toMatchObject([{ level: 'WARN' }]);
  expect(await compare(one('980.000'))).toMatchObject([{ level: 'CALL', announced: '1000.000', received: '980.000' }]);
  expect(await compare(one('1000.000', 'OTHER'))).toMatchObject([{ level: 'CALL' }, { level: 'CALL' }]);
});
