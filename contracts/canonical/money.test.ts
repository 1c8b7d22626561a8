import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decimal, fenOf, yuanOf } from './money.ts';

test.each([
  ['0.00', 0n],
  ['0.01', 1n],
  ['-0.01', -1n],
  ['1234.50', 123_450n],
  ['2857190.00', 285_719_000n],
  ['999999999999999.99', 99_999_999_999_999_999n], // Fifteen digits, beyond 2^53 fen.
])('%s yuan are %s fen, and back', (yuan, fen) => {
  expect(fenOf(yuan)).toBe(fen);
  expect(yuanOf(fen)).toBe(yuan);
});

test.each([
  '',
  '1',
  '1.0',
  '1.000',
  '.50',
  '1.',
  '1e3',
  '1,000.00',
  '１.00',
  ' 1.00',
  '1.00 ',
  '+1.00',
  '--1.00',
  'NaN',
  '1234567890123456.00',
  '1.00\n',
])('%j is no amount', (text) => {
  expect(() => fenOf(text)).toThrow('two decimals');
});

test('any number of fen is written and read again without loss', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -99_999_999_999_999_999n, max: 99_999_999_999_999_999n }), (fen) => {
      expect(fenOf(yuanOf(fen))).toBe(fen);
    }),
  );
});

test.each([
  ['52.65', 2, '52.65'],
  ['3400', 2, '3400.00'],
  ['12.5000', 2, '12.50'],
  ['0012.5', 2, '12.50'],
  ['0', 2, '0.00'],
  ['-0.00', 2, '0.00'],
  ['-1.5', 2, '-1.50'],
  ['1200.5', 3, '1200.500'],
  ['7.0', 0, '7'],
  ['0.052', 6, '0.052000'],
  ['999999999999999.99', 2, '999999999999999.99'],
])("the counterparty's %s with %s decimals is %s", (text, digits, ours) => {
  expect(decimal(text, digits)).toBe(ours);
});

test.each([
  ['1.005', 2],
  ['1.5', 0],
  ['1e3', 2],
  ['1.2E+2', 2],
  ['abc', 2],
  ['', 2],
  ['1,000', 2],
  ['0x10', 2],
  ['Infinity', 2],
  ['9999999999999999', 2],
])('%j does not fit into %s decimals, and nothing is rounded', (text, digits) => {
  expect(() => decimal(text, digits)).toThrow('was expected');
});
