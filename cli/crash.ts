/**
 * `lianshu crash`: kills the hub by SIGKILL before, inside and after every journal write, every send and every message
 * kept, of every flow; starts it again; lets each case come to rest; and holds what it did against what the counterparties
 * wrote down themselves.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Runner, type CrashReport } from './crash/runner.ts';
import { stories } from './crash/stories.ts';
import { untilInterrupted } from './occasions.ts';
import { listedBy } from './scenario.ts';

export interface CrashOptions {
  /** How often the hub is killed. */
  readonly points: number;
  readonly seed: number;
  readonly json: boolean;
  /** Keeps the folder, which else is kept only when something was found. */
  readonly keep: boolean;
  /** Names of stories that are told; none: all of the crash run. */
  readonly only?: readonly string[];
}

/** Side by side, each with a database, counterparties and a hub of its own. */
const worlds = 3;
const pointsMax = 100_000;
const interruptedCode = 130;

export async function crash({ points, seed, json, keep, only = [] }: CrashOptions): Promise<number> {
  if (!Number.isInteger(points) || points < 1 || points > pointsMax)
    throw new Error(`--points: 1 to ${pointsMax}, a whole number`);
  if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed: a whole number');
  // A word that names no story is said before anything is started.
  const chosen = only.length > 0 ? (await listedBy(only)).map(({ name }) => name) : stories;
  const interrupted = untilInterrupted();
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-crash-'));
  // As root, PostgreSQL runs as another user, who must get through.
  chmodSync(folder, 0o711);
  const runner = new Runner(
    {
      points,
      seed,
      worlds: Math.min(worlds, points),
      stories: chosen,
      whole: only.length === 0,
    },
    folder,
    say,
  );
  let report: CrashReport | 'interrupted' | undefined;
  try {
    report = await Promise.race([runner.run(), interrupted]);
  } finally {
    await runner.close();
    const well = report === 'interrupted' || (report !== undefined && isClean(report));
    if (well && !keep) rmSync(folder, { recursive: true, force: true });
    else say(`保留 kept: ${folder}`);
  }
  if (report === 'interrupted') return interruptedCode;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summary(report)}\n`);
  return isClean(report) ? 0 : 1;
}

function isClean({ lost, duplicated, stuck, broken }: CrashReport): boolean {
  return lost + duplicated + stuck + broken === 0;
}

function summary(report: CrashReport): string {
  const { kills, lost, duplicated, stuck, broken, seed, plays, points, covered, unmet, secondsPerKill } = report;
  return [
    `${isClean(report) ? '✓' : '✗'} ${kills} 次击杀 kills, ${secondsPerKill} s each, seed ${seed}`,
    `  ${report.flows} 条流程 flows, ${report.stories} 个场景 stories, ${plays} 次讲述 tellings`,
    `  丢失 lost ${lost} · 重复 duplicated ${duplicated} · 卡住 stuck ${stuck} · 账本违反 broken ${broken}`,
    `  崩溃点 crash points ${points}, 已击杀 killed at ${covered}, 未再遇到 never met again ${unmet.length}`,
  ].join('\n');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
