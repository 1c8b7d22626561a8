import { expect, test } from '@jest/globals';
import { consequenceOf, Failure, failures, isFailure, type FailureCode } from './failures.ts';

const codes = Object.keys(failures) as FailureCode[];

test.each(codes)('%s has both languages, an error status, and a consequence', (code) => {
  const { status, consequence, zh, en } = failures[code];
  expect(zh).toMatch(/\p{Script=Han}/u);
  expect(en).toMatch(/^[A-Z][\x20-\x7e]+[^.]$/);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
  expect(['refused', 'later', 'unknown']).toContain(consequence);
});

test.each([
  ['OUTCOME_UNKNOWN', 'unknown'],
  ['ANSWER_UNVERIFIED', 'unknown'],
  ['EXT_CODE_UNMAPPED', 'unknown'],
  ['IDV_CHANNEL', 'unknown'],
  ['SYSTEM_BUSY', 'later'],
  ['SYSTEM_UNREACHABLE', 'later'],
  ['SYSTEM_REFUSED', 'refused'],
  ['PAYMENT_UNKNOWN_PENDING', 'refused'],
] as const)('%s is %s: what may be tried again hangs on it', (code, consequence) => {
  expect(consequenceOf(new Failure(code))).toBe(consequence);
});

test("a refusal is the caller's to mend, so it is never a status that machines retry", () => {
  const retried = codes.filter((code) => failures[code].consequence === 'refused' && failures[code].status >= 500);
  expect(retried).toEqual([]);
});

test.each([
  new Error('bug'),
  'text',
  null,
  undefined,
  { type: 'OUTCOME_UNKNOWN' },
  Object.assign(new Error('x'), { type: 'NO_SUCH_CODE' }),
])('whatever else is thrown says nothing about the outside (%#)', (thrown) => {
  expect(isFailure(thrown)).toBe(false);
  expect(consequenceOf(thrown)).toBe('unknown');
});

test('no name that every object has is taken for a code', () => {
  expect(isFailure(Object.assign(new Error('x'), { type: 'constructor' }))).toBe(false);
  expect(consequenceOf(Object.assign(new Error('x'), { type: 'toString' }))).toBe('unknown');
});

test('a failure is known by its type, whatever class carried it over a bus', () => {
  expect(isFailure(Object.assign(new Error('far away'), { type: 'STOCK_SHORT' }))).toBe(true);
});

test('a failure without details says what its code says', () => {
  expect(new Failure('STOCK_SHORT')).toMatchObject({
    message: 'There is not enough stock',
    errors: [],
    externalCode: undefined,
  });
  const cause = new Error('below');
  expect(new Failure('SYSTEM_REFUSED', { detail: 'no', externalCode: 'E1', cause })).toMatchObject({
    message: 'no',
    externalCode: 'E1',
    cause,
  });
});
