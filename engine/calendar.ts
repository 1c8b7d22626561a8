/**
 * Periods on the business calendar of mainland China, whose days are in `contracts/canonical/calendar.ts`.
 *
 * Period rules (民法典 201-203): the first day does not count; a period that ends on a holiday ends on the next working day.
 */
import { isWorkingDay } from '../contracts/canonical/calendar.ts';

export { isWorkingDay };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const shanghaiOffsetMs = 8 * hourMs; // No daylight saving since 1991.

/** A business date `YYYY-MM-DD` in Asia/Shanghai. */
export function businessDate(instant: Date): string {
  return new Date(instant.getTime() + shanghaiOffsetMs).toISOString().slice(0, 10);
}

/** An instant as RFC 3339 with the Shanghai offset. */
export function shanghaiTime(instant: Date): string {
  return new Date(instant.getTime() + shanghaiOffsetMs).toISOString().replace('Z', '+08:00');
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
