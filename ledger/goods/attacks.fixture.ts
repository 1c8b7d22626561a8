/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import type { Attack } from '../attack.fixture.ts';
import type { Books } from '../fixture.ts';
import { agreedRight, futureAttacks } from './futureAttacks.fixture.ts';
import type { goodsKeys } from './lifecycles.ts';
import { lentAt, pledgeAttacks } from './pledgeAttacks.fixture.ts';
import { releaseAttacks } from './releaseAttacks.fixture.ts';
import { freshLots, heldReceipt, proposedAdjustment, requestedChange } from './specimens.fixture.ts';
import { stockAttacks } from './stockAttacks.fixture.ts';

export { goodsAssaults } from './assaults.fixture.ts';

export const goodsAttacks: readonly Attack[] = [...stockAttacks, ...pledgeAttacks, ...releaseAttacks, ...futureAttacks];

export const goodsSpecimens: Readonly<Record<keyof typeof goodsKeys, (the: Books) => Promise<string>>> = {
  stock_adjustment: async (the) => {
    const [lot] = await freshLots(the, ['10.000']);
    return proposedAdjustment(the, lot?.lotNo ?? '', '-0.100');
  },
  warehouse_receipt: async (the) => (await heldReceipt(the, ['10.000'])).no,
  pledge: async (the) => (await the.bring('requested')).pledgeNo,
  pledge_change: async (the) => requestedChange(the, (await lentAt(the, 'STOCK_STATIC')).pledgeNo, 'TOP_UP', '1.000'),
  future_goods: (the) => agreedRight(the),
  release_order: async (the) => (await the.bring('drafted')).releaseNo,
};
