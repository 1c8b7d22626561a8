import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { formatDuration, formatFull, formatMoment, formatMoney, formatUtc } from './format.ts';
import { jsonTokens } from './jsonTokens.ts';

test('amounts get separators without ever becoming a number', () => {
  expect(formatMoney('2857190.00')).toBe('2,857,190.00');
  expect(formatMoney('-1000.5')).toBe('-1,000.5');
  expect(formatMoney('99999999999999999999.99')).toBe('99,999,999,999,999,999,999.99');
  expect(formatMoney('about 3')).toBe('about 3');
  fc.assert(
    fc.property(fc.bigInt({ min: 0n }), (whole) => {
      expect(formatMoney(`${whole}.00`).replaceAll(',', '')).toBe(`${whole}.00`);
    }),
  );
});

test('durations show their two largest units in both languages', () => {
  const day = 86_400_000;
  expect([188, 33_400, 725_000, 4_320_000, day + 3 * 3_600_000, 0, -5].map((ms) => formatDuration(ms, 'zh'))).toEqual([
    '188 ms',
    '33 秒',
    '12 分 5 秒',
    '1 小时 12 分',
    '1 天 3 小时',
    '0 ms',
    '0 ms',
  ]);
  expect(formatDuration(day + 3 * 3_600_000, 'en')).toBe('1 d 3 h');
  expect(formatDuration(1880, 'en')).toBe('1.9 s');
  expect(formatDuration(59_990, 'en')).toBe('59 s');
});

test('moments are shown in Shanghai and hovered in UTC', () => {
  expect(formatMoment('2026-11-22T16:30:05Z')).toBe('11-23 00:30');
  expect(formatFull('2026-11-23T09:00:00.000+08:00')).toBe('2026-11-23 09:00:00');
  expect(formatUtc('2026-11-23T09:00:00.000+08:00')).toBe('2026-11-23 01:00:00.000 UTC');
  expect(formatMoment('no date')).toBe('–');
});

test('JSON split into tokens is the same text again, and masked values are told apart', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, null, 2);
      expect(
        jsonTokens(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text);
    }),
  );
  const kinds = jsonTokens('{"name":"张*","age":-1.5e3,"ok":true}').map((token) => token.kind);
  expect(kinds.filter((kind) => kind !== 'plain')).toEqual(['key', 'masked', 'key', 'number', 'key', 'word']);
});
