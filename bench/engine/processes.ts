/** Processor time of a server that works in many processes, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of the kernel's clock ticks, `getconf CLK_TCK`: 100 wherever Linux runs on x86 or ARM. */
const ticksPerSecond = 100;

/** Of the process, its children that live and those that have ended. Undefined where there is no /proc. */
export function cpuSecondsOfTree(pid: number): number | undefined {
  const own = statOf(pid);
  if (!own) return undefined;
  const others = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [statOf(Number(name))] : []));
  const children = others.filter((stat) => stat?.parent === pid);
  const ticks = own.ticks + own.ticksOfEnded + children.reduce((sum, child) => sum + (child?.ticks ?? 0), 0);
  return ticks / ticksPerSecond;
}

function statOf(pid: number): { parent: number; ticks: number; ticksOfEnded: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It has ended meanwhile, or this is no Linux.
  }
  // The name in brackets may hold spaces, so count from its end; fields as in proc(5).
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent = 0, user = 0, system = 0] = [fields[1], fields[11], fields[12]];
  return { parent, ticks: user + system, ticksOfEnded: (fields[13] ?? 0) + (fields[14] ?? 0) };
}
