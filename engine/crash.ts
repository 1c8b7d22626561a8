/**
 * Where a process may die for a test. Every door through which a run touches anything, the journal, the wire and the
 * inbox, calls this before, inside and after. Without the variables below it costs one comparison.
 *
 * `LIANSHU_CRASH_RECORD=<file>` appends each `<point> <subject>` when it is met for the first time in this process.
 * `LIANSHU_CRASH_PLAN=<file>` with `LIANSHU_CRASH_DONE=<file>`: a met point that is planned and not done yet is written
 * down as done, on disk, and the process is killed by SIGKILL. Both are read anew at each point, since a plan may change
 * under a process that lives on.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

export type CrashPoint = `${'journal' | 'wire' | 'inbox'}:${'before' | 'inside' | 'after'}`;

export interface PlannedCrash {
  /** `<point> <subject>`. */
  readonly at: string;
  /** How often it is passed unharmed in one process before. */
  readonly skip: number;
  /**
   * `now`: before another instruction. `turn`: after a turn of the event loop, so that what was handed to a socket has left
   * the process and nobody waits for the answer any more. A number: so many milliseconds later, but not later than the
   * point `after` of the same subject.
   */
  readonly delay: 'now' | 'turn' | number;
}

const recordFile = process.env['LIANSHU_CRASH_RECORD'];
const planFile = process.env['LIANSHU_CRASH_PLAN'];
const doneFile = process.env['LIANSHU_CRASH_DONE'];
const watching = recordFile !== undefined || planFile !== undefined;

export function crashPoint(point: CrashPoint, subjects: () => readonly string[]): void {
  if (watching) meet(point, subjects());
}

const recorded = new Set<string>();
const passed = new Map<string, number>();
/** What dies in a moment, by the point at which it dies at the latest. */
let latest: string | undefined;

function meet(point: CrashPoint, subjects: readonly string[]): void {
  const met = [...new Set(subjects)].map((subject) => `${point} ${subject}`);
  if (latest !== undefined && met.includes(latest)) die();
  if (recordFile !== undefined) record(recordFile, met);
  if (planFile === undefined || doneFile === undefined || latest !== undefined) return;
  const crash = due(planFile, doneFile, met);
  if (!crash) return;
  append(doneFile, `${crash.at}\n`);
  if (crash.delay === 'now') die();
  latest = crash.at.replace(/^(\w+):\w+/, '$1:after');
  if (crash.delay === 'turn') setImmediate(() => die());
  else setTimeout(() => die(), crash.delay);
}

function record(file: string, met: readonly string[]): void {
  const fresh = met.filter((at) => !recorded.has(at));
  for (const at of fresh) recorded.add(at);
  if (fresh.length > 0) append(file, `${fresh.join('\n')}\n`);
}

function due(planned: string, done: string, met: readonly string[]): PlannedCrash | undefined {
  const plan = JSON.parse(textOf(planned) || '[]') as PlannedCrash[];
  const over = new Set(textOf(done).split('\n'));
  return plan.find((crash) => {
    if (!met.includes(crash.at) || over.has(crash.at)) return false;
    const times = passed.get(crash.at) ?? 0;
    passed.set(crash.at, times + 1);
    return times >= crash.skip;
  });
}

/** On disk before the process goes on: it may have no next instruction. */
function append(path: string, text: string): void {
  const file = openSync(path, 'a');
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** SIGKILL to oneself: the system call does not come back. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('this process outlived SIGKILL');
}
