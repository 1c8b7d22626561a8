import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accounts, books, lent, refusal, type Books, type Deal } from './fixture.ts';
import { guardDisbursement, guardRelease } from './guards.ts';
import type { Tx } from './lifecycle.ts';

let the: Books;
let funded: Deal;
let releasable: Deal;
beforeAll(async () => {
  the = await books();
  funded = await the.bring('effective');
  releasable = await the.bring('releasable');
});
afterAll(() => the.drop());

/** What the guard says after that change, which is rolled back; triggers and foreign keys sleep meanwhile. */
async function after(change: string, guard: (tx: Tx) => Promise<void>): Promise<string> {
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    if (change !== '') {
      const changed = await client.query(change);
      expect(changed.rowCount).toBeGreaterThan(0);
    }
    return await refusal(guard(client));
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('a disbursement is refused', () => {
  const disburse = (tx: Tx) => guardDisbursement(tx, funded.applicationNo, accounts.unit, lent);

  test.each<[string, string, string]>([
    [
      'PARTY_NOT_VERIFIED',
      'the borrower is frozen',
      `update party set state = 'FROZEN' where uscc = '914403001922038216'`,
    ],
    ['CONSENT_MISSING', 'there is no consent', 'delete from consent'],
    ['CONSENT_MISSING', 'the consent names another recipient', `update consent set recipient = '另一家银行'`],
    ['SIGNATURES_INCOMPLETE', 'the envelope is not completed', `update envelope set state = 'SENT'`],
    [
      'PAYEE_NOT_MANDATED',
      'the mandate names another account',
      `update envelope set mandate_payee = '${accounts.dealer}'`,
    ],
    [
      'PAYEE_NOT_MANDATED',
      'the application names another account',
      `update application set payee_account = '${accounts.dealer}'`,
    ],
    ['PAYEE_NOT_MANDATED', 'the account is disabled', `update bank_account set state = 'DISABLED'`],
    [
      'LIMIT_INSUFFICIENT',
      'a fen of the reserved limit is missing',
      'update credit_limit set reserved = reserved - 0.01 where reserved > 0',
    ],
    [
      'LIMIT_INSUFFICIENT',
      'a fen less was approved',
      'update application set approved_amount = approved_amount - 0.01',
    ],
    [
      'LIMIT_INSUFFICIENT',
      'the offer has expired',
      `update application set valid_to = hub_now() - interval '1 second'`,
    ],
    ['LIMIT_INSUFFICIENT', 'the application is not ready', `update application set state = 'SIGNED'`],
    ['ASSET_ALREADY_LOCKED', 'the asset is not locked any more', 'update asset_lock set released_at = now()'],
    [
      'REGISTRATION_MISSING',
      'the registration was cancelled',
      `update registration set state = 'CANCELLED', cancelled_at = hub_now()`,
    ],
    [
      'REGISTRATION_MISSING',
      'the registration has expired',
      `update registration set registered_at = hub_now() - interval '40 days', expires_at = hub_now()`,
    ],
    ['CONTROL_NOT_PROVEN', 'the pledge is not effective', `update pledge set state = 'REGISTERED'`],
    [
      'PRICE_STALE',
      'the market price is not of the last business day',
      `update price_quote set good_until = hub_now() - interval '1 second'`,
    ],
    ['LTV_EXCEEDED', 'the goods are worth a fen a tonne less', 'update pledge_item set price = 3399.99'],
    ['LTV_EXCEEDED', 'the goods are gone', 'update pledge_item set released = quantity, closed = true'],
  ])('%s when %s', async (code, _, change) => {
    expect(await after(change, disburse)).toBe(code);
  });

  test('when another account than the mandated one is to be paid', async () => {
    expect(await after('', (tx) => guardDisbursement(tx, funded.applicationNo, accounts.dealer, lent))).toBe(
      'PAYEE_NOT_MANDATED',
    );
  });

  test('when it asks for a fen more than the limit', async () => {
    expect(await after('', (tx) => guardDisbursement(tx, funded.applicationNo, accounts.unit, '2857190.01'))).toBe(
      'LIMIT_INSUFFICIENT',
    );
  });

  test('in no other case: all guards hold for an effective pledge', async () => {
    expect(await after('', disburse)).toBe('nothing refused it');
  });
});

describe('goods are not sent out', () => {
  const release = (tx: Tx) => guardRelease(tx, releasable.releaseNo);

  test.each<[string, string, string]>([
    ['REPAYMENT_NOT_POSTED', 'the repayment is only matched', `update repayment set state = 'MATCHED'`],
    ['ILLEGAL_TRANSITION', 'the funder has not approved', `update release_order set state = 'PENDING_FND'`],
    ['ILLEGAL_TRANSITION', 'the order is with the warehouse already', `update release_order set state = 'SENT_TO_WH'`],
    ['ILLEGAL_TRANSITION', 'the token has expired', 'update release_order set valid_to = hub_now()'],
    [
      'LTV_EXCEEDED',
      'a fen is still owed and nothing stays pledged',
      "update loan set balance = 0.01, state = 'ACTIVE'",
    ],
  ])('%s when %s', async (code, _, change) => {
    expect(await after(change, release)).toBe(code);
  });

  test('in no other case', async () => {
    expect(await after('', release)).toBe('nothing refused it');
  });
});
