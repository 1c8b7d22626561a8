import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { Type, type TSchema } from 'typebox';
import { breakingChanges } from './compatibility.ts';
import { strict } from './contract.ts';

const one = (field: TSchema) => strict({ field });
const text = (options: Parameters<typeof Type.String>[0] = {}) => Type.String(options);
const enumOf = (...values: string[]) => Type.Enum(values);
const unionOf = (...values: string[]) => Type.Union(values.map((value) => Type.Literal(value)));
const marked = (mark?: string) => text(mark === undefined ? {} : { 'x-pii': mark });
const card = strict({ kind: Type.Literal('card'), no: text() });
const cash = strict({ kind: Type.Literal('cash') });

test.each<[string, TSchema, TSchema, string, string]>([
  ['a field removed', strict({ a: text(), b: text() }), strict({ a: text() }), '#/b', 'both'],
  ['an optional field removed', strict({ b: Type.Optional(text()) }), strict({}), '#/b', 'both'],
  ['a field renamed', strict({ a: text() }), strict({ b: Type.Optional(text()) }), '#/a', 'both'],
  ['a new required field', strict({}), strict({ a: text() }), '#/a', 'writers'],
  ['an optional field made required', strict({ a: Type.Optional(text()) }), strict({ a: text() }), '#/a', 'writers'],
  ['a required field made optional', strict({ a: text() }), strict({ a: Type.Optional(text()) }), '#/a', 'readers'],
  ['another type', one(text()), one(Type.Integer()), '#/field', 'both'],
  ['a type narrowed', one(Type.Number()), one(Type.Integer()), '#/field', 'writers'],
  ['a type widened', one(Type.Integer()), one(Type.Number()), '#/field', 'readers'],
  ['null let in', one(text()), one({ type: ['string', 'null'] }), '#/field', 'readers'],
  ['a value removed', one(enumOf('A', 'B')), one(enumOf('A')), '#/field', 'writers'],
  ['a value added', one(enumOf('A')), one(enumOf('A', 'B')), '#/field', 'readers'],
  ['another constant', one(Type.Literal('A')), one(Type.Literal('B')), '#/field', 'writers'],
  ['values listed', one(text()), one(enumOf('A')), '#/field', 'writers'],
  ['values not listed any more', one(enumOf('A')), one(text()), '#/field', 'readers'],
  ['maxLength tightened', one(text({ maxLength: 9 })), one(text({ maxLength: 8 })), '#/field', 'writers'],
  ['maxLength widened', one(text({ maxLength: 9 })), one(text({ maxLength: 10 })), '#/field', 'readers'],
  ['maxLength introduced', one(text()), one(text({ maxLength: 8 })), '#/field', 'writers'],
  ['minLength given up', one(text({ minLength: 1 })), one(text()), '#/field', 'readers'],
  ['minLength raised', one(text({ minLength: 1 })), one(text({ minLength: 2 })), '#/field', 'writers'],
  ['maximum lowered', one(Type.Integer({ maximum: 9 })), one(Type.Integer({ maximum: 8 })), '#/field', 'writers'],
  ['a pattern changed', one(text({ pattern: '^a$' })), one(text({ pattern: '^b$' })), '#/field', 'both'],
  ['a format changed', one(text({ format: 'date' })), one(text({ format: 'date-time' })), '#/field', 'both'],
  ['another unit', one(text({ 'x-unit': 'CNY' })), one(text({ 'x-unit': 'fen' })), '#/field', 'both'],
  ['a mark for personal data removed', one(marked('phone')), one(marked()), '#/field', 'both'],
  ['a mark for personal data changed', one(marked('phone')), one(marked('name')), '#/field', 'both'],
  ['fewer elements', one(Type.Array(text(), { maxItems: 3 })), one(Type.Array(text())), '#/field', 'readers'],
  ['other elements', one(Type.Array(text())), one(Type.Array(Type.Integer())), '#/field/[]', 'both'],
  ['unknown fields let in', strict({}), Type.Object({}), '#', 'readers'],
  ['unknown fields refused', Type.Object({}), strict({}), '#', 'writers'],
  ['an open field described', Type.Object({}), Type.Object({ a: Type.Optional(text()) }), '#/a', 'writers'],
  ['an alternative added', one(Type.Union([card])), one(Type.Union([card, cash])), '#/field', 'readers'],
  ['an alternative removed', one(Type.Union([card, cash])), one(Type.Union([cash])), '#/field', 'writers'],
  ['a keyword nobody knows', one(text()), one(text({ contentEncoding: 'base64' })), '#/field', 'both'],
])('%s is breaking and named', (_what, before, after, pointer, breaks) => {
  expect(breakingChanges(before, after)).toContainEqual(expect.objectContaining({ pointer, breaks }));
});

test('what is wrong deep inside is named by its place', () => {
  const order = (amount: TSchema) => one(strict({ lines: Type.Array(strict({ amount })) }));
  expect(breakingChanges(order(text()), order(Type.Integer()))).toEqual([
    { pointer: '#/field/lines/[]/amount', breaks: 'both', what: 'type string became integer' },
  ]);
  const paid = (field: TSchema) => one(Type.Union([cash, strict({ kind: Type.Literal('card'), no: field })]));
  expect(breakingChanges(paid(text()), paid(text({ maxLength: 4 })))).toEqual([
    { pointer: '#/field/|1/no', breaks: 'writers', what: 'maxLength none became 4' },
  ]);
});

test('a list of values that is given up widens, and nothing else is said', () => {
  expect(breakingChanges(one(enumOf('A')), one(text()))).toEqual([
    { pointer: '#/field', breaks: 'readers', what: 'values are not listed any more' },
  ]);
});

test.each<[string, TSchema, TSchema]>([
  ['nothing', one(text()), one(text())],
  ['a new optional field', strict({ a: text() }), strict({ a: text(), b: Type.Optional(text()) })],
  [
    'a new optional field deep inside',
    one(Type.Array(card)),
    one(Type.Array(strict({ ...card.properties, x: Type.Optional(text()) }))),
  ],
  ['titles and texts', strict({ a: text() }), strict({ a: text({ title: '甲', description: 'A.' }) }, { title: '乙' })],
  ['the order of fields', strict({ a: text(), b: text() }), strict({ b: text(), a: text() })],
  ['the order of values', one(enumOf('A', 'B')), one(enumOf('B', 'A'))],
  ['the order of alternatives', one(Type.Union([card, cash])), one(Type.Union([cash, card]))],
  ['values listed in another way', one(unionOf('A', 'B')), one(enumOf('A', 'B'))],
  ['a mark for personal data added', one(marked()), one(marked('phone'))],
])('%s breaks nobody', (_what, before, after) => {
  expect(breakingChanges(before, after)).toEqual([]);
});

const leaf = fc.constantFrom<TSchema>(
  Type.String(),
  Type.String({ maxLength: 2 }),
  Type.Integer({ minimum: 0 }),
  Type.Number(),
  Type.Boolean(),
  enumOf('a', 'bb'),
  enumOf('a'),
  Type.Literal('a'),
  Type.Array(Type.String(), { maxItems: 1 }),
  Type.Union([Type.String({ maxLength: 1 }), Type.Integer()]),
);
const field = fc.record({ schema: leaf, optional: fc.boolean() });
const anySchema = fc.record({
  fields: fc.dictionary(fc.constantFrom('p', 'q', 'r'), field, { maxKeys: 3 }),
  open: fc.boolean(),
});
const anyValue = fc.dictionary(
  fc.constantFrom('p', 'q', 'r', 's'),
  fc.constantFrom<unknown>('a', 'bb', 'ccc', 0, -1, 1.5, true, null, [], ['x'], ['x', 'y']),
  { maxKeys: 4 },
);
function build({ fields, open }: { fields: Record<string, { schema: TSchema; optional: boolean }>; open: boolean }) {
  const properties = Object.entries(fields).map(
    ([name, { schema, optional }]) => [name, optional ? Type.Optional(schema) : schema] as const,
  );
  return Type.Object(Object.fromEntries(properties), open ? {} : { additionalProperties: false });
}

test('where no change is breaking, writers of the old are taken by the new, and readers of the old know all they knew', () => {
  const ajv = new Ajv2020({ strictTypes: false });
  const cases = Number(process.env['LIANSHU_CASES'] ?? 300);
  let compatible = 0;
  fc.assert(
    fc.property(anySchema, field, fc.boolean(), fc.array(anyValue, { maxLength: 12 }), (before, extra, any, values) => {
      // Half of the pairs differ by little, or hardly a pair would be compatible.
      const after = { ...before, fields: { ...before.fields, ...(any ? { q: extra } : { s: extra }) } };
      const [was, is] = [build(before), build(after)];
      if (breakingChanges(was, is).length > 0) return;
      compatible += 1;
      const [old, fresh] = [ajv.compile(was), ajv.compile(is)];
      for (const value of values) {
        if (old(value)) expect(fresh(value)).toBe(true);
        const known = Object.fromEntries(Object.entries(value).filter(([name]) => name in was.properties));
        if (fresh(value)) expect(old(before.open ? value : known)).toBe(true);
      }
    }),
    { numRuns: cases },
  );
  expect(compatible).toBeGreaterThan(cases / 20);
});
