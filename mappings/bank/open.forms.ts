/** How the open bank API writes days, instants and rates. Exact in both directions, and nothing that does not exist passes. */
import { Failure } from '../../contracts/failures.ts';

/** `"2026-11-23"` → `"20261123"`. */
export function dayOf(date: string): string {
  return date.replaceAll('-', '');
}

/** `"20261123"` → `"2026-11-23"`. */
export function dateOf(day: string): string {
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}`;
  if (!/^\d{8}$/.test(day) || !exists(date)) throw wrong('there is no such day');
  return date;
}

/** `"20261123090000"` in Beijing → `"2026-11-23T09:00:00+08:00"`. */
export function instantOf(stamp: string): string {
  const match = /^(\d{8})([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/.exec(stamp);
  if (!match) throw wrong('there is no such instant');
  return `${dateOf(match[1] ?? '')}T${match[2]}:${match[3]}:${match[4]}+08:00`;
}

/** Percent with four decimals → fraction with six: `"5.2000"` → `"0.052000"`. The digits stay, only the point moves. */
export function rateOf(percent: string): string {
  if (!/^(0|[1-9]\d{0,2})\.\d{4}$/.test(percent)) throw wrong('a rate is percent with four decimals');
  const digits = percent.replace('.', '').padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function exists(date: string): boolean {
  const instant = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date);
}

function wrong(detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail });
}
