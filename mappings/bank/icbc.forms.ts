/** How ICBC writes instants, amounts and rates. Exact in both directions, and nothing that does not exist passes. */
import { decimal } from '../../contracts/canonical/money.ts';
import { Failure } from '../../contracts/failures.ts';

/** `"2026-11-23 09:00:00"` in Beijing → `"2026-11-23T09:00:00+08:00"`. */
export function instantOf(stamp: string): string {
  const match = /^(\d{4}-\d\d-\d\d) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/.exec(stamp);
  const day = match?.[1] ?? '';
  const date = new Date(`${day}T00:00:00Z`);
  if (!match || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'there is no such instant' });
  return `${day}T${match[2]}:${match[3]}:${match[4]}+08:00`;
}

/** `"800000"`, `"800000.5"` → `"800000.00"`, `"800000.50"`. */
export function yuanOf(amount: string): string {
  return decimal(amount, 2);
}

/** Percent → fraction with six decimals: `"5.2"` → `"0.052000"`. The digits stay, only the point moves. */
export function rateOf(percent: string): string {
  const digits = decimal(percent, 4).replace('.', '').padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
