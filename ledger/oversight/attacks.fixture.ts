/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import { randomUUID } from 'node:crypto';
import type { Assault, Attack } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { anyUscc } from '../parties/specimens.fixture.ts';
import { raise } from './alerts.ts';
import { approvalAttacks, proposed } from './approvalAttacks.fixture.ts';
import { proposeEntry } from './blacklist.ts';
import type { oversightKeys } from './lifecycles.ts';
import { entered, watchAssaults, watchAttacks } from './watchAttacks.fixture.ts';

export const oversightAttacks: readonly Attack[] = [...approvalAttacks, ...watchAttacks];

export const oversightAssaults: readonly Assault[] = watchAssaults;

export const oversightSpecimens: Readonly<Record<keyof typeof oversightKeys, (the: Books) => Promise<string>>> = {
  approval: async (the) => (await proposed(the)).approval,
  alert: async (the) => {
    const told = { type: 'CONNECTOR_DOWN', subject: randomUUID(), level: 'WARN' } as const;
    return (await the.store.tx((tx) => raise(tx, told, actor))).open ?? '';
  },
  blacklist: (the) => {
    const entry = { subject: { uscc: anyUscc() }, scope: 'LOCAL', reasonCode: 'FRAUD', source: 'FRAUD' } as const;
    return the.store.tx((tx) => proposeEntry(tx, entry, actor));
  },
  manual_entry: (the) => entered(the),
};
