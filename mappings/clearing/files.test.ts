import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { filesDirections, filesStatuses, settlementLineOf } from './files.ts';

type Detail = Parameters<typeof settlementLineOf>[0];
const folder = join(import.meta.dirname, 'examples');
const examples = readdirSync(folder).filter((name) => name.startsWith('files.'));
const example = (name: string) =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as { from: Detail; to: ReturnType<typeof settlementLineOf> };
const { from: line } = example('files.settlementLine.json');

test.each(examples)('%s maps as written down', (name) => {
  const { from, to } = example(name);
  expect(settlementLineOf(from)).toEqual(to);
});

test.each(Object.entries(filesStatuses.rows))('status %s is %s', (code, status) => {
  expect(settlementLineOf({ ...line, Status: code })).toMatchObject({ status, externalCode: code });
});

test.each(['0', '03', '99', 'OK', ' 0'])('status %j, which has no row, is unknown and never a success', (code) => {
  expect(settlementLineOf({ ...line, Status: code })).toMatchObject({ status: 'unknown', externalCode: code });
});

test.each(Object.entries(filesDirections.rows))('direction %s is %s', (code, direction) => {
  expect(settlementLineOf({ ...line, Direction: code })).toMatchObject({ direction });
});

test('a direction without a row is no line', () => {
  expect(() => settlementLineOf({ ...line, Direction: 'X' })).toThrow(
    expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }),
  );
});

test('every amount arrives to the fen, from fen and from yuan', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), (fen) => {
      const padded = settlementLineOf({ ...line, Amount: String(fen).padStart(15, '0') });
      const yuan = settlementLineOf({ ...line, Amount: yuanOf(fen), AmountUnit: 'yuan' });
      expect([fenOf(padded.amount), fenOf(yuan.amount)]).toEqual([fen, fen]);
    }),
  );
});

test.each([
  ['Amount', '1.5', 'yuan'],
  ['Amount', '12', 'yuan'],
  ['Amount', '-1', 'fen'],
  ['Amount', '1e3', 'fen'],
  ['ValueDate', '20260230', 'fen'],
  ['ValueTime', '250000', 'fen'],
  ['Currency', '156', 'fen'],
] as const)('%s %s is refused', (field, value, unit) => {
  const wrong = { ...line, Amount: unit === 'yuan' ? '1.00' : '100', AmountUnit: unit, [field]: value };
  expect(() => settlementLineOf(wrong)).toThrow(expect.objectContaining({ type: 'CONTRACT_VIOLATED' }));
});
