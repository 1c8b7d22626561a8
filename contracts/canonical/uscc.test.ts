import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUscc, usccCheckDigit } from './uscc.ts';

const valid = [
  '91350100M000100Y43', // The example of GB 32100-2015.
  '91110108722619411A',
  '913301087458306077',
  '91110000802100433B',
  '914403001922038216',
  '91350200MA310000M0', // The remainder 31 becomes 0.
];

test.each(valid)('%s is a USCC', (code) => {
  expect(isUscc(code)).toBe(true);
  expect(usccCheckDigit(code.slice(0, 17))).toBe(code[17]);
});

test.each([
  '91350100M000100Y4Z',
  '91430100MA00000001',
  '91350100M000100Y4',
  '91350100M000100Y433',
  '91350100m000100y43',
  '91350100I000100Y43',
  '９1350100M000100Y43',
  '',
])('%j is none', (code) => {
  expect(isUscc(code)).toBe(false);
});

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'.split('');

test('any one character that is changed is noticed', () => {
  fc.assert(
    fc.property(fc.constantFrom(...valid), fc.nat({ max: 17 }), fc.constantFrom(...alphabet), (code, at, symbol) => {
      const changed = code.slice(0, at) + symbol + code.slice(at + 1);
      expect(isUscc(changed)).toBe(changed === code);
    }),
    { numRuns: 500 },
  );
});

test('of the 31 possible check digits exactly one is right', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...alphabet), { minLength: 17, maxLength: 17 }), (symbols) => {
      const first17 = symbols.join('');
      expect(alphabet.filter((symbol) => isUscc(first17 + symbol))).toEqual([usccCheckDigit(first17)]);
    }),
  );
});
