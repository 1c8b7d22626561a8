import { expect, test } from '@jest/globals';
import { turnOn } from './pace.ts';

const perSecondMax = 200;
const betweenMs = 1_000 / perSecondMax;

test('who comes at once leaves one after the other, evenly; another system does not wait for them', async () => {
  const began = performance.now();
  const left = Promise.all(
    Array.from({ length: 20 }, async () => {
      await turnOn('slow-counterparty', perSecondMax);
      return performance.now() - began;
    }),
  );
  await turnOn('other-counterparty', perSecondMax);
  for (const [place, after] of (await left).entries()) expect(after).toBeGreaterThanOrEqual(place * betweenMs);
});
