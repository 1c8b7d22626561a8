/**
 * Two nodes over NATS on one database, and under load, one after the other: a node killed, a node frozen beyond its
 * lease and thawed, the line to NATS cut in both ways, NATS killed, and all that BullMQ knows deleted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { chance } from '../chance.ts';
import { prepare, until, type ChaosNode, type Ground } from './ground.ts';
import { startLoad, type Load } from './load.ts';
import { judge, recoveryOf, type Recovery, type Verdict } from './verdict.ts';
import { freePort, openLine, startNats, type Line, type NatsServer } from './wire.ts';

export const faults = ['kill', 'freeze', 'cut', 'nats', 'queue'] as const;
export type Fault = (typeof faults)[number];

export interface NodesChaos {
  readonly seed: number;
  /** How often each. */
  readonly times: number;
  readonly faults: readonly Fault[];
  readonly ordersPerSecond: number;
  /** How long the line to NATS stays cut. */
  readonly cutMs: number;
  /** Beyond the lease of a node. */
  readonly freezeMs: number;
  readonly say: (line: string) => void;
}

/** What one kind of fault did. */
export interface FaultFigures {
  readonly times: number;
  /** Until the runs of the node that went away were claimed by the other; else until the next commit. */
  readonly recoverMs: Recovery;
  /** Runs of the node when it went away. */
  readonly runs?: number;
  /** Runs of which a thawed node learnt that it did not own them any more. */
  readonly refused?: number;
  /** Entries of a thawed node's old incarnation after it was declared dead: none. */
  readonly appended?: number;
  readonly deleted?: number;
}

/** After a fault flows go on within this time; what is frozen is noticed by its lease. */
const recoverMsMax: Record<Fault, number> = { kill: 5_000, freeze: 6_000, cut: 5_000, nats: 5_000, queue: 5_000 };

export interface NodesVerdict extends Verdict {
  readonly faults: Readonly<Partial<Record<Fault, FaultFigures>>>;
  readonly recoverMs: Recovery;
  /** Faults after which flows went on too late. */
  readonly late: number;
  readonly seed: number;
}

const restMs = 90_000;
const settleMs = 3_000;
const takenOverMs = 20_000;

export { clearAll as end } from './ground.ts';

export const what = 'two nodes over NATS: killed, frozen, cut off, and the queue deleted, under load';

interface Scene {
  readonly ground: Ground;
  readonly line: Line;
  readonly random: () => number;
  readonly options: NodesChaos;
  readonly natsUrl: string;
  readonly load: Load;
  nats: NatsServer;
}

type Outcome = {
  readonly ms: number;
  readonly runs?: number;
  readonly refused?: number;
  readonly appended?: number;
  readonly deleted?: number;
};

export async function run(options: NodesChaos): Promise<NodesVerdict> {
  const random = chance(options.seed);
  const nats = await startNats(await freePort());
  const line = await openLine(nats.port);
  const ground = await prepare(options.seed);
  const natsUrl = `nats://127.0.0.1:${line.port}`;
  let scene: Scene | undefined;
  try {
    await ground.database.query(watchAppendsSql);
    await ground.startNode(['shop', 'post'], { NATS_URL: natsUrl });
    await ground.startNode(['shop'], { NATS_URL: natsUrl });
    const load = startLoad(() => addresses(ground), options.ordersPerSecond);
    ground.counterparty.knows(addresses(ground));
    scene = { ground, line, random, options, natsUrl, load, nats };
    await sleep(settleMs);
    const outcomes = new Map<Fault, Outcome[]>();
    for (let time = 0; time < options.times; time += 1) {
      for (const fault of options.faults) {
        const outcome = await acts[fault](scene, time);
        outcomes.set(fault, [...(outcomes.get(fault) ?? []), outcome]);
        options.say(`${fault}: ${JSON.stringify(outcome)}; ${load.acknowledged.length} orders`);
        await sleep(settleMs);
      }
    }
    const verdict = await judge(ground, load, restMs);
    for (const problem of verdict.found.length > 0 ? ground.problems.slice(-20) : []) options.say(problem);
    const figures = Object.fromEntries([...outcomes].map(([fault, all]) => [fault, figuresOf(all)]));
    const recoverMs = recoveryOf([...outcomes.values()].flat().map(({ ms }) => ms));
    const appended = [...outcomes.values()].flat().reduce((sum, one) => sum + (one.appended ?? 0), 0);
    const late = [...outcomes].flatMap(([fault, all]) => all.filter(({ ms }) => ms > recoverMsMax[fault])).length;
    return {
      faults: figures,
      ...verdict,
      duplicated: verdict.duplicated + appended,
      recoverMs,
      late,
      seed: options.seed,
    };
  } finally {
    line.close();
    await ground.clear();
    await (scene?.nats ?? nats).stop();
  }
}

/** Only nodes that live; a frozen one is asked too, as nobody outside knows. */
function addresses({ nodes }: Ground): string[] {
  return nodes.filter((node) => node.lives).map(({ url }) => url);
}

const acts: Record<Fault, (scene: Scene, time: number) => Promise<Outcome>> = {
  kill,
  freeze,
  cut,
  nats: killNats,
  queue,
};

async function kill({ ground, random, natsUrl }: Scene): Promise<Outcome> {
  const victim = pick(ground, random);
  const node = await incarnationOf(ground, victim);
  await victim.kill();
  const killedAt = Date.now();
  ground.counterparty.knows(addresses(ground));
  const { runs, ms } = await takenOver(ground, node, killedAt);
  await ground.startNode(victim.services, { NATS_URL: natsUrl });
  ground.counterparty.knows(addresses(ground));
  return { ms, runs };
}

async function freeze({ ground, random, options }: Scene): Promise<Outcome> {
  const victim = pick(ground, random);
  const node = await incarnationOf(ground, victim);
  const lostBefore = victim.lost;
  victim.child.kill('SIGSTOP');
  const frozenAt = Date.now();
  const { runs, ms } = await takenOver(ground, node, frozenAt);
  const [dead] = await ground.database.query<{ at: Date }>(
    'select clock_timestamp() at from node where id = $1 and state = 3',
    [node],
  );
  await sleep(Math.max(0, options.freezeMs - (Date.now() - frozenAt)));
  victim.child.kill('SIGCONT');
  // Under a new id it works on.
  await until(async () => (await incarnationOf(ground, victim)) !== node, takenOverMs, 20);
  await sleep(1_000);
  const appended = await ground.database.query('select 1 from chaos_append where node = $1 and rows > 0 and at > $2', [
    node,
    dead?.at.toISOString() ?? 'infinity',
  ]);
  return { ms, runs, refused: victim.lost - lostBefore, appended: appended.length };
}

/** By turns: everything is swallowed, everything is reset. */
async function cut({ ground, line, options }: Scene, time: number): Promise<Outcome> {
  line.set(time % 2 === 0 ? 'silent' : 'refused');
  const cutAt = Date.now();
  await sleep(options.cutMs);
  const during = ground.nodes.flatMap(({ committed }) => committed.filter((at) => at >= cutAt));
  line.set('open');
  return { ms: longestGap(cutAt, during, Date.now()) };
}

async function killNats(scene: Scene): Promise<Outcome> {
  const { port } = scene.nats;
  await scene.nats.stop();
  const cutAt = Date.now();
  await sleep(2_000);
  scene.nats = await startNats(port);
  await sleep(2_000);
  const during = scene.ground.nodes.flatMap(({ committed }) => committed.filter((at) => at >= cutAt));
  return { ms: longestGap(cutAt, during, Date.now()) };
}

async function queue({ ground }: Scene): Promise<Outcome> {
  const tables = await ground.database.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'`,
  );
  const names = tables.map(({ name }) => `bullmq.${name}`);
  let deleted = 0;
  for (const name of names) {
    const [row] = await ground.database.query<{ count: string }>(`select count(*) from ${name}`);
    deleted += Number(row?.count ?? 0);
  }
  await ground.database.query(`truncate ${names.join(', ')}`);
  const deletedAt = Date.now();
  await until(() => ground.nodes.some(({ committed }) => committed.some((at) => at > deletedAt)), takenOverMs, 10);
  const next = Math.min(...ground.nodes.flatMap(({ committed }) => committed.filter((at) => at > deletedAt)));
  return { ms: next - deletedAt, deleted };
}

function pick(ground: Ground, random: () => number): ChaosNode {
  const living = ground.nodes.filter((node) => node.lives);
  const one = living[Math.floor(random() * living.length)];
  if (!one) throw new Error('no node lives');
  return one;
}

async function incarnationOf({ database }: Ground, { child }: ChaosNode): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `select id from node where split_part(name, ':', 2) = $1 order by id desc limit 1`,
    [String(child.pid)],
  );
  return row?.id ?? '';
}

/** Until each run that the node owned has been claimed by another, or has ended. */
async function takenOver({ database }: Ground, node: string, goneAt: number): Promise<{ runs: number; ms: number }> {
  const owned = await database.query<{ id: string; epoch: number }>('select id, epoch from run where owner = $1', [
    node,
  ]);
  const left = async () => {
    const [row] = await database.query<{ left: string }>(
      `select count(*) as left from run r join unnest($1::uuid[], $2::int[]) o(id, epoch) on o.id = r.id
       where r.epoch = o.epoch`,
      [owned.map(({ id }) => id), owned.map(({ epoch }) => epoch)],
    );
    return Number(row?.left ?? 0);
  };
  const all = await until(async () => (await left()) === 0, takenOverMs, 20);
  return { runs: owned.length, ms: all ? Date.now() - goneAt : takenOverMs };
}

function longestGap(from: number, times: readonly number[], to: number): number {
  const points = [from, ...times.toSorted((a, b) => a - b), to];
  return Math.max(...points.slice(1).map((at, i) => at - (points[i] ?? at)));
}

function figuresOf(outcomes: readonly Outcome[]): FaultFigures {
  const sum = (of: (outcome: Outcome) => number | undefined) => {
    const values = outcomes.flatMap((outcome) => of(outcome) ?? []);
    return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0);
  };
  const sums = {
    runs: sum((o) => o.runs),
    refused: sum((o) => o.refused),
    appended: sum((o) => o.appended),
    deleted: sum((o) => o.deleted),
  };
  const known = Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== undefined));
  return { times: outcomes.length, recoverMs: recoveryOf(outcomes.map(({ ms }) => ms)), ...known };
}

/** Who appended: a writer's connection holds the lock of its incarnation. */
const watchAppendsSql = `
  create table if not exists chaos_append (node bigint, rows bigint, at timestamptz not null);
  create or replace function chaos_append() returns trigger language plpgsql as $$
  begin
    insert into chaos_append
      select (select objid::bigint from pg_locks where locktype = 'advisory' and classid = 7411 and pid = pg_backend_pid() limit 1),
        (select count(*) from fresh), clock_timestamp();
    return null;
  end $$;
  create or replace trigger chaos_append after insert on journal referencing new table as fresh
    for each statement execute function chaos_append();`;
