import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, businessDate, isWorkingDay, shanghaiTime, type Period } from './calendar.ts';

/** The notice of the State Council's General Office of 4 November 2025 for 2026: first and last day off, and days worked. */
const holidays2026: readonly (readonly [name: string, first: string, last: string])[] = [
  ['元旦', '2026-01-01', '2026-01-03'],
  ['春节', '2026-02-15', '2026-02-23'],
  ['清明节', '2026-04-04', '2026-04-06'],
  ['劳动节', '2026-05-01', '2026-05-05'],
  ['端午节', '2026-06-19', '2026-06-21'],
  ['中秋节', '2026-09-25', '2026-09-27'],
  ['国庆节', '2026-10-01', '2026-10-07'],
];
const worked2026 = ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'];

const dayMs = 86_400_000;
const noon = (date: string) => new Date(`${date}T12:00:00+08:00`);
const end = (date: string, period: Period) => businessDate(after(noon(date), period));
function daysOf(year: number): string[] {
  const first = Date.UTC(year, 0, 1);
  const count = (Date.UTC(year + 1, 0, 1) - first) / dayMs;
  return Array.from({ length: count }, (_, i) => new Date(first + i * dayMs).toISOString().slice(0, 10));
}

test.each(daysOf(2026))('%s is a working day exactly when the notice for 2026 says so', (date) => {
  const weekday = new Date(date).getUTCDay();
  const off = holidays2026.some(([, first, last]) => date >= first && date <= last);
  expect(isWorkingDay(date)).toBe(worked2026.includes(date) || (!off && weekday !== 0 && weekday !== 6));
});

test('2026 has 248 working days', () => {
  expect(daysOf(2026).filter(isWorkingDay)).toHaveLength(248);
});

test.each(daysOf(2027))('%s counts by its weekday alone: there is no notice for 2027 yet', (date) => {
  const weekday = new Date(date).getUTCDay();
  expect(isWorkingDay(date)).toBe(weekday !== 0 && weekday !== 6);
});

test.each<[string, Period, string]>([
  ['2026-09-30', '1 working day', '2026-10-08'],
  ['2026-09-30', '3 working days', '2026-10-10'], // 8 and 9 October, and the Saturday that is worked.
  ['2026-10-01', '3 working days', '2026-10-10'],
  ['2026-10-09', '1 working day', '2026-10-10'],
  ['2026-10-10', '1 working day', '2026-10-12'],
  ['2026-09-18', '2 working days', '2026-09-21'], // Sunday 20 September is worked.
  ['2026-02-13', '2 working days', '2026-02-24'],
  ['2026-12-31', '1 working day', '2027-01-01'], // As long as 2027 counts weekends only.
])('from %s, %s end on %s', (start, period, expected) => {
  expect(end(start, period)).toBe(expected);
});

test.each<[string, Period, string]>([
  ['2026-11-20', '1 day', '2026-11-23'], // A Saturday rolls to Monday.
  ['2026-11-20', '3 days', '2026-11-23'],
  ['2026-09-24', '7 days', '2026-10-08'], // The National Day holiday rolls to its end.
  ['2026-02-08', '7 days', '2026-02-24'],
  ['2026-09-19', '1 day', '2026-09-20'], // A Sunday that is worked does not roll.
  ['2026-11-16', '2 days', '2026-11-18'],
])(
  'from %s, %s end on %s: the first day does not count, a holiday rolls on (民法典 201–203)',
  (start, period, expected) => {
    expect(end(start, period)).toBe(expected);
  },
);

test('hours, minutes and seconds run through nights and holidays', () => {
  const start = noon('2026-10-01');
  expect(after(start, '36 hours').getTime() - start.getTime()).toBe(36 * 3_600_000);
  expect(after(start, '90 minutes').getTime() - start.getTime()).toBe(90 * 60_000);
  expect(after(start, '1 second').getTime() - start.getTime()).toBe(1000);
});

test('a period of days ends at the time of day at which it began', () => {
  expect(shanghaiTime(after(new Date('2026-11-16T01:02:03.004Z'), '3 working days'))).toBe(
    '2026-11-19T09:02:03.004+08:00',
  );
});

test.each([
  ['2026-11-22T15:59:59.999Z', '2026-11-22'],
  ['2026-11-22T16:00:00.000Z', '2026-11-23'],
  ['2026-12-31T16:00:00.000Z', '2027-01-01'],
  ['2028-02-28T16:00:00.000Z', '2028-02-29'],
])('%s is %s in Shanghai', (instant, date) => {
  expect(businessDate(new Date(instant))).toBe(date);
});

test('working days are counted by the day in Shanghai, not in Greenwich', () => {
  // Friday 23:30 in Greenwich is Saturday in Shanghai.
  expect(businessDate(after(new Date('2026-11-20T23:30:00Z'), '1 working day'))).toBe('2026-11-23');
});

test.each(['3', 'days', '-1 days', '1.5 days', '1 week', '3  days', ''])('%j is no period', (period) => {
  expect(() => after(new Date(), period as Period)).toThrow('no such period');
});

test('any period of days ends on a working day, and never before its days have passed', () => {
  const starts = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-01'), noInvalidDate: true });
  fc.assert(
    fc.property(starts, fc.integer({ min: 1, max: 40 }), fc.constantFrom('days', 'working days'), (start, n, unit) => {
      const ended = after(start, `${n} ${unit}` as Period);
      expect(isWorkingDay(businessDate(ended))).toBe(true);
      expect(ended.getTime() - start.getTime()).toBeGreaterThanOrEqual(n * dayMs);
    }),
  );
});

test('Shanghai time is the same instant', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-01-01') }), (instant) => {
      expect(new Date(shanghaiTime(instant)).getTime()).toBe(instant.getTime());
      expect(shanghaiTime(instant).slice(0, 10)).toBe(businessDate(instant));
    }),
  );
});
