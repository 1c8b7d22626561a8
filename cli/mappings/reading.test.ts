import { expect, test } from '@jest/globals';
import { Reading } from './reading.ts';

const message = { a: '1', list: [{ b: 'x', c: 'y' }], whole: { d: 1, e: { f: 2 } }, unread: 'z' };
type Message = typeof message & { absent?: string };

function readBy(act: (from: Message) => unknown): string[] {
  const reading = new Reading();
  reading.outcome(act(reading.watch(message) as Message));
  return [...reading.paths].sort();
}

test('a field that is read is recorded, one that is not is not, one that is not there is', () => {
  expect(readBy((from) => from.a + (from.absent ?? ''))).toEqual(['/a', '/absent']);
});

test('elements of a list are one path', () => {
  expect(readBy((from) => from.list.map(({ b }) => b))).toEqual(['/list', '/list/[]', '/list/[]/b']);
});

test('what is handed on whole is read with all that is in it', () => {
  expect(readBy(({ whole }) => ({ whole }))).toEqual(['/whole', '/whole/d', '/whole/e/f']);
});

test('a rest or a spread reads what it takes along', () => {
  const read = readBy((from) => {
    const { a, ...rest } = from;
    return { a, rest: { ...rest } };
  });
  expect(read).toEqual(expect.arrayContaining(['/unread', '/whole/e/f', '/list/[]/c']));
});

test('names that every object has are no fields', () => {
  expect(readBy((from) => [from.list.concat([]).length, from.list.length, Object.keys(from).length])).not.toContain(
    '/list/concat',
  );
});

test('the outcome has no stand-ins left in it', () => {
  const reading = new Reading();
  const { whole } = reading.watch(message) as Message;
  expect(reading.outcome({ whole, list: [whole] })).toEqual({ whole: message.whole, list: [message.whole] });
  expect((reading.outcome({ whole }) as { whole: object }).whole).toBe(message.whole);
});
