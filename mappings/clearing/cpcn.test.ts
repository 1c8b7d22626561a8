import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { yuanOf } from '../../contracts/canonical/money.ts';
import { isFailure } from '../../contracts/failures.ts';
import {
  accountCheckedOf,
  accountCheckOf,
  collectionEnquiryOf,
  isPending,
  paymentOf,
  settledOf,
  settlementEnquiryOf,
  takenOf,
} from './cpcn.ts';
import { cpcnAccountResults, cpcnHeads, cpcnStatuses, verdictOf } from './cpcn.codes.ts';
import { instructionNoOf, txSnOf } from './cpcnTxSn.ts';

const golden = {
  accountCheck: accountCheckOf,
  accountChecked: accountCheckedOf,
  payment: paymentOf,
  taken: takenOf,
  settled: settledOf,
  'settled.returned': settledOf,
} as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

describe('the TxSN', () => {
  test('is the same in every attempt, begins with a valid time, differs between instructions, and reads back', () => {
    const date = fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const number = fc.tuple(fc.stringMatching(/^[A-Z]{1,12}$/), date, fc.integer({ min: 0, max: 999_999 }));
    fc.assert(
      fc.property(number, ([prefix, day, sequence]) => {
        const instructionNo = `${prefix}${day.toISOString().slice(0, 10).replaceAll('-', '')}-${String(sequence).padStart(6, '0')}`;
        const txSn = txSnOf(instructionNo);
        expect(txSn).toMatch(/^20\d{6}([01]\d|2[0-3])[0-5]\d[0-5]\d\d{3}[A-Z]+$/);
        expect(txSnOf(instructionNo)).toBe(txSn);
        expect(instructionNoOf(txSn)).toBe(instructionNo); // Hence two instructions never share one.
      }),
    );
  });

  test.each([
    '',
    'RP-1',
    'RP20260230-000001',
    'RP20261323-000001',
    'RP20261123-1',
    'rp20261123-000001',
    '20261123-000001',
  ])('is not made from "%s"', (instructionNo) =>
    expect(failureIn(() => txSnOf(instructionNo))).toBe('CONTRACT_VIOLATED'),
  );

  test.each([
    '20261123000000001',
    '20260230000000001RP',
    '20261123240000000RP',
    '20261123235959999RP',
    '20261123006000000RP',
  ])('of someone else (%s) is not read back', (txSn) =>
    expect(failureIn(() => instructionNoOf(txSn))).toBe('CONTRACT_VIOLATED'),
  );
});

describe('every row of the code tables', () => {
  test.each(Object.entries(cpcnHeads.rows))('head %s is %s', (code, verdict) => {
    const said = () => verdictOf({ code, message: 'as said' });
    if (['taken', 'duplicate', 'notFound'].includes(verdict)) expect(said()).toBe(verdict);
    else expect(failureIn(said)).toBe(verdict);
  });

  test.each(Object.entries(cpcnAccountResults.rows))('account check %s is %s', (pair, result) => {
    const [Status = '', ResponseCode = ''] = pair.split('/');
    expect(accountCheckedOf({ Note: 'R1', Status, ResponseCode, ResponseMessage: '', TraceNo: 'T' }).result).toBe(
      result,
    );
  });

  test.each([
    ['10', 'confirmed', 'pending'],
    ['20', 'confirmed', 'pending'],
    ['30', 'confirmed', 'succeeded'],
    ['40', 'refused', 'failed'],
    ['50', 'refused', 'failed'],
    ['X4', 'confirmed', 'returned'],
  ] as const)('status %s: the instruction is %s, its result %s', (Status, taken, settled) => {
    expect(cpcnStatuses.of(Status)).toBe(settled);
    expect(collectionEnquiryOf(payment({ Status })).outcome).toBe(taken);
    const enquiry = settlementEnquiryOf(payment({ Status }));
    expect(enquiry.outcome === 'confirmed' ? enquiry.response.status : enquiry.outcome).toBe(settled);
  });

  test('a payment that failed at once was refused', () => {
    const answer = { TxSN: '20261123000000001RP', Status: '40', ResponseCode: '280001', ResponseMessage: 'no' };
    expect(failureIn(() => takenOf(answer))).toBe('SYSTEM_REFUSED');
  });
});

describe('a code that is not in the tables is unknown', () => {
  test.each(['', '2001', '9999', 'constructor'])('head "%s"', (code) => {
    expect(failureIn(() => verdictOf({ code, message: '' }))).toBe('EXT_CODE_UNMAPPED');
  });

  test.each(['00', '60', 'S'])('status %s', (Status) => {
    expect(failureIn(() => settlementEnquiryOf(payment({ Status })))).toBe('EXT_CODE_UNMAPPED');
    expect(failureIn(() => collectionEnquiryOf(payment({ Status })))).toBe('EXT_CODE_UNMAPPED');
    expect(failureIn(() => isPending(payment({ Status })))).toBe('EXT_CODE_UNMAPPED');
  });

  test('an account check that failed for a reason we do not know is no mismatch', () => {
    const answer = { Note: 'R1', Status: '30', ResponseCode: '280002', ResponseMessage: '', TraceNo: 'T' };
    expect(failureIn(() => accountCheckedOf(answer))).toBe('EXT_CODE_UNMAPPED');
  });
});

test('an amount goes out and comes back to the fen', () => {
  const { from } = example('payment');
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 99_999_999_999_999_999n }), (fen) => {
      const { Amount } = paymentOf({ ...from, amount: yuanOf(fen) } as never);
      expect(BigInt(Amount)).toBe(fen);
      expect(settledOf(payment({ Amount })).amount).toBe(yuanOf(fen));
    }),
  );
});

test.each([
  ['nothing', { amount: '0.00' }],
  ['another currency', { currency: 'USD' }],
  ['a number that yields no TxSN', { instructionNo: 'whatever' }],
])('an instruction over %s is refused here', (_, change) => {
  expect(failureIn(() => paymentOf({ ...example('payment').from, ...change } as never))).toBe('CONTRACT_VIOLATED');
});

test.each([
  ['whose two numbers name different instructions', { OrderNo: 'RP20261123-000002' }, 'CONTRACT_VIOLATED'],
  ['with an impossible time', { ResponseTime: '20261399000000000' }, 'CONTRACT_VIOLATED'],
  ['with a fraction of a fen', { Amount: '1.5' }, 'CONTRACT_VIOLATED'],
])('a result %s is not taken', (_, change, type) => {
  expect(failureIn(() => settledOf(payment(change)))).toBe(type);
});

function payment(change: Record<string, string>) {
  return { ...example('settled').from, ...change } as Parameters<typeof settledOf>[0];
}

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  return JSON.parse(readFileSync(new URL(`examples/cpcn.${name}.json`, import.meta.url), 'utf8')) as {
    from: Record<string, unknown>;
    to: unknown;
  };
}

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : 'a bug';
  }
}
