import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mapping } from '../../contracts/mapping.ts';
import { exampleOf, examples, order, testMapping } from './order.fixture.ts';
import { replay } from './replay.ts';
import { changedAt, differencesOf, leavesIn } from './values.ts';

const now = testMapping();

test('messages that come out as they were recorded have no differences', () => {
  expect(replay(now, examples).flatMap(({ changes }) => changes)).toEqual([]);
});

test('every field that differs is told, with what it was and what it is, and personal ones masked', () => {
  const { no: _, ...others } = examples[0].to as Record<string, unknown>;
  const was = { ...others, payer: '李四', channel: 'fax', total: 1 };
  expect(replay(now, [exampleOf(order, { ...was, gone: 'x' })])).toEqual([
    {
      file: 'test.json',
      changes: [
        { field: '/payer', was: '李*', now: '陈**' },
        { field: '/channel', was: 'fax', now: 'edi' },
        { field: '/total', was: 1, now: 345 },
        { field: '/gone', was: '***' },
        { field: '/no', now: 'A-1' },
      ],
    },
  ]);
});

test('a message that is refused now is a difference, told by failure and place, not by value', () => {
  const recorded = exampleOf({ ...order, state: 'Z', payer: { name: '陈建国', phone: '1' } }, examples[0].to);
  const [replayed] = replay(now, [recorded]);
  expect(replayed?.changes).toEqual([{ field: '/', was: 'a message', now: 'EXT_CODE_UNMAPPED #/state unmapped' }]);
});

test('two versions of a mapping are compared on the same messages, whatever was recorded', () => {
  const before = mapping('test.vendor.order', now.from, now.to, (source) => {
    const target = now.bare(source);
    return target.outcome === 'confirmed' ? { ...target, channel: 'fax' } : target;
  });
  const recorded = [{ file: 'a.json', from: order, to: undefined }];
  expect(replay(now, recorded, before)).toEqual([
    { file: 'a.json', changes: [{ field: '/channel', was: 'fax', now: 'edi' }] },
  ]);
  expect(() => replay(now, recorded)).toThrow('--against');
});

test('whatever two messages are, the differences are exactly the leaves that differ', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      expect(differencesOf(a, a)).toEqual([]);
      if (differencesOf(a, b).length === 0) expect(leavesIn(a)).toEqual(expect.arrayContaining(leavesIn(b)));
    }),
  );
});

test('a value is changed at its place only, and undefined takes the field away', () => {
  const value = { a: [{ b: 1 }, { b: 2 }], c: 3 };
  expect(changedAt(value, '/a/1/b', 9)).toEqual({ a: [{ b: 1 }, { b: 9 }], c: 3 });
  expect(changedAt(value, '/c', undefined)).toEqual({ a: value.a });
  expect(value).toEqual({ a: [{ b: 1 }, { b: 2 }], c: 3 });
});
