/** One turn of one side: its children under load, counted together, with the WAL that the server wrote meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../store/store.ts';
import type { Child } from './child.ts';
import { median, percentile } from './figures.ts';
import type { Count } from './load.ts';

export interface Turn {
  readonly stepsPerSecond: number;
  readonly runs: number;
  readonly runMsP50: number;
  readonly runMsP99: number;
  /** Of the whole server while this side alone had its turn. */
  readonly walBytesPerStep: number;
  /** Of the processes of this side; the server's own is not in it. */
  readonly cpuMicrosPerStep: number;
}

/** Runs that begin together go on in step: a window that cuts through their waves would count too much or too little. */
const generations = 1.5;
const windowMaxMs = 30_000;

/** `windowMs` is the least: where runs take longer, so does the window. */
export async function turnOf(
  children: readonly Child[],
  admin: Store,
  inFlight: number,
  windowMs: number,
): Promise<Turn> {
  const all = <T>(question: string, params?: object) =>
    Promise.all(children.map((child) => child.ask<T>(question, params)));
  const share = Math.ceil(inFlight / children.length);
  const riseMs = await all<number>('load', { inFlight: share });
  const walFrom = await walPosition(admin);
  await all('count');
  await sleep(Math.max(windowMs, Math.min(windowMaxMs, generations * Math.max(...riseMs))));
  const counts = await all<Count>('read');
  const walTo = await walPosition(admin);
  await all('rest');
  const steps = sum(counts.map((count) => count.steps));
  const runMs = counts.flatMap((count) => count.runMs).sort((a, b) => a - b);
  return {
    stepsPerSecond: Math.round(sum(counts.map((count) => (count.steps * 1000) / count.ms))),
    runs: runMs.length,
    runMsP50: percentile(runMs, 50),
    runMsP99: percentile(runMs, 99),
    walBytesPerStep: Math.round((walTo - walFrom) / steps),
    cpuMicrosPerStep: Number(((sum(counts.map((count) => count.cpuMs)) * 1000) / steps).toFixed(1)),
  };
}

/** Each figure's own median over the rounds. */
export function medianTurn(turns: readonly Turn[]): Turn {
  const of = (name: keyof Turn, digits: number) => Number(median(turns.map((turn) => turn[name])).toFixed(digits));
  return {
    stepsPerSecond: of('stepsPerSecond', 0),
    runs: of('runs', 0),
    runMsP50: of('runMsP50', 2),
    runMsP99: of('runMsP99', 2),
    walBytesPerStep: of('walBytesPerStep', 0),
    cpuMicrosPerStep: of('cpuMicrosPerStep', 1),
  };
}

async function walPosition(admin: Store): Promise<number> {
  const found = await admin.pool.query<{ bytes: string }>(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') bytes`,
  );
  return Number(found.rows[0]?.bytes);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
