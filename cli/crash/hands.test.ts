import { expect, test } from '@jest/globals';
import { Hands } from './hands.ts';

const points = Array.from(
  { length: 400 },
  (_, no) => `journal:${['before', 'inside', 'after'][no % 3]} flow step${no}`,
);

test('every point is killed at once before any is a second time', () => {
  const hands = new Hands(points, 7);
  const killed: string[] = [];
  while (killed.length < points.length) {
    const hand = hands.deal(points.length - killed.length);
    killed.push(...hand.map(({ at }) => at));
    hands.played(hand, new Set(hand.map(({ at }) => at)));
  }
  expect(new Set(killed).size).toBe(points.length);
  expect(hands).toMatchObject({ covered: points.length, unmet: [] });
});

test('in a case there is room between two kills, and every fourth case has one kill only', () => {
  const hands = new Hands(points, 7);
  for (let count = 1; count <= 12; count += 1) {
    const places = hands
      .deal(1_000)
      .map(({ at }) => points.indexOf(at))
      .sort((a, b) => a - b);
    if (count % 4 === 0) expect(places).toHaveLength(1);
    for (const [i, place] of places.entries())
      if (i > 0) expect(place - (places[i - 1] ?? 0)).toBeGreaterThanOrEqual(3);
  }
});

test('the same seed deals the same hands, another one others', () => {
  const deal = (seed: number) => JSON.stringify(new Hands(points, seed).deal(30));
  expect(deal(7)).toBe(deal(7));
  expect(deal(7)).not.toBe(deal(8));
});

test('a point that is dealt three times and never met is left out and named', () => {
  const hands = new Hands(['wire:before f never', 'wire:before f a', 'wire:before f b', 'wire:before f c'], 1);
  for (let count = 0; count < 40; count += 1) {
    const hand = hands.deal(4);
    hands.played(hand, new Set(hand.map(({ at }) => at).filter((at) => !at.endsWith('never'))));
  }
  expect(hands.unmet).toEqual(['wire:before f never']);
  expect(hands.deal(4).map(({ at }) => at)).not.toContain('wire:before f never');
});

test('what is left to the end is dealt from where one died before, with room between', () => {
  const hands = new Hands(points, 7);
  expect(hands.dealMet(8)).toEqual([]);
  const first = hands.deal(40).map(({ at }) => at);
  hands.played(
    first.map((at) => ({ at, skip: 0, delay: 'now' as const })),
    new Set(first),
  );
  const last = hands.dealMet(8).map(({ at }) => at);
  expect(last.length).toBeGreaterThan(0);
  expect(last.filter((at) => !first.includes(at))).toEqual([]);
});
