/** Future goods: every unit is in exactly one place, whatever happens, and none appears or vanishes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { casesOf } from '../attack.fixture.ts';
import { books, refusal, type Books } from '../fixture.ts';
import { agreedRight } from './futureAttacks.fixture.ts';
import { moveAll, moveUnits, shortOf, unitsOf, type Place } from './futureGoods.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const places: readonly Place[] = ['future', 'transit', 'received', 'receipt', 'released', 'short'];
const steps: readonly (readonly [Place, Place])[] = places.flatMap((from) => places.map((to) => [from, to] as const));
const thousandths = (quantity: string) => BigInt(quantity.replace('.', ''));
const quantityOf = (n: number) => `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;
const steel = (quantity: string) => [{ materialCode: 'HRB400', quantity }];

test('whatever is asked, contracted less short is always what is future, in transit, received, under a receipt and released', async () => {
  const anyMoves = fc.array(fc.tuple(fc.constantFrom(...steps), fc.integer({ min: 1, max: 120_000 })), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(anyMoves, async (moves) => {
      const no = await agreedRight(the);
      for (const [step, n] of moves) {
        await refusal(the.store.tx((tx) => moveUnits(tx, no, step, steel(quantityOf(n)), 'D')));
        const [line] = await the.store.tx((tx) => unitsOf(tx, no));
        if (!line) throw new Error('a line was expected');
        const here = places.filter((place) => place !== 'short').map((place) => thousandths(line[place]));
        expect(here.every((each) => each >= 0n)).toBe(true);
        expect(here.reduce((sum, each) => sum + each, 0n)).toBe(thousandths(line.contracted) - thousandths(line.short));
      }
    }),
    { numRuns: casesOf(25) },
  );
});

test('units go on, never back, and never more than are there', async () => {
  const no = await agreedRight(the);
  const go = (from: Place, to: Place, quantity: string) =>
    refusal(the.store.tx((tx) => moveUnits(tx, no, [from, to], steel(quantity), 'D')));
  expect(await go('future', 'transit', '60.000')).toBe('nothing refused it');
  expect(await go('transit', 'future', '1.000')).toBe('ILLEGAL_TRANSITION');
  expect(await go('future', 'transit', '40.001')).toBe('STOCK_SHORT');
  expect(await go('transit', 'received', '59.000')).toBe('nothing refused it');
  await the.store.tx((tx) => moveAll(tx, no, ['transit', 'short'], 'D'));
  const [line] = await the.store.tx((tx) => unitsOf(tx, no));
  expect(line).toMatchObject({ future: '40.000', transit: '0.000', received: '59.000', short: '1.000' });
});

test('what was sent and did not come is counted by material', async () => {
  const of = (materialCode: string, quantity: string) => ({ materialCode, quantity });
  const short = await the.store.tx((tx) =>
    shortOf(tx, [of('A', '10.000'), of('B', '5.000')], [of('A', '9.500'), of('B', '6.000')]),
  );
  expect(short).toEqual([of('A', '0.500')]);
});
