/**
 * Repayment plans (还款计划): what is due when. Periods are months from the start; a due day on a holiday moves to the next
 * working day (民法典 203) and bears no more interest for it. The last instalment absorbs what rounding left.
 */
import { addMonths, rollForward } from './calendar.ts';
import { Exact, interestOf, roundedYuan, type DayCount } from './interest.ts';
import { fenOf, yuanOf } from './money.ts';
import { Failure } from '../failures.ts';

export const methods = ['BULLET', 'INTEREST_MONTHLY', 'EQUAL_PRINCIPAL', 'EQUAL_INSTALMENT'] as const;
export type Method = (typeof methods)[number];

export interface Terms {
  readonly principal: string;
  readonly rate: string;
  readonly dayCount: DayCount;
  readonly start: string;
  readonly maturity: string;
  readonly method: Method;
}

export interface Instalment {
  /** Counts from 1. */
  readonly no: number;
  /** Interest of [from, to). */
  readonly from: string;
  readonly to: string;
  /** `to`, or the next working day. */
  readonly dueOn: string;
  readonly principal: string;
  readonly interest: string;
}

/** Longest plan: 50 years of months. */
const instalmentsMax = 600;

/** @throws Failure CONTRACT_VIOLATED when the loan does not end after it begins, or has too many instalments */
export function planOf(terms: Terms): Instalment[] {
  const ends = endsOf(terms);
  let from = terms.start;
  let owed = fenOf(terms.principal);
  const shares = sharesOf(terms, ends.length);
  return ends.map((to, i) => {
    const interest = interestOf([{ principal: yuanOf(owed), rate: terms.rate, from, to }], terms.dayCount);
    const last = i === ends.length - 1;
    const principal = last ? owed : least(owed, shares(fenOf(interest)));
    const instalment = { no: i + 1, from, to, dueOn: rollForward(to), principal: yuanOf(principal), interest };
    owed -= principal;
    from = to;
    return instalment;
  });
}

/**
 * The plan of what is left after part of the principal was prepaid (提前还款): the same dates, from that day on. Interest up
 * to that day is by actual days (民法典 677) and is not in it.
 */
export function planAfterPrepayment(terms: Terms, owed: string, on: string): Instalment[] {
  return planOf({ ...terms, principal: owed, start: on });
}

function endsOf({ start, maturity, method }: Terms): string[] {
  if (maturity <= start) throw new Failure('CONTRACT_VIOLATED', { detail: 'a loan ends after it begins' });
  if (method === 'BULLET') return [maturity];
  const ends: string[] = [];
  for (let month = 1; addMonths(start, month) < maturity; month += 1) {
    ends.push(addMonths(start, month));
    if (ends.length >= instalmentsMax)
      throw new Failure('CONTRACT_VIOLATED', { detail: `a plan has at most ${instalmentsMax} instalments` });
  }
  return [...ends, maturity];
}

/** How much principal an instalment other than the last one carries, in fen, given its interest. */
function sharesOf({ principal, rate, method }: Terms, count: number): (interestFen: bigint) => bigint {
  switch (method) {
    case 'BULLET':
    case 'INTEREST_MONTHLY':
      return () => 0n;
    case 'EQUAL_PRINCIPAL': {
      const share = fenOf(roundedYuan(new Exact(principal).dividedBy(count)));
      return () => share;
    }
    case 'EQUAL_INSTALMENT': {
      const payment = fenOf(annuity(principal, rate, count));
      return (interest) => (payment > interest ? payment - interest : 0n);
    }
  }
}

/** What is paid each month so that nothing is left after `count` months: P·i·(1+i)^n / ((1+i)^n − 1), i = rate / 12. */
export function annuity(principal: string, rate: string, count: number): string {
  const monthly = new Exact(rate).dividedBy(12);
  if (monthly.isZero()) return roundedYuan(new Exact(principal).dividedBy(count));
  const growth = monthly.plus(1).pow(count);
  return roundedYuan(new Exact(principal).times(monthly).times(growth).dividedBy(growth.minus(1)));
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
