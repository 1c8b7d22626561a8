/** A vendor's quote as ours: its unit names, and the price of one unit turned into the price of another, exactly. */
import { Type } from 'typebox';
import { decimal } from '../../contracts/canonical/money.ts';
import { contract, strict } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { Quote } from '../../contracts/price/price.ts';
import { QuotesQuote } from '../../contracts/price/quotes.wire.ts';
import { codeTable, twoWayTable, unmapped } from '../codes/codeTable.ts';
import { powersBetween } from '../codes/units.ts';

const source = 'adapters/price/README.md';

export const quoteUnits = twoWayTable('price.quotes.unit', source, { t: 'TNE', kg: 'KGM', m3: 'MTQ', pc: 'C62' });

/** What the vendor answers besides `OK`. */
export const quoteCodes = codeTable('price.quotes.refusal', source, {
  MATERIAL_UNKNOWN: 'NOT_FOUND',
  KEY_INVALID: 'SYSTEM_REFUSED',
  UNIT_UNKNOWN: 'SYSTEM_REFUSED',
  RATE_LIMITED: 'SYSTEM_BUSY',
} satisfies Record<string, FailureCode>);

export function quoteFailureOf(code: string): Failure {
  return new Failure(quoteCodes.find(code) ?? 'EXT_CODE_UNMAPPED', {
    detail: `the price service answered ${code}`,
    externalCode: code,
  });
}

/** The vendor's name of a unit. @throws Failure CONTRACT_VIOLATED: this vendor has none */
export function vendorUnitOf(unit: string): ReturnType<typeof quoteUnits.codeOf> {
  return quoteUnits.codeOf(unit, '#/unit');
}

const Quoted = contract('price/quotes/quoted', strict({ unit: Type.String(), quoted: QuotesQuote.schema }));

/** Dates stay as they came: whether a quote is stale is for the business to judge. */
export const toQuote = mapping('price.quotes.quote', Quoted, Quote, ({ unit, quoted }) => {
  vendorUnitOf(unit); // Asked in a unit that the vendor has none of, this is no answer.
  const places = powersBetween(unit, quoteUnits.of(quoted.unit, '#/quoted/unit'));
  if (places === undefined) throw unmapped(quoteUnits.name, quoted.unit, '#/quoted/unit', `asked per ${unit}`);
  const price = decimal(shifted(quoted.price, places), 2);
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

/** A plain decimal times 10^places, as text: the point moves, no digit is lost. */
function shifted(price: string, places: number): string {
  const [whole = '', fraction = ''] = price.split('.');
  const digits = whole.padStart(whole.length + Math.max(0, -places), '0') + fraction.padEnd(Math.max(0, places), '0');
  const point = whole.length + Math.max(0, -places) + places;
  const rest = digits.slice(point);
  return (digits.slice(0, point) || '0') + (rest === '' ? '' : `.${rest}`);
}
