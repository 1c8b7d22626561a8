/**
 * What waiting costs: a hundred thousand runs that wait for a fact, against a few. How long a node takes to begin, what
 * it and its database cost while nothing happens, and how soon after a fact the run that waited for it has taken it.
 */
import { randomInt } from 'node:crypto';
import { type Child, startChild } from './engine/child.ts';
import { fillWaiting } from './engine/fill.ts';
import { machineOf, median, percentile, progress, tableText } from './engine/figures.ts';
import { cpuSecondsOfTree } from './engine/processes.ts';
import { type BenchServer, withServer } from './engine/server.ts';
import type { Woken } from './engine/sides/waiting.ts';

export const what = 'a node with 100,000 waiting runs: its start, its idle cost, and the time from a fact to its run';

const script = 'engine/sides/waiting.ts';
const plans = {
  quick: { waiting: 10_000, signals: 100, starts: 1, idleMs: 5_000 },
  full: { waiting: 100_000, signals: 1_000, starts: 3, idleMs: 20_000 },
} as const;
type Plan = (typeof plans)[keyof typeof plans];
/** 100 a second: what a busy hub is told, far from what would make facts queue. */
const everyMs = 10;
const settleMs = 3_000;
/** What comes first wakes cold code and connections; it is told apart. */
const warmSignals = 50;

interface Figures {
  readonly waiting: number;
  readonly startMs: number;
  readonly rssMb: number;
  readonly cpuPercentOfACore: number;
  /** Of all processes of the server; undefined when somebody else runs it. */
  readonly databaseCpuPercentOfACore: number | undefined;
  readonly keptMsP50: number;
  readonly takenMsP50: number;
  readonly takenMsP99: number;
  readonly takenMsMost: number;
}

export function run(json: boolean, options: { quick?: boolean } = {}): Promise<object> {
  const plan = options.quick ? plans.quick : plans.full;
  return withServer(async (server) => {
    const machine = await machineOf(server);
    const found: Figures[] = [];
    // The few are those that are told something.
    for (const [name, waiting] of [
      ['few', plan.signals + warmSignals],
      ['many', plan.waiting],
    ] as const) {
      const url = await server.migrated(name);
      await fillWaiting(url, waiting);
      found.push(await figuresOf(server, url, waiting, plan));
    }
    if (!json) process.stdout.write(tableOf(found, plan));
    return { machine, quick: options.quick ?? false, signals: plan.signals, perSecond: 1000 / everyMs, levels: found };
  });
}

async function figuresOf(server: BenchServer, url: string, waiting: number, plan: Plan): Promise<Figures> {
  const startMs: number[] = [];
  for (;;) {
    const child = await startChild(script, { url });
    try {
      startMs.push(await child.ask<number>('startMs'));
      progress(`${waiting} waiting: started in ${Math.round(startMs.at(-1) ?? 0)} ms`);
      if (startMs.length < plan.starts) continue;
      // Connections close and memory is given back before anything is weighed.
      await child.ask('idle', { ms: settleMs });
      const idle = await idleOf(child, server, plan.idleMs);
      const { kept, taken } = await wakeTimes(child, waiting, plan.signals);
      progress(`${waiting} waiting: p99 ${percentile(taken, 99)} ms`);
      return {
        waiting,
        startMs: Math.round(median(startMs)),
        ...idle,
        keptMsP50: percentile(kept, 50),
        takenMsP50: percentile(taken, 50),
        takenMsP99: percentile(taken, 99),
        takenMsMost: percentile(taken, 100),
      };
    } finally {
      await child.stop();
    }
  }
}

async function idleOf(child: Child, server: BenchServer, ms: number) {
  const spent = () => (server.pid === undefined ? undefined : cpuSecondsOfTree(server.pid));
  const from = spent();
  const idle = await child.ask<{ rssBytes: number; cpuPercent: number }>('idle', { ms });
  const to = spent();
  return {
    rssMb: Math.round(idle.rssBytes / 1e6),
    cpuPercentOfACore: Number(idle.cpuPercent.toFixed(2)),
    databaseCpuPercentOfACore:
      from === undefined || to === undefined ? undefined : Number((((to - from) * 100_000) / ms).toFixed(2)),
  };
}

/** Ascending. Runs are told in random order, each once. */
async function wakeTimes(child: Child, waiting: number, signals: number) {
  const chosen = new Set<number>();
  while (chosen.size < signals + warmSignals) chosen.add(randomInt(1, waiting + 1));
  const numbers = [...chosen].map((no) => `waiting/${no}`);
  await child.ask('signal', { numbers: numbers.slice(0, warmSignals), everyMs });
  const found = await child.ask<Woken[]>('signal', { numbers: numbers.slice(warmSignals), everyMs });
  const ascending = (name: keyof Woken) => found.map((each) => each[name]).sort((a, b) => a - b);
  return { kept: ascending('keptMs'), taken: ascending('takenMs') };
}

function tableOf(found: readonly Figures[], plan: Plan): string {
  const head = [
    'waiting',
    'start ms',
    'RSS MB',
    'CPU %',
    'database CPU %',
    'kept p50 ms',
    'taken p50 ms',
    'p99',
    'most',
  ];
  const rows = found.map((each) => [
    each.waiting,
    each.startMs,
    each.rssMb,
    each.cpuPercentOfACore,
    each.databaseCpuPercentOfACore ?? '',
    each.keptMsP50,
    each.takenMsP50,
    each.takenMsP99,
    each.takenMsMost,
  ]);
  const foot = `idle over ${plan.idleMs / 1000} s; ${plan.signals} facts at ${1000 / everyMs} a second; wanted: p99 below 50 ms\n`;
  return tableText([head, ...rows]) + foot;
}
