/** Exact arithmetic of a pledge loan. */
import { decimal, fenOf, yuanOf } from '../contracts/canonical/money.ts';
import { Failure } from '../contracts/failures.ts';

/** Goods count at the lower of contract and market price (domain.md 1.7). @throws Failure PRICE_STALE without a market price */
export function lowerPrice(contractPrice: string | undefined, marketPrice: string | undefined): string {
  if (marketPrice === undefined) throw new Failure('PRICE_STALE', { detail: 'there is no market price for the goods' });
  if (contractPrice === undefined) return marketPrice;
  return fenOf(contractPrice) < fenOf(marketPrice) ? contractPrice : marketPrice;
}

/** What may be lent on goods of that value: value × rate, cut to the fen, at most the ceiling. */
export function shareOf(value: string, rate: string, ceiling: string): string {
  const share = (fenOf(value) * BigInt(decimal(rate, 6).replace('.', ''))) / 1_000_000n; // Integers: nothing is rounded.
  const most = fenOf(ceiling);
  return yuanOf(share < most ? share : most);
}
