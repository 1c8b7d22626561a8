/**
 * Bank accounts (银行账户) of parties. The first one may be paid to once it is verified; another one, or one that changed, only
 * after 24 hours besides: who steals an identity changes the account first.
 */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface AccountRow {
  readonly accountName: string;
  readonly accountNo: string;
  readonly bankName: string;
  /** CNAPS code (联行号), twelve digits. */
  readonly bankCode: string;
}

export type AccountUsage = 'SETTLEMENT' | 'LOAN' | 'REPAYMENT' | 'COLLECTION' | 'FEE';

/** The same account again changes nothing. @throws Failure NAME_MISMATCH when it is another company's */
export async function addAccount(
  tx: Tx,
  party: string,
  account: AccountRow,
  state: 'ADDED' | 'VERIFIED',
  actor: Actor,
  usages: readonly AccountUsage[] = ['SETTLEMENT'],
): Promise<void> {
  const added = await tx.query(
    `insert into bank_account (account_no, party_id, account_name, bank_name, bank_code, state, usages)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [account.accountNo, party, account.accountName, account.bankName, account.bankCode, state, usages],
  );
  if (added.rowCount === 1)
    return begin(tx, 'bank_account', account.accountNo, state === 'ADDED' ? 'add' : 'admit', actor);
  const owner = await tx.query<{ party_id: string }>('select party_id from bank_account where account_no = $1', [
    account.accountNo,
  ]);
  if (owner.rows[0]?.party_id !== party)
    throw new Failure('NAME_MISMATCH', { detail: 'the account belongs to another company' });
}

/** Anything of it changed: it is verified again, and cools for 24 hours. */
export async function changeAccount(tx: Tx, account: AccountRow, actor: Actor): Promise<void> {
  await move(tx, 'bank_account', account.accountNo, 'change', actor, {
    account_name: account.accountName,
    bank_name: account.bankName,
    bank_code: account.bankCode,
  });
}

/** The account to be named as payee: verified, one that does not cool before one that does. @throws Failure PAYEE_NOT_MANDATED */
export async function accountOf(tx: Tx, party: string): Promise<AccountRow> {
  const found = await tx.query<AccountRow>(
    `select account_name "accountName", account_no "accountNo", bank_name "bankName", bank_code "bankCode"
     from bank_account where party_id = $1 and state = 'VERIFIED' order by usable_from > hub_now(), account_no limit 1`,
    [party],
  );
  if (!found.rows[0]) throw new Failure('PAYEE_NOT_MANDATED', { detail: 'the company has no verified account' });
  return found.rows[0];
}

/** Whether it was changed a short time ago: it may not be paid to yet (I-08). */
export async function accountCools(tx: Tx, accountNo: string): Promise<boolean> {
  const found = await tx.query('select from bank_account where account_no = $1 and usable_from > hub_now()', [
    accountNo,
  ]);
  return found.rowCount !== 0;
}
