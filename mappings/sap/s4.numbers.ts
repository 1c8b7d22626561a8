/**
 * SAP's numbers, dates and keys in our forms. A number is a text all the way: `Exact` is an integer and a power of ten,
 * so that price units and totals come out to the fen.
 */
import { Failure } from '../../contracts/failures.ts';
import { currencyDecimals } from '../codes/currencies.ts';

export interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

const wholeDigitsMax = 15;

/** `3400.00`, ` 25231.67 `, `100.00-` (SAP puts the sign last); undefined when it is none of these. */
export function exactOf(text: string): Exact | undefined {
  const match = /^(-?)0*(\d{1,15})(?:\.(\d{1,9}))?(-?)$/.exec(text.trim());
  if (!match || (match[1] === '-' && match[4] === '-')) return undefined;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const digits = BigInt((match[2] ?? '0') + fraction);
  return { digits: match[1] === '-' || match[4] === '-' ? -digits : digits, scale: fraction.length };
}

export const one: Exact = { digits: 1n, scale: 0 };

export function times(a: Exact, b: Exact): Exact {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

/** `a / b` with that many decimals, halves rounded up (HALF_UP); undefined when it has no place in our forms. */
export function quotient(a: Exact, b: Exact, decimals: number): string | undefined {
  if (a.digits < 0n || b.digits <= 0n) return undefined;
  const numerator = a.digits * 10n ** BigInt(b.scale + decimals);
  const denominator = b.digits * 10n ** BigInt(a.scale);
  const rounded = (2n * numerator + denominator) / (2n * denominator);
  const text = rounded.toString().padStart(decimals + 1, '0');
  const whole = text.slice(0, text.length - decimals);
  return whole.length > wholeDigitsMax ? undefined : `${whole}.${text.slice(text.length - decimals)}`;
}

/** Exactly that many decimals, or undefined: nothing is rounded away. */
export function fixed(value: Exact, decimals: number): string | undefined {
  return value.scale > decimals ? undefined : quotient(value, one, decimals);
}

/** `20261123` (IDoc, RFC) and `2026-11-23` (SOAP) to `2026-11-23`; undefined for blanks, zeros and what is no day. */
export function dateOf(text: string | undefined): string | undefined {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text ?? '');
  if (!match) return undefined;
  const date = `${match[1]}-${match[2]}-${match[3]}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date || date < '1900'
    ? undefined
    : date;
}

/** Whether SAP means "no date". */
export function isBlankDate(text: string | undefined): boolean {
  return /^[0-]*$/.test(text ?? '');
}

/** A business date that many calendar days later. */
export function daysLater(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * SAP's ALPHA conversion, outward: `0000017101` and `17101` are one customer, so numbers lose their leading zeros.
 * Anything with a letter in it stays as it is.
 */
export function alpha(text: string): string {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text;
}

/** ALPHA conversion, inward: SAP wants its own length. */
export function alphaIn(text: string, length: number): string {
  return /^\d+$/.test(text) ? text.padStart(length, '0') : text;
}

export function wrong(pointer: string, code: string, detail: string): never {
  throw new Failure('CONTRACT_VIOLATED', { detail: `${pointer} ${detail}`, errors: [{ pointer, code, detail }] });
}

/** The text, or a refusal that names the place. */
export function needed(text: string | undefined, pointer: string, charsMax = 64): string {
  if (text === undefined || text === '') return wrong(pointer, 'required', 'is missing');
  if (text.length > charsMax) return wrong(pointer, 'maxLength', `is longer than ${charsMax} characters`);
  return text;
}

/** A number of SAP, or a refusal that names the place. */
export function number(text: string | undefined, pointer: string): Exact {
  const value = exactOf(needed(text, pointer));
  if (!value) return wrong(pointer, 'number', 'is not a plain decimal number such as 12.500');
  if (value.digits < 0n) return wrong(pointer, 'minimum', 'is negative');
  return value;
}

/** An amount as it is: BAPICURR, OData, IDoc. */
export function money(text: string | undefined, pointer: string): string {
  return fixed(number(text, pointer), 2) ?? wrong(pointer, 'decimals', 'has more than two decimals');
}

/**
 * An amount of type CURR, which SAP keeps with two decimals whatever the currency: 12.34 JPY are 1234 yen, 12.34 BHD are
 * 1.234 dinar.
 */
export function currMoney(text: string | undefined, currency: string, pointer: string): string {
  const { digits, scale } = number(text, pointer);
  const powers = 2 - currencyDecimals.of(currency, pointer) - scale;
  const value = powers > 0 ? { digits: digits * 10n ** BigInt(powers), scale: 0 } : { digits, scale: -powers };
  return fixed(value, 2) ?? wrong(pointer, 'decimals', 'has more than two decimals');
}

/** A date, or a refusal that names the place. */
export function dayAt(text: string | undefined, pointer: string): string {
  return dateOf(text) ?? wrong(pointer, 'date', 'is not a date');
}

/** SAP writes its own local time without saying where it is: Asia/Shanghai, as all business times of the hub. */
export function localInstant(day: string | undefined, time: string | undefined): string | undefined {
  const date = dateOf(day);
  const parts = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/.exec(time ?? '');
  return date === undefined || !parts ? undefined : `${date}T${parts[1]}:${parts[2]}:${parts[3]}+08:00`;
}

/** `/Date(1471392000000)/` or `/Date(1471392000000+0000)/` of OData V2. */
export function instantOf(text: string | undefined): string | undefined {
  const match = /^\/Date\((-?\d{1,14})(?:[+-]\d{1,4})?\)\/$/.exec(text ?? '');
  return match ? new Date(Number(match[1])).toISOString() : undefined; // 14 digits of milliseconds are exact in a double.
}

export function isBlank(text: string | undefined): text is undefined | '' {
  return text === undefined || text === '';
}
