/**
 * What a hub costs that has nothing to do: memory and processor time of its process, read from /proc over 20 seconds.
 * `npm run bench -- idle`. Told, never judged: a figure of one machine on one day decides no test.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { aboutHub, newHome, startTestHub } from '../test/hub.ts';

const settleMs = 5_000;
const measureMs = 20_000;
/** Of the kernel's clock ticks, `getconf CLK_TCK`: 100 wherever Linux runs on x86 or ARM. */
const ticksPerSecond = 100;

export const what = 'memory and processor time of a hub that has nothing to do';

export async function run(json: boolean): Promise<object> {
  const home = await newHome();
  try {
    const hub = await startTestHub(home);
    await sleep(settleMs);
    const pid = aboutHub(home)?.pid ?? 0;
    const before = usageOf(pid);
    const beganAt = performance.now();
    await sleep(measureMs);
    const seconds = (performance.now() - beganAt) / 1000;
    const after = usageOf(pid);
    const figures = {
      rssMb: Math.round(after.rssBytes / 1e6),
      cpuPercentOfACore: Number((((after.cpuSeconds - before.cpuSeconds) / seconds) * 100).toFixed(2)),
      seconds: Number(seconds.toFixed(1)),
      node: process.version,
      cores: cpus().length,
    };
    await hub.stop();
    if (!json)
      process.stdout.write(
        `idle hub: ${figures.rssMb} MB resident, ${figures.cpuPercentOfACore} % of a core over ${figures.seconds} s\n`,
      );
    return figures;
  } finally {
    await home.remove();
  }
}

function usageOf(pid: number): { cpuSeconds: number; rssBytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces, so count from its end: fields 14 and 15 are the time in user and kernel mode.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return {
    cpuSeconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / ticksPerSecond,
    rssBytes: Number(rss?.[1] ?? 0) * 1024,
  };
}
