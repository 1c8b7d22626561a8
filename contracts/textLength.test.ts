import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { countCharactersWhenNeeded } from './textLength.ts';

const schemas = [0, 1, 2, 3, 7].flatMap((limit) => [
  { type: 'string', minLength: limit },
  { type: 'string', maxLength: limit },
  { type: 'string', minLength: Math.max(0, limit - 1), maxLength: limit },
]);
const quick = new Ajv2020();
countCharactersWhenNeeded(quick);
const counting = new Ajv2020();
const pairs = schemas.map((schema) => [quick.compile(schema), counting.compile(schema)] as const);

test('whatever the text, the verdict and the error are those of counting every character', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.array(fc.constantFrom('𠮷', 'a', '\ud800', '\udc00', '中'), { maxLength: 10 }).map((units) => units.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const [mine, theirs] of pairs) {
        expect(mine(text)).toBe(theirs(text));
        expect(mine.errors).toEqual(theirs.errors);
      }
    }),
    { numRuns: Number(process.env['LIANSHU_CASES'] ?? 300) },
  );
});
