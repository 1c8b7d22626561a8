/** Quantities of files there and back, and results that do not say enough; examples and tables are tested with all others. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FailureCode, isFailure } from '../../contracts/failures.ts';
import { lockEnquiryOf, lockOf, lotsOf } from './csv.ts';
import { csvUnits } from './csvCodes.ts';

const place = { warehouseCode: 'XM01', ownerCode: '91350100MA32000B1T' };
const lock = (quantity: string, unit: string) =>
  lockOf({
    pledgeNo: 'ZY-1',
    ...place,
    pledgee: { name: '金控', uscc: '91350200MA35000E44' },
    lots: [{ lotNo: 'L', materialCode: 'M', quantity, unit }],
  });
const stock = (onHand: string, unit: string) =>
  lotsOf({
    message: 'STOCK',
    version: '1',
    warehouse: 'XM01',
    owner: place.ownerCode,
    asOf: '2026-11-24 18:00:00',
    sequence: '1',
    rows: [{ lot: 'L', material: 'M', onHand, locked: '0', unit }],
  }).lots[0];

test('every quantity of every agreed unit comes back exactly as it went', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(csvUnits.rows)),
      fc.bigInt(0n, 999_999_999_999_999n),
      (unit, amount) => {
        const digits = (unit === 'C62' ? (amount / 1000n) * 1000n : amount).toString().padStart(4, '0');
        const quantity = `${digits.slice(0, -3)}.${digits.slice(-3)}`;
        const [row] = lock(quantity, unit).rows;
        expect(stock(row?.quantity ?? '', row?.unit ?? '')).toMatchObject({ onHand: quantity, unit });
      },
    ),
  );
});

test('what Excel made of a figure does not survive; zeros that say nothing do', () => {
  for (const figure of ['0.30000000000000004', '1200.5000000000002', '0.0005'])
    expect(failureOf(() => stock(figure, '吨'))).toBe('CONTRACT_VIOLATED');
  for (const figure of ['1200.5', '1200.50000', '001200.5']) expect(stock(figure, '吨')?.onHand).toBe('1200.500');
  expect(failureOf(() => stock('1.5', '件'))).toBe('CONTRACT_VIOLATED');
  expect(failureOf(() => lock('1.500', 'C62'))).toBe('CONTRACT_VIOLATED');
});

test('a unit of nobody is unknown when told, and not sent when ours', () => {
  for (const unit of ['T', '顿', 'toString']) expect(failureOf(() => stock('1', unit))).toBe('EXT_CODE_UNMAPPED');
  for (const unit of ['LTR', 'constructor']) expect(failureOf(() => lock('1.000', unit))).toBe('CONTRACT_VIOLATED');
});

test('a result says what it says by its status, and with what belongs to it', () => {
  const result = { message: 'RESULT', version: '1', of: 'LOCK', no: 'ZY-1', at: '2026-11-24 09:30:00', rows: [] };
  const read = (more: object) => failureOf(() => lockEnquiryOf({ ...result, ...more } as never));
  expect(read({ status: 'DONE' })).toBe('CONTRACT_VIOLATED');
  expect(read({ status: 'REFUSED' })).toBe('CONTRACT_VIOLATED');
  expect(read({ status: 'REFUSED', reason: 'E99' })).toBe('EXT_CODE_UNMAPPED');
  expect(read({ status: 'done', warehouseNo: 'SD-1' })).toBe('EXT_CODE_UNMAPPED');
  expect(read({ status: 'DONE', warehouseNo: 'SD-1' })).toBeUndefined();
});

function failureOf(act: () => unknown): FailureCode | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.type;
  }
}
