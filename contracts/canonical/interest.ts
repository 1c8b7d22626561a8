/**
 * Interest (利息), exact: I = Σ P·r·d/basis over segments of balance, rounded half up to the fen once per posted item, never
 * per day. The first day counts, the last does not (算头不算尾). Amounts are yuan with two decimals, rates annual fractions,
 * dates business dates. Law: 民法典 670 (what is deducted is not principal), 677 (prepaid: by actual days); penalty:
 * 银发〔2003〕251号.
 */
import { Decimal } from 'decimal.js';
import { Failure } from '../failures.ts';
import { daysBetween } from './calendar.ts';

/** At its default precision of 20 digits the library rounds products of an amount, a rate and days. */
export const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP });
export type Exact = Decimal;

export const dayCounts = ['ACT/360', 'ACT/365', '30/360'] as const;
export type DayCount = (typeof dayCounts)[number];

const basisDays: Readonly<Record<DayCount, number>> = { 'ACT/360': 360, 'ACT/365': 365, '30/360': 360 };

/** What bears interest, at what rate, from which day up to but without which day. */
export interface Segment {
  readonly principal: string;
  readonly rate: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Days that bear interest: calendar days for ACT, months of 30 days for 30/360 (a 31st counts as a 30th on both ends).
 * @throws Failure CONTRACT_VIOLATED when the second date is before the first
 */
export function interestDays(from: string, to: string, dayCount: DayCount): number {
  if (to < from) throw new Failure('CONTRACT_VIOLATED', { detail: `interest cannot run from ${from} back to ${to}` });
  if (dayCount !== '30/360') return daysBetween(from, to);
  const [y1 = 0, m1 = 0, d1 = 0] = from.split('-').map(Number);
  const [y2 = 0, m2 = 0, d2 = 0] = to.split('-').map(Number);
  return (y2 - y1) * 360 + (m2 - m1) * 30 + Math.min(d2, 30) - Math.min(d1, 30);
}

/** Not rounded: sums of it are additive over any split of the time. */
export function exactInterest(segments: readonly Segment[], dayCount: DayCount): Exact {
  const sum = segments.reduce(
    (total, { principal, rate, from, to }) =>
      total.plus(new Exact(principal).times(rate).times(interestDays(from, to, dayCount))),
    new Exact(0),
  );
  return sum.dividedBy(basisDays[dayCount]);
}

/** One posted item of interest, in yuan. */
export function interestOf(segments: readonly Segment[], dayCount: DayCount): string {
  // A sum that the division cannot end on never lies so near a half fen that 80 digits would not tell.
  return roundedYuan(exactInterest(segments, dayCount));
}

export interface Overdue {
  /** Principal for penalty interest (罚息), interest for compound interest (复利). */
  readonly overdue: string;
  readonly rate: string;
  /** Of the rate: 1.3 to 1.5 for late payment, 1.5 to 2.0 for misuse. */
  readonly multiplier: string;
  readonly from: string;
  readonly to: string;
}

/** Penalty or compound interest on what is overdue, from its due day on: instead of the ordinary interest, not on top. */
export function penaltyOf({ overdue, rate, multiplier, from, to }: Overdue, dayCount: DayCount): string {
  return interestOf([{ principal: overdue, rate: penaltyRate(rate, multiplier), from, to }], dayCount);
}

/** An annual fraction with six decimals, as it is stored and posted. */
export function penaltyRate(rate: string, multiplier: string): string {
  return new Exact(rate).times(multiplier).toFixed(6, Decimal.ROUND_HALF_UP);
}

/** Total price of credit of a lender without a licence: at most four times the one-year LPR (民间借贷规定 25, 29). */
export function withinPrivateCap(totalRate: string, lpr: string): boolean {
  return new Exact(totalRate).lessThanOrEqualTo(new Exact(lpr).times(4));
}

/**
 * What is paid out of an amount when interest is taken beforehand: only where a claim is bought (保理, 贴现). A loan is never
 * shortened by its interest (民法典 670, I-22).
 * @throws Failure NOT_ALLOWED for a loan
 */
export function netOfUpfront(amount: string, interest: string, product: string, purchase: boolean): string {
  if (product !== 'FACTORING' || !purchase)
    throw new Failure('NOT_ALLOWED', { detail: 'interest is deducted beforehand only when a receivable is bought' });
  const net = new Exact(amount).minus(interest);
  if (net.lessThanOrEqualTo(0)) throw new Failure('CONTRACT_VIOLATED', { detail: 'nothing would be paid out' });
  return net.toFixed(2);
}

export function roundedYuan(amount: Exact): string {
  return amount.toFixed(2, Decimal.ROUND_HALF_UP);
}
