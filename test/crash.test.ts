/**
 * The hub is killed ten times while a case runs, with and without its database, in the middle of its work and while it
 * starts; `lianshu start` brings it up again each time. Judged by the counterparties' own logs and by the books.
 *
 * `LIANSHU_SEED=<n>` repeats the choices of an earlier run, `LIANSHU_SEED=random` makes new ones; the machine's own timing is
 * never quite the same.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chance, seedOfRun } from './chance.ts';
import * as hub from './hub.ts';

const kills = 10;
const runMs = 240_000;
/** Slower than the demo, so that a case is still under way when the last kill comes and no deadline passes meanwhile. */
const speed = '7200';

let home: hub.Home;
beforeEach(async () => {
  home = await hub.newHome();
});
afterEach(() => home.remove());

test(
  'a hub that is killed ten times during a case loses nothing and does nothing twice',
  async () => {
    const seed = seedOfRun();
    const said: string[] = [`seed ${seed}`];
    const started = hub.launch(home, ['start', '--once', '--json', '--speed', speed]);
    const killing = killAgainAndAgain(started, chance(seed), said);
    const { code, out, err } = await started.ended;
    await killing;
    process.stdout.write(`crash.test.ts: ${said.join('; ')}\n`);
    if (code !== 0) process.stdout.write(`${err}\n${postgresLog()}\n`);
    const reports = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line || '{}') as object);
    const released = { state: 'released', effects: { refused: 0, unknown: 0 }, invariants: { broken: 0 } };
    expect(reports).toMatchObject([released, released]);
    expect(said).toHaveLength(1 + kills);
    expect(hub.repeatedEffects(home)).toEqual([]);
    for (const [twin, kind, times] of timesEach)
      expect({ twin, kind, times: hub.effectsOf(home, twin, kind).length }).toEqual({ twin, kind, times });
    await bookkeeping();
  },
  runMs + 60_000,
);

/**
 * What would be money lost, goods gone or a paper too many, if it happened twice. Not the collection: one that settles on
 * the day after its quote is followed by another, of a day's interest.
 */
const timesEach = [
  ...['bank-open', 'bank-icbc'].flatMap((bank) =>
    ['applied', 'disbursed', 'custody', 'released'].map((kind) => [bank, kind, 1] as const),
  ),
  ['esign-tsign', 'completed', 1],
  // Both cases are registered there.
  ['registry-zd', 'registered', 2],
  ['registry-zd', 'cancelled', 2],
  ...['wms-qimen', 'wms-flux'].flatMap((wms) =>
    ['received', 'locked', 'outbound'].map((kind) => [wms, kind, 1] as const),
  ),
] as const;

/** In the same home, started once more: the journal has no hole, nothing is open, the books hold. */
async function bookkeeping(): Promise<void> {
  const again = await hub.startTestHub(home);
  try {
    const holes = await hub.rowsOf(
      home,
      'select run_id, count(*) n, min(seq), max(seq) from journal group by run_id having min(seq) <> 0 or max(seq) <> count(*) - 1',
    );
    expect(holes).toEqual([]);
    expect(await hub.rowsOf(home, "select * from effect where state in ('intent', 'unknown')")).toEqual([]);
    expect(await hub.rowsOf(home, 'select id, state, problem from run')).toEqual([]);
    const { code, out } = await hub.lianshu(home, 'verify', '--json');
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, broken: 0 });
  } finally {
    await again.stop();
  }
}

/** Each time another moment: in the middle of the work, while it starts, while it replays. */
async function killAgainAndAgain(started: hub.Started, random: () => number, said: string[]): Promise<void> {
  const over = () => started.child.exitCode !== null;
  // The first start is left alone: what is wrong from the beginning is told, not tried again.
  await hub.until(() => over() || hub.aboutHub(home) !== undefined, 60_000);
  let last = 0;
  for (let count = 0; count < kills && !over(); count += 1) {
    await hub.until(() => over() || hubOf(started, last) !== undefined, 30_000);
    const pid = hubOf(started, last);
    if (pid === undefined) return;
    const early = random() < 0.4;
    const afterMs = Math.round(random() * (early ? 2_000 : 4_000));
    const victim = ['hub', 'hub', 'hub and database', 'database'][Math.floor(random() * 4)] ?? 'hub';
    if (!early) await hub.until(() => over() || isReady(), 60_000);
    await sleep(afterMs);
    if (over()) return;
    const database = databasePid();
    if (victim !== 'database' || database === undefined) hub.kill(pid, 'SIGKILL');
    if (victim !== 'hub' && database !== undefined) hub.kill(database, 'SIGKILL');
    said.push(`${victim} ${afterMs} ms after it ${early ? 'began' : 'was ready'}`);
    // A hub outlives its database when it had not come to need it yet: then it is the next one too.
    if (victim === 'database') await hub.until(() => over() || hubOf(started, pid) !== undefined, 5_000);
    last = hubOf(started, 0) === pid && victim === 'database' ? 0 : pid;
  }
}

function isReady(): Promise<boolean> {
  return fetch(`http://127.0.0.1:${home.port}/health/ready`, { signal: AbortSignal.timeout(1_000) }).then(
    (answer) => answer.ok,
    () => false,
  );
}

/** The hub process that is not the one killed last. */
function hubOf(started: hub.Started, last: number): number | undefined {
  const children = read(`/proc/${started.child.pid}/task/${started.child.pid}/children`).trim().split(' ').map(Number);
  return children.find((pid) => pid > 0 && pid !== last && read(`/proc/${pid}/cmdline`).includes('main.ts\0hub'));
}

function databasePid(): number | undefined {
  const pid = Number(read(join(home.folder, 'postgres', 'postmaster.pid')).split('\n')[0]);
  return pid > 0 ? pid : undefined;
}

function postgresLog(): string {
  return read(join(home.folder, 'postgres.log')).slice(-3_000);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
