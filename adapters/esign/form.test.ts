import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseForm } from './form.ts';

test('whatever a form encodes is read as it was', () => {
  const names = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' });
  fc.assert(
    fc.property(fc.dictionary(names, fc.string({ unit: 'grapheme' }), { minKeys: 1, maxKeys: 5 }), (fields) => {
      const body = Buffer.from(new URLSearchParams(fields).toString());
      expect({ ...parseForm(body) }).toEqual({ ...fields });
    }),
  );
});

test.each([
  ['nothing', ''],
  ['a field twice', 'a=1&a=2'],
  ['a field twice, spelled otherwise', 'a=1&%61=2'],
  ['a name without a value', 'a'],
  ['a value without a name', '=1'],
  ['half a percent sign', 'a=%4'],
  ['bytes that are no UTF-8', 'a=%c3%28'],
  ['bytes that are no ASCII', 'a=ä'],
  ['a line end', 'a=1\n'],
  ['51 fields', Array.from({ length: 51 }, (_, i) => `f${i}=`).join('&')],
])('%s is refused', (_, text) => {
  expect(() => parseForm(Buffer.from(text))).toThrow(expect.objectContaining({ type: 'BODY_MALFORMED' }));
});

test('more than a megabyte is refused unread', () => {
  const body = Buffer.alloc(1_000_001, 'a');
  expect(() => parseForm(body)).toThrow(expect.objectContaining({ type: 'BODY_TOO_LARGE' }));
});
