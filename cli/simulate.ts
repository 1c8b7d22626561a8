/**
 * `lianshu simulate`: a year of business in minutes. Orders come day by day, people act, counterparties fail, the hub's day runs. At the
 * end: how cases ended, what became of every effect, which breaks were found, whether an invariant is broken, and whether the hub and
 * its counterparties tell the same to the fen.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { booksIn } from './booksIn.ts';
import { projectFolder } from './home.ts';
import { Occasions, untilInterrupted } from './occasions.ts';

interface SimulateOptions {
  readonly cases: number;
  readonly days: number;
  readonly seed: string;
  readonly faults: boolean;
  readonly json: boolean;
  readonly keep: boolean;
}

interface Result {
  readonly agree: boolean;
  readonly attention: readonly object[];
  /** Cases that never ended. */
  readonly unfinished: readonly object[];
  readonly [figure: string]: unknown;
}

interface Line {
  readonly progress?: Readonly<Record<string, number>>;
  readonly result?: Result;
}

const casesMax = 100_000;
const daysMin = 30;
const daysMax = 3_650;
const interruptedCode = 130;

export async function simulate(options: SimulateOptions): Promise<number> {
  inRange('--cases', options.cases, 1, casesMax);
  inRange('--days', options.days, daysMin, daysMax);
  const occasions = new Occasions(options.keep);
  const interrupted = untilInterrupted();
  const ending = new AbortController();
  try {
    const env = { LIANSHU_DAILY: '1', LIANSHU_SEED: options.seed };
    const played = await Promise.race([occasions.on((home) => year(options, home, ending.signal), env), interrupted]);
    if (played === 'interrupted') return interruptedCode;
    process.stdout.write(`${JSON.stringify(played, undefined, options.json ? 0 : 2)}\n`);
    const isAtRest = played.attention.length === 0 && played.unfinished.length === 0;
    return played.agree && played.invariants.broken === 0 && isAtRest ? 0 : 1;
  } finally {
    ending.abort();
    await occasions.close();
  }
}

async function year({ json: _json, keep: _keep, ...wishes }: SimulateOptions, home: string, ending: AbortSignal) {
  const began = performance.now();
  const result = await played(wishes, home, ending);
  const invariants = await booksIn(home);
  return { ...wishes, seconds: Math.round((performance.now() - began) / 1_000), ...result, invariants };
}

/** By a program of the sandbox, from outside. */
async function played(wishes: object, home: string, ending: AbortSignal): Promise<Result> {
  const program = join(projectFolder, 'sandbox', 'simulation', 'main.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(wishes)], {
    env: { ...process.env, LIANSHU_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: ending,
  });
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  // Heard of below; told to end, it may come first.
  ended.catch(() => undefined);
  let result: Result | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.progress) {
      const { day = 0, placed = 0, open = 0, attention = 0, breaks = 0, secondsPerDay = 0 } = line.progress;
      process.stderr.write(
        `第 ${day} 天 day · ${placed} 单 orders · ${open} 在途 open · ${attention} 待人工 attention · ${breaks} 差异 breaks · ${secondsPerDay} 秒/天 s per day\n`,
      );
    }
    result = line.result ?? result;
  }
  const code = await ended;
  if (!result) throw new Error(`the year broke off (${code})`);
  return result;
}

function inRange(flag: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`${flag}: a whole number from ${least} to ${most}`);
}
