/**
 * The business calendar of mainland China. Working days are Monday to Friday with the swaps that the State Council
 * announces each November for the year after. A year that is not in the table yet counts weekends only.
 *
 * Period rules (民法典 201-203): the first day does not count; a period that ends on a holiday ends on the next working day.
 */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const shanghaiOffsetMs = 8 * hourMs; // No daylight saving since 1991.

/** State Council notice of 2025-11 for 2026: days off that are weekdays, and weekend days that are worked. */
const swaps: Record<number, { off: readonly string[]; worked: readonly string[] }> = {
  2026: {
    off: [
      '2026-01-01',
      '2026-01-02',
      '2026-02-16',
      '2026-02-17',
      '2026-02-18',
      '2026-02-19',
      '2026-02-20',
      '2026-02-23',
      '2026-04-06',
      '2026-05-01',
      '2026-05-04',
      '2026-05-05',
      '2026-06-19',
      '2026-09-25',
      '2026-10-01',
      '2026-10-02',
      '2026-10-05',
      '2026-10-06',
      '2026-10-07',
    ],
    worked: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  },
};

/** A business date `YYYY-MM-DD` in Asia/Shanghai. */
export function businessDate(instant: Date): string {
  return new Date(instant.getTime() + shanghaiOffsetMs).toISOString().slice(0, 10);
}

/** An instant as RFC 3339 with the Shanghai offset. */
export function shanghaiTime(instant: Date): string {
  return new Date(instant.getTime() + shanghaiOffsetMs).toISOString().replace('Z', '+08:00');
}

export function isWorkingDay(date: string): boolean {
  const year = swaps[Number(date.slice(0, 4))];
  if (year?.off.includes(date)) return false;
  if (year?.worked.includes(date)) return true;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** `2 hours`, `30 minutes`, `10 days`, `3 working days`. */
export type Period = `${number} ${'second' | 'minute' | 'hour' | 'day' | 'working day'}${'s' | ''}`;

/** The instant at which a period that begins now ends. Periods of days end at the same time of day. */
export function after(start: Date, period: Period): Date {
  const [, count, unit] = /^(\d+) (second|minute|hour|day|working day)s?$/.exec(period) ?? [];
  if (count === undefined || unit === undefined) throw new Error(`no such period: ${period}`);
  const n = Number(count);
  switch (unit) {
    case 'second':
      return new Date(start.getTime() + n * 1000);
    case 'minute':
      return new Date(start.getTime() + n * 60_000);
    case 'hour':
      return new Date(start.getTime() + n * hourMs);
    case 'day':
      return rolled(new Date(start.getTime() + n * dayMs));
    default:
      return workingDaysAfter(start, n);
  }
}

function workingDaysAfter(start: Date, count: number): Date {
  let end = start;
  for (let left = count; left > 0;) {
    end = new Date(end.getTime() + dayMs);
    if (isWorkingDay(businessDate(end))) left -= 1;
  }
  return end;
}

function rolled(end: Date): Date {
  let day = end;
  while (!isWorkingDay(businessDate(day))) day = new Date(day.getTime() + dayMs);
  return day;
}
