import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate, allocateAmong, items, type Debt, type Owed } from './allocation.ts';
import { fenOf, yuanOf } from './money.ts';

const owed: Owed = { FEE: '10.00', PENALTY: '20.00', COMPOUND: '5.00', INTEREST: '30.00', PRINCIPAL: '40.00' };

test('costs, penalty, compound interest, interest, principal (民法典 561)', () => {
  expect(allocate('50.00', owed)).toEqual({
    paid: { FEE: '10.00', PENALTY: '20.00', COMPOUND: '5.00', INTEREST: '15.00', PRINCIPAL: '0.00' },
    left: '0.00',
  });
  expect(allocate('105.01', owed).left).toBe('0.01');
});

test('another order when it is agreed', () => {
  expect(allocate('50.00', owed, ['PRINCIPAL', 'INTEREST']).paid).toEqual({
    FEE: '0.00',
    PENALTY: '0.00',
    COMPOUND: '0.00',
    INTEREST: '10.00',
    PRINCIPAL: '40.00',
  });
});

const amounts = fc.bigInt({ min: 0n, max: 10n ** 9n }).map(yuanOf);
const runs = { numRuns: Number(process.env['LIANSHU_CASES'] ?? '200') };

test('allocations and what is left sum to the payment, and nothing gets more than it is owed', () => {
  const anyOwed = fc.record({
    FEE: amounts,
    PENALTY: amounts,
    COMPOUND: amounts,
    INTEREST: amounts,
    PRINCIPAL: amounts,
  });
  fc.assert(
    fc.property(amounts, anyOwed, fc.shuffledSubarray([...items]), (amount, of, order) => {
      const { paid, left } = allocate(amount, of, order);
      expect(items.reduce((sum, item) => sum + fenOf(paid[item]), fenOf(left))).toBe(fenOf(amount));
      for (const item of items) expect(fenOf(paid[item])).toBeLessThanOrEqual(fenOf(of[item]));
      if (fenOf(left) > 0n) for (const item of order) expect(paid[item]).toBe(of[item]);
    }),
    runs,
  );
});

const debt = (no: string, given: Partial<Debt> = {}): Debt => ({
  no,
  amount: '100.00',
  dueOn: '2026-01-01',
  secured: '0.00',
  rate: '0.050000',
  ...given,
});
const among = (amount: string, debts: readonly Debt[], named?: string) =>
  Object.fromEntries(allocateAmong(amount, debts, '2026-06-01', named));

test.each<[string, readonly Debt[], string | undefined, Record<string, string>]>([
  ['the one that the debtor names', [debt('a'), debt('b')], 'b', { a: '0.00', b: '100.00' }],
  ['what is due', [debt('a', { dueOn: '2027-01-01' }), debt('b')], undefined, { a: '0.00', b: '100.00' }],
  ['the least secured', [debt('a', { secured: '80.00' }), debt('b')], undefined, { a: '0.00', b: '100.00' }],
  ['the dearer', [debt('a'), debt('b', { rate: '0.060000' })], undefined, { a: '0.00', b: '100.00' }],
  ['the earlier due', [debt('a'), debt('b', { dueOn: '2025-01-01' })], undefined, { a: '0.00', b: '100.00' }],
  ['equals in proportion', [debt('a'), debt('b'), debt('c')], undefined, { a: '33.34', b: '33.33', c: '33.33' }],
])('among several debts first goes %s (民法典 560)', (_, debts, named, expected) => {
  expect(among('100.00', debts, named)).toEqual(expected);
});

test('among any debts no fen is lost', () => {
  const anyDebt = fc.record({
    amount: amounts,
    dueOn: fc.constantFrom('2025-01-01', '2027-01-01'),
    secured: amounts,
    rate: fc.constantFrom('0.050000', '0.100000'),
  });
  fc.assert(
    fc.property(amounts, fc.array(anyDebt, { maxLength: 6 }), (amount, debts) => {
      const named = debts.map((one, i) => ({ ...one, no: String(i) }));
      const paid = allocateAmong(amount, named, '2026-06-01');
      const sum = [...paid.values()].reduce((total, part) => total + fenOf(part), 0n);
      const total = debts.reduce((of, one) => of + fenOf(one.amount), 0n);
      expect(sum).toBe(total < fenOf(amount) ? total : fenOf(amount));
    }),
    runs,
  );
});
