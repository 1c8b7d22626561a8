/**
 * A hub that is killed leaves its PostgreSQL behind. Two servers on one data folder destroy it, so the next start
 * ends the old one first and makes sure that nothing of it is left.
 */
import { readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pidLives } from './hub-lock.ts';

const fastShutdownMs = 5_000;
const immediateShutdownMs = 5_000;
const pollMs = 10;

/** Only for the holder of the hub lock: whoever owned that server is known to be dead. */
export async function endOrphan(dataDir: string): Promise<boolean> {
  const pid = postmasterStatus(dataDir)?.pid;
  if (pid === undefined) return false;
  const lives = () => pidLives(pid) && worksIn(pid, dataDir);
  const found = lives();
  if (found) {
    process.kill(pid, 'SIGINT');
    if (!(await until(() => !lives(), fastShutdownMs))) {
      signalIfThere(pid, 'SIGQUIT');
      await until(() => !lives(), immediateShutdownMs);
    }
  }
  // Its processes may outlive a server that was killed, with the old shared memory in their hands.
  if (!(await until(() => workersOf(dataDir).length === 0, immediateShutdownMs))) {
    throw new Error(
      `An earlier PostgreSQL still works in ${dataDir} and does not stop: end pid ${workersOf(dataDir).join(', ')}.`,
    );
  }
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
  return found;
}

export interface PostmasterStatus {
  readonly pid: number;
  readonly ready: boolean;
}

/** What the server says about itself, in the file that pg_ctl reads for the same purpose. */
export function postmasterStatus(dataDir: string): PostmasterStatus | undefined {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    // A negative pid is a single-user server.
    const pid = Math.abs(Number(lines[0]));
    return pid > 1 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

function worksIn(pid: number, dataDir: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch {
    return false;
  }
}

function workersOf(dataDir: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && worksIn(pid, dataDir) && pidLives(pid));
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in between: what was wanted.
  }
}

async function until(holds: () => boolean, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}
