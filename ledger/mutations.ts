/**
 * `npm run mutate:ledger`: takes every protection of the books away, one at a time, and asks whether anybody notices.
 *
 * Two kinds of mutants. A protection without which its attack is no longer refused as it was is killed by that attack. An
 * invariant without one of the things that hold it is killed when two writers then break it. What no attack reaches, or
 * what everybody overlooks, survives and is named.
 */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  assail,
  attempt,
  goesThrough,
  offendersOf,
  protectionsDroppedBy,
  protectionsOf,
  type Assault,
  type Attack,
} from './attack.fixture.ts';
import { assaults, attacks } from './attacks.fixture.ts';
import { books, type Books } from './fixture.ts';
import { invariants } from './invariants.ts';

/** How often two writers try before a mutant counts as alive. */
const triesMax = 25;
const limitMs = 30 * 60_000;

interface Mutant {
  readonly what: string;
  readonly killed: boolean;
  readonly why: string;
}

test(
  'whatever protection is taken away, a test notices',
  async () => {
    const mutants = [...(await byAttacks()), ...(await byAssaults()), ...bare()];
    const alive = mutants.filter(({ killed }) => !killed);
    for (const { what, why } of alive) process.stdout.write(`alive: ${what}: ${why}\n`);
    const killed = mutants.length - alive.length;
    const share = `${((100 * killed) / mutants.length).toFixed(1)} %`;
    process.stdout.write(
      `${JSON.stringify({ mutants: mutants.length, killed, alive: alive.length })}\nkilled ${killed}/${mutants.length} = ${share}\n`,
    );
    expect(alive).toEqual([]);
  },
  limitMs,
);

/** One mutant for every protection in the catalogue. */
async function byAttacks(): Promise<Mutant[]> {
  const the = await books();
  try {
    const found: Mutant[] = [];
    for (const what of await protectionsOf(the)) {
      const against = attacks.filter((attack) => protectionsDroppedBy(attack).includes(what));
      const answers: string[] = [];
      for (const attack of against) answers.push(await noticed(the, attack));
      found.push({
        what,
        killed: answers.includes(''),
        why: answers.length === 0 ? 'nothing attacks it' : answers.join('; '),
      });
    }
    return found;
  } finally {
    await the.drop();
  }
}

/** Nothing when the attack is refused with its protection and goes through without. */
async function noticed(the: Books, attack: Attack): Promise<string> {
  const guarded = await attempt(the, attack);
  if (guarded !== attack.code) return `${attack.name} is told ${guarded}, not ${attack.code}`;
  const bareOfIt = await goesThrough(the, attack);
  return bareOfIt === 'nothing refused it' ? '' : `${attack.name} is still told ${bareOfIt}`;
}

async function byAssaults(): Promise<Mutant[]> {
  const found: Mutant[] = [];
  for (const assault of assaults)
    for (const without of assault.without) {
      const broken = await breaks(assault, without);
      const what = `${assault.invariant} without ${without.replace(/^(alter table|drop) /, '')}`;
      found.push({ what, killed: broken, why: `${triesMax} times two writers, and it held: ${assault.title}` });
    }
  return found;
}

/** Each mutant has books of its own: what breaks them stays broken. */
async function breaks(assault: Assault, without: string): Promise<boolean> {
  const the = await books();
  try {
    await the.store.pool.query(without);
    for (let no = 0; no < triesMax; no += 1) {
      const dice = Array.from({ length: 6 }, (_, i) => die(no * 6 + i));
      await assail(the, assault, dice).catch(() => undefined);
      if ((await offendersOf(the, assault.invariant)).length > 0) return true;
    }
    return false;
  } finally {
    await the.drop();
  }
}

/** The same numbers every time, from 0 to 999, without a pattern that an assault could fall in step with. */
function die(no: number): number {
  return createHash('sha256').update(`die ${no}`).digest().readUInt32BE() % 1000;
}

/** An invariant that nobody assails. */
function bare(): Mutant[] {
  return invariants
    .filter(({ id }) => !assaults.some((assault) => assault.invariant === id && assault.without.length > 0))
    .map(({ id }) => ({ what: id, killed: false, why: 'no assault' }));
}
