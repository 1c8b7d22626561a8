/** A vendor's quote as ours: its unit names, and the price of one unit turned into the price of another, exactly. */
import { Type } from 'typebox';
import { decimal } from '../../contracts/canonical/money.ts';
import { contract, strict } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { Quote } from '../../contracts/price/price.ts';
import { QuotesQuote } from '../../contracts/price/quotes.wire.ts';

/** The vendor's unit names. `power`: a unit is 10^power of the smallest of its dimension. */
export const quoteUnits = {
  t: { unit: 'TNE', dimension: 'mass', power: 3 },
  kg: { unit: 'KGM', dimension: 'mass', power: 0 },
  m3: { unit: 'MTQ', dimension: 'volume', power: 0 },
  pc: { unit: 'C62', dimension: 'count', power: 0 },
} as const;

type VendorUnit = keyof typeof quoteUnits;

/** What the vendor answers besides `OK`. */
export const quoteCodes = {
  MATERIAL_UNKNOWN: 'NOT_FOUND',
  KEY_INVALID: 'SYSTEM_REFUSED',
  UNIT_UNKNOWN: 'SYSTEM_REFUSED',
  RATE_LIMITED: 'SYSTEM_BUSY',
} as const satisfies Record<string, FailureCode>;

export function quoteFailureOf(code: string): Failure {
  const type = Object.hasOwn(quoteCodes, code) ? quoteCodes[code as keyof typeof quoteCodes] : 'EXT_CODE_UNMAPPED';
  return new Failure(type, { detail: `the price service answered ${code}`, externalCode: code });
}

/** The vendor's name of a unit. @throws Failure CONTRACT_VIOLATED: this vendor has none */
export function vendorUnitOf(unit: string): VendorUnit {
  const found = (Object.keys(quoteUnits) as VendorUnit[]).find((name) => quoteUnits[name].unit === unit);
  if (!found) throw new Failure('CONTRACT_VIOLATED', { detail: `the price service has no unit ${unit}` });
  return found;
}

const Quoted = contract('price/quotes/quoted', strict({ unit: Type.String(), quoted: QuotesQuote.schema }));

/** Dates stay as they came: whether a quote is stale is for the business to judge. */
export const toQuote = mapping(Quoted, Quote, ({ unit, quoted }) => {
  const per = unitRow(quoted.unit);
  const wanted = quoteUnits[vendorUnitOf(unit)];
  if (per.dimension !== wanted.dimension) {
    throw new Failure('EXT_CODE_UNMAPPED', {
      detail: `quoted per ${quoted.unit}, asked per ${unit}`,
      externalCode: quoted.unit,
    });
  }
  const price = decimal(shifted(quoted.price, wanted.power - per.power), 2);
  if (price === '0.00') throw new Failure('ANSWER_UNVERIFIED', { detail: 'a price of zero is not believed' });
  return {
    materialCode: quoted.material,
    price,
    currency: quoted.currency,
    unit,
    source: quoted.source,
    quoteDate: quoted.quoteDate,
    asOf: quoted.publishedAt,
  };
});

function unitRow(name: string): (typeof quoteUnits)[VendorUnit] {
  if (!Object.hasOwn(quoteUnits, name)) {
    throw new Failure('EXT_CODE_UNMAPPED', { detail: `unit ${name} has no mapping`, externalCode: name });
  }
  return quoteUnits[name as VendorUnit];
}

/** A plain decimal times 10^places, as text: the point moves, no digit is lost. */
function shifted(price: string, places: number): string {
  const [whole = '', fraction = ''] = price.split('.');
  const digits = whole.padStart(whole.length + Math.max(0, -places), '0') + fraction.padEnd(Math.max(0, places), '0');
  const point = whole.length + Math.max(0, -places) + places;
  const rest = digits.slice(point);
  return (digits.slice(0, point) || '0') + (rest === '' ? '' : `.${rest}`);
}
