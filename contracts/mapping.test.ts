import { expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { contract, strict } from './contract.ts';
import { mapping } from './mapping.ts';

const From = contract('test/from', strict({ fen: Type.Integer({ minimum: 0 }) }));
const To = contract('test/to', strict({ yuan: Type.String({ pattern: '^\\d+\\.\\d{2}$' }) }));

const right = mapping(From, To, ({ fen }) => ({
  yuan: `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`,
}));

test('a mapping gives what its function gives', () => {
  expect(right({ fen: 1205 })).toEqual({ yuan: '12.05' });
});

test('a source that breaks its contract does not reach the function', () => {
  let reached = 0;
  const counting = mapping(From, To, () => ({ yuan: `${(reached += 1)}.00` }));
  expect(() => counting({ fen: -1 })).toThrow(
    expect.objectContaining({ type: 'CONTRACT_VIOLATED', errors: [expect.objectContaining({ pointer: '#/fen' })] }),
  );
  expect(reached).toBe(0);
});

test('a result that breaks the target is refused here and not by the counterparty, and its field is named', () => {
  const wrong = mapping(From, To, ({ fen }) => ({ yuan: String(fen) }));
  expect(() => wrong({ fen: 1205 })).toThrow(
    expect.objectContaining({ type: 'CONTRACT_VIOLATED', errors: [expect.objectContaining({ pointer: '#/yuan' })] }),
  );
});

test('a field too many in the result is refused', () => {
  const wrong = mapping(From, To, ({ fen }) => ({ yuan: '1.00', fen }));
  expect(() => wrong({ fen: 1 })).toThrow('is not a field');
});
