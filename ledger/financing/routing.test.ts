import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { factsAbout } from '../configuration/routing.ts';
import { actor, books, type Books, type Deal } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { grantStandingLimit } from '../money/limits.ts';
import { declineLate } from './decisions.ts';
import { withdrawApplication } from './applications.ts';
import { approveAttempt, endAttempt, planAttempt, pushAttempt, refuseAttempt, skipPlanned } from './routing.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => the.store.tx(work);
const terms = {
  amount: '600000.00',
  rate: '0.048000',
  tenorDays: 90,
  dayCount: 'ACT/360',
  validTo: '2099-12-31T16:00:00+08:00',
};

/** Applied, with one attempt planned; its number. */
async function planned(): Promise<{ deal: Deal; no: string }> {
  const deal = await the.bring('applied');
  const no = `${deal.applicationNo}-1`;
  await plan(deal, 1);
  return { deal, no };
}

const plan = ({ applicationNo }: Deal, position: number) =>
  inTx((tx) =>
    planAttempt(
      tx,
      { no: `${applicationNo}-${position}`, applicationNo, funder: the.funder, position, explained: { points: '10' } },
      actor,
    ),
  );

const rows = async (sql: string, no: string) => (await the.store.pool.query<Record<string, unknown>>(sql, [no])).rows;

test('who approves is the funder of the application, on its terms; who was not asked yet never is', async () => {
  const { deal, no } = await planned();
  await plan(deal, 2);
  await inTx((tx) => pushAttempt(tx, no, actor));
  await inTx((tx) => approveAttempt(tx, no, 'F-1', terms, actor));
  await inTx((tx) => skipPlanned(tx, deal.applicationNo, actor));
  const attempts = await rows(
    'select state, rate::text from route_attempt where application_no = $1 order by position',
    deal.applicationNo,
  );
  expect(attempts).toEqual([
    { state: 'APPROVED', rate: '0.048000' },
    { state: 'SKIPPED', rate: null },
  ]);
  const asked = await rows(
    'select state, approved_amount::text amount from application where no = $1',
    deal.applicationNo,
  );
  expect(asked).toEqual([{ state: 'APPROVED', amount: '600000.00' }]);
  await inTx((tx) => move(tx, 'route_attempt', no, 'withdraw', actor));
  await inTx((tx) => withdrawApplication(tx, deal.applicationNo, actor));
  await inTx((tx) => endAttempt(tx, no, 'acknowledge', 'ended', actor));
});

test('an approval that comes while it is being withdrawn is declined, and its acknowledgement changes nothing more', async () => {
  const { deal, no } = await planned();
  await inTx((tx) => pushAttempt(tx, no, actor));
  await inTx((tx) => move(tx, 'route_attempt', no, 'withdraw', actor));
  await inTx((tx) => declineLate(tx, no, actor));
  await inTx((tx) => endAttempt(tx, no, 'acknowledge', 'late', actor));
  expect(await inTx((tx) => stateOf(tx, 'route_attempt', no))).toBe('DECLINED');
  expect(await inTx((tx) => stateOf(tx, 'application', deal.applicationNo))).toBe('ROUTED');
});

test('a package that never left is skipped, one that came back is returned', async () => {
  const { deal, no } = await planned();
  expect(await inTx((tx) => refuseAttempt(tx, no, 'no consent', actor))).toBe(false);
  await plan(deal, 2);
  const second = `${deal.applicationNo}-2`;
  await inTx((tx) => pushAttempt(tx, second, actor));
  expect(await inTx((tx) => refuseAttempt(tx, second, 'incomplete', actor))).toBe(true);
  const states = await rows(
    'select state from route_attempt where application_no = $1 order by position',
    deal.applicationNo,
  );
  expect(states).toEqual([{ state: 'SKIPPED' }, { state: 'RETURNED' }]);
});

test('what is known of a funder is told to the rules; what is not, is left out', async () => {
  const facts = await inTx((tx) =>
    factsAbout(tx, { funder: { id: the.funder, system: 'bank-open' }, borrower: the.dealer, amount: '600000.00' }),
  );
  expect(facts).toMatchObject({ funder: 'bank-open', active: true, blacklisted: false, connectorUp: true, open: true });
  expect(Object.keys(facts)).not.toContain('limitCovers');
  await the.store.pool.query("insert into lane (system, closed) values ('bank-shut', true)");
  const shut = await inTx((tx) =>
    factsAbout(tx, { funder: { id: the.funder, system: 'bank-shut' }, borrower: the.dealer, amount: '600000.00' }),
  );
  expect(shut['open']).toBe(false);
});

test('a standing limit is what approvals draw from; above it an approval brings a limit of its own', async () => {
  const limit = { no: 'ED-1', party: the.dealer, funder: the.funder, revolving: true, decisionRef: 'PF-1' };
  await inTx((tx) => grantStandingLimit(tx, limit, '700000.00', actor));
  const { no, deal } = await planned();
  await inTx((tx) => pushAttempt(tx, no, actor));
  await inTx((tx) => approveAttempt(tx, no, 'F-2', terms, actor));
  const held = await rows('select reserved::text, available::text from credit_limit where no = $1', 'ED-1');
  expect(held).toEqual([{ reserved: '600000.00', available: '100000.00' }]);
  const another = await planned();
  await inTx((tx) => pushAttempt(tx, another.no, actor));
  await inTx((tx) => approveAttempt(tx, another.no, 'F-3', terms, actor));
  const own = await rows(
    'select revolving, reserved::text from credit_limit where no = $1',
    another.deal.applicationNo,
  );
  expect(own).toEqual([{ revolving: false, reserved: '600000.00' }]);
  await inTx((tx) => withdrawApplication(tx, deal.applicationNo, actor));
  expect(await rows('select available::text from credit_limit where no = $1', 'ED-1')).toEqual([
    { available: '700000.00' },
  ]);
});
