/** Quantities of FLUX there and back, and what it cannot carry; examples and code tables are tested with all others. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FailureCode, isFailure } from '../../contracts/failures.ts';
import { fluxUnits } from './fluxCodes.ts';
import { changeOf, fluxQtyOf, quantityOf } from './fluxQuantity.ts';

test('every quantity of every agreed unit comes back exactly as it went', () => {
  const thousandths = fc.bigInt(0n, 999_999_999_999_999n);
  fc.assert(
    fc.property(fc.constantFrom(...Object.entries(fluxUnits.rows)), thousandths, ([uom, unit], amount) => {
      const digits = (unit === 'C62' ? (amount / 1000n) * 1000n : amount).toString().padStart(4, '0');
      const quantity = `${digits.slice(0, -3)}.${digits.slice(-3)}`;
      expect(fluxQtyOf(quantity, unit)).toEqual({ qty: quantity, uom });
      expect(quantityOf(quantity, uom)).toEqual({ quantity, unit });
    }),
  );
});

test('decimals that say nothing are taken, those that say something and do not fit are refused', () => {
  expect(quantityOf('1200.50000000', 'T')).toEqual({ quantity: '1200.500', unit: 'TNE' });
  expect(quantityOf('007', 'KG')).toEqual({ quantity: '7.000', unit: 'KGM' });
  expect(changeOf('-0.5', 'T')).toEqual({ change: '-0.500', unit: 'TNE' });
  expect(changeOf('-0', 'T')).toEqual({ change: '0.000', unit: 'TNE' });
  expect(failureOf(() => quantityOf('0.0005', 'T'))).toBe('CONTRACT_VIOLATED');
  expect(failureOf(() => quantityOf('1.5', 'EA'))).toBe('CONTRACT_VIOLATED');
  expect(failureOf(() => fluxQtyOf('1.500', 'C62'))).toBe('CONTRACT_VIOLATED');
});

test('a unit of nobody is unknown when told, and not sent when ours', () => {
  for (const uom of ['t', 'KGM', 'constructor'])
    expect(failureOf(() => quantityOf('1', uom))).toBe('EXT_CODE_UNMAPPED');
  for (const unit of ['LTR', 'constructor'])
    expect(failureOf(() => fluxQtyOf('1.000', unit))).toBe('CONTRACT_VIOLATED');
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
