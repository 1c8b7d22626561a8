/**
 * `lianshu simulate`: a year of business in minutes. Orders come day by day, people act, counterparties fail, the hub's day runs. At the
 * end: how cases ended, what became of every effect, which breaks were found, whether an invariant is broken, and whether the hub and
 * its counterparties tell the same to the fen.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { verifyBooks } from '../ledger/invariants.ts';
import { openStore } from '../store/store.ts';
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
const offendersShown = 5;

export async function simulate(options: SimulateOptions): Promise<number> {
  inRange('--cases', options.cases, 1, casesMax);
  inRange('--days', options.days, daysMin, daysMax);
  const occasions = new Occasions(options.keep);
  const interrupted = untilInterrupted();
  try {
    const env = { LIANSHU_DAILY: '1', LIANSHU_SEED: options.seed };
    const played = await Promise.race([occasions.on((home) => year(options, home), env), interrupted]);
    if (played === 'interrupted') return interruptedCode;
    process.stdout.write(`${JSON.stringify(played, undefined, options.json ? 0 : 2)}\n`);
    return played.agree && played.invariants.broken === 0 && played.attention.length === 0 ? 0 : 1;
  } finally {
    await occasions.close();
  }
}

async function year({ json: _json, keep: _keep, ...wishes }: SimulateOptions, home: string) {
  const began = performance.now();
  const result = await played(wishes, home);
  const { databaseUrl } = JSON.parse(readFileSync(join(home, 'hub.json'), 'utf8')) as { databaseUrl: string };
  const store = await openStore(databaseUrl, { maxConnections: 2, applicationName: 'lianshu-simulate' });
  try {
    const verdicts = await verifyBooks(store);
    const broken = verdicts.filter(({ offenders }) => offenders.length > 0);
    const offending = broken.map(({ id, offenders }) => ({ id, offenders: offenders.slice(0, offendersShown) }));
    const seconds = Math.round((performance.now() - began) / 1_000);
    return {
      ...wishes,
      seconds,
      ...result,
      invariants: { checked: verdicts.length, broken: broken.length, offending },
    };
  } finally {
    await store.close();
  }
}

/** By a program of the sandbox, from outside. */
async function played(wishes: object, home: string): Promise<Result> {
  const program = join(projectFolder, 'sandbox', 'simulation', 'main.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(wishes)], {
    env: { ...process.env, LIANSHU_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  let result: Result | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if (line.progress) {
      const { day = 0, placed = 0, open = 0, attention = 0 } = line.progress;
      process.stderr.write(
        `第 ${day} 天 day · ${placed} 单 orders · ${open} 在途 open · ${attention} 待人工 attention\n`,
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
