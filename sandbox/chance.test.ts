import { expect, test } from '@jest/globals';
import { chanceOf } from './chance.ts';

test('the same seed draws the same, for the same counterparty and purpose only', () => {
  const drawn = (seed: string, whose: string, what: string) => chanceOf(seed, whose).hex(32, 'flow', what);
  expect(drawn('7', 'bank', 'a')).toBe(drawn('7', 'bank', 'a'));
  expect(
    new Set([drawn('7', 'bank', 'a'), drawn('8', 'bank', 'a'), drawn('7', 'wms', 'a'), drawn('7', 'bank', 'b')]).size,
  ).toBe(4);
});

test('draws have the form that was asked for', () => {
  const chance = chanceOf('7', 'bank');
  expect(chance.hex(70, 'x')).toMatch(/^[0-9a-f]{70}$/);
  expect(chance.digits(19, 'x')).toMatch(/^\d{19}$/);
  expect(chance.uuid('x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});
