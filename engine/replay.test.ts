/** Random flows in a random world, killed anywhere: they end as if nothing had happened, and money moved as if once. */
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../contracts/failures.ts';
import { chance } from '../test/chance.ts';
import type { Run } from './flow.ts';
import { shop, World } from './simulation.fixture.ts';

type Step =
  | { readonly do: 'record' | 'look' | 'pay' | 'refusedPay' | 'wait' | 'missed' | 'sleep' | 'fail' | 'stop' }
  | { readonly do: 'all'; readonly branches: readonly (readonly Step[])[] }
  | { readonly do: 'if'; readonly even: readonly Step[]; readonly odd: readonly Step[] };

const plain = (...what: (Step & { branches?: never; even?: never })['do'][]) =>
  fc.constantFrom(...what).map((each): Step => ({ do: each }));

/** Programs that end well. */
const { steps: goodSteps } = programs(plain('record', 'look', 'pay', 'wait', 'sleep'));
/** Programs that may fail anywhere, also within branches. */
const { steps: anySteps } = programs(
  plain('record', 'look', 'pay', 'pay', 'wait', 'sleep', 'refusedPay', 'missed', 'fail', 'stop'),
);

function programs(leaf: fc.Arbitrary<Step>) {
  return fc.letrec<{ step: Step; steps: Step[] }>((tie) => ({
    step: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 6, arbitrary: leaf },
      {
        weight: 1,
        arbitrary: fc
          .array(tie('steps'), { minLength: 2, maxLength: 3 })
          .map((branches): Step => ({ do: 'all', branches })),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(tie('steps'), tie('steps')).map(([even, odd]): Step => ({ do: 'if', even, odd })),
      },
    ),
    steps: fc.array(tie('step'), { minLength: 1, maxLength: 6 }),
  }));
}

/** Executes a program; returns what it saw, which decides where it goes. */
async function follow(run: Run, steps: readonly Step[], world: World, scope: string, log: string[]): Promise<string> {
  let seen = scope;
  for (const [place, step] of steps.entries()) {
    const no = `${scope}.${place}`;
    switch (step.do) {
      case 'record':
        seen += await run.record('note', async (tx) => {
          (tx as unknown as string[]).push(no);
          return `r${no}`;
        });
        break;
      case 'look':
        seen += (await run.call(shop.operations.look, { no }, { system: 'shop' })).no;
        break;
      case 'pay':
      case 'refusedPay': {
        const number = step.do === 'pay' ? `pay${no}` : `refused${no}`;
        const undo = async (inner: Run) => {
          log.push(number);
          await inner.call(shop.operations.pay, { no: `back-${number}` }, { system: 'shop' });
        };
        seen += (await run.call(shop.operations.pay, { no: number }, { system: 'shop', undo })).no;
        break;
      }
      case 'wait':
        world.expect(no);
        seen += (await run.wait(shop.notices.told, { key: no, within: '30 days', from: 'shop' })).no;
        break;
      case 'missed':
        await run.wait(shop.notices.told, { key: `never${no}`, within: '1 hour', from: 'shop' });
        break;
      case 'sleep':
        await run.sleep('rest', '5 minutes');
        break;
      case 'all': {
        const parts = step.branches.map((branch, i) => [
          `b${i}`,
          (inner: Run) => follow(inner, branch, world, `${no}b${i}`, log),
        ]);
        const all = await run.all('side', Object.fromEntries(parts) as Record<string, (inner: Run) => Promise<string>>);
        seen += Object.values(all).join('|');
        break;
      }
      case 'if':
        seen += await follow(run, seen.length % 2 === 0 ? step.even : step.odd, world, `${no}i`, log);
        break;
      case 'fail':
        throw new Failure('STOCK_SHORT', { detail: no });
      case 'stop':
        run.stop('stopped', no);
    }
  }
  return seen;
}

const counted = { programs: 0, kills: 0, replays: 0, undone: 0 };
afterAll(() => {
  process.stdout.write(
    `replay.test.ts: ${counted.programs} programs, ${counted.kills} kills, ${counted.replays} replays, ${counted.undone} acts undone\n`,
  );
});

async function lived(steps: readonly Step[], seed: number, kills: number) {
  const world = new World(chance(seed));
  const log: string[] = [];
  const end = await world.live(async (run) => {
    log.length = 0; // A replay begins the list again.
    return { outcome: 'well', detail: await follow(run, steps, world, '0', log) };
  }, kills);
  counted.programs += 1;
  counted.kills += world.kills;
  counted.replays += world.replays;
  return { world, end, log };
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 });
const numRuns = Number(process.env['LIANSHU_CASES'] ?? 150);

test('a flow that was killed anywhere ends as it would have undisturbed', async () => {
  await fc.assert(
    fc.asyncProperty(goodSteps, seeds, async (steps, seed) => {
      const calm = await lived(steps, seed, 0);
      const killed = await lived(steps, seed + 1, 12);
      expect(killed.world.broken).toEqual([]);
      expect(killed.end).toEqual(calm.end);
      expect(killed.world.books.toSorted()).toEqual(calm.world.books.toSorted());
      expect(killed.world.done.toSorted()).toEqual(calm.world.done.toSorted());
    }),
    { numRuns },
  );
});

test('the same journal gives the same decisions, from every prefix of it', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, seeds, async (steps, seed) => {
      const { world, end } = await lived(steps, seed, 0);
      const killed = await lived(steps, seed, 40);
      expect([...world.broken, ...killed.world.broken]).toEqual([]);
      expect(killed.end.outcome).toBe(end.outcome);
      const paths = (w: World) => new Set(w.journal.map((entry) => entry.path));
      // Branches may be undone in another order; what was done by the end is the same.
      expect(paths(killed.world)).toEqual(paths(world));
    }),
    { numRuns },
  );
});

test('a flow that fails undoes each act that may have happened, once, last first', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, seeds, async (steps, seed) => {
      const { world, end } = await lived(steps, seed, 12);
      expect(world.broken).toEqual([]);
      const paid = world.done.filter((no) => no.startsWith('pay'));
      const back = world.done.filter((no) => no.startsWith('back-'));
      expect(new Set(world.done).size).toBe(world.done.length);
      if (end.outcome === 'well') return expect(back).toEqual([]);
      for (const no of paid) expect(back).toContain(`back-${no}`);
      const intents = world.journal.filter((entry) => entry.kind === 2 && !entry.path.includes('~'));
      const undone = world.journal.filter((entry) => entry.kind === 2 && entry.path.includes('~'));
      counted.undone += undone.length;
      const undoneOf = undone.map((entry) => entry.path.slice(1, entry.path.lastIndexOf('/')));
      const meant = intents.map((entry) => entry.path).toReversed();
      expect(undoneOf).toEqual(meant);
    }),
    { numRuns },
  );
});
