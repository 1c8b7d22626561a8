/**
 * What ends because its time is over (到期): asked of the books every minute, on business time. Each kind in a transaction of
 * its own: one that cannot be ended holds up nobody else.
 */
import type { Store } from '../store/store.ts';
import type { Actor, Tx } from './lifecycle.ts';
import { escalateOverdue } from './oversight/alerts.ts';
import { lapseApprovals } from './oversight/approvals.ts';
import { expireEntries } from './oversight/blacklist.ts';
import { expireAuthorities } from './parties/authorities.ts';
import { expireConsents } from './parties/consents.ts';
import { expireInvitations } from './parties/invitations.ts';

const actor: Actor = 'schedule:housekeeping';

const duties: Readonly<Record<string, (tx: Tx) => Promise<number>>> = {
  invitations: (tx) => expireInvitations(tx, actor),
  consents: (tx) => expireConsents(tx, actor),
  authorities: (tx) => expireAuthorities(tx, actor),
  blacklist: (tx) => expireEntries(tx, actor),
  approvals: (tx) => lapseApprovals(tx, actor),
  alerts: async (tx) => (await escalateOverdue(tx, actor)).length,
};

/** How many of each came to their end. @throws the first error, after all others had their turn */
export async function keepBooks(store: Store): Promise<Readonly<Record<string, number>>> {
  const ended: Record<string, number> = {};
  const errors: unknown[] = [];
  for (const [name, duty] of Object.entries(duties))
    await store.tx(duty).then(
      (count) => (ended[name] = count),
      (error: unknown) => errors.push(error),
    );
  if (errors.length > 0) throw errors[0];
  return ended;
}
