import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Type } from 'typebox';
import { BusinessDate, Instant, Quantity, Yuan } from './canonical/primitives.ts';
import { contract, strict } from './contract.ts';
import { isFailure } from './failures.ts';

const Order = contract(
  'test/order',
  strict({
    no: Type.String({ minLength: 1, maxLength: 10 }),
    amount: Yuan,
    on: BusinessDate,
    at: Instant,
    urgent: Type.Optional(Type.Boolean()),
    lines: Type.Array(strict({ quantity: Quantity }), { maxItems: 3 }),
  }),
);
const order = {
  no: 'A1',
  amount: '12.00',
  on: '2026-11-23',
  at: '2026-11-23T08:00:00+08:00',
  lines: [{ quantity: '1200.500' }],
};

function errorsOf(value: unknown): readonly { pointer: string; code: string }[] {
  try {
    Order.check(value);
    return [];
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    expect(thrown.type).toBe('CONTRACT_VIOLATED');
    return thrown.errors;
  }
}

test('a message that keeps its contract is given back as it is, the very same object', () => {
  expect(Order.check(order)).toBe(order);
});

test.each<[string, unknown, string, string]>([
  ['a field that is missing', { ...order, amount: undefined }, '#/amount', 'required'],
  ['a field that is unknown', { ...order, extra: 1 }, '#/extra', 'unknown_field'],
  ['a field deep inside', { ...order, lines: [{ quantity: '1' }] }, '#/lines/0/quantity', 'pattern'],
  ['an unknown field deep inside', { ...order, lines: [{ quantity: '1.000', x: 1 }] }, '#/lines/0/x', 'unknown_field'],
  ['a number for a text', { ...order, amount: 12 }, '#/amount', 'type'],
  ['a text for a truth value', { ...order, urgent: 'true' }, '#/urgent', 'type'],
  ['null for nothing', { ...order, urgent: null }, '#/urgent', 'type'],
  ['too many', { ...order, lines: Array.from({ length: 4 }, () => ({ quantity: '1.000' })) }, '#/lines', 'maxItems'],
  ['too long', { ...order, no: 'x'.repeat(11) }, '#/no', 'maxLength'],
  ['a day that is not', { ...order, on: '2026-02-30' }, '#/on', 'format'],
  ['an instant without offset', { ...order, at: '2026-11-23T08:00:00' }, '#/at', 'format'],
  ['an amount with one decimal', { ...order, amount: '12.0' }, '#/amount', 'pattern'],
  ['an amount below zero', { ...order, amount: '-12.00' }, '#/amount', 'pattern'],
  ['a leading zero', { ...order, amount: '012.00' }, '#/amount', 'pattern'],
  ['a line feed after an amount', { ...order, amount: '12.00\n' }, '#/amount', 'pattern'],
])('%s is refused and named', (_, value, pointer, code) => {
  const sent = JSON.parse(JSON.stringify(value)) as unknown;
  expect(errorsOf(sent)).toEqual([expect.objectContaining({ pointer, code })]);
});

test('what every object inherits is no field, neither there nor unknown', () => {
  expect(errorsOf(JSON.parse('{"constructor":1}'))).toHaveLength(1);
  expect(errorsOf({ ...order, ...(JSON.parse('{"toString":"x"}') as object) })).toEqual([
    expect.objectContaining({ code: 'unknown_field' }),
  ]);
  const Odd = contract('test/odd', strict({ constructor: Type.String() }));
  expect(() => Odd.check({})).toThrow('is missing');
});

test('a refusal never repeats the value: it may be personal', () => {
  try {
    Order.check({ ...order, amount: '350203199001010017' });
  } catch (thrown) {
    expect(JSON.stringify([String(thrown), (thrown as { errors: unknown }).errors])).not.toContain('3502031990');
  }
  expect.assertions(1);
});

test('one error is reported, however many there are: a hostile body buys no work', () => {
  const lines = Array.from({ length: 100_000 }, () => ({ quantity: 'x', y: 1 }));
  expect(errorsOf({ ...order, lines })).toHaveLength(1);
});

test('nothing that can be parsed makes a contract throw anything but a failure, and nothing is changed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const before = JSON.stringify(value);
      errorsOf(value);
      expect(JSON.stringify(value)).toBe(before);
    }),
  );
});
