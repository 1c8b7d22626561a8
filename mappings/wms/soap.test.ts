/** Figures of the SOAP service, and what a message must say; examples are tested with all others. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type FailureCode, isFailure } from '../../contracts/failures.ts';
import { goodsReceivedOf, stockChangedOf, stockCountedOf } from './soap.ts';

const told = (name: string) =>
  (
    JSON.parse(readFileSync(join(import.meta.dirname, 'examples', `soap.${name}.json`), 'utf8')) as {
      from: { lots: [object] };
    }
  ).from;

test('every figure with up to three decimals is the same figure with three', () => {
  const from = told('goodsReceived');
  fc.assert(
    fc.property(fc.bigInt(0n, 999_999_999_999n), fc.integer({ min: 0, max: 999 }), (whole, thousandths) => {
      const quantity = `${whole}.${String(thousandths).padStart(3, '0')}`;
      for (const written of [quantity, quantity.replace(/\.?0+$/, (zeros) => (zeros.includes('.') ? '' : zeros))])
        expect(received({ ...from, lots: [{ ...from.lots[0], quantity: written }] })).toBe(
          written.includes('.') ? quantity : `${written}.000`,
        );
    }),
  );
});

test('final is said in four ways', () => {
  for (const [final, due] of [
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])
    expect(goodsReceivedOf({ ...told('goodsReceived'), final } as never).final).toBe(due);
});

test('part of a piece, a sign where nothing can be gone, and a difference without a reason are refused', () => {
  const [lot, changed, counted] = [told('goodsReceived'), told('stockChanged'), told('stockCounted')];
  const with1 = (from: { lots: [object] }, change: object) => ({ ...from, lots: [{ ...from.lots[0], ...change }] });
  expect(failureOf(() => goodsReceivedOf(with1(lot, { quantity: '1.5', unit: 'C62' }) as never))).toBe(
    'CONTRACT_VIOLATED',
  );
  expect(failureOf(() => goodsReceivedOf(with1(lot, { quantity: '-1' }) as never))).toBe('CONTRACT_VIOLATED');
  expect(failureOf(() => stockCountedOf(with1(counted, { reason: undefined }) as never))).toBe('CONTRACT_VIOLATED');
  expect(stockChangedOf(with1(changed, { change: '-0' }) as never).lots[0]?.change).toBe('0.000');
});

function received(from: object): string | undefined {
  return goodsReceivedOf(from as never).lots[0]?.quantity;
}

function failureOf(act: () => unknown): FailureCode | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.type;
  }
}
