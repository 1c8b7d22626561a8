/** Who gets what of a payment by the debtor: exact, to the fen. */
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';

export interface Split {
  /** For each that is owed, in its order. */
  readonly shares: readonly string[];
  /** What is left when all have theirs. */
  readonly rest: string;
}

/** Enough for all: each gets what it is owed. Not enough: in proportion to that, cut to the fen; the last one gets what the cutting left. */
export function splitOf(paid: string, owed: readonly string[]): Split {
  const dues = owed.map(fenOf);
  const total = dues.reduce((sum, due) => sum + due, 0n);
  const amount = fenOf(paid);
  if (amount >= total) return { shares: dues.map(yuanOf), rest: yuanOf(amount - total) };
  const cut = dues.map((due) => (total === 0n ? 0n : (amount * due) / total));
  const lost = amount - cut.reduce((sum, share) => sum + share, 0n);
  const shares = cut.map((share, place) => yuanOf(place === cut.length - 1 ? share + lost : share));
  return { shares, rest: '0.00' };
}
