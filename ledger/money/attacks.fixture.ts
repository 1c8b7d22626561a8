/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import type { Attack } from '../attack.fixture.ts';
import { limitAttacks } from './limitAttacks.fixture.ts';
import { loanAttacks } from './loanAttacks.fixture.ts';

export { moneyAssaults } from './assaults.fixture.ts';
export { moneySpecimens } from './specimens.fixture.ts';

export const moneyAttacks: readonly Attack[] = [...limitAttacks, ...loanAttacks];
