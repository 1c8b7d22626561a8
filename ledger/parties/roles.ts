/** Roles (角色) of a party: registered once, it acts as several. Each one is granted by two people, suspended and revoked by itself. */
import type { partyRoles } from '../../contracts/canonical/entities/parties.ts';
import { Failure } from '../../contracts/failures.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';

export type Role = (typeof partyRoles)[number];

/** Licence of a financial institution: number, and SHA-256 of the document. */
export interface Licence {
  readonly no: string;
  readonly sha256: string;
}

/**
 * The party asks for a role; again after it was revoked. Returns the role's id. It begins with `move(tx, 'party_role', id,
 * 'grant', ...)` and an approval of two people; a funder without licence is refused then.
 */
export async function applyForRole(
  tx: Tx,
  party: string,
  role: Role,
  actor: Actor,
  licence?: Licence,
): Promise<string> {
  const licenceColumns = { licence_no: licence?.no ?? null, licence_sha256: licence?.sha256 ?? null };
  const made = await tx.query<{ id: string }>(
    `insert into party_role (party_id, role, state, licence_no, licence_sha256) values ($1, $2, 'APPLIED', $3, $4)
     on conflict (party_id, role) do nothing returning id`,
    [party, role, licenceColumns.licence_no, licenceColumns.licence_sha256],
  );
  const id = made.rows[0]?.id;
  if (id !== undefined) {
    await begin(tx, 'party_role', id, 'apply', actor);
    return id;
  }
  const there = await roleId(tx, party, role);
  if ((await stateOf(tx, 'party_role', there)) === 'REVOKED')
    await move(tx, 'party_role', there, 'apply', actor, licenceColumns);
  return there;
}

/** A role of a company that the file of the installation names. */
export async function admitToRole(tx: Tx, party: string, role: Role, actor: Actor): Promise<void> {
  const made = await tx.query<{ id: string }>(
    `insert into party_role (party_id, role, state, by_setup) values ($1, $2, 'ACTIVE', true) on conflict (party_id, role) do nothing returning id`,
    [party, role],
  );
  if (made.rows[0]) await begin(tx, 'party_role', made.rows[0].id, 'admit', actor);
}

/** What a verified company was invited for becomes its role. */
export async function joinInvitedRoles(tx: Tx, party: string, actor: Actor): Promise<void> {
  const asked = await tx.query<{ id: string }>(
    "select id from party_role where party_id = $1 and state = 'APPLIED' and role in ('DEALER', 'SUPPLIER') order by role",
    [party],
  );
  for (const { id } of asked.rows) await move(tx, 'party_role', id, 'join', actor);
}

/** Roles in which the party may act now. */
export async function rolesOf(tx: Tx, party: string): Promise<Role[]> {
  const found = await tx.query<{ role: Role }>(
    'select role from party_role where party_id = $1 and party_acts_as(party_id, role) order by role',
    [party],
  );
  return found.rows.map(({ role }) => role);
}

/** @throws Failure NOT_FOUND */
export async function roleId(tx: Tx, party: string, role: Role): Promise<string> {
  const found = await tx.query<{ id: string }>('select id from party_role where party_id = $1 and role = $2', [
    party,
    role,
  ]);
  if (!found.rows[0]) throw new Failure('NOT_FOUND', { detail: `the party has not asked for the role ${role}` });
  return found.rows[0].id;
}
