/** How amounts, moments and durations read. Money stays a decimal string: a binary float would lose fen. */
import type { Lang } from './words.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `2857190.00` → `2,857,190.00`. What is no decimal number is shown as it came. */
export function formatMoney(amount: string): string {
  const parts = /^(-?)(\d+)(\.\d+)?$/.exec(amount);
  if (parts === null) return amount;
  const [, sign = '', whole = '', fraction = ''] = parts;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + fraction;
}

/** The two largest units: `188 ms`, `33.4 秒`, `12 分 5 秒`, `1 天 3 小时`. */
export function formatDuration(durationMs: number, lang: Lang): string {
  const ms = Math.max(0, Math.round(durationMs));
  const unit = lang === 'zh' ? UNITS_ZH : UNITS_EN;
  if (ms < SECOND_MS) return `${ms} ms`;
  if (ms < MINUTE_MS) return `${trimmed(ms / SECOND_MS)} ${unit.second}`;
  if (ms < HOUR_MS) return pair(ms, MINUTE_MS, unit.minute, SECOND_MS, unit.second);
  if (ms < DAY_MS) return pair(ms, HOUR_MS, unit.hour, MINUTE_MS, unit.minute);
  return pair(ms, DAY_MS, unit.day, HOUR_MS, unit.hour);
}

/** `11-23 09:00` in Asia/Shanghai. */
export function formatMoment(at: string | number, withSeconds = false): string {
  const part = partsOf(at);
  if (part === null) return '–';
  const clock = `${part.hour}:${part.minute}`;
  return `${part.month}-${part.day} ${clock}${withSeconds ? `:${part.second}` : ''}`;
}

/** `2026-11-23 09:00:00` in Asia/Shanghai. */
export function formatFull(at: string | number): string {
  const part = partsOf(at);
  if (part === null) return '–';
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
}

/** What a hover shows: UTC to the millisecond. */
export function formatUtc(at: string | number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

const UNITS_ZH = { second: '秒', minute: '分', hour: '小时', day: '天' };
const UNITS_EN = { second: 's', minute: 'min', hour: 'h', day: 'd' };

function pair(ms: number, bigMs: number, bigUnit: string, smallMs: number, smallUnit: string): string {
  const big = Math.floor(ms / bigMs);
  const small = Math.floor((ms % bigMs) / smallMs);
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

function trimmed(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(1).replace(/\.0$/, '') : String(Math.floor(seconds));
}

const SHANGHAI = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

type MomentParts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>;

function partsOf(at: string | number): MomentParts | null {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return null;
  const found: MomentParts = { year: '', month: '', day: '', hour: '', minute: '', second: '' };
  for (const { type, value } of SHANGHAI.formatToParts(date)) {
    if (type in found) found[type as keyof MomentParts] = value;
  }
  return found;
}
