/**
 * One hub per home. The lock names its owner by pid and by the moment that process was born, so that a pid used
 * again by the machine, or by the next container, does not look like a hub that lives.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HubLock {
  release(): void;
}

interface Owner {
  readonly pid: number;
  /** Boot and clock tick of its birth; empty where the machine does not tell. */
  readonly born: string;
}

const attemptsMax = 5;

export function takeHubLock(home: string): HubLock {
  const path = join(home, 'hub.lock');
  const me: Owner = { pid: process.pid, born: bornAt(process.pid) };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      if (tryLink(draft, path)) return { release: () => releaseIfMine(path, me) };
      const owner = readOwner(path);
      if (owner && isAlive(owner)) throw new Error(alreadyRunning(home, owner));
      setAside(path, owner);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`The lock ${path} changes hands all the time. Start one hub only, or remove that file.`);
}

/** When a process was born, or '' when it does not exist, is dead but not yet reaped, or cannot be asked. */
function bornAt(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in brackets may hold spaces and brackets, so count from its end: field 3 is the state, 22 the birth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const birth = fields[19];
  if (!birth || fields[0] === 'Z' || fields[0] === 'X') return '';
  return `${readText('/proc/sys/kernel/random/boot_id').trim()}/${birth}`;
}

/** A zombie does not live: its files are closed and nothing of it will ever run again. */
export function pidLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || bornAt(pid) !== '';
}

function isAlive(owner: Owner): boolean {
  return pidLives(owner.pid) && owner.born === bornAt(owner.pid);
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path); // Atomic, and the content is complete from the first moment.
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Two starters may find the same dead owner: only the one that moves exactly that lock away may go on. */
function setAside(path: string, expected: Owner | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // The other starter was faster; look again.
  }
  const moved = readOwner(aside);
  if (moved && (moved.pid !== expected?.pid || moved.born !== expected.born)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function releaseIfMine(path: string, me: Owner): void {
  const owner = readOwner(path);
  if (owner?.pid === me.pid && owner.born === me.born) rmSync(path, { force: true });
}

function readOwner(path: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(readText(path));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, born } = value as Record<string, unknown>;
    return Number.isInteger(pid) && Number(pid) > 0 ? { pid: Number(pid), born: String(born) } : undefined;
  } catch {
    return undefined; // Cut off by a power failure: nobody's.
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function alreadyRunning(home: string, owner: Owner): string {
  return (
    `A hub is already running in ${home} (pid ${owner.pid}). ` +
    `Use that one, stop it (kill ${owner.pid}), or give this one another home (LIANSHU_HOME).`
  );
}
