/** Companies (主体) and their numbers in other systems. */
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { addAccount, changeAccount, type AccountRow } from './accounts.ts';
import { giveConsent, type ConsentGiven } from './consents.ts';
import { admitToRole, applyForRole, type Role } from './roles.ts';

export { accountOf, type AccountRow } from './accounts.ts';

export interface PartyRow {
  readonly id: string;
  readonly uscc: string | null;
  readonly name: string;
  readonly state: string;
}

/** The buyer of an order, or a customer that is recommended, under the seller's number for it; invited when it is nobody we know yet. */
export async function partyByRef(
  tx: Tx,
  system: string,
  value: string,
  name: string | undefined,
  actor: Actor,
  roles: readonly Role[] = ['DEALER'],
): Promise<PartyRow> {
  const found = await tx.query<PartyRow>(
    'select p.id, p.uscc, p.legal_name as name, p.state from party_ref r join party p on p.id = r.party_id where r.system = $1 and r.value = $2',
    [system, value],
  );
  if (found.rows[0]) return found.rows[0];
  const legalName = name ?? `${system} ${value}`;
  const made = await tx.query<{ id: string }>(
    "insert into party (legal_name, state) values ($1, 'INVITED') returning id",
    [legalName],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'party', id, 'invite', actor);
  for (const role of roles) await applyForRole(tx, id, role, actor);
  await tx.query('insert into party_ref (system, value, party_id) values ($1, $2, $3)', [system, value, id]);
  return { id, uscc: null, name: legalName, state: 'INVITED' };
}

/** Registered under this code (统一社会信用代码) already. */
export async function partyByUscc(tx: Tx, uscc: string): Promise<PartyRow | undefined> {
  const found = await tx.query<PartyRow>('select id, uscc, legal_name as name, state from party where uscc = $1', [
    uscc,
  ]);
  return found.rows[0];
}

/** A company that the operator admitted by hand: trading unit, funder, warehouse. */
export async function admitParty(
  tx: Tx,
  company: { uscc: string; name: string; role: Role; account?: AccountRow; isOperator?: boolean },
  actor: Actor,
): Promise<string> {
  const found = await tx.query<{ id: string }>('select id from party where uscc = $1', [company.uscc]);
  let id = found.rows[0]?.id;
  if (id === undefined) {
    const made = await tx.query<{ id: string }>(
      "insert into party (uscc, legal_name, state, is_operator) values ($1, $2, 'ACTIVE', $3) returning id",
      [company.uscc, company.name, company.isOperator ?? false],
    );
    id = made.rows[0]?.id ?? '';
    await begin(tx, 'party', id, 'admit', actor);
  }
  await admitToRole(tx, id, company.role, actor);
  if (company.account) await addAccount(tx, id, company.account, 'VERIFIED', actor);
  return id;
}

export interface CompanyProfile {
  readonly registeredAddress: string;
  readonly establishedOn: string;
  /** Absent: for ever. */
  readonly licenceValidTo?: string | undefined;
}

interface RegisteredCompany {
  readonly uscc: string;
  readonly name: string;
  readonly account: AccountRow;
  readonly consents: readonly ConsentGiven[];
  /** Default: a dealer. */
  readonly roles?: readonly Role[];
  readonly profile?: CompanyProfile;
}

/**
 * The dealer registered. A company that is registered already is joined, never doubled: the ERP number then points to it.
 * Returns the party that now stands for the dealer.
 */
export async function registerDealer(
  tx: Tx,
  invited: string,
  company: RegisteredCompany,
  actor: Actor,
): Promise<string> {
  const existing = await partyByUscc(tx, company.uscc);
  const id = existing?.id ?? invited;
  if (id !== invited) {
    await tx.query('update party_ref set party_id = $1 where party_id = $2', [id, invited]);
    for (const role of company.roles ?? (['DEALER'] as const)) await applyForRole(tx, id, role, actor);
  } else {
    await tx.query('update party set uscc = $2, legal_name = $3 where id = $1', [id, company.uscc, company.name]);
    for (const role of company.roles ?? []) await applyForRole(tx, id, role, actor);
    if (company.profile) await keepProfile(tx, id, company.profile);
  }
  const state = await stateOf(tx, 'party', id);
  if (state === 'INVITED' || state === 'VERIFY_FAILED') await move(tx, 'party', id, 'submit', actor);
  await addAccount(tx, id, company.account, 'ADDED', actor);
  for (const consent of company.consents) await giveConsent(tx, id, consent, actor);
  return id;
}

async function keepProfile(tx: Tx, id: string, profile: CompanyProfile): Promise<void> {
  await tx.query('update party set registered_address = $2, established_on = $3, licence_valid_to = $4 where id = $1', [
    id,
    profile.registeredAddress,
    profile.establishedOn,
    profile.licenceValidTo,
  ]);
}

/** Nobody invited it. It goes on with `draft`, `submit`, `check`, `prove` and the approved `activate`. */
export async function registerParty(
  tx: Tx,
  company: { uscc: string; name: string; roles: readonly Role[] },
  actor: Actor,
): Promise<string> {
  const made = await tx.query<{ id: string }>(
    "insert into party (uscc, legal_name, state) values ($1, $2, 'SELF_REGISTERED') returning id",
    [company.uscc, company.name],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'party', id, 'register', actor);
  for (const role of company.roles) await applyForRole(tx, id, role, actor);
  return id;
}

/**
 * The company has another legal name: no new business until it is verified again, and its accounts with it. The date of the
 * change is kept, for the registry follows within four months.
 */
export async function renameParty(tx: Tx, id: string, legalName: string, actor: Actor): Promise<void> {
  const accounts = await tx.query<AccountRow>(
    `select account_name "accountName", account_no "accountNo", bank_name "bankName", bank_code "bankCode"
     from bank_account where party_id = $1 and state = 'VERIFIED' order by account_no`,
    [id],
  );
  await tx.query('update party set legal_name = $2 where id = $1', [id, legalName]);
  for (const account of accounts.rows) await changeAccount(tx, { ...account, accountName: legalName }, actor);
}

/** Why the party may not begin anything new: `party_not_active`, `party_reverify_due`, `party_blacklisted`. Absent: it may (I-12). */
export async function drawingRefused(tx: Tx, id: string): Promise<string | undefined> {
  const found = await tx.query<{ why: string | null }>('select party_may_draw($1) why', [id]);
  return found.rows[0]?.why ?? undefined;
}
