/** A funder's own statement against the books: money that is on its way (未达账项) is no difference, money that never comes is one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accounts, actor, books, type Books, type Deal } from '../fixture.ts';
import { compareStatement } from './statements.ts';

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  deal = await the.bring('disbursed');
}, 30_000);
afterAll(() => the.drop());

let connectors = 0;
const nextBank = () => `bank-${(connectors += 1)}`;

/** Collected by a clearing house at 21:00 of that day, for the funder's account. */
async function collected(no: string, on: string): Promise<void> {
  await the.store.tx(async (tx) => {
    await tx.query('set local session_replication_role = replica'); // How they came about is tested elsewhere.
    await tx.query(
      `insert into payment (no, purpose, application_no, payee_account, amount, currency, state, settled_at)
       values ($1, 'REPAY', $2, $3, '100.00', 'CNY', 'SUCCEEDED', $4::timestamptz)`,
      [no, deal.applicationNo, accounts.funder, `${on}T21:00:00+08:00`],
    );
  });
}

/** What the statement of that day concludes of a payment; nothing, when it is not compared. */
async function verdictOn(
  no: string,
  connector: string,
  date: string,
  booked: readonly string[] = [],
): Promise<unknown> {
  const lines = booked.map((instructionNo, place) => ({
    serial: `${date}-${place}`,
    at: `${date}T10:00:00+08:00`,
    direction: 'credit' as const,
    amount: '100.00',
    currency: 'CNY' as const,
    instructionNo,
    entry: 'payment' as const,
  }));
  const statement = { accountNo: accounts.funder, date, final: true, lines };
  const { runNo } = await the.store.tx((tx) => compareStatement(tx, connector, the.funder, statement, actor));
  const found = await the.store.pool.query<{ verdict: string }>(
    'select verdict from recon_item where run_no = $1 and key = $2',
    [runNo, no],
  );
  return found.rows[0]?.verdict;
}

test('what the bank books a day later is on its way, and agrees when it is there', async () => {
  const bank = nextBank();
  await collected('RP-1', '2026-12-01');
  expect(await verdictOn('RP-1', bank, '2026-12-01')).toBeUndefined();
  expect(await verdictOn('RP-1', bank, '2026-12-02', ['RP-1'])).toBe('MATCHED');
  for (const day of ['2026-12-03', '2026-12-04', '2026-12-05'])
    expect(await verdictOn('RP-1', bank, day)).toBeUndefined();
});

test('what is not there after three working days is a difference, once', async () => {
  const bank = nextBank();
  // A Thursday: Friday, Monday and Tuesday are the three.
  await collected('RP-2', '2026-12-10');
  for (const day of ['2026-12-10', '2026-12-11', '2026-12-12', '2026-12-13', '2026-12-14'])
    expect(await verdictOn('RP-2', bank, day)).toBeUndefined();
  expect(await verdictOn('RP-2', bank, '2026-12-15')).toBe('ONLY_HUB');
  expect(await verdictOn('RP-2', bank, '2026-12-16')).toBeUndefined();
});

test('a day without a statement hides nothing: the next one is asked', async () => {
  const bank = nextBank();
  await collected('RP-3', '2026-12-21');
  expect(await verdictOn('RP-3', bank, '2026-12-21')).toBeUndefined();
  expect(await verdictOn('RP-3', bank, '2026-12-28')).toBe('ONLY_HUB');
});

test('what was collected long before the first statement of a bank is not asked of it', async () => {
  await collected('RP-4', '2027-01-04');
  expect(await verdictOn('RP-4', nextBank(), '2027-01-18')).toBeUndefined();
});
