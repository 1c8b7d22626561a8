/** A listing that was wrong (黑名单异议): found by whom it names, lifted by two people, and what it froze goes on. */
import { move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from './approvals.ts';
import { isBlacklisted, liftEntry } from './blacklist.ts';

/** The live entry of a company; undefined when there is none. */
export async function listingOf(tx: Tx, uscc: string): Promise<string | undefined> {
  const found = await tx.query<{ id: string }>(
    "select id from blacklist where uscc = $1 and state = 'ACTIVE' order by valid_from limit 1",
    [uscc],
  );
  return found.rows[0]?.id;
}

/** The party may act again unless something else still lists it. */
export async function liftListing(
  tx: Tx,
  id: string,
  party: string,
  people: { readonly maker: string; readonly checker: string },
  actor: Actor,
): Promise<void> {
  const by = { ...people, source: 'hub' };
  await liftEntry(tx, id, await decidedElsewhere(tx, { entity: 'blacklist', id, event: 'lift' }, by, actor), actor);
  if ((await stateOf(tx, 'party', party)) !== 'FROZEN' || (await isBlacklisted(tx, party))) return;
  const approval = await decidedElsewhere(tx, { entity: 'party', id: party, event: 'unfreeze' }, by, actor);
  await move(tx, 'party', party, 'unfreeze', actor, {}, { approval, reason: `blacklist ${id} was wrong` });
}
