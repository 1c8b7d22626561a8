/**
 * The arithmetic of marking to market (盯市), domain.md 1.7 and F8, exact: the same that the database does for the whole book
 * (`revalue`), for one pledge and for showing people what would be. Amounts are yuan with two decimals.
 */
import { Decimal } from 'decimal.js';

const Exact = Decimal.clone({ precision: 60 });

export interface PricedItem {
  /** In the unit of the price, three decimals. */
  readonly quantity: string;
  readonly pledgedPrice: string;
  /** None: it counts for nothing. */
  readonly marketPrice: string | undefined;
}

/** Fractions: `pledgeRate` is what may be lent, and what a call brings it back to. */
export interface Lines {
  readonly pledgeRate: string;
  readonly warn: string;
  readonly call: string;
  readonly dispose: string;
}

export type Level = 'OK' | 'WARN' | 'CALL' | 'DISPOSE';

export interface Mark {
  readonly value: string;
  readonly exposure: string;
  /** Loan to value, six decimals; undefined where nothing is worth anything. */
  readonly ltv: string | undefined;
  readonly level: Level;
  /** What cures a call, in cash or in goods: zero where there is none. Rounded up to the fen, so that it does cure. */
  readonly cashCall: string;
  readonly goodsCall: string;
}

/** V = Σ quantity × min(pledged price, market price), cut to the fen once. */
export function valueOf(items: readonly PricedItem[]): string {
  return items
    .reduce((sum, { quantity, pledgedPrice, marketPrice }) => {
      if (marketPrice === undefined) return sum;
      return sum.plus(Exact.min(pledgedPrice, marketPrice).times(quantity));
    }, new Exact(0))
    .toFixed(2, Decimal.ROUND_DOWN);
}

export function markOf(value: string, exposure: string, lines: Lines): Mark {
  const owed = new Exact(exposure);
  const level = levelOf(new Exact(value), owed, lines);
  const called = level === 'CALL' || level === 'DISPOSE';
  const up = (amount: Decimal) => (called ? amount.toFixed(2, Decimal.ROUND_UP) : '0.00');
  return {
    value,
    exposure,
    ltv: new Exact(value).isZero() ? undefined : owed.dividedBy(value).toFixed(6, Decimal.ROUND_HALF_UP),
    level,
    cashCall: up(owed.minus(new Exact(value).times(lines.pledgeRate))),
    goodsCall: up(owed.dividedBy(lines.pledgeRate).minus(value)),
  };
}

/** A line is reached when the exposure is the value times the line: no rounded ratio decides. */
function levelOf(value: Decimal, owed: Decimal, lines: Lines): Level {
  const reaches = (line: string) => owed.greaterThanOrEqualTo(value.times(line));
  if (owed.isZero() || !reaches(lines.warn)) return 'OK';
  if (!reaches(lines.call)) return 'WARN';
  return reaches(lines.dispose) ? 'DISPOSE' : 'CALL';
}

/** What may be lent on that value: cut to the fen. */
export function mostLent(value: string, pledgeRate: string): string {
  return new Exact(value).times(pledgeRate).toFixed(2, Decimal.ROUND_DOWN);
}

/** The value that may go when `repaid` of the exposure is posted: V − (exposure − repaid) / rate, never below zero (F7 5). */
export function mostReleased(value: string, exposure: string, repaid: string, pledgeRate: string): string {
  const needed = Exact.max(0, new Exact(exposure).minus(repaid)).dividedBy(pledgeRate);
  return Exact.max(0, new Exact(value).minus(needed)).toFixed(2, Decimal.ROUND_DOWN);
}

/** The value that must stay of a floating pledge: max(floor, exposure / rate), rounded up to the fen. */
export function mustStay(floor: string, exposure: string, pledgeRate: string): string {
  return Exact.max(floor, new Exact(exposure).dividedBy(pledgeRate)).toFixed(2, Decimal.ROUND_UP);
}
