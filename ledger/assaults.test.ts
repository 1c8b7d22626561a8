/**
 * Each invariant under two writers at once with numbers of chance: whatever they are told, it holds. `npm run test:long`
 * tries a thousand times. That each assault can succeed is shown by `npm run mutate:ledger`, which takes its protections away.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assail, casesOf } from './attack.fixture.ts';
import { assaults } from './attacks.fixture.ts';
import { books, type Books } from './fixture.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const cases = casesOf(3);
/** What a writer may be told that is no refusal of the books: the other one was faster. */
const fair = /^(nothing refused it|[A-Z]+(_[A-Z]+)+)$/;

test.each(assaults.map((assault) => ({ name: `${assault.invariant}: ${assault.title}`, assault })))(
  '$name',
  async ({ assault }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(999), { minLength: 6, maxLength: 6 }), async (dice) => {
        const { told, offenders } = await assail(the, assault, dice);
        expect(offenders).toEqual([]);
        for (const answer of told) expect(answer).toMatch(fair);
      }),
      { numRuns: cases, endOnFailure: true },
    );
  },
  20_000 + cases * 1000,
);
