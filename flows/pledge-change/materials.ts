/** Classes of goods (货类): what may stand in for what. Only goods of the class that was pledged are taken in exchange. */
import { decimal } from '../../contracts/canonical/money.ts';

const classes: Readonly<Record<string, string>> = {
  HRB: 'steel',
  HRC: 'steel',
  HPB: 'steel',
  CRC: 'steel',
  NI: 'nickel',
  CU: 'copper',
  AL: 'aluminium',
};

/** By the leading letters of its code; a material of no known class is a class of its own. */
export function classOf(materialCode: string): string {
  const letters = /^[A-Z]+/.exec(materialCode)?.[0] ?? materialCode;
  return classes[letters] ?? letters;
}

/** A certificate of quality is good for so long (质检有效期). */
const certificateDaysMax = 180;

export function isCertificateFresh(issuedOn: string, today: string): boolean {
  const days = (Date.parse(`${today}T00:00:00Z`) - Date.parse(`${issuedOn}T00:00:00Z`)) / 86_400_000;
  return days >= 0 && days <= certificateDaysMax;
}

/** Quantities are thousandths, exactly. */
export const thousandths = (quantity: string): bigint => BigInt(decimal(quantity, 3).replace('.', ''));
