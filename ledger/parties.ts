/** Companies (主体), their numbers in other systems, their verification, consents and accounts. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
import { begin, move, stateOf, type Actor, type Tx } from './lifecycle.ts';

export interface PartyRow {
  readonly id: string;
  readonly uscc: string | null;
  readonly name: string;
  readonly state: string;
}

export interface AccountRow {
  readonly accountName: string;
  readonly accountNo: string;
  readonly bankName: string;
  readonly bankCode: string;
}

/** The buyer of an order under the seller's number for it; invited when it is nobody we know yet. */
export async function partyByRef(
  tx: Tx,
  system: string,
  value: string,
  name: string | undefined,
  actor: Actor,
): Promise<PartyRow> {
  const found = await tx.query<PartyRow>(
    'select p.id, p.uscc, p.legal_name as name, p.state from party_ref r join party p on p.id = r.party_id where r.system = $1 and r.value = $2',
    [system, value],
  );
  if (found.rows[0]) return found.rows[0];
  const legalName = name ?? `${system} ${value}`;
  const made = await tx.query<{ id: string }>(
    "insert into party (legal_name, roles, state) values ($1, array['DEALER'], 'INVITED') returning id",
    [legalName],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'party', id, 'invite', actor);
  await tx.query('insert into party_ref (system, value, party_id) values ($1, $2, $3)', [system, value, id]);
  return { id, uscc: null, name: legalName, state: 'INVITED' };
}

/** A company that the operator admitted by hand: trading unit, funder, warehouse. */
export async function admitParty(
  tx: Tx,
  company: { uscc: string; name: string; role: string; account?: AccountRow; isOperator?: boolean },
  actor: Actor,
): Promise<string> {
  const found = await tx.query<{ id: string }>('select id from party where uscc = $1', [company.uscc]);
  let id = found.rows[0]?.id;
  if (id === undefined) {
    const made = await tx.query<{ id: string }>(
      "insert into party (uscc, legal_name, roles, state, is_operator) values ($1, $2, array[$3], 'ACTIVE', $4) returning id",
      [company.uscc, company.name, company.role, company.isOperator ?? false],
    );
    id = made.rows[0]?.id ?? '';
    await begin(tx, 'party', id, 'admit', actor);
  }
  if (company.account) await addAccount(tx, id, company.account, 'VERIFIED', actor);
  return id;
}

/**
 * The dealer registered. A company that is registered already is joined, never doubled: the ERP number then points to it.
 * Returns the party that now stands for the dealer.
 */
export async function registerDealer(
  tx: Tx,
  invited: string,
  company: {
    uscc: string;
    name: string;
    account: AccountRow;
    consents: readonly { purpose: string; recipient: string }[];
  },
  actor: Actor,
): Promise<string> {
  const existing = await tx.query<{ id: string }>('select id from party where uscc = $1', [company.uscc]);
  const id = existing.rows[0]?.id ?? invited;
  if (id !== invited) await tx.query('update party_ref set party_id = $1 where party_id = $2', [id, invited]);
  else await tx.query('update party set uscc = $2, legal_name = $3 where id = $1', [id, company.uscc, company.name]);
  const state = await stateOf(tx, 'party', id);
  if (state === 'INVITED' || state === 'VERIFY_FAILED') await move(tx, 'party', id, 'submit', actor);
  await addAccount(tx, id, company.account, 'ADDED', actor);
  for (const consent of company.consents) {
    await tx.query('insert into consent (party_id, recipient, purpose) values ($1, $2, $3) on conflict do nothing', [
      id,
      consent.recipient,
      consent.purpose,
    ]);
  }
  return id;
}

export interface Signer {
  readonly name: string;
  readonly idNo: string;
  readonly phone: string;
}

export async function authorise(tx: Tx, party: string, signer: Signer, basis: 'LEGAL_REP' | 'POA'): Promise<void> {
  await tx.query(
    'insert into sign_authority (party_id, name, id_no, phone, basis) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [party, signer.name, signer.idNo, signer.phone, basis],
  );
}

/** @throws Failure AUTHORITY_MISSING */
export async function signerOf(tx: Tx, party: string): Promise<Signer> {
  const found = await tx.query<Signer>(
    'select name, id_no "idNo", phone from sign_authority where party_id = $1 order by basis desc limit 1',
    [party],
  );
  if (!found.rows[0])
    throw new Failure('AUTHORITY_MISSING', { detail: 'nobody is authorised to sign for the company' });
  return found.rows[0];
}

export async function invite(tx: Tx, caseId: string, party: string, expiresAt: Date): Promise<void> {
  await tx.query('insert into invitation (code, case_id, party_id, expires_at) values ($1, $2, $3, $4)', [
    randomBytes(16).toString('base64url'),
    caseId,
    party,
    expiresAt,
  ]);
}

/** @throws Failure NOT_ALLOWED when the code is not this case's, was used, or has expired */
export async function useInvitation(tx: Tx, caseId: string, code: string): Promise<void> {
  const used = await tx.query(
    'update invitation set used_at = hub_now() where code = $1 and case_id = $2 and used_at is null and expires_at > hub_now()',
    [code, caseId],
  );
  if (used.rowCount !== 1)
    throw new Failure('NOT_ALLOWED', { detail: 'the invitation code is not valid for this case' });
}

async function addAccount(
  tx: Tx,
  party: string,
  account: AccountRow,
  state: 'ADDED' | 'VERIFIED',
  actor: Actor,
): Promise<void> {
  const added = await tx.query(
    'insert into bank_account (account_no, party_id, account_name, bank_name, bank_code, state) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
    [account.accountNo, party, account.accountName, account.bankName, account.bankCode, state],
  );
  if (added.rowCount === 1)
    return begin(tx, 'bank_account', account.accountNo, state === 'ADDED' ? 'add' : 'admit', actor);
  const owner = await tx.query<{ party_id: string }>('select party_id from bank_account where account_no = $1', [
    account.accountNo,
  ]);
  if (owner.rows[0]?.party_id !== party)
    throw new Failure('NAME_MISMATCH', { detail: 'the account belongs to another company' });
}

/** Writes what the verification source said. Only three matches make the dealer active; anything else fails it. */
export async function recordVerification(
  tx: Tx,
  party: string,
  accountNo: string,
  results: readonly { kind: 'ENT4' | 'BANK4' | 'ACCOUNT'; requestNo: string; result: string; serialNo: string }[],
  actor: Actor,
): Promise<void> {
  for (const { kind, requestNo, result, serialNo } of results) {
    await tx.query(
      'insert into verification (request_no, party_id, kind, result, serial_no) values ($1, $2, $3, $4, $5)',
      [requestNo, party, kind, result, serialNo],
    );
  }
  const matched = results.every((result) => result.result === 'match');
  if ((await stateOf(tx, 'party', party)) === 'VERIFYING')
    await move(tx, 'party', party, matched ? 'verify' : 'fail', actor);
  if ((await stateOf(tx, 'bank_account', accountNo)) === 'ADDED')
    await move(tx, 'bank_account', accountNo, matched ? 'verify' : 'reject', actor);
}

/** @throws Failure PARTY_NOT_VERIFIED when one of the two has never matched */
export async function verificationOf(tx: Tx, party: string): Promise<{ enterprise: string; agent: string }> {
  const found = await tx.query<{ kind: string; serial: string }>(
    "select kind, (array_agg(serial_no order by at desc))[1] serial from verification where party_id = $1 and result = 'match' group by kind",
    [party],
  );
  const serialOf = (kind: string) => found.rows.find((row) => row.kind === kind)?.serial;
  const [enterprise, agent] = [serialOf('ENT4'), serialOf('BANK4')];
  if (enterprise === undefined || agent === undefined) {
    throw new Failure('PARTY_NOT_VERIFIED', { detail: 'the dealer has no matching verification of company and agent' });
  }
  return { enterprise, agent };
}

export async function accountOf(tx: Tx, party: string): Promise<AccountRow> {
  const found = await tx.query<AccountRow>(
    `select account_name "accountName", account_no "accountNo", bank_name "bankName", bank_code "bankCode"
     from bank_account where party_id = $1 and state = 'VERIFIED' order by account_no limit 1`,
    [party],
  );
  if (!found.rows[0]) throw new Failure('PAYEE_NOT_MANDATED', { detail: 'the company has no verified account' });
  return found.rows[0];
}
