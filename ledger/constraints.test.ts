/**
 * Each constraint, unique index and trigger of the books: what breaks it is refused, with its refusal code, and goes
 * through once that one protection is gone. The second half shows that the first can fail.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { attempt, goesThrough, protectionsDroppedBy, protectionsOf } from './attack.fixture.ts';
import { attacks } from './attacks.fixture.ts';
import { books, type Books } from './fixture.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
}, 60_000);
afterAll(() => the.drop());

test.each(attacks)('the books refuse what breaks $name, with $code', async (attack) => {
  expect(await attempt(the, attack)).toBe(attack.code);
});

test.each(attacks)('without $name the same goes through: the refusal above is its doing', async (attack) => {
  expect(await goesThrough(the, attack)).toBe('nothing refused it');
});

test('every named constraint, partial unique index and trigger of the books is attacked here', async () => {
  const protections = await protectionsOf(the);
  const dropped = new Set(attacks.flatMap(protectionsDroppedBy));
  expect(protections.filter((name) => !dropped.has(name))).toEqual([]);
  expect(protections.length).toBeGreaterThanOrEqual(80);
});
