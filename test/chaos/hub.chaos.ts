/** The hub itself with all its counterparties: spot pledges, while PostgreSQL is killed and restarted again and again. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chance } from '../chance.ts';
import * as hub from '../hub.ts';
import { Database, until } from './ground.ts';
import { hubReady, orderIn, startSandbox } from './sandbox.ts';
import { recoveryOf, type Recovery } from './verdict.ts';

export interface HubChaos {
  readonly seed: number;
  readonly seconds: number;
  readonly killEveryMs: number;
  readonly say: (line: string) => void;
}

export interface HubVerdict {
  readonly kills: number;
  readonly orders: number;
  readonly released: number;
  /** Orders that the trading unit's system placed and of which the hub has no case. */
  readonly lost: number;
  readonly duplicated: number;
  readonly stuck: number;
  readonly late: number;
  readonly recoverMs: Recovery;
  readonly seed: number;
  readonly found: readonly string[];
}

/** Slow enough that no deadline passes while the database is away. */
const speed = 7_200;
const orderEveryMs = 4_000;
const restMs = 240_000;
const goOnMs = 20_000;
const recoverMsMax = 3_000;

export const what = 'the hub and its counterparties with spot pledges, PostgreSQL killed and restarted';

const ending = new Set<() => Promise<void>>();
export async function end(): Promise<void> {
  for (const one of ending) await one();
}

export async function run(options: HubChaos): Promise<HubVerdict> {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-chaos-'));
  chmodSync(folder, 0o711);
  const database = await Database.start(join(folder, 'home'));
  const home = await hub.newHome();
  const clear = async () => {
    ending.delete(clear);
    await home.remove();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  ending.add(clear);
  try {
    return await campaign(options, database, home);
  } finally {
    await clear();
  }
}

async function campaign(options: HubChaos, database: Database, home: hub.Home): Promise<HubVerdict> {
  const random = chance(options.seed);
  const clock = JSON.stringify({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed });
  const control = await startSandbox(home, clock);
  const started = hub.launch(home, ['hub', '--sandbox'], { DATABASE_URL: database.url, LIANSHU_CLOCK: clock });
  await hubReady(home, started);
  const orders: string[] = [];
  const placing = setInterval(
    () => void orderIn(control).then((no) => no !== undefined && orders.push(no)),
    orderEveryMs,
  );
  const recoveries: number[] = [];
  try {
    const endsAt = performance.now() + options.seconds * 1000;
    while (performance.now() < endsAt) {
      await sleep(options.killEveryMs * (0.7 + 0.6 * random()));
      const how = random() < 0.5 ? 'SIGKILL' : 'SIGQUIT';
      const acceptedAt = await database.kill(how);
      recoveries.push(await nextEntry(database, acceptedAt));
      options.say(`${how}: next entry after ${recoveries.at(-1)} ms; ${orders.length} orders`);
    }
  } finally {
    clearInterval(placing);
  }
  return { kills: recoveries.length, ...(await judge(options, database, home, orders, recoveries)) };
}

/** A journal grows in its keys: looked at often, from outside. */
async function nextEntry(database: Database, acceptedAt: number): Promise<number> {
  const count = async () => (await database.query<{ n: string }>('select count(*) n from journal'))[0]?.n;
  const before = await count();
  await until(async () => (await count()) !== before, goOnMs, 20);
  return Date.now() - acceptedAt;
}

async function judge(
  { seed }: HubChaos,
  database: Database,
  home: hub.Home,
  orders: readonly string[],
  recoveries: readonly number[],
): Promise<Omit<HubVerdict, 'kills'>> {
  // Between disbursement and repayment no run lives: what tells is the case.
  const unfinished = "select key from cases where state = 'open' union all select key from run";
  await until(async () => (await database.query(unfinished)).length === 0, restMs, 500);
  const cases = await database.query<{ key: string; state: string; problem: string | null; done: string | null }>(
    `select c.key, c.state, (select min(problem) from run where case_id = c.id) problem,
       (select string_agg(flow || ': ' || outcome || coalesce(' ' || detail, ''), '; ') from run_done where case_id = c.id) done from cases c where c.key = any($1::text[])`,
    [orders],
  );
  const known = new Set(cases.map(({ key }) => key));
  const lost = orders.filter((no) => !known.has(no));
  const stuck = cases.filter(({ state }) => state !== 'released');
  const open = await database.query(
    "select operation, number, detail from effect where state in ('intent', 'unknown')",
  );
  const repeated = hub.repeatedEffects(home);
  const { code, out } = await hub.lianshu(home, 'verify', '--json');
  const found = [...lost.map((no) => `lost ${no}`), ...stuck, ...open, ...repeated, ...(code === 0 ? [] : [out])];
  return {
    orders: orders.length,
    released: cases.length - stuck.length,
    lost: lost.length,
    duplicated: repeated.length,
    stuck: stuck.length + open.length + (code === 0 ? 0 : 1),
    late: recoveries.filter((ms) => ms > recoverMsMax).length,
    recoverMs: recoveryOf(recoveries),
    seed,
    found: found.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
  };
}
