import { expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { contract, strict } from './contract.ts';
import { isMapping, mapping, observing } from './mapping.ts';

const From = contract('test/from', strict({ fen: Type.Integer({ minimum: 0 }) }));
const To = contract('test/to', strict({ yuan: Type.String({ pattern: '^\\d+\\.\\d{2}$' }) }));

const right = mapping('test.vendor.amount', From, To, ({ fen }) => ({
  yuan: `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`,
}));

test('a mapping gives what its function gives', () => {
  expect(right({ fen: 1205 })).toEqual({ yuan: '12.05' });
});

test('a source that breaks its contract does not reach the function', () => {
  let reached = 0;
  const counting = mapping('test.vendor.amount', From, To, () => ({ yuan: `${(reached += 1)}.00` }));
  expect(() => counting({ fen: -1 })).toThrow(
    expect.objectContaining({ type: 'CONTRACT_VIOLATED', errors: [expect.objectContaining({ pointer: '#/fen' })] }),
  );
  expect(reached).toBe(0);
});

test('a result that breaks the target is refused here and not by the counterparty, and its field is named', () => {
  const wrong = mapping('test.vendor.amount', From, To, ({ fen }) => ({ yuan: String(fen) }));
  expect(() => wrong({ fen: 1205 })).toThrow(
    expect.objectContaining({ type: 'CONTRACT_VIOLATED', errors: [expect.objectContaining({ pointer: '#/yuan' })] }),
  );
});

test('a field too many in the result is refused', () => {
  const wrong = mapping('test.vendor.amount', From, To, ({ fen }) => ({ yuan: '1.00', fen }));
  expect(() => wrong({ fen: 1 })).toThrow('is not a field');
});

test('a mapping has its name, both contracts and what it declares, for whoever looks at all of them', () => {
  const declared = { drops: { '/fen': 'never dropped' } };
  const named = mapping('test.vendor.amount', From, To, right.bare, declared);
  expect([named.name, named.from, named.to, named.declared]).toEqual(['test.vendor.amount', From, To, declared]);
  expect(isMapping(named)).toBe(true);
  for (const other of [undefined, null, 1, {}, () => 1, From]) expect(isMapping(other)).toBe(false);
});

test('while somebody observes, a mapping within a mapping is checked all the same, on what stands behind the stand-in', () => {
  const plain = (value: unknown) => (value === standIn ? { fen: 1205 } : value);
  const standIn = { fen: 1205, recording: true };
  expect(() => right(standIn)).toThrow('is not a field');
  expect(observing(plain, () => right(standIn))).toEqual({ yuan: '12.05' });
  expect(() => observing(plain, () => right({ fen: -1 }))).toThrow(
    expect.objectContaining({ type: 'CONTRACT_VIOLATED' }),
  );
  expect(() => right(standIn)).toThrow('is not a field');
});
