import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freshDatabase } from '../test/database.ts';
import { binaryArray, type Element, type ElementType } from './binary.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const text = fc.string({ unit: 'binary', maxLength: 40 }).map((s) => s.replaceAll('\0', ''));
const elements: Record<ElementType, { of: fc.Arbitrary<Element>; sql: string; back: (value: string) => Element }> = {
  uuid: { of: fc.uuid(), sql: 'uuid', back: (v) => v },
  text: { of: text, sql: 'text', back: (v) => v },
  bytea: { of: text, sql: 'bytea', back: (v) => Buffer.from(v.slice(2), 'hex').toString() },
  int2: { of: fc.integer({ min: -32_768, max: 32_767 }), sql: 'int2', back: Number },
  int4: { of: fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }), sql: 'int4', back: Number },
  timestamptz: {
    of: fc.date({ min: new Date('1990-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }),
    sql: 'timestamptz',
    back: (v) => new Date(v),
  },
};

test.each(Object.entries(elements))(
  'PostgreSQL reads an array of %s as it was meant',
  async (type, { of, sql, back }) => {
    const lists = fc.array(fc.option(of, { nil: null, freq: 6 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const { rows } = await database.store.pool.query<{ v: string | null }>(
          `select v::text v from unnest($1::${sql}[]) v`,
          [binaryArray(type as ElementType, list)],
        );
        // What JavaScript cannot keep (half of a surrogate pair) is replaced on the way out, as by any encoder.
        const sent = list.map((v) => (typeof v === 'string' ? Buffer.from(v).toString() : v));
        expect(rows.map(({ v }) => (v === null ? null : back(v)))).toEqual(sent);
      }),
      { numRuns: 40 },
    );
  },
);
