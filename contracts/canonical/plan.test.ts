import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isWorkingDay } from './calendar.ts';
import { dayCounts, interestOf } from './interest.ts';
import { fenOf, yuanOf } from './money.ts';
import { annuity, methods, planAfterPrepayment, planOf, type Terms } from './plan.ts';

const terms: Terms = {
  principal: '1200000.00',
  rate: '0.060000',
  dayCount: '30/360',
  start: '2026-01-15',
  maturity: '2027-01-15',
  method: 'BULLET',
};
const rows = (of: Partial<Terms>) =>
  planOf({ ...terms, ...of }).map(({ dueOn, principal, interest }) => [dueOn, principal, interest]);

test('a bullet loan is one instalment, on the working day on or after its maturity', () => {
  expect(rows({})).toEqual([['2027-01-15', '1200000.00', '72000.00']]);
  expect(rows({ maturity: '2026-10-01' })[0]?.[0]).toBe('2026-10-08');
});

test('interest monthly, principal at the end', () => {
  const plan = rows({ method: 'INTEREST_MONTHLY' });
  expect(plan).toHaveLength(12);
  expect(plan[0]).toEqual(['2026-02-24', '0.00', '6000.00']); // 15 February 2026 is the eve of the Spring Festival.
  expect(plan[11]).toEqual(['2027-01-15', '1200000.00', '6000.00']);
});

test('equal principal: interest falls with what is owed', () => {
  const plan = rows({ method: 'EQUAL_PRINCIPAL' });
  expect(plan.slice(0, 2)).toEqual([
    ['2026-02-24', '100000.00', '6000.00'],
    ['2026-03-16', '100000.00', '5500.00'],
  ]);
  expect(plan.at(-1)).toEqual(['2027-01-15', '100000.00', '500.00']);
});

test('equal instalments: the same payment each month, the last absorbs what rounding left', () => {
  expect(annuity('1200000.00', '0.060000', 12)).toBe('103279.72');
  const plan = rows({ method: 'EQUAL_INSTALMENT' }).map(([, principal = '', interest = '']) =>
    yuanOf(fenOf(principal) + fenOf(interest)),
  );
  expect(new Set(plan.slice(0, -1))).toEqual(new Set(['103279.72']));
  expect(plan.at(-1)).toBe('103279.66');
});

test('after a prepayment the rest is planned on the same maturity, from that day', () => {
  expect(planAfterPrepayment(terms, '400000.00', '2026-07-15')).toMatchObject([
    { from: '2026-07-15', to: '2027-01-15', principal: '400000.00', interest: '12000.00' },
  ]);
});

test('a loan that ends before it begins, or in too many instalments, has no plan', () => {
  expect(() => planOf({ ...terms, maturity: terms.start })).toThrow('ends after');
  expect(() => planOf({ ...terms, method: 'INTEREST_MONTHLY', maturity: '2099-01-15' })).toThrow('at most 600');
});

const any = fc.record({
  principal: fc.bigInt({ min: 1n, max: 10n ** 12n }).map(yuanOf),
  rate: fc.integer({ min: 0, max: 360_000 }).map((ppm) => (ppm / 1e6).toFixed(6)),
  dayCount: fc.constantFrom(...dayCounts),
  start: fc.integer({ min: 0, max: 800 }).map((day) => addDays('2025-01-01', day)),
  days: fc.integer({ min: 1, max: 1900 }),
  method: fc.constantFrom(...methods),
});

test('whatever the terms: instalments add up to the principal exactly, bear interest on what is owed, and fall due on working days', () => {
  fc.assert(
    fc.property(any, ({ days, ...rest }) => {
      const plan = planOf({ ...rest, maturity: addDays(rest.start, days) });
      let owed = fenOf(rest.principal);
      let from = rest.start;
      for (const part of plan) {
        expect(part.from).toBe(from);
        expect(part.dueOn >= part.to && isWorkingDay(part.dueOn)).toBe(true);
        const segment = { principal: yuanOf(owed), rate: rest.rate, from: part.from, to: part.to };
        expect(part.interest).toBe(interestOf([segment], rest.dayCount));
        expect(fenOf(part.principal)).toBeGreaterThanOrEqual(0n);
        owed -= fenOf(part.principal);
        from = part.to;
      }
      expect(owed).toBe(0n);
      expect(plan.map(({ no }) => no)).toEqual(plan.map((_, i) => i + 1));
    }),
    { numRuns: Number(process.env['LIANSHU_CASES'] ?? '200') },
  );
});
