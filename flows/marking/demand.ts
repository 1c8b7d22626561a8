/** What a margin call asks for, and when it is met (F8 4, 5). Exact: no binary float decides about anybody's money. */
import { Decimal } from 'decimal.js';
import type { PledgeMark } from '../../ledger/goods/marks.ts';

const Exact = Decimal.clone({ precision: 60 });

export interface Demand {
  /** Either of the two brings the loan back to the pledge rate. Rounded up to the fen. */
  readonly cash: string;
  readonly goods: string;
}

export function demandOf({ exposure, value, pledgeRate }: PledgeMark): Demand {
  const up = (amount: Decimal) => Exact.max(0, amount).toFixed(2, Decimal.ROUND_UP);
  return {
    cash: up(new Exact(exposure).minus(new Exact(value).times(pledgeRate))),
    goods: up(new Exact(exposure).dividedBy(pledgeRate).minus(value)),
  };
}

/** How far below its line a ratio must be for a call on falling prices to be over (回差 2 %). */
const hysteresis = '0.98';

/**
 * Only what stands in the books counts: goods that are registered, cash with its statement line, repayments that are posted. A call
 * on falling prices is met two per cent below its line, one on missing goods when what is left carries the loan at the pledge rate.
 */
export function isMet(mark: PledgeMark | undefined, cause: 'PRICE' | 'STOCK' | 'OVERDUE'): boolean {
  if (!mark) return true; // Nothing is pledged any more.
  const owed = new Exact(mark.exposure);
  if (owed.isZero()) return true;
  if (cause === 'OVERDUE') return false; // Its funder decides.
  const line = cause === 'STOCK' ? new Exact(mark.pledgeRate) : new Exact(mark.callRate).times(hysteresis);
  return owed.lessThanOrEqualTo(new Exact(mark.value).times(line));
}

/** `0.806780` as people read it. */
export function percentOf(ratio: string | null): string {
  return ratio === null ? '100%+' : `${new Exact(ratio).times(100).toFixed(2)}%`;
}

/** The distance to the next line, in points of a hundred. */
export function distanceTo(line: string, ratio: string | null): string {
  return ratio === null ? '0.00' : Exact.max(0, new Exact(line).minus(ratio).times(100)).toFixed(2);
}
