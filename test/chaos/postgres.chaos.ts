/**
 * PostgreSQL killed (SIGKILL of the postmaster and immediate stop, as the seed says) and started again every few
 * seconds under load, and between kills backends of the nodes terminated at random.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { chance } from '../chance.ts';
import { prepare, until, type Ground } from './ground.ts';
import { startLoad } from './load.ts';
import { judge, recoveryOf, type Recovery, type Verdict } from './verdict.ts';

export interface PostgresChaos {
  readonly seed: number;
  readonly seconds: number;
  readonly killEveryMs: number;
  readonly nodes: number;
  readonly ordersPerSecond: number;
  readonly say: (line: string) => void;
}

export interface PostgresVerdict extends Verdict {
  readonly kills: number;
  readonly terminated: number;
  /** From the database accepting connections again to the next committed journal entry. */
  readonly recoverMs: Recovery;
  /** Kills after which flows went on too late. */
  readonly late: number;
  readonly seed: number;
}

const backendEveryMs = 700;
const restMs = 90_000;
const goOnMs = 20_000;
const recoverMsMax = 3_000;

export { clearAll as end } from './ground.ts';

export const what = 'PostgreSQL killed and restarted under load, its backends terminated at random';

export async function run(options: PostgresChaos): Promise<PostgresVerdict> {
  const random = chance(options.seed);
  const ground = await prepare(options.seed);
  try {
    for (let count = 0; count < options.nodes; count += 1) await ground.startNode(['shop', 'post']);
    const urls = ground.nodes.map(({ url }) => url);
    ground.counterparty.knows(urls);
    const load = startLoad(() => urls, options.ordersPerSecond);
    const recoveries: number[] = [];
    let terminated = 0;
    const endsAt = performance.now() + options.seconds * 1000;
    while (performance.now() < endsAt) {
      const killAt = performance.now() + options.killEveryMs;
      while (performance.now() < killAt) {
        await sleep(Math.min(backendEveryMs * (0.5 + random()), Math.max(1, killAt - performance.now())));
        terminated += await terminateOne(ground, random());
      }
      const how = random() < 0.5 ? 'SIGKILL' : 'SIGQUIT';
      const acceptedAt = await ground.database.kill(how);
      const recovered = await nextCommit(ground, acceptedAt);
      recoveries.push(recovered);
      options.say(`${how}: accepting again, next commit after ${recovered} ms; ${load.acknowledged.length} orders`);
    }
    const verdict = await judge(ground, load, restMs);
    for (const problem of verdict.found.length > 0 ? ground.problems.slice(-20) : []) options.say(problem);
    const late = recoveries.filter((ms) => ms > recoverMsMax).length;
    return {
      kills: recoveries.length,
      terminated,
      ...verdict,
      recoverMs: recoveryOf(recoveries),
      late,
      seed: options.seed,
    };
  } finally {
    await ground.clear();
  }
}

/** Any of the nodes' connections: the writer's, the pool's, the queue's. */
async function terminateOne({ database }: Ground, random: number): Promise<number> {
  const ended = await database.query<{ ended: boolean }>(
    `with b as (select pid, row_number() over (order by pid) - 1 n, count(*) over () total from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'chaos-runner')
     select pg_terminate_backend(pid) ended from b where n = floor($1::float8 * total)`,
    [random],
  );
  return ended.filter((row) => row.ended).length;
}

async function nextCommit({ nodes }: Ground, acceptedAt: number): Promise<number> {
  const first = () => Math.min(...nodes.flatMap(({ committed }) => committed.filter((at) => at >= acceptedAt)));
  await until(() => Number.isFinite(first()), goOnMs, 10);
  return Number.isFinite(first()) ? first() - acceptedAt : goOnMs;
}
