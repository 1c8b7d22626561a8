/** For tests: reads all that a party can read, and says what of it is not its own, or what of its own it misses. */
import type { Tx } from '../lifecycle.ts';
import { become } from './asParty.ts';
import { fieldSets } from './fieldSets.ts';
import type { Relation } from './relations.ts';
import { members, partyId, relationOf, worldNames, type Member, type World } from './worlds.fixture.ts';

export interface Found {
  readonly table: string;
  /** The row as JSON. */
  readonly text: string;
}

/** Every column that the relation may read, of every row that is shown to the party. Leaves the transaction as the hub's again. */
export async function readAll(
  tx: Tx,
  party: string,
  relation: Relation,
  tables: readonly string[] = Object.keys(fieldSets),
): Promise<Found[]> {
  const parts = tables.flatMap((table) => {
    const columns = fieldSets[table]?.[relation]?.split(' ');
    return columns
      ? [`select '${table}' "table", to_jsonb(x)::text "text" from (select ${columns.join(', ')} from ${table}) x`]
      : [];
  });
  if (parts.length === 0) return [];
  await become(tx, { party, relation });
  const found = await tx.query<Found>(parts.join(' union all '));
  await tx.query('reset role; reset hub.party');
  return found.rows;
}

const ids = new Map(
  worldNames.flatMap((world) => members.map((member) => [partyId(world, member), `${world}.id.${member}`])),
);

/** Whose texts and whose ids these are. */
function marks(text: string): readonly string[] {
  return [...text.matchAll(/⟦(.+?)⟧|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)].flatMap(
    ([found, label]) => label ?? ids.get(found) ?? [],
  );
}

/** Whether a text with this mark may stand before this party. */
function mayRead(world: World, member: Member, table: string, label: string): boolean {
  const [of, owner, company] = label.split('.');
  if (of !== world) return false;
  if (owner === 'id') return mayKnow(member, table, company);
  if (owner === undefined) return member !== 'rival';
  if (owner === member) return true;
  if (table === 'party') return mayKnow(member, table, owner);
  if (owner === 'lending') return member === 'dealer' || member === 'funder';
  if (owner === 'borrowing') return member === 'dealer';
  if (owner === 'offer') return ['dealer', 'funder', 'rival'].includes(member);
  return owner === 'rival' && member === 'dealer' && ['route_attempt', 'subscription', 'credit_limit'].includes(table);
}

/** Who they are is known among the parties of a case; to no funder, who else was asked. */
function mayKnow(member: Member, table: string, company: string | undefined): boolean {
  if (company === member) return true;
  if (member === 'rival') return company === 'dealer' && table === 'credit_limit';
  return company !== 'rival' || member !== 'funder';
}

export function foreignIn(found: readonly Found[], world: World, member: Member): string[] {
  return found.flatMap(({ table, text }) =>
    marks(text)
      .filter((label) => !mayRead(world, member, table, label))
      .map((label) => `${world}.${member} reads ⟦${label}⟧ in ${table}`),
  );
}

/** Tables of its field set in which the party finds nothing of its own. */
function missingIn(
  found: readonly Found[],
  world: World,
  member: Member,
  tables: readonly string[] = Object.keys(fieldSets),
): string[] {
  const own = new Set(
    found.filter(({ text }) => marks(text).some((label) => label.split('.')[0] === world)).map(({ table }) => table),
  );
  return tables
    .filter((table) => fieldSets[table]?.[relationOf[member]] !== undefined && !own.has(table))
    .map((table) => `${world}.${member} finds nothing in ${table}`);
}

export async function complaints(tx: Tx, world: World, member: Member, tables?: readonly string[]): Promise<string[]> {
  const found = await readAll(tx, partyId(world, member), relationOf[member], tables);
  const missing = member === 'rival' ? [] : missingIn(found, world, member, tables);
  return [...foreignIn(found, world, member), ...missing];
}
