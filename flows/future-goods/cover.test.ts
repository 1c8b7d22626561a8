/** Whether goods that came carry what is owed (formula of domain.md 1.7). */
import { expect, test } from '@jest/globals';
import { uncoveredBy } from './cover.ts';

const lot = (quantity: string, price: string) => ({
  lotNo: 'L1',
  materialCode: 'HRB400',
  quantity,
  unit: 'TNE',
  price,
  priceAt: '',
});

test('goods worth more than what is owed over the pledge rate leave no gap', () => {
  expect(uncoveredBy([lot('1200.500', '3400.00')], '2857190.00', '0.700000')).toBeUndefined();
});

test('what is missing is missing to the fen', () => {
  expect(uncoveredBy([lot('1200.500', '3400.00')], '2857190.01', '0.700000')).toBe('0.01');
  expect(uncoveredBy([lot('1000.000', '3400.00')], '2857190.00', '0.700000')).toBe('477190.00');
});

test('cash beside the goods counts in full', () => {
  const cash = [{ entryNo: 'E', amount: '477190.00', currency: 'CNY', statementRef: 'S' }];
  expect(uncoveredBy([lot('1000.000', '3400.00')], '2857190.00', '0.700000', cash)).toBeUndefined();
});
