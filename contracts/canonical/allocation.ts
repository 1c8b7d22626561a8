/**
 * How a payment is set against what is owed (冲抵): costs, then interest, then principal unless agreed otherwise
 * (民法典 561); among several debts what the debtor names, otherwise the order of 民法典 560. No fen is lost.
 */
import { fenOf, yuanOf } from './money.ts';

export const items = ['FEE', 'PENALTY', 'COMPOUND', 'INTEREST', 'PRINCIPAL'] as const;
export type Item = (typeof items)[number];
export type Owed = Readonly<Record<Item, string>>;

export interface Allocated {
  readonly paid: Owed;
  /** What was more than owed: it is not the lender's, and goes to people. */
  readonly left: string;
}

/** The order is the product's; an item that it does not name is not paid. */
export function allocate(amount: string, owed: Owed, order: readonly Item[] = items): Allocated {
  let left = fenOf(amount);
  const paid = Object.fromEntries(items.map((item) => [item, '0.00'])) as Record<Item, string>;
  for (const item of new Set(order)) {
    const part = least(left, fenOf(owed[item]));
    paid[item] = yuanOf(part);
    left -= part;
  }
  return { paid, left: yuanOf(left) };
}

export interface Debt {
  readonly no: string;
  readonly amount: string;
  readonly dueOn: string;
  /** How much security there is for it. */
  readonly secured: string;
  /** Annual fraction: the dearer debt burdens more. */
  readonly rate: string;
}

/**
 * Among several debts of one debtor to one creditor (民法典 560): the one that the debtor names; then what is due; of that
 * the least secured, the most burdensome, the earliest; equals share in proportion. Returns yuan by debt.
 */
export function allocateAmong(
  amount: string,
  debts: readonly Debt[],
  on: string,
  named?: string,
): ReadonlyMap<string, string> {
  let left = fenOf(amount);
  const paid = new Map<string, string>();
  const ranks = Map.groupBy(debts, (debt) => rankOf(debt, on, named));
  for (const [, equals] of [...ranks].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = inProportion(
      left,
      equals.map((debt) => fenOf(debt.amount)),
    );
    for (const [i, debt] of equals.entries()) {
      const part = parts[i] ?? 0n;
      paid.set(debt.no, yuanOf(part));
      left -= part;
    }
  }
  return paid;
}

/** Sorts as text: each part has a fixed width. */
function rankOf(debt: Debt, on: string, named: string | undefined): string {
  const lack = fenOf(debt.amount) - fenOf(debt.secured);
  const unsecured = lack > 0n ? lack : 0n;
  const burden = 9_999_999n - BigInt(debt.rate.replace('.', '').padEnd(7, '0'));
  return [
    debt.no === named ? 0 : 1,
    debt.dueOn <= on ? 0 : 1,
    String(10n ** 18n - unsecured).padStart(19, '0'),
    String(burden).padStart(7, '0'),
    debt.dueOn,
  ].join(' ');
}

/** Largest remainders get the fen that division leaves. */
function inProportion(amount: bigint, owed: readonly bigint[]): bigint[] {
  const total = owed.reduce((sum, one) => sum + one, 0n);
  if (total <= amount) return [...owed];
  const parts = owed.map((one) => (amount * one) / total);
  let left = amount - parts.reduce((sum, one) => sum + one, 0n);
  const byRemainder = owed
    .map((one, i) => ({ i, remainder: (amount * one) % total }))
    .toSorted((a, b) => (a.remainder > b.remainder ? -1 : 1));
  for (const { i } of byRemainder) {
    if (left === 0n) break;
    parts[i] = (parts[i] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
