/**
 * What a durable run costs: ten steps as a flow on the engine, against the same ten steps kept by hand, one
 * `insert … commit` each. Both on one real PostgreSQL with fsync on, taking turns within one process, medians of three.
 *
 * The engine's figure holds everything that a run needs (its signal, its case, its start and end), the other's only the
 * ten rows: it keeps no order of steps, takes nothing over after a crash, and knows of no outcome that is unknown.
 */
import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { Type } from 'typebox';
import { contract, strict } from '../contracts/contract.ts';
import { kind, operation } from '../contracts/kind.ts';
import { Clock } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import { flow } from '../engine/flow.ts';
import { keepSignal } from '../engine/signals.ts';
import type { Store } from '../store/store.ts';
import { withDatabase } from '../store/throwaway.ts';

export const what = 'ten no-op steps per run on the engine, against one insert and commit per step by hand';

interface Level {
  /** Runs that begin together. */
  readonly concurrency: number;
  readonly runs: number;
  readonly engineStepsPerSecond: number;
  readonly byHandStepsPerSecond: number;
  /** By hand over engine: above 1 the engine is slower. */
  readonly ratio: number;
}

const stepsPerRun = 10;
const rounds = 3;
/** Enough of each for a second or so of work: a single run would measure the clock. */
const levels = [
  { concurrency: 1, runs: 30 },
  { concurrency: 50, runs: 500 },
  { concurrency: 200, runs: 1_000 },
] as const;
const roundLimitMs = 60_000;

const Item = contract('bench/item', strict({ no: Type.String({ maxLength: 64 }) }));
const shop = kind(
  'bench',
  { look: operation({ request: Item, response: Item, effect: 'read', label: { zh: '看', en: 'look' } }) },
  {},
);

const tenSteps = flow({
  name: 'bench-ten-steps',
  version: 1,
  title: { zh: '十步', en: 'ten steps' },
  input: Item,
  startedBy: ['bench.begin'],
  keyOf: ({ no }) => no,
  caseOf: ({ no }) => ({ key: `bench/${no}`, title: no }),
  milestones: [],
  async body(run, item) {
    for (let step = 0; step < stepsPerRun; step += 1) await run.call(shop.operations.look, item, { system: 'bench' });
    return { outcome: 'done' };
  },
});

export async function run(json: boolean): Promise<object> {
  const levels = await withDatabase(measure);
  const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' };
  if (!json) process.stdout.write(tableOf(levels));
  return { machine, levels };
}

function tableOf(levels: readonly Level[]): string {
  const head = ['at once', 'runs', 'engine steps/s', 'by hand steps/s', 'ratio'];
  const rows = levels.map((level) => [
    level.concurrency,
    level.runs,
    level.engineStepsPerSecond,
    level.byHandStepsPerSecond,
    level.ratio.toFixed(2),
  ]);
  const line = (cells: readonly unknown[]) => cells.map((cell) => String(cell).padStart(16)).join('');
  return `medians of ${rounds}, taking turns; ratio above 1: the engine is slower\n${[head, ...rows].map(line).join('\n')}\n`;
}

async function measure(database: { readonly store: Store; readonly url: string }): Promise<Level[]> {
  const { store, url } = database;
  await store.pool.query(
    'create table by_hand (item text, step int, body jsonb, at timestamptz, primary key (item, step))',
  );
  const engine = new Engine({
    store,
    url,
    clock: new Clock(),
    flows: [tenSteps],
    call: async ({ request }) => ({ outcome: 'confirmed', response: request }),
  });
  const problems: string[] = [];
  engine.events.on('problem', (problem) => problems.push(problem));
  await engine.start();
  try {
    // Once for nothing: plans, caches and compiled code are then the same for both sides.
    await onEngine(store, engine, 10, 50);
    await byHand(store, 10, 50);
    const found: Level[] = [];
    for (const { concurrency, runs } of levels) {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        theirs.push(await byHand(store, concurrency, runs));
        ours.push(await onEngine(store, engine, concurrency, runs));
      }
      found.push(levelOf(concurrency, runs, median(ours), median(theirs)));
    }
    if (problems.length > 0) throw new Error(`the engine had problems: ${problems.join('; ')}`);
    return found;
  } finally {
    await engine.stop();
  }
}

/** Milliseconds for so many runs, in waves of so many at the same time. */
async function onEngine(store: Store, engine: Engine, concurrency: number, runs: number): Promise<number> {
  const batch = randomUUID();
  const startedAt = performance.now();
  for (let first = 0; first < runs; first += concurrency) {
    const numbers = Array.from({ length: concurrency }, (_none, index) => `${batch}/${first + index}`);
    const ended = endsOf(engine, numbers.length);
    await atOnce(concurrency, numbers.length, async (index) => {
      const no = numbers[index] ?? '';
      await store.tx((tx) => keepSignal(tx, { notice: 'bench.begin', key: no, id: no, message: { no } }));
    });
    await engine.signalled(numbers.map((no) => `bench.begin:${no}`));
    await ended;
  }
  const ms = performance.now() - startedAt;
  const done = await store.pool.query('select 1 from run_done where flow = $1 and key like $2 and outcome = $3', [
    tenSteps.name,
    `${batch}/%`,
    'done',
  ]);
  if (done.rowCount !== runs) throw new Error(`${done.rowCount} of ${runs} runs ended`);
  return ms;
}

/** The second event of a run is its end: it waits for nothing in between. */
function endsOf(engine: Engine, count: number): Promise<void> {
  const begun = new Set<string>();
  let open = count;
  return new Promise((done, fail) => {
    const late = () => settle(() => fail(new Error(`${open} of ${count} runs did not end within ${roundLimitMs} ms`)));
    const deadline = setTimeout(late, roundLimitMs);
    const onRun = (run: string) => {
      if (!begun.delete(run)) begun.add(run);
      else if ((open -= 1) === 0) settle(done);
    };
    const settle = (end: () => void) => {
      clearTimeout(deadline);
      engine.events.off('run', onRun);
      end();
    };
    engine.events.on('run', onRun);
  });
}

async function byHand(store: Store, concurrency: number, runs: number): Promise<number> {
  const batch = randomUUID();
  const startedAt = performance.now();
  await atOnce(concurrency, runs, async (index) => {
    const no = `${batch}/${index}`;
    for (let step = 0; step < stepsPerRun; step += 1) {
      // A single statement commits by itself, as one would write it.
      await store.pool.query('insert into by_hand (item, step, body, at) values ($1, $2, $3, now())', [
        no,
        step,
        JSON.stringify({ no }),
      ]);
    }
  });
  return performance.now() - startedAt;
}

async function atOnce(concurrency: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function levelOf(concurrency: number, runs: number, engineMs: number, byHandMs: number): Level {
  const perSecond = (ms: number) => Math.round((runs * stepsPerRun * 1000) / ms);
  return {
    concurrency,
    runs,
    engineStepsPerSecond: perSecond(engineMs),
    byHandStepsPerSecond: perSecond(byHandMs),
    ratio: Number((engineMs / byHandMs).toFixed(2)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
