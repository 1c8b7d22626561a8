import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, allocate, daysBetween, dueOn, interestFen, penaltyFen, totalOf, type Running } from './interest.ts';

const interest = (fen: bigint, ppm: bigint, days: number, dayCount: 'A360' | 'A365' = 'A360') =>
  interestFen(fen, ppm, days, dayCount);

describe('interest, ACT/360, half up once', () => {
  test.each([
    ['1 000 000.00 at 4.5 % over a year', 100_000_000n, 45_000n, '20260424', '20270424', 365, 4_562_500n],
    ['500 000.00 at 3.85 % over 90 days', 50_000_000n, 38_500n, '20260115', '20260415', 90, 481_250n],
    ['333 333.33 at 4.35 % over 31 days', 33_333_333n, 43_500n, '20260301', '20260401', 31, 124_861n],
    ['2 857 190.00 at 5.2 % over a leap February', 285_719_000n, 52_000n, '20280215', '20280315', 29, 1_196_845n],
    ['18.00 at 10 % for a day: half a fen is a fen', 1_800n, 100_000n, '20260101', '20260102', 1, 1n],
  ])('%s', (_, fen, ppm, from, to, days, expected) => {
    expect(daysBetween(from, to)).toBe(days);
    expect(interest(fen, ppm, days)).toBe(expected);
  });

  test('each day count is its own: 100 000.00 at 3.65 % over 100 days', () => {
    expect([interest(10_000_000n, 36_500n, 100, 'A360'), interest(10_000_000n, 36_500n, 100, 'A365')]).toEqual([
      101_389n,
      100_000n,
    ]);
  });

  test('is never more than half a fen away from the exact figure', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 17n),
        fc.bigInt(0n, 1_999_999n),
        fc.integer({ min: 0, max: 4_000 }),
        (fen, ppm, days) => {
          const twiceOff = 2n * (interest(fen, ppm, days) * 360_000_000n - fen * ppm * BigInt(days));
          return twiceOff <= 360_000_000n && twiceOff > -360_000_000n;
        },
      ),
    );
  });
});

test('days go over months, years and leap days, both ways', () => {
  expect([addDays('20271231', 1), addDays('20280228', 1), addDays('20270228', 1), addDays('20261123', 90)]).toEqual([
    '20280101',
    '20280229',
    '20270301',
    '20270221',
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000 }),
      (days) => daysBetween('20261123', addDays('20261123', days)) === days,
    ),
  );
});

const loan = (change: Partial<Running> = {}): Running => ({
  balanceFen: '80000000',
  ratePpm: '52000',
  dayCount: 'A360',
  maturity: '20270221',
  accruedTo: '20261123',
  unpaid: { fee: '0', penalty: '0', interest: '0' },
  ...change,
});

describe('what is due', () => {
  test('on the first day is the principal alone', () => {
    expect(dueOn(loan(), '20261123')).toEqual({ fee: 0n, penalty: 0n, interest: 0n, principal: 80_000_000n });
  });

  test('at maturity is interest of the whole term, after it the penalty runs instead', () => {
    expect(dueOn(loan(), '20270221')).toMatchObject({ interest: 1_040_000n, penalty: 0n });
    expect(dueOn(loan(), '20270303')).toMatchObject({
      interest: 1_040_000n,
      penalty: penaltyFen(80_000_000n, 52_000n, 10, 'A360'),
    });
    expect(penaltyFen(80_000_000n, 52_000n, 10, 'A360')).toBe(173_333n); // 800 000.00 x 7.8 % x 10 / 360
  });

  test('counts only from the last posting, and keeps what was not paid then', () => {
    const unpaid = { fee: '100', penalty: '7', interest: '30' };
    expect(dueOn(loan({ accruedTo: '20270303', unpaid }), '20270303')).toEqual({
      fee: 100n,
      penalty: 7n,
      interest: 30n,
      principal: 80_000_000n,
    });
  });
});

test('money is allocated fee, penalty, interest, principal, and no fen is lost', () => {
  const due = { fee: 10n, penalty: 20n, interest: 30n, principal: 40n };
  expect(allocate(45n, due)).toEqual({ paid: { fee: 10n, penalty: 20n, interest: 15n, principal: 0n }, left: 0n });
  const fen = fc.bigInt(0n, 10n ** 12n);
  fc.assert(
    fc.property(fen, fen, fen, fen, fen, (amount, fee, penalty, interestDue, principal) => {
      const owed = { fee, penalty, interest: interestDue, principal };
      const { paid, left } = allocate(amount, owed);
      expect(totalOf(paid) + left).toBe(amount);
      if (left > 0n) expect(paid).toEqual(owed);
      if (paid.principal > 0n) expect([paid.fee, paid.penalty, paid.interest]).toEqual([fee, penalty, interestDue]);
    }),
  );
});
