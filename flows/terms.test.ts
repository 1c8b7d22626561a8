import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fenOf } from '../contracts/canonical/money.ts';
import { lowerPrice, shareOf } from './terms.ts';

const ample = '999999999999999.99';

test('1 200.500 t at 3 400.00 and 70 % make 2 857 190.00', () => {
  expect(shareOf('4081700.00', '0.700000', ample)).toBe('2857190.00');
});

test.each([
  ['0.01', '0.999999', ample, '0.00'], // Cut, never rounded up.
  ['0.10', '0.999999', ample, '0.09'],
  ['100.00', '1.000000', ample, '100.00'],
  ['4081700.00', '0.700000', '2857190.00', '2857190.00'],
  ['4081700.00', '0.700000', '2857189.99', '2857189.99'],
  ['0.00', '0.700000', ample, '0.00'],
  ['797223129873914.81', '0.946590', ample, '754643442507349.01'], // Twenty digits of arithmetic would round this up.
  ['999999999999999.99', '0.700000', ample, '699999999999999.99'], // A double has 16 digits: 699999999999999.993.
])('of %s at %s, at most %s, %s may be lent', (value, rate, ceiling, share) => {
  expect(shareOf(value, rate, ceiling)).toBe(share);
});

test('what may be lent is the exact product cut to the fen', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 99_999_999_999_999_999n }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (fen, ppm) => {
        const value = `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
        const rate = `${Math.floor(ppm / 1_000_000)}.${String(ppm % 1_000_000).padStart(6, '0')}`;
        expect(fenOf(shareOf(value, rate, ample))).toBe((fen * BigInt(ppm)) / 1_000_000n);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['3400.00', '3399.99', '3399.99'],
  ['3399.99', '3400.00', '3399.99'],
  ['999.00', '3400.00', '999.00'], // As numbers, not as texts.
  ['3400.00', '3400.00', '3400.00'],
  [undefined, '3400.00', '3400.00'],
])('of contract price %s and market price %s, %s counts', (contractPrice, marketPrice, lower) => {
  expect(lowerPrice(contractPrice, marketPrice)).toBe(lower);
});

test('goods without a market price are not valued at all', () => {
  expect(() => lowerPrice('3400.00', undefined)).toThrow(expect.objectContaining({ type: 'PRICE_STALE' }));
});
