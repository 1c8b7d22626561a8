/** Prices through the adapter, against the twin. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { quoteDateAt, priceQuotes, materials } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import type { Wire } from '../wire.ts';
import { quotesDialect, quotesSignature } from './dialects/quotes.ts';
import service from './price.service.ts';

const keys = priceQuotes.enrol();
let hub: Bench;

beforeEach(async () => {
  hub = await bench(service, { ...priceQuotes, enrol: () => keys }, { timeoutMs: 500, speed: 1 });
});
afterEach(() => hub.stop());

test.each(materials.map(({ code, price }) => [code, price]))(
  '%s is quoted per tonne within one percent of %s',
  async (code, base) => {
    const quote = await quoteOf(code);
    expect(quote).toMatchObject({
      materialCode: code,
      unit: 'TNE',
      currency: 'CNY',
      quoteDate: '2026-11-23',
      asOf: '2026-11-23T09:00:00+08:00',
    });
    expect(Math.abs(Number(quote.price) / Number(base) - 1)).toBeLessThanOrEqual(0.01);
  },
);

test('a price holds for a day and moves with the next; the weekend keeps that of Friday', async () => {
  const monday = await quoteOf('HRB400E-12');
  expect(await quoteOf('HRB400E-12')).toEqual(monday);
  await hub.control('POST', 'clock', { advanceMs: 86_400_000 });
  const tuesday = await quoteOf('HRB400E-12');
  expect(tuesday.quoteDate).toBe('2026-11-24');
  expect(tuesday.price).not.toBe(monday.price);
  await hub.control('POST', 'clock', { advanceMs: 4 * 86_400_000 });
  expect((await quoteOf('HRB400E-12')).quoteDate).toBe('2026-11-27');
});

test('a shock multiplies the price, for its material only', async () => {
  const before = [await quoteOf('HRB400E-12'), await quoteOf('HRC-Q235B-3')];
  await hub.control('POST', 'acts/shock', { material: 'HRB400E-12', factor: '0.8' });
  const after = [await quoteOf('HRB400E-12'), await quoteOf('HRC-Q235B-3')];
  expect(Number(after[0]?.price) / Number(before[0]?.price)).toBeCloseTo(0.8, 4);
  expect(after[1]).toEqual(before[1]);
});

test('a stale quote is returned as it is', async () => {
  await hub.control('POST', 'acts/freeze', { material: 'HRB400E-12' });
  await hub.control('POST', 'clock', { advanceMs: 3 * 86_400_000 });
  expect((await quoteOf('HRB400E-12')).quoteDate).toBe('2026-11-23');
});

describe('no price comes out of', () => {
  test('a material that is not quoted', async () => {
    expect(await ask('GOLD')).toMatchObject({
      outcome: 'refused',
      code: 'NOT_FOUND',
      externalCode: 'MATERIAL_UNKNOWN',
    });
  });

  test('a unit that the vendor does not know', async () => {
    expect(await ask('HRB400E-12', 'LTR')).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
  });

  test.each(['timeout-before-effect', 'reset-after-effect', 'garbage', 'error-500'])('%s', async (fault) => {
    await hub.control('POST', 'faults', { fault });
    expect(await ask('HRB400E-12')).toMatchObject({ outcome: 'unknown' });
  });

  test('a wrong key', async () => {
    const other = { hub: { ...keys.hub, 'apiKey.txt': 'stranger' }, twin: keys.twin };
    const stranger = await bench(service, { ...priceQuotes, enrol: () => other });
    const answer = await stranger.call('price.quote', { materialCode: 'HRB400E-12', unit: 'TNE' });
    expect(answer).toMatchObject({ outcome: 'refused', externalCode: 'KEY_INVALID' });
    await stranger.stop();
  });

  const good = {
    material: 'M1',
    price: '1.00',
    currency: 'CNY',
    unit: 't',
    source: 'S',
    quoteDate: '2026-11-20',
    publishedAt: '2026-11-20T09:00:00+08:00',
  };
  test.each([
    ['an answer of another key', { secret: 'other' }, 'ANSWER_UNVERIFIED'],
    ['an answer to another question', { path: '/v1/quotes?material=M2&unit=t' }, 'ANSWER_UNVERIFIED'],
    ['an answer of ten minutes ago', { ageMs: 600_000 }, 'ANSWER_UNVERIFIED'],
    ['a signed quote of another material', { data: { ...good, material: 'M2' } }, 'ANSWER_UNVERIFIED'],
    ['a code without mapping', { code: 'MAYBE' }, 'EXT_CODE_UNMAPPED'],
    ['a quote without a price', { data: { ...good, price: null } }, 'CONTRACT_VIOLATED'],
  ])('%s', async (_what, manner, type) => {
    const {
      secret = 'secret',
      path = '/v1/quotes?material=M1&unit=t',
      ageMs = 0,
      code = 'OK',
      data = good,
    } = manner as Manner;
    const body = Buffer.from(JSON.stringify({ code, data }));
    const timestamp = String(Date.now() - ageMs);
    const headers = {
      'x-quote-timestamp': timestamp,
      'x-quote-signature': quotesSignature(secret, timestamp, path, body),
    };
    const wire = {
      keys: { secret: () => 'secret' },
      send: async () => ({ status: 200, headers, body }),
    } as unknown as Wire;
    const asked = quotesDialect.operations.quote?.({ materialCode: 'M1', unit: 'TNE' }, wire);
    await expect(asked).rejects.toMatchObject({ type });
  });

  interface Manner {
    readonly secret?: string;
    readonly path?: string;
    readonly ageMs?: number;
    readonly code?: string;
    readonly data?: object;
  }
});

test('the day of a price begins at nine in Shanghai', () => {
  expect(quoteDateAt(new Date('2026-11-24T08:59:59+08:00'))).toBe('2026-11-23');
  expect(quoteDateAt(new Date('2026-11-24T09:00:00+08:00'))).toBe('2026-11-24');
  expect(quoteDateAt(new Date('2026-11-23T08:00:00+08:00'))).toBe('2026-11-20');
});

function ask(materialCode: string, unit = 'TNE') {
  return hub.call('price.quote', { materialCode, unit });
}

async function quoteOf(materialCode: string): Promise<{ price: string; quoteDate: string }> {
  const outcome = await ask(materialCode);
  expect(outcome).toMatchObject({ outcome: 'confirmed' });
  return (outcome as unknown as { response: { price: string; quoteDate: string } }).response;
}
