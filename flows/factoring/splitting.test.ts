import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { splitOf } from './splitting.ts';

test('a payment in full gives each its due, and the rest is surplus', () => {
  expect(splitOf('1100000.00', ['505000.00', '383800.00'])).toEqual({
    shares: ['505000.00', '383800.00'],
    rest: '211200.00',
  });
});

test('a short payment is shared in proportion, and the last one gets what the cutting left', () => {
  expect(splitOf('100.00', ['1.00', '1.00', '1.00'])).toEqual({ shares: ['1.00', '1.00', '1.00'], rest: '97.00' });
  expect(splitOf('1.00', ['100.00', '100.00', '100.00'])).toEqual({ shares: ['0.33', '0.33', '0.34'], rest: '0.00' });
});

const fen = fc.bigInt({ min: 1n, max: 10n ** 15n });

test('no fen comes or goes', () => {
  fc.assert(
    fc.property(fen, fc.array(fen, { minLength: 1, maxLength: 6 }), (paid, owed) => {
      const { shares, rest } = splitOf(yuanOf(paid), owed.map(yuanOf));
      const sum = shares.reduce((total, share) => total + fenOf(share), fenOf(rest));
      expect(sum).toBe(paid);
      for (const [place, share] of shares.entries())
        expect(fenOf(share) <= (owed[place] ?? 0n) + BigInt(owed.length)).toBe(true);
    }),
  );
});
