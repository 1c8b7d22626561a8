/** The package: what the consent covers and no more, control totals that add up, versions that count what is told otherwise. */
import { expect, test } from '@jest/globals';
import { Feedback } from '../../contracts/bank/feedback.ts';
import { monthBefore } from '../feedback.flow.ts';
import type { Extract } from './extract.ts';
import { packageOf } from './package.ts';

const readAt = '2026-12-05T06:00:00+08:00';
const order = {
  orderNo: '4500000001',
  orderDate: '2026-11-20',
  currency: 'CNY',
  total: '1360000.00',
  buyer: { externalNo: '0000017101' },
  seller: { externalNo: '1000' },
  lines: [],
  status: 'delivered' as const,
  readAt,
};
const extracted: Extract = {
  orders: [order],
  deliveries: [
    {
      orderNo: order.orderNo,
      status: 'delivered',
      readAt,
      items: [
        {
          lineNo: '10',
          materialCode: 'HRB400E-12',
          quantity: '400.000',
          unit: 'TNE',
          amount: '1360000.00',
          currency: 'CNY',
          status: 'delivered',
          deliveries: [
            { deliveryNo: '80000001', lineNo: '10', date: '2026-11-21', quantity: '399.500' },
            { deliveryNo: '80000002', lineNo: '10', quantity: '0.500' },
          ],
        },
      ],
    },
  ],
  billings: [],
  openItems: {
    customerNo: '0000017101',
    keyDate: '2026-12-05',
    total: '100.00',
    items: [
      {
        documentNo: '18',
        documentDate: '2026-09-15',
        dueDate: '2026-12-14',
        amount: '126.50',
        currency: 'CNY',
        side: 'debit',
      },
      {
        documentNo: '16',
        documentDate: '2026-11-02',
        dueDate: '2026-11-02',
        amount: '26.50',
        currency: 'CNY',
        side: 'credit',
      },
    ],
  },
  outbound: undefined,
  gaps: ['2 rows announced, 1 read'],
};
const told = {
  no: 'FB-1',
  occasion: 'MONTHLY' as const,
  from: '2026-11-01',
  to: '2026-12-05',
  borrower: { name: '福建闽江钢材有限公司', uscc: '91350100MA32000B1T' },
  loanNos: ['LN-1'],
};
const all = { purpose: 'financing', kinds: ['TRADE', 'FINANCE'] as const };

test('holds each row once, with control totals that are their exact sums', () => {
  const { feedback } = packageOf(told, extracted, all, {});
  expect(Feedback.check(feedback)).toEqual(feedback);
  expect(feedback.amounts.map(({ row, no }) => `${row} ${no}`)).toEqual([
    'ORDER 4500000001',
    'RECEIVABLE 18',
    'PAYABLE 16',
  ]);
  expect(feedback.quantities.map(({ no, quantity }) => `${no} ${quantity}`)).toEqual(['80000001/10 399.500']);
  expect(feedback.totals).toEqual({ rows: 4, amount: '1360153.00', quantity: '399.500' });
  expect(feedback.withheld).toEqual([
    { part: 'returns', why: 'NOT_HELD' },
    { part: 'salesOut', why: 'NOT_HELD' },
  ]);
  expect(feedback.gaps).toEqual(['2 rows announced, 1 read']);
});

test('drops what no consent covers, and says so; without any consent it holds nothing', () => {
  const { feedback } = packageOf(told, extracted, { purpose: 'feedback', kinds: ['TRADE'] }, {});
  expect(feedback.amounts.map(({ row }) => row)).toEqual(['ORDER']);
  expect(feedback.openItemsTotal).toBeUndefined();
  expect(feedback.withheld).toContainEqual({ part: 'receivables', why: 'CONSENT_MISSING' });
  const none = packageOf(told, extracted, { purpose: undefined, kinds: [] }, {}).feedback;
  expect([none.amounts, none.quantities, none.totals]).toEqual([
    [],
    [],
    { rows: 0, amount: '0.00', quantity: '0.000' },
  ]);
  expect(none.withheld).toHaveLength(6);
  expect(Feedback.check(none)).toEqual(none);
});

test('a row that is told otherwise is the next version of itself; the others stay what they were', () => {
  const first = packageOf(told, extracted, all, {});
  const corrected = { ...extracted, orders: [{ ...order, total: '1360000.01' }] };
  const second = packageOf(told, corrected, all, first.versions);
  expect(second.feedback.amounts.map(({ version }) => version)).toEqual([2, 1, 1]);
  const third = packageOf(told, corrected, all, second.versions);
  expect(third.feedback.amounts.map(({ version }) => version)).toEqual([2, 1, 1]);
});

test('the month that is told is the one before, in January that of last year', () => {
  expect([monthBefore('2026-12-05'), monthBefore('2027-01-05'), monthBefore('2027-03-31')]).toEqual([
    '2026-11',
    '2026-12',
    '2027-02',
  ]);
});
