/** The vectors of domain.md 1.7 and 6, and that the database reckons as this module does. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markOf, mostLent, mostReleased, mustStay, valueOf } from './marking.ts';

const lines = { pledgeRate: '0.700000', warn: '0.750000', call: '0.800000', dispose: '0.900000' };
const rebar = (marketPrice: string) => valueOf([{ quantity: '1200.500', pledgedPrice: '3400.00', marketPrice }]);
const loan = '2857190.00';

describe('the worked scenario of domain.md 6', () => {
  test('1 200.500 t at 3 400.00 carry 2 857 190.00 at 70 %', () => {
    expect(rebar('3400.00')).toBe('4081700.00');
    expect(mostLent('4081700.00', lines.pledgeRate)).toBe(loan);
    expect(markOf(rebar('3400.00'), loan, lines)).toMatchObject({ ltv: '0.700000', level: 'OK', cashCall: '0.00' });
  });

  test('at 3 100 they are worth 3 721 550.00, the ratio is 76.77 %, and a warning is due', () => {
    // The dossier says 76.78 %; the quotient is 0.767741…
    expect(markOf(rebar('3100.00'), loan, lines)).toEqual({
      value: '3721550.00',
      exposure: loan,
      ltv: '0.767742',
      level: 'WARN',
      cashCall: '0.00',
      goodsCall: '0.00',
    });
  });

  test('at 2 950 a margin call is due: 378 157.50 in cash, or goods worth 540 225.00', () => {
    expect(markOf(rebar('2950.00'), loan, lines)).toEqual({
      value: '3541475.00',
      exposure: loan,
      ltv: '0.806780',
      level: 'CALL',
      cashCall: '378157.50',
      goodsCall: '540225.00',
    });
    expect(markOf(rebar('2950.00'), '2479032.50', lines)).toMatchObject({ ltv: '0.700000', level: 'OK' });
  });

  test('the call fires when the price is below 87.5 % of the first one, and at it', () => {
    expect(markOf(rebar('2975.01'), loan, lines).level).toBe('WARN');
    expect(markOf(rebar('2975.00'), loan, lines).level).toBe('CALL');
  });
});

test('a market above the pledged price adds nothing, and what has no price counts for nothing', () => {
  expect(rebar('3500.00')).toBe('4081700.00');
  expect(valueOf([{ quantity: '1.000', pledgedPrice: '1.00', marketPrice: undefined }])).toBe('0.00');
  expect(markOf('0.00', '1.00', lines)).toMatchObject({ ltv: undefined, level: 'DISPOSE', cashCall: '1.00' });
  expect(markOf('0.00', '0.00', lines)).toMatchObject({ level: 'OK' });
});

test('a part repayment releases at most V less what must still be held', () => {
  expect(mostReleased('4081700.00', loan, '1000000.00', lines.pledgeRate)).toBe('1428571.42');
  expect(mostReleased('4081700.00', loan, loan, lines.pledgeRate)).toBe('4081700.00');
  expect(mostReleased('3541475.00', loan, '0.00', lines.pledgeRate)).toBe('0.00');
  expect(mustStay('3000000.00', loan, lines.pledgeRate)).toBe('4081700.00');
  expect(mustStay('4500000.00', loan, lines.pledgeRate)).toBe('4500000.00');
});

const yuan = (fen: number) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
const amount = fc.integer({ min: 1, max: 2_000_000_000 }).map(yuan);

test('a call that is paid in cash or answered with goods cures, to the fen', () => {
  fc.assert(
    fc.property(amount, amount, (value, exposure) => {
      const mark = markOf(value, exposure, lines);
      if (mark.level !== 'CALL' && mark.level !== 'DISPOSE') return;
      const fen = (text: string) => BigInt(text.replace('.', ''));
      // exposure − cash ≤ V × 0.7, and exposure ≤ (V + goods) × 0.7, in tenths of a fen.
      expect((fen(exposure) - fen(mark.cashCall)) * 10n <= fen(value) * 7n).toBe(true);
      expect(fen(exposure) * 10n <= (fen(value) + fen(mark.goodsCall)) * 7n).toBe(true);
    }),
    { numRuns: 500 },
  );
});
