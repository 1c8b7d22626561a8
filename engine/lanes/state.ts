/** What a lane's row says: whether a call may go now, and how the queue has to be set. Pure. */
import type { Label } from '../../contracts/kind.ts';
import { shanghaiTime } from '../calendar.ts';
import { isWithin, nextChange, type Hours } from './hours.ts';

export interface Lane {
  readonly system: string;
  readonly concurrency: number | undefined;
  readonly rate: number | undefined;
  readonly ratePerMs: number;
  readonly rampPerS: number;
  readonly hours: Hours | undefined;
  readonly paused: { readonly by: string; readonly why: string; readonly at: Date } | undefined;
  /** On this process's clock, in epoch milliseconds. */
  readonly brokenUntilMs: number | undefined;
  readonly breaks: number;
  readonly closed: boolean;
  readonly ramping: boolean;
  /** Calls wait in it. */
  readonly holds: boolean;
}

export type Condition =
  /** Calls go at once, at no cost. */
  | { readonly state: 'open' }
  /** Calls go through the queue, at its pace. */
  | { readonly state: 'paced' | 'ramping' | 'probing' }
  /** Nothing goes. */
  | { readonly state: 'paused' }
  | { readonly state: 'broken'; readonly untilMs: number }
  | { readonly state: 'closed'; readonly opensAt: Date };

/** Why a call may not go now. */
export interface Hold {
  readonly what: Label;
  /** Business time; undefined where only people or the counterparty can tell. */
  readonly until: Date | undefined;
}

export interface Pace {
  readonly stopped: boolean;
  readonly concurrency: number | undefined;
  readonly window: { readonly calls: number; readonly ms: number } | undefined;
}

export function conditionOf(lane: Lane, now: Date, realMs: number): Condition {
  if (lane.paused) return { state: 'paused' };
  if (lane.hours && !isWithin(lane.hours, now)) return { state: 'closed', opensAt: nextChange(lane.hours, now) };
  if (lane.brokenUntilMs !== undefined)
    return realMs < lane.brokenUntilMs ? { state: 'broken', untilMs: lane.brokenUntilMs } : { state: 'probing' };
  // `closed` is the calendar as last seen: what was held overnight goes first, at the ramp.
  if (lane.ramping || (lane.closed && lane.holds)) return { state: 'ramping' };
  return lane.concurrency !== undefined || lane.rate !== undefined ? { state: 'paced' } : { state: 'open' };
}

export function flows(condition: Condition): boolean {
  return condition.state !== 'paused' && condition.state !== 'broken' && condition.state !== 'closed';
}

export function holdOf(lane: Lane, condition: Condition): Hold {
  const { system } = lane;
  const hold = (zh: string, en: string, until?: Date): Hold => ({
    what: { zh: `${system} 通道：${zh}`, en: `lane of ${system}: ${en}` },
    until,
  });
  switch (condition.state) {
    case 'paused': {
      const { by, why } = lane.paused ?? { by: '', why: '' };
      return hold(`已由 ${by} 暂停（${why}）`, `paused by ${by} (${why})`);
    }
    case 'closed': {
      const at = shanghaiTime(condition.opensAt).slice(0, 16).replace('T', ' ');
      return hold(`非营业时间，${at} 开放`, `closed until ${at}`, condition.opensAt);
    }
    case 'broken':
    case 'probing':
      return hold('连续失败，已熔断', 'broken after failures in a row');
    case 'ramping':
      return hold(`恢复中，每秒 ${lane.rampPerS} 笔`, `let go at ${lane.rampPerS} per second`);
    default:
      return hold(`排队中（${limits(lane)}）`, `queued (${limits(lane)})`);
  }
}

function limits(lane: Lane): string {
  const rate = lane.rate === undefined ? [] : [`${lane.rate}/${lane.ratePerMs} ms`];
  const concurrency = lane.concurrency === undefined ? [] : [`×${lane.concurrency}`];
  return [...rate, ...concurrency].join(', ');
}

/** Shorter windows would let the pause between two fruitless fetches (road.ts) set the pace. */
const windowMsMin = 50;
/** Calls begin some milliseconds after the queue let them go: without a margin a second would now and then see one more. */
const marginFactor = 1.05;

/**
 * The queue counts in windows, and two windows that touch may let through twice the number. So a rate is spread evenly:
 * 10 per second are one each 105 ms, 100 per second are five each 53 ms.
 */
export function paceOf(lane: Lane, condition: Condition): Pace {
  const ramp = condition.state === 'ramping' || condition.state === 'probing' ? lane.rampPerS / 1000 : Infinity;
  const perMs = Math.min(ramp, lane.rate === undefined ? Infinity : lane.rate / lane.ratePerMs);
  const calls = Math.max(1, Math.ceil(perMs * windowMsMin));
  return {
    stopped: !flows(condition),
    concurrency: condition.state === 'probing' ? 1 : lane.concurrency,
    window: perMs === Infinity ? undefined : { calls, ms: Math.ceil((calls / perMs) * marginFactor) },
  };
}

/** How many jobs the queue should know of: enough for some sweeps. The others wait in the tables only. */
export function backlogOf(pace: Pace, sweepMs: number): number {
  if (!pace.window) return backlogMax;
  return Math.min(backlogMax, Math.max(backlogMin, Math.ceil((4 * sweepMs * pace.window.calls) / pace.window.ms)));
}

const backlogMin = 50;
const backlogMax = 1_000;
