import { expect, test } from '@jest/globals';
import { addMonths, addWorkingDays, countsFor, cutOffs, isWorkingDay, rollForward, swaps } from './calendar.ts';

const yearOf = (year: number) =>
  Array.from({ length: 366 }, (_, i) => new Date(Date.UTC(year, 0, 1 + i)).toISOString().slice(0, 10)).filter((day) =>
    day.startsWith(String(year)),
  );

/** 国办发明电〔2024〕12号: first and last day off. */
const holidays2025 = [
  ['2025-01-01', '2025-01-01'],
  ['2025-01-28', '2025-02-04'],
  ['2025-04-04', '2025-04-06'],
  ['2025-05-01', '2025-05-05'],
  ['2025-05-31', '2025-06-02'],
  ['2025-10-01', '2025-10-08'],
] as const;

test('2025 is worked exactly as the notice says: 248 days', () => {
  const worked = yearOf(2025).filter((day) => {
    const weekday = new Date(day).getUTCDay();
    const off = holidays2025.some(([first, last]) => day >= first && day <= last);
    return swaps[2025]?.worked.includes(day) === true || (!off && weekday !== 0 && weekday !== 6);
  });
  expect(yearOf(2025).filter(isWorkingDay)).toEqual(worked);
  expect(worked).toHaveLength(248);
});

test('days off in the table are weekdays, and days worked are weekends: nothing is there twice', () => {
  for (const { off, worked } of Object.values(swaps)) {
    expect(off.filter((day) => [0, 6].includes(new Date(day).getUTCDay()))).toEqual([]);
    expect(worked.filter((day) => ![0, 6].includes(new Date(day).getUTCDay()))).toEqual([]);
  }
});

test.each([
  ['2026-10-01', '2026-10-08'],
  ['2026-02-14', '2026-02-14'], // A Saturday that is worked.
  ['2027-02-21', '2027-02-22'], // Weekends only: there is no notice yet.
])('what ends on %s ends on %s (民法典 203)', (day, expected) => {
  expect(rollForward(day)).toBe(expected);
});

test('a month later is the same day, or the last of a shorter month (民法典 202)', () => {
  expect([addMonths('2026-01-31', 1), addMonths('2028-01-31', 1), addMonths('2026-11-30', 3)]).toEqual([
    '2026-02-28',
    '2028-02-29',
    '2027-02-28',
  ]);
});

test('ten working days over the National Day holiday', () => {
  expect(addWorkingDays('2026-09-25', 10)).toBe('2026-10-15');
});

test('after its cut-off, or on a holiday, something counts for the next day on which its system works', () => {
  expect([
    countsFor('2026-11-20', '17:00', cutOffs['price.quote']),
    countsFor('2026-11-20', '17:01', cutOffs['price.quote']),
    countsFor('2026-11-21', '09:00', cutOffs['price.quote']),
    countsFor('2026-11-20', '23:30', cutOffs['stock.snapshot']),
  ]).toEqual(['2026-11-20', '2026-11-23', '2026-11-23', '2026-11-21']);
});
