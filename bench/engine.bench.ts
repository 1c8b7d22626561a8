/**
 * What a durable run costs: ten no-op steps as a flow on the engine, against the same ten on DBOS Transact, and, for
 * reference, against ten inserts by hand. All on one real PostgreSQL with fsync on, each side in processes of its own,
 * taking turns within one invocation: a figure counts only beside the others of the same round.
 *
 * `--grown` instead asks what history costs: the engine on tables with a million finished and a million waiting runs,
 * against empty ones.
 */
import { openStore } from '../store/store.ts';
import { type Child, startChild } from './engine/child.ts';
import { machineOf, progress, type Ratio, ratioOf, ratioText, tableText } from './engine/figures.ts';
import { measureGrown } from './engine/grown.ts';
import { bestPoolSize } from './engine/pools.ts';
import { type BenchServer, withServer } from './engine/server.ts';
import { medianTurn, type Turn, turnOf } from './engine/turn.ts';

export const what = 'ten no-op steps per run on the engine, against DBOS and against an insert per step by hand';

const sides = ['ours', 'dbos', 'byHand'] as const;
type Side = (typeof sides)[number];
type OfSides<T> = Readonly<Record<Side, T>>;

interface Setting {
  readonly url: string;
  readonly poolSize: number;
}

interface Level {
  readonly processes: number;
  /** Runs in flight at any time, over all processes of the side. */
  readonly inFlight: number;
  readonly sides: OfSides<Turn>;
  readonly oursOverDbos: Ratio;
  readonly oursOverByHand: Ratio;
}

interface Plan {
  readonly rounds: number;
  readonly windowMs: number;
}

const quickPlan: Plan = { rounds: 1, windowMs: 1_500 };
const fullPlan: Plan = { rounds: 3, windowMs: 4_000 };
const levels = [1, 50, 200, 1_000] as const;
const processCounts = [1, 2] as const;
const warmInFlight = 50;
const warmMs = 2_000;
const quickPoolSize = 20;

/** Every level begins with empty tables on all sides: whoever kept more must not pay for it later. */
const emptied: OfSides<string> = {
  ours: 'truncate journal, run, run_done, run_key, wait, effect, signal cascade',
  dbos: 'truncate dbos.workflow_status cascade',
  byHand: 'truncate by_hand',
};

export async function run(json: boolean, options: { quick?: boolean; grown?: boolean } = {}): Promise<object> {
  const quick = options.quick ?? false;
  return options.grown ? measureGrown(json, quick) : contest(json, quick);
}

function contest(json: boolean, quick: boolean): Promise<object> {
  return withServer(async (server) => {
    const machine = await machineOf(server);
    const settings = await prepared(server, quick);
    const found: Level[] = [];
    for (const processes of processCounts)
      found.push(...(await levelsOf(server, settings, processes, quick ? quickPlan : fullPlan)));
    if (!json) process.stdout.write(tableOf(found));
    const poolSizes = { dbos: settings.dbos.poolSize, byHand: settings.byHand.poolSize };
    return { machine, quick, poolSizes, levels: found };
  });
}

async function prepared(server: BenchServer, quick: boolean): Promise<OfSides<Setting>> {
  const [ours, dbos, byHand] = [
    await server.migrated('ours'),
    await server.empty('dbos'),
    await server.empty('byhand'),
  ];
  await execute(
    byHand,
    'create table by_hand (item text, step int, body jsonb, at timestamptz, primary key (item, step))',
  );
  const size = (side: Side, url: string) => (quick ? quickPoolSize : bestPoolSize(scriptOf(side), url, server));
  return {
    ours: { url: ours, poolSize: 0 }, // It needs no more than the hub's own.
    dbos: { url: dbos, poolSize: await size('dbos', dbos) },
    byHand: { url: byHand, poolSize: await size('byHand', byHand) },
  };
}

async function levelsOf(
  server: BenchServer,
  settings: OfSides<Setting>,
  processes: number,
  plan: Plan,
): Promise<Level[]> {
  const children: Partial<Record<Side, Child[]>> = {};
  try {
    for (const side of sides) {
      const started = (children[side] = [] as Child[]);
      // One after the other: the first of DBOS makes its tables.
      while (started.length < processes) started.push(await startChild(scriptOf(side), settings[side]));
      await turnOf(started, server.admin, warmInFlight, warmMs);
    }
    const found: Level[] = [];
    for (const inFlight of levels)
      // One run cannot be in flight in two processes.
      if (inFlight >= processes)
        found.push(await levelOf(server, settings, children as Record<Side, Child[]>, inFlight, plan));
    return found;
  } finally {
    await Promise.all(Object.values(children).flatMap((all) => all.map((child) => child.stop())));
  }
}

async function levelOf(
  server: BenchServer,
  settings: OfSides<Setting>,
  children: OfSides<readonly Child[]>,
  inFlight: number,
  plan: Plan,
): Promise<Level> {
  const processes = children.ours.length;
  for (const side of sides) await execute(settings[side].url, emptied[side]);
  await server.admin.pool.query('checkpoint');
  const turns: Record<Side, Turn[]> = { ours: [], dbos: [], byHand: [] };
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const turn = await turnOf(children[side], server.admin, inFlight, plan.windowMs);
      progress(`${processes} x ${inFlight}, round ${round + 1}: ${side} ${turn.stepsPerSecond} steps/s`);
      turns[side].push(turn);
    }
  }
  const rate = (side: Side) => turns[side].map((turn) => turn.stepsPerSecond);
  return {
    processes,
    inFlight,
    sides: { ours: medianTurn(turns.ours), dbos: medianTurn(turns.dbos), byHand: medianTurn(turns.byHand) },
    oursOverDbos: ratioOf(rate('ours'), rate('dbos')),
    oursOverByHand: ratioOf(rate('ours'), rate('byHand')),
  };
}

function scriptOf(side: Side): string {
  return `engine/sides/${side}.ts`;
}

async function execute(url: string, sql: string): Promise<void> {
  const store = await openStore(url, { applicationName: 'lianshu-bench', maxConnections: 1 });
  try {
    await store.pool.query(sql);
  } finally {
    await store.close();
  }
}

function tableOf(found: readonly Level[]): string {
  const head = ['processes', 'in flight', 'side', 'steps/s', 'run p50 ms', 'run p99 ms', 'WAL B/step', 'us CPU/step'];
  const rows = found.flatMap((level) =>
    sides.map((side) => {
      const { stepsPerSecond, runMsP50, runMsP99, walBytesPerStep, cpuMicrosPerStep } = level.sides[side];
      const figures = [stepsPerSecond, runMsP50, runMsP99, walBytesPerStep, cpuMicrosPerStep];
      const against = { ours: '', dbos: ratioText(level.oursOverDbos), byHand: ratioText(level.oursOverByHand) };
      return [level.processes, level.inFlight, side, ...figures, against[side]];
    }),
  );
  return `${tableText([[...head, 'ours is times it'], ...rows])}medians of rounds in which the sides took turns\n`;
}
