/** Business hours of a counterparty in Asia/Shanghai: until its cut-off (截止时间) on days that are worked, or on every day. */
import { businessDate, isWorkingDay } from '../calendar.ts';

export interface Hours {
  /** `09:00` or `09:00:00`. */
  readonly opens: string;
  /** At this time it is closed. `24:00` is the end of the day. */
  readonly closes: string;
  readonly everyDay: boolean;
}

const dayMs = 86_400_000;
/** The longest time without a working day is a week and its weekends. */
const daysAheadMax = 31;

export function isWithin(hours: Hours, at: Date): boolean {
  const date = businessDate(at);
  return serves(hours, date) && at >= instant(date, hours.opens) && at < instant(date, hours.closes);
}

/** When it opens next, if it is closed now; when it closes, if it is open. */
export function nextChange(hours: Hours, at: Date): Date {
  const today = businessDate(at);
  if (isWithin(hours, at)) return instant(today, hours.closes);
  for (let day = 0; day < daysAheadMax; day++) {
    const date = businessDate(new Date(at.getTime() + day * dayMs));
    const opening = instant(date, hours.opens);
    if (serves(hours, date) && opening > at) return opening;
  }
  return new Date(at.getTime() + daysAheadMax * dayMs);
}

function serves(hours: Hours, date: string): boolean {
  return hours.everyDay || isWorkingDay(date);
}

function instant(date: string, time: string): Date {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return new Date(Date.parse(`${date}T00:00:00+08:00`) + ((hour * 60 + minute) * 60 + second) * 1000);
}
