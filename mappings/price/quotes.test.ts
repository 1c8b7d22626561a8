import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { quoteCodes, quoteFailureOf, quoteUnits, toQuote, vendorUnitOf } from './quotes.ts';

const quoted = (price: string, unit: string) => ({
  material: 'HRB400E-12',
  price,
  currency: 'CNY',
  unit,
  source: 'S',
  quoteDate: '2026-11-20',
  publishedAt: '2026-11-20T09:00:00+08:00',
});

test('a price per kilogram is mapped to one per tonne as the example says', () => {
  const { from, to } = JSON.parse(
    readFileSync(new URL('examples/quotes.quote.per-kilogram.json', import.meta.url), 'utf8'),
  ) as {
    from: Parameters<typeof toQuote>[0];
    to: unknown;
  };
  expect(toQuote(from)).toEqual(to);
});

test.each([
  ['3400', 't', 'TNE', '3400.00'],
  ['3400.0000', 't', 'TNE', '3400.00'],
  ['3400.5', 't', 'TNE', '3400.50'],
  ['3.4', 'kg', 'TNE', '3400.00'],
  ['3.40012', 'kg', 'TNE', '3400.12'],
  ['0.00001', 'kg', 'TNE', '0.01'],
  ['3400', 't', 'KGM', '3.40'],
  ['10', 't', 'KGM', '0.01'],
  ['0012.30', 'pc', 'C62', '12.30'],
  ['52.65', 'm3', 'MTQ', '52.65'],
])('%s per %s is, per %s, %s', (price, from, unit, expected) => {
  expect(toQuote({ unit, quoted: quoted(price, from) })).toMatchObject({ price: expected, unit });
});

test('any price of a tonne survives the way through kilograms', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 12n), (fen) => {
      const digits = fen.toString().padStart(6, '0');
      const perKilogram = `${digits.slice(0, -5)}.${digits.slice(-5)}`;
      const yuan = fen.toString().padStart(3, '0');
      expect(toQuote({ unit: 'TNE', quoted: quoted(perKilogram, 'kg') }).price).toBe(
        `${yuan.slice(0, -2)}.${yuan.slice(-2)}`,
      );
    }),
  );
});

describe('never guessed is', () => {
  test.each([
    ['a price that no fen can express', '3400.005', 't', 'TNE', 'CONTRACT_VIOLATED'],
    ['a price that a kilogram cannot have in fen', '3401', 't', 'KGM', 'CONTRACT_VIOLATED'],
    ['a price of another dimension', '3400', 'm3', 'TNE', 'EXT_CODE_UNMAPPED'],
    ['a unit without mapping', '3400', 'lb', 'TNE', 'EXT_CODE_UNMAPPED'],
    ['a unit named like a method', '3400', 'toString', 'TNE', 'EXT_CODE_UNMAPPED'],
    ['a price of zero', '0.000', 't', 'TNE', 'ANSWER_UNVERIFIED'],
    ['a negative price', '-1', 't', 'TNE', 'CONTRACT_VIOLATED'],
    ['a price in powers of ten', '1e3', 't', 'TNE', 'CONTRACT_VIOLATED'],
  ])('%s', (_what, price, from, unit, type) => {
    expect(() => toQuote({ unit, quoted: quoted(price, from) })).toThrow(expect.objectContaining({ type }));
  });
});

test.each(Object.entries(quoteUnits.rows))('the vendor calls %j %s', (name, unit) => {
  expect(vendorUnitOf(unit)).toBe(name);
});

test('a unit that the vendor does not know is refused before anything is sent', () => {
  expect(() => vendorUnitOf('LTR')).toThrow(expect.objectContaining({ type: 'CONTRACT_VIOLATED' }));
});

test.each(Object.entries(quoteCodes.rows))('%s is %s', (code, type) => {
  expect(quoteFailureOf(code)).toMatchObject({ type, externalCode: code });
});

test.each(['', 'NEW_CODE', 'toString'])('code %j has no mapping', (code) => {
  expect(quoteFailureOf(code).type).toBe('EXT_CODE_UNMAPPED');
});
