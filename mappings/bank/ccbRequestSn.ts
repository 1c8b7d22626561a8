/**
 * The bank's number of a request: sixteen digits, unique for ever. For a transfer it must be the same in every attempt,
 * so it cannot come from a clock. `PI20261123-000001` becomes `261123 000001 1609`: the day, the sequence, and the two
 * letters by their place in the alphabet. Nothing is lost in this century, so no two instructions have one number.
 */
import { Failure } from '../../contracts/failures.ts';

/** @throws Failure CONTRACT_VIOLATED when the number is not two letters, date, hyphen, six digits: before a byte is sent */
export function requestSnOf(instructionNo: string): string {
  const [, letters = '', day = '', sequence = ''] = /^([A-Z]{2})20(\d{6})-(\d{6})$/.exec(instructionNo) ?? [];
  if (letters === '') {
    const detail = 'this bank takes instruction numbers like PI20261123-000001 only';
    throw new Failure('CONTRACT_VIOLATED', {
      detail,
      errors: [{ pointer: '#/instructionNo', code: 'pattern', detail }],
    });
  }
  const places = [...letters].map((letter) => String(letter.charCodeAt(0) - 64).padStart(2, '0')).join('');
  return `${day}${sequence}${places}`;
}

/** Of a question. No letter has a place above 26, so it is never that of a transfer. */
export function questionSnOf(stamp14: string, random: number): string {
  return `${stamp14.slice(2, 8)}${String(random).padStart(8, '0').slice(-8, -2)}99${String(random).slice(-2).padStart(2, '0')}`;
}
