/** One case in a world: an order, kills where they are planned, rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedCrash } from '../../engine/crash.ts';
import type { Store } from '../../store/store.ts';
import { sendAgain } from './people.ts';
import type { Evidence } from './verdict.ts';
import type { EffectLine } from './effects.ts';
import type { World } from './world.ts';

const pollMs = 100;
/** Without a kill and without an entry in the journal, while business time flies. */
const standstillMs = 120_000;
/** While everybody waits: at most so much passes at once. */
const waitMinutes = 120;
const askMinutes = 2;
/** The dealer repays on the fifth day; till then nothing happens. */
const idleMinutes = 4 * 24 * 60;
/** People who are asked more often in one case look for the fault elsewhere. */
const decisionsMax = 8;
/** The last point of a case is met a moment after its end is to be seen. */
const afterglowMs = 150;

export interface Played {
  readonly orderNo: string;
  readonly evidence: Evidence;
  /** Of the plan, in the order of dying. */
  readonly killed: readonly string[];
  /** What was put to people, because the hub may not decide it. */
  readonly decisions: number;
}

interface Standing {
  readonly id: string;
  readonly state: string;
  readonly live: number;
  readonly problem: string | null;
  readonly entries: number;
  /** Nothing of it is at work. */
  readonly waits: boolean;
  /** Of the effects some are unknown or not sent yet: it is asked again in minutes. */
  readonly asks: boolean;
}

/** Ends when the case is at rest, needs people, or stands still. */
export async function playCase(world: World, orderNo: string, plan: readonly PlannedCrash[]): Promise<Played> {
  const linesBefore = Map.groupBy(world.effects(), ({ twin }) => twin);
  const acknowledgedBefore = world.doorman.acknowledged.length;
  // A price quoted on a Friday is stale on Monday, and a case then rightly comes to nothing.
  const { minutesToMonday } = world;
  if (minutesToMonday > 0) await world.advance(minutesToMonday);
  world.plan(plan);
  await world.placeOrder(orderNo);
  const ownEffects = () =>
    [...Map.groupBy(world.effects(), ({ twin }) => twin)].flatMap(([twin, lines]) =>
      lines.slice(linesBefore.get(twin)?.length ?? 0),
    );
  const { caseId, decisions } = await untilRest(world, orderNo, ownEffects);
  const killed = [...world.done()];
  world.plan([]);
  const acknowledged = world.doorman.acknowledged.slice(acknowledgedBefore);
  return { orderNo, killed, decisions, evidence: { caseId, effects: ownEffects(), acknowledged } };
}

/** The case, at rest or not. */
async function untilRest(
  world: World,
  orderNo: string,
  effects: () => readonly EffectLine[],
): Promise<{ caseId: string; decisions: number }> {
  let decisions = 0;
  let caseId = '';
  let seen = '';
  let movedAt = performance.now();
  let skipped = false;
  while (performance.now() - movedAt < standstillMs) {
    await sleep(pollMs);
    const standing = await standingOf(world.store, orderNo);
    caseId = standing?.id ?? '';
    if (standing && standing.problem !== null) {
      const decided = decisions < decisionsMax ? await sendAgain(world.store, standing.id, effects()) : 'nothing';
      if (decided === 'nothing') break;
      decisions += decided;
      continue;
    }
    if (standing && standing.state !== 'open' && standing.live === 0) {
      await sleep(afterglowMs);
      while (!world.up) await sleep(pollMs);
      break;
    }
    const now = `${world.kills} ${standing?.entries} ${standing?.live} ${world.up}`;
    if (now !== seen) movedAt = performance.now();
    seen = now;
    if (!world.up || !standing?.waits) continue;
    const idle: boolean = standing.live === 0 && standing.entries > 0 && !skipped;
    await world.advance(idle ? idleMinutes : standing.asks ? askMinutes : waitMinutes);
    skipped ||= idle;
  }
  return { caseId, decisions };
}

async function standingOf(store: Store, orderNo: string): Promise<Standing | undefined> {
  const { rows } = await store.pool.query<Standing>(
    `select c.id, c.state, (select count(*)::int from run where case_id = c.id) live,
       (select string_agg(problem, '; ') from run where case_id = c.id and state = 4) problem,
       (select count(*)::int from journal where run_id in
         (select id from run where case_id = c.id union all select id from run_done where case_id = c.id)) entries,
       not exists (select from run where case_id = c.id and state <> 3) waits,
       exists (select from effect where case_id = c.id and state in ('intent', 'unknown')) asks
     from cases c where c.key = $1`,
    [orderNo],
  );
  return rows[0];
}
