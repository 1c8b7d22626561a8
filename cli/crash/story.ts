/** One story in a world: told from outside, with kills where they are planned, until it ends and all is at rest. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedCrash } from '../../engine/crash.ts';
import type { Store } from '../../store/store.ts';
import { sendAgain, tryAgain } from './people.ts';
import type { World } from './world.ts';

const pollMs = 100;
/** Looks at which nothing has moved, before time jumps. */
const looksAtRest = 1;
/** Without a kill and without an entry in the journal, while business time flies. */
const standstillMs = 180_000;
/** While everybody waits: so much passes at once, twice as much the next time nothing came of it, and at most so much. */
const waitMinutes = { least: 20, most: 160 } as const;
/** People who are asked more often in one story look for the fault elsewhere. */
const decisionsMax = 8;
/** What a story began is settled in this real time after its end, while business time flies. */
const settledWithinMs = 60_000;
/** The last point of a story is met a moment after its end is to be seen. */
const afterglowMs = 300;

export interface Played {
  readonly story: string;
  /** Why it did not go as it must. */
  readonly why: string | undefined;
  /** Of the plan, in the order of dying. */
  readonly killed: readonly string[];
  /** What was put to people, because the hub may not decide it. */
  readonly decisions: number;
  /** How often people let a run go on that was put aside because its nodes died. */
  readonly retries: number;
}

interface Standing {
  /** Changes whenever anything was done. */
  readonly mark: string;
  /** Instructions of which it is not known yet what became of them. */
  readonly open: number;
  /** Nothing is at work. */
  readonly rests: boolean;
  /** Until an effect is asked about or sent again, if one is: minutes. */
  readonly asks: number | null;
  readonly problems: number;
}

/** @param open how many instructions the story leaves unsettled when nobody disturbs it */
export async function playStory(
  world: World,
  story: string,
  plan: readonly PlannedCrash[],
  open: number,
): Promise<Played> {
  world.plan(plan);
  const telling = world.tell(story);
  const said = Promise.all([text(telling.stdout), text(telling.stderr), once(telling, 'close')]);
  let ended = false;
  void said.finally(() => (ended = true)).catch(() => undefined);
  const people = await keepMoving(world, () => ended);
  const stands = !ended;
  if (stands) telling.kill();
  const [out, err] = await said;
  await sleep(afterglowMs);
  while (!world.up) await sleep(pollMs);
  // A kill may have come between an instruction and its answer: that is found out when it is due, after the story has ended.
  const patientUntil = performance.now() + settledWithinMs;
  const late = await keepMoving(world, (now) => now.open <= open || performance.now() > patientUntil);
  const killed = [...world.done()];
  world.plan([]);
  return {
    story,
    killed,
    decisions: people.decisions + late.decisions,
    retries: people.retries + late.retries,
    why: stands ? 'it stands still' : whyNot(out, err),
  };
}

/** What the teller's one line says. */
function whyNot(out: string, err: string): string | undefined {
  const line = out.trim().split('\n').at(-1) ?? '';
  if (line === '') return err.trim() || 'nothing was said';
  const { passed, why } = JSON.parse(line) as { passed: boolean; why?: string };
  return passed ? undefined : (why ?? 'it did not go as it must');
}

/** Lets time jump while everybody waits, until it is over or stands still. How often people decided. */
async function keepMoving(
  world: World,
  isOver: (standing: Standing) => boolean,
): Promise<{ decisions: number; retries: number }> {
  let decisions = 0;
  let retries = 0;
  let seen = '';
  let looks = 0;
  let minutes: number = waitMinutes.least;
  let movedAt = performance.now();
  while (performance.now() - movedAt < standstillMs) {
    const standing = await standingOf(world.store);
    if (isOver(standing)) break;
    await sleep(pollMs);
    if (standing.problems > 0 && retries < decisionsMax) retries += await tryAgain(world.store);
    if (standing.problems > 0 && decisions < decisionsMax) {
      const decided = await sendAgain(world.store, world.effects());
      if (decided !== 'nothing') decisions += decided;
    }
    const now = `${world.kills} ${world.up} ${standing.mark}`;
    looks = now === seen ? looks + 1 : 0;
    if (now !== seen) {
      movedAt = performance.now();
      minutes = waitMinutes.least;
    }
    seen = now;
    if (!world.up || !standing.rests || looks < looksAtRest) continue;
    looks = 0;
    await world.advance(Math.max(1, Math.min(minutes, standing.asks ?? minutes)));
    minutes = Math.min(2 * minutes, waitMinutes.most);
  }
  return { decisions, retries };
}

async function standingOf(store: Store): Promise<Standing> {
  const { rows } = await store.pool.query<Standing>(
    `select concat_ws(' ', (select count(*) from journal), (select count(*) from exchange), (select count(*) from run_done),
         (select count(*) from act)) mark,
       (select count(*)::int from effect where state in ('intent', 'unknown')) open,
       not exists (select from run where state not in (3, 4)) rests,
       (select ceil(extract(epoch from min(next_at) - hub_now()) / 60)::int
          from effect where state in ('intent', 'unknown')) asks,
       (select count(*)::int from run where state = 4) problems`,
  );
  return rows[0] ?? { mark: '', open: 0, rests: false, asks: null, problems: 0 };
}
