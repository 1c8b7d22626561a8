/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import type { Assault, Attack } from '../attack.fixture.ts';
import { companyAttacks } from './companyAttacks.fixture.ts';
import { partAssaults } from './assaults.fixture.ts';
import { partAttacks } from './partAttacks.fixture.ts';
import { peopleAttacks } from './peopleAttacks.fixture.ts';

export { partiesSpecimens } from './specimens.fixture.ts';

export const partiesAttacks: readonly Attack[] = [...companyAttacks, ...peopleAttacks, ...partAttacks];

export const partiesAssaults: readonly Assault[] = partAssaults;
