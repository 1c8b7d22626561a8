/**
 * The bank's interest, exact: integer fen, rates in millionths a year, whole days. The first day counts, the last does
 * not (算头不算尾). Half up to the fen, once for each posted item and never by day: thirty rounded days are not a month.
 */

const million = 1_000_000n;

/** Days of the year by which an annual rate is divided. */
const yearDays = { A360: 360n, A365: 365n } as const;
export type DayCount = keyof typeof yearDays;

/** Overdue principal bears one and a half times the rate (罚息) instead of the rate. */
const penaltyNumerator = 3n;
const penaltyDenominator = 2n;

/** `numerator / denominator`, both not negative, rounded half up. */
function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}

export function interestFen(principalFen: bigint, ratePpm: bigint, days: number, dayCount: DayCount): bigint {
  return halfUp(principalFen * ratePpm * BigInt(days), yearDays[dayCount] * million);
}

export function penaltyFen(principalFen: bigint, ratePpm: bigint, days: number, dayCount: DayCount): bigint {
  return halfUp(
    principalFen * ratePpm * BigInt(days) * penaltyNumerator,
    yearDays[dayCount] * million * penaltyDenominator,
  );
}

/** Calendar days from one `yyyyMMdd` to another; negative when the second lies before the first. */
export function daysBetween(from: string, to: string): number {
  return Math.round((utcOf(to) - utcOf(from)) / 86_400_000);
}

export function addDays(date: string, days: number): string {
  return new Date(utcOf(date) + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
}

function utcOf(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)));
}

/** What is owed on a loan, by item. */
export interface Due {
  readonly fee: bigint;
  readonly penalty: bigint;
  readonly interest: bigint;
  readonly principal: bigint;
}

/** The part of a loan that decides what it owes. Amounts in fen, as text: a memory is plain JSON. */
export interface Running {
  readonly balanceFen: string;
  readonly ratePpm: string;
  readonly dayCount: DayCount;
  readonly maturity: string;
  /** Interest and penalty are accounted for up to this day. */
  readonly accruedTo: string;
  /** Posted items that earlier repayments did not reach. */
  readonly unpaid: { readonly fee: string; readonly penalty: string; readonly interest: string };
}

/** What would settle everything on that day. Until maturity the rate runs, after it the penalty rate alone. */
export function dueOn(loan: Running, valueDate: string): Due {
  const principal = BigInt(loan.balanceFen);
  const rate = BigInt(loan.ratePpm);
  const regularEnd = valueDate < loan.maturity ? valueDate : loan.maturity;
  const penaltyStart = loan.accruedTo > loan.maturity ? loan.accruedTo : loan.maturity;
  const regularDays = Math.max(0, daysBetween(loan.accruedTo, regularEnd));
  const penaltyDays = Math.max(0, daysBetween(penaltyStart, valueDate));
  return {
    fee: BigInt(loan.unpaid.fee),
    penalty: BigInt(loan.unpaid.penalty) + penaltyFen(principal, rate, penaltyDays, loan.dayCount),
    interest: BigInt(loan.unpaid.interest) + interestFen(principal, rate, regularDays, loan.dayCount),
    principal,
  };
}

export function totalOf(due: Due): bigint {
  return due.fee + due.penalty + due.interest + due.principal;
}

/** Fee, penalty, interest, principal (民法典 561). What is left over is more than was owed. */
export function allocate(amountFen: bigint, due: Due): { paid: Due; left: bigint } {
  let left = amountFen;
  const take = (owed: bigint): bigint => {
    const part = left < owed ? left : owed;
    left -= part;
    return part;
  };
  const paid = {
    fee: take(due.fee),
    penalty: take(due.penalty),
    interest: take(due.interest),
    principal: take(due.principal),
  };
  return { paid, left };
}
