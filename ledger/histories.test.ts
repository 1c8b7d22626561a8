/**
 * Any history of any entity, written by two writers at once: what the life cycle does not hold is refused, what commits
 * is chained without a gap, and the state is what history folds to. `npm run test:long` writes a thousand per entity.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { casesOf } from './attack.fixture.ts';
import { specimens } from './attacks.fixture.ts';
import { actor, books, refusal, type Books } from './fixture.ts';
import { move, stateOf } from './lifecycle.ts';
import type { Transition } from './lifecycleKinds.ts';
import { lifecycles, type Entity, type EventOf } from './lifecycles.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const cases = casesOf(4);
const entities = Object.keys(lifecycles) as Entity[];

interface Told {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly version: number;
}

test.each(entities)(
  'no two writers lead %s out of its life cycle, and its history folds to its state',
  async (entity) => {
    const transitions: readonly Transition[] = lifecycles[entity];
    const events = [...new Set(transitions.map(([, event]) => event))] as EventOf<typeof entity>[];
    const sequence = fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 8 });
    let histories = 0;
    await fc.assert(
      fc.asyncProperty(sequence, sequence, async (...writers) => {
        const id = await specimens[entity](the);
        const told = await Promise.all(
          writers.map(async (sequenceOfOne) => {
            const answers: string[] = [];
            for (const event of sequenceOfOne)
              answers.push(await refusal(the.store.tx((tx) => move(tx, entity, id, event, actor))));
            return answers;
          }),
        );
        const history = await the.store.pool.query<Told>(
          'select from_state "from", event, to_state "to", version from history where entity = $1 and entity_id = $2 order by version',
          [entity, id],
        );
        const folded = history.rows.reduce((at, row) => (row.from === at ? row.to : 'a gap'), '');
        expect(await the.store.tx((tx) => stateOf(tx, entity, id))).toBe(folded);
        for (const row of history.rows)
          expect(
            transitions.some(([from, event, to]) => from === row.from && event === row.event && to === row.to),
          ).toBe(true);
        expect(history.rows.map((row) => row.version)).toEqual(history.rows.map((_, i) => i + 1));
        const moved = told.flat().filter((answer) => answer === 'nothing refused it').length;
        expect(history.rows.length).toBeGreaterThanOrEqual(moved + 1);
        histories += 1;
      }),
      { numRuns: cases, endOnFailure: true },
    );
    process.stdout.write(`${entity}: ${histories} histories, two writers each\n`);
  },
  20_000 + cases * 1000,
);
