/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import type { Assault, Attack } from '../attack.fixture.ts';
import type { Books } from '../fixture.ts';
import { actor } from '../fixture.ts';
import { applicationAttacks } from './applicationAttacks.fixture.ts';
import { assaultsOnFinancing } from './assaults.fixture.ts';
import { bringFactoring } from './factoring.fixture.ts';
import type { financingKeys } from './lifecycles.ts';
import { offerAttacks } from './offerAttacks.fixture.ts';
import { paperAttacks } from './paperAttacks.fixture.ts';
import { planAttempt } from './routing.ts';

export const financingAttacks: readonly Attack[] = [...applicationAttacks, ...offerAttacks, ...paperAttacks];

export const financingAssaults: readonly Assault[] = assaultsOnFinancing;

export const financingSpecimens: Readonly<Record<keyof typeof financingKeys, (the: Books) => Promise<string>>> = {
  application: async (the) => (await the.bring('applied')).applicationNo,
  route_attempt: async (the) => {
    const { applicationNo } = await the.bring('applied');
    const no = `${applicationNo}-1`;
    const attempt = { no, applicationNo, funder: the.funder, position: 1, explained: {} };
    await the.store.tx((tx) => planAttempt(tx, attempt, actor));
    return no;
  },
  asset_offer: async (the) => (await bringFactoring(the, 'drafted')).offerNo,
  subscription: async (the) => (await bringFactoring(the, 'placed')).subscriptions[0],
  envelope: async (the) => (await the.bring('signing')).envelopeNo,
  envelope_signer: async (the) => `${(await the.bring('signing')).envelopeNo}/1`,
  registration: async (the) => (await the.bring('registering')).requestNo,
};
