/**
 * The business calendar of mainland China, in Asia/Shanghai. Working days are Monday to Friday with the swaps (调休) that the
 * State Council announces each November for the year after. A year that is not in the table yet counts weekends only.
 *
 * Sources: 国务院办公厅关于2025年部分节假日安排的通知 (国办发明电〔2024〕12号, 2024-11-12); the same for 2026 of 2025-11-04.
 * The database holds the same table (`calendar_swap`); a test holds the two against each other.
 */

const dayMs = 86_400_000;

export interface Swaps {
  /** Weekdays that are not worked. */
  readonly off: readonly string[];
  /** Saturdays and Sundays that are. */
  readonly worked: readonly string[];
}

export const swaps: Readonly<Record<number, Swaps>> = {
  2025: {
    off: days(
      2025,
      '01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08',
    ),
    worked: days(2025, '01-26 02-08 04-27 09-28 10-11'),
  },
  2026: {
    off: days(
      2026,
      '01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07',
    ),
    worked: days(2026, '01-04 02-14 02-28 05-09 09-20 10-10'),
  },
};

function days(year: number, list: string): string[] {
  return list.split(' ').map((day) => `${year}-${day}`);
}

export function isWorkingDay(date: string): boolean {
  const year = swaps[Number(date.slice(0, 4))];
  if (year?.off.includes(date)) return false;
  if (year?.worked.includes(date)) return true;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** That day, or the next working day when it is a holiday (民法典 203). */
export function rollForward(date: string): string {
  let day = date;
  while (!isWorkingDay(day)) day = addDays(day, 1);
  return day;
}

/** The `count`-th working day after that day; the first day does not count (民法典 201). */
export function addWorkingDays(date: string, count: number): string {
  let day = date;
  for (let left = count; left > 0;) {
    day = addDays(day, 1);
    if (isWorkingDay(day)) left -= 1;
  }
  return day;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** The same day of a later month, or the last one of that month when it has no such day (民法典 202). */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10);
}

/** Calendar days from one date to another; negative when the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** Until when (Asia/Shanghai, `HH:MM`) something counts for the day; a system may be set to an earlier time of its own. */
export const cutOffs = {
  'price.quote': { at: '17:00', days: 'WORKING' },
  'stock.snapshot': { at: '23:00', days: 'ALL' },
  'recon.file': { at: '09:00', days: 'ALL' },
  'loan.dueCheck': { at: '00:30', days: 'ALL' },
  'bank.disburse': { at: '16:30', days: 'WORKING' },
  'clearing.collect': { at: '16:30', days: 'WORKING' },
} as const satisfies Readonly<Record<string, CutOff>>;

export interface CutOff {
  readonly at: string;
  readonly days: 'WORKING' | 'ALL';
}

/** The business date that something done at that local time belongs to: after the cut-off, or on a holiday, the next one. */
export function countsFor(date: string, time: string, { at, days }: CutOff): string {
  const late = time > at ? addDays(date, 1) : date;
  return days === 'WORKING' ? rollForward(late) : late;
}
