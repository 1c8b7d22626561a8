import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from './calendar.ts';
import {
  dayCounts,
  Exact,
  exactInterest,
  interestDays,
  interestOf,
  netOfUpfront,
  penaltyOf,
  withinPrivateCap,
  type DayCount,
} from './interest.ts';

const once = (principal: string, rate: string, from: string, to: string, dayCount: DayCount = 'ACT/360') =>
  interestOf([{ principal, rate, from, to }], dayCount);
const runs = Number(process.env['LIANSHU_CASES'] ?? '200');

test.each([
  ['1000000.00', '0.045000', '2026-04-24', '2027-04-24', 365, '45625.00'],
  ['500000.00', '0.038500', '2026-01-15', '2026-04-15', 90, '4812.50'],
  ['333333.33', '0.043500', '2026-01-01', '2026-02-01', 31, '1248.61'],
  ['2857190.00', '0.052000', '2028-02-15', '2028-03-15', 29, '11968.45'],
  ['18.00', '0.100000', '2026-11-23', '2026-11-24', 1, '0.01'], // Half a fen: half even would give nothing.
  ['2857190.00', '0.052000', '2028-02-15', '2028-02-22', 7, '2888.94'],
  ['2479032.50', '0.052000', '2028-02-22', '2028-03-15', 22, '7877.81'],
])('%s at %s from %s to %s is %i days and %s (ACT/360)', (principal, rate, from, to, days, expected) => {
  expect([interestDays(from, to, 'ACT/360'), once(principal, rate, from, to)]).toEqual([days, expected]);
});

describe('each day count gives its own figure, and not that of another', () => {
  test.each<[DayCount, string, string, number, string]>([
    ['ACT/360', '2026-01-01', '2027-01-01', 365, '1013.89'],
    ['ACT/365', '2026-01-01', '2027-01-01', 365, '1000.00'], // A hard-coded 365 or 360 shows in one of the two.
    ['30/360', '2026-01-01', '2027-01-01', 360, '1000.00'],
    ['ACT/360', '2028-01-31', '2028-03-31', 60, '166.67'],
    ['ACT/365', '2028-01-31', '2028-03-31', 60, '164.38'],
    ['30/360', '2028-01-31', '2028-03-31', 60, '166.67'],
    ['30/360', '2026-02-28', '2026-03-31', 32, '88.89'],
    ['ACT/360', '2026-02-28', '2026-03-31', 31, '86.11'],
  ])('%s from %s to %s: %i days', (dayCount, from, to, days, expected) => {
    expect([interestDays(from, to, dayCount), once('10000.00', '0.100000', from, to, dayCount)]).toEqual([
      days,
      expected,
    ]);
  });

  test.each(dayCounts)('%s does not run backwards', (dayCount) => {
    expect(() => interestDays('2026-02-01', '2026-01-31', dayCount)).toThrow('cannot run');
    expect(interestDays('2026-01-31', '2026-01-31', dayCount)).toBe(0);
  });
});

const days = fc.integer({ min: 0, max: 4000 });
const fen = fc.bigInt({ min: 1n, max: 10n ** 13n });
const yuan = (n: bigint) => `${n / 100n}.${String(n % 100n).padStart(2, '0')}`;
const rates = fc.integer({ min: 1, max: 360_000 }).map((ppm) => (ppm / 1e6).toFixed(6));

test('before it is rounded, interest is the same however the time is split', () => {
  fc.assert(
    fc.property(fen, rates, days, days, days, fc.constantFrom(...dayCounts), (amount, rate, a, b, c, dayCount) => {
      const [start, middle, end] = [a, b, c].toSorted((x, y) => x - y).map((day) => addDays('2024-01-01', day)) as [
        string,
        string,
        string,
      ];
      const segment = (from: string, to: string) => ({ principal: yuan(amount), rate, from, to });
      const whole = exactInterest([segment(start, end)], dayCount);
      const parts = exactInterest([segment(start, middle), segment(middle, end)], dayCount);
      expect(parts.minus(whole).abs().lessThan('1e-40')).toBe(true);
    }),
    { numRuns: runs },
  );
});

test('it is rounded half up and once: never further than half a fen from the exact figure', () => {
  fc.assert(
    fc.property(fen, rates, fc.integer({ min: 1, max: 4000 }), (amount, rate, count) => {
      const segments = [{ principal: yuan(amount), rate, from: '2026-01-01', to: addDays('2026-01-01', count) }];
      const off = new Exact(interestOf(segments, 'ACT/360')).minus(exactInterest(segments, 'ACT/360'));
      expect(off.greaterThan('-0.005') && off.lessThanOrEqualTo('0.005')).toBe(true);
    }),
    { numRuns: runs },
  );
});

test('penalty is the rate times its multiplier, from the due day on; compound interest the same on interest', () => {
  const overdue = { overdue: '800000.00', rate: '0.052000', multiplier: '1.50', from: '2027-02-21', to: '2027-03-03' };
  expect(penaltyOf(overdue, 'ACT/360')).toBe('1733.33');
  expect(penaltyOf({ ...overdue, overdue: '10400.00' }, 'ACT/360')).toBe('22.53');
});

test('a lender without a licence charges at most four times the LPR', () => {
  expect([withinPrivateCap('0.124000', '0.031000'), withinPrivateCap('0.124001', '0.031000')]).toEqual([true, false]);
});

test('interest is taken beforehand when a receivable is bought, never from a loan (I-22)', () => {
  expect(netOfUpfront('1000000.00', '11250.00', 'FACTORING', true)).toBe('988750.00');
  expect(() => netOfUpfront('1000000.00', '11250.00', 'SPOT_PLEDGE', false)).toThrow('only when a receivable');
  expect(() => netOfUpfront('1000000.00', '11250.00', 'FACTORING', false)).toThrow('only when a receivable');
  expect(() => netOfUpfront('100.00', '100.00', 'FACTORING', true)).toThrow('nothing');
});
