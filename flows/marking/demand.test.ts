import { expect, test } from '@jest/globals';
import type { PledgeMark } from '../../ledger/goods/marks.ts';
import { demandOf, distanceTo, isMet, percentOf } from './demand.ts';

const mark = (value: string, exposure: string, ltv: string | null): PledgeMark => ({
  pledgeNo: 'PL-1',
  caseNo: 'CASE-1',
  loanNo: 'LN-1',
  value,
  exposure,
  ltv,
  level: 'CALL',
  unpriced: false,
  pledgeRate: '0.700000',
  warnRate: '0.750000',
  callRate: '0.800000',
  disposeRate: '0.900000',
});

test('at 2 950 the call of domain.md 6 is for 378 157.50 in cash, or goods worth 540 225.00', () => {
  expect(demandOf(mark('3541475.00', '2857190.00', '0.806780'))).toEqual({ cash: '378157.50', goods: '540225.00' });
  expect(demandOf(mark('4081700.00', '2857190.00', '0.700000'))).toEqual({ cash: '0.00', goods: '0.00' });
});

test('a call on falling prices is met two per cent below its line, not on it', () => {
  expect(isMet(mark('1000.00', '784.00', '0.784000'), 'PRICE')).toBe(true);
  expect(isMet(mark('1000.00', '784.01', '0.784010'), 'PRICE')).toBe(false);
});

test('a call on missing goods is met at the pledge rate; one on an overdue loan only when nothing is owed', () => {
  expect(isMet(mark('1000.00', '700.00', '0.700000'), 'STOCK')).toBe(true);
  expect(isMet(mark('1000.00', '700.01', '0.700010'), 'STOCK')).toBe(false);
  expect(isMet(mark('1000.00', '1.00', '0.001000'), 'OVERDUE')).toBe(false);
  expect(isMet(mark('0.00', '0.00', null), 'OVERDUE')).toBe(true);
  expect(isMet(undefined, 'PRICE')).toBe(true);
});

test('ratios are said in per cent', () => {
  expect(percentOf('0.806780')).toBe('80.68%');
  expect(percentOf(null)).toBe('100%+');
  expect(distanceTo('0.800000', '0.767742')).toBe('3.23');
  expect(distanceTo('0.800000', null)).toBe('0.00');
});
