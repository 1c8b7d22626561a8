/** Exact amounts. On the wire: yuan with two decimals as a string; in arithmetic: integer fen (分) as bigint. */
import { Failure } from '../failures.ts';

/** `"1234.50"` → `123450n`. @throws Failure CONTRACT_VIOLATED on anything that is not yuan with two decimals */
export function fenOf(yuan: string): bigint {
  if (!/^-?\d{1,15}\.\d{2}$/.test(yuan))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'an amount must be yuan with two decimals' });
  return BigInt(yuan.replace('.', ''));
}

/** `123450n` → `"1234.50"`. */
export function yuanOf(fen: bigint): string {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  return `${fen < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * A counterparty's decimal (`"52.65"`, `"3400"`, `"12.5000"`) in our form with exactly `digits` decimals.
 * @throws Failure CONTRACT_VIOLATED when it is no plain decimal or has more significant decimals than fit
 */
export function decimal(text: string, digits: number): string {
  const match = /^(-?)0*(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  const fraction = (match?.[3] ?? '').replace(/0+$/, '');
  if (!match || fraction.length > digits) {
    throw new Failure('CONTRACT_VIOLATED', { detail: `a decimal with at most ${digits} decimals was expected` });
  }
  const whole = match[2] ?? '0';
  const shown = digits > 0 ? `${whole}.${fraction.padEnd(digits, '0')}` : whole;
  return match[1] === '-' && /[1-9]/.test(shown) ? `-${shown}` : shown;
}
