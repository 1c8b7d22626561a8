/** Splits, refunds and accounts of CPCN: the examples, every row, and what is never believed. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { yuanOf } from '../../contracts/canonical/money.ts';
import { isFailure } from '../../contracts/failures.ts';
import { cpcnAccountStatuses, cpcnBindingStatuses, cpcnOpeningStatuses } from './cpcn.codes.ts';
import * as accounts from './cpcnAccounts.ts';
import * as refunds from './cpcnRefunds.ts';
import * as splits from './cpcnSplits.ts';

const maps = {
  split: splits.splitOf,
  splitTaken: splits.splitTakenOf,
  splitEnquiry: splits.splitEnquiryOf,
  splitSettled: splits.splitSettledOf,
  splitSettlement: splits.splitSettlementOf,
  refund: refunds.refundOf,
  refundTaken: refunds.refundTakenOf,
  refundEnquiry: refunds.refundEnquiryOf,
  refundSettled: refunds.refundSettledOf,
  refundSettlement: refunds.refundSettlementOf,
  opening: accounts.openingOf,
  openingTaken: accounts.openingTakenOf,
  openingEnquiry: accounts.openingEnquiryOf,
  openingResult: accounts.openingResultOf,
  accountChanged: accounts.accountChangedOf,
  balanceQuestion: accounts.balanceQuestionOf,
  balance: accounts.balanceOf,
} as const;

const folder = new URL('examples/', import.meta.url);
const files = readdirSync(folder).filter((file) => Object.hasOwn(maps, file.split('.')[1] ?? ''));
test.each(files)('%s maps as written down', (file) => {
  const { from, to } = example(file);
  expect(maps[file.split('.')[1] as keyof typeof maps](from as never)).toEqual(to);
});

describe('a split', () => {
  test('goes out only when its parts sum to the amount, and comes back to the fen', () => {
    const parts = fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(parts, fc.integer({ min: -1, max: 1 }), (fen, off) => {
        const sum = fen.reduce((total, each) => total + each, 0n);
        const ordered = () => splits.splitOf(splitWith(fen, sum + BigInt(off)));
        if (off !== 0) return expect(failureIn(ordered)).toBe('CONTRACT_VIOLATED');
        const wire = ordered();
        const SplitItems = wire.SplitItems.map(({ SplitTxSN, SplitAmount }) => ({
          SplitTxSN,
          SplitAmount,
          SplitStatus: '20',
          ResponseTime: '20261123093000000',
        }));
        const held = { TxSN: wire.TxSN, Amount: wire.Amount, AvailableSplitAmount: '0', SplitItems };
        expect(splits.isSameSplit(held, wire)).toBe(true);
        expect(splits.splitSettledOf(held).parts.map(({ amount }) => amount)).toEqual(fen.map(yuanOf));
      }),
    );
  });

  test.each([
    [
      'two parts of one number',
      { parts: [1, 1].map((partNo) => ({ ...partOf(0), partNo, amount: '500000.00' })), amount: '1000000.00' },
    ],
    ['a part of nothing', { parts: [partOf(0), { ...partOf(1), amount: '0.00' }], amount: '990000.00' }],
    ['another currency', { currency: 'USD' }],
  ])('with %s is refused before anything is sent', (_, change) => {
    expect(failureIn(() => splits.splitOf({ ...example('cpcn.split.json').from, ...change } as never))).toBe(
      'CONTRACT_VIOLATED',
    );
  });

  test.each([
    ['whose parts do not sum to it', { Amount: '100000002' }],
    ['with a part of another collection', { TxSN: '20261123000000002SP' }],
    ['with more left than there is', { AvailableSplitAmount: '1' }],
  ])('%s is not believed', (_, change) => {
    const held = { ...example('cpcn.splitSettled.json').from, ...change };
    expect(failureIn(() => splits.splitSettledOf(held as never))).toBe('CONTRACT_VIOLATED');
    expect(failureIn(() => splits.splitEnquiryOf(held as never))).toBe('CONTRACT_VIOLATED');
  });

  test('with a part that is under way is not settled, whatever the others are', () => {
    const { from } = example('cpcn.splitSettlement.pending.json');
    expect(failureIn(() => splits.splitSettledOf(from as never))).toBe('OUTCOME_UNKNOWN');
  });

  test('with the same sum among others is another one', () => {
    const wire = splits.splitOf(splitWith([5n, 5n], 10n));
    const held = {
      TxSN: wire.TxSN,
      Amount: '10',
      AvailableSplitAmount: '0',
      SplitItems: splits.splitOf(splitWith([4n, 6n], 10n)).SplitItems,
    };
    expect(
      splits.isSameSplit(
        { ...held, SplitItems: held.SplitItems.map((item) => ({ ...item, SplitStatus: '10' })) },
        wire,
      ),
    ).toBe(false);
  });
});

test('what failed at once was refused', () => {
  const taken = { TxSN: '20261123000000001SP', ResponseCode: '280001', ResponseMessage: 'no' };
  expect(failureIn(() => splits.splitTakenOf({ ...taken, Status: '40' }))).toBe('SYSTEM_REFUSED');
  expect(failureIn(() => refunds.refundTakenOf({ ...taken, Status: '30' }))).toBe('SYSTEM_REFUSED');
  const { TxSN: SourceTxSN, ...words } = taken;
  expect(failureIn(() => accounts.openingTakenOf({ SourceTxSN, ...words, Status: '40' }))).toBe('SYSTEM_REFUSED');
});

test('a payment and a refund give the same number another meaning', () => {
  const taken = { TxSN: '20261123000000001RF', Status: '30' };
  expect(failureIn(() => refunds.refundTakenOf(taken))).toBe('SYSTEM_REFUSED'); // 30 is 退款失败 of a refund …
  expect(splits.splitTakenOf(taken)).toEqual({ clearingNo: taken.TxSN }); // … and 支付成功 of a payment.
});

describe('an opening', () => {
  const { from } = example('cpcn.accountChanged.json');
  test.each(Object.entries(cpcnOpeningStatuses.rows))('status %s is %s', (Status, row) => {
    const enquiry = accounts.openingResultOf({ ...from, Status } as never);
    const said = enquiry.outcome === 'confirmed' ? enquiry.response.status : enquiry.outcome;
    expect(said).toBe({ pending: 'pending', succeeded: 'opened', failed: 'refused' }[row]);
  });

  test.each(Object.entries(cpcnBindingStatuses.rows))('binding %s is %s', (BindingStatus, row) => {
    const enquiry = accounts.openingResultOf({ ...from, BindingStatus } as never);
    const said = enquiry.outcome === 'confirmed' ? enquiry.response.status : enquiry.outcome;
    expect(said).toBe({ pending: 'pending', succeeded: 'opened', failed: 'openedUnbound' }[row]);
  });

  test('that says nothing of the binding has not ended', () => {
    const { BindingStatus: _, ...without } = from;
    expect(accounts.openingResultOf(without as never)).toEqual({ outcome: 'pending' });
  });

  test("binds no account but the company's own", () => {
    const opening = example('cpcn.opening.json').from as { account: object };
    const other = { ...opening, account: { ...opening.account, accountName: '林志明建材店' } };
    expect(failureIn(() => accounts.openingOf(other as never))).toBe('CONTRACT_VIOLATED');
  });
});

test.each(Object.entries(cpcnAccountStatuses.rows))('an account of status %s is %s', (Status, row) => {
  expect(accounts.balanceOf({ ...example('cpcn.balance.json').from, Status } as never).status).toBe(row);
});

test.each([
  [
    'part',
    () =>
      splits.splitSettledOf({
        ...example('cpcn.splitSettled.json').from,
        SplitItems: [{ SplitTxSN: '20261123000000001SP01', SplitAmount: '100000001', SplitStatus: '40' }],
      } as never),
  ],
  ['refund', () => refunds.refundSettledOf({ ...example('cpcn.refundSettled.json').from, Status: '50' } as never)],
  ['opening', () => accounts.accountChangedOf({ ...example('cpcn.accountChanged.json').from, Status: '50' } as never)],
  [
    'binding',
    () => accounts.accountChangedOf({ ...example('cpcn.accountChanged.json').from, BindingStatus: '50' } as never),
  ],
  ['account', () => accounts.balanceOf({ ...example('cpcn.balance.json').from, Status: '20' } as never)],
])('the status of a %s that no row has is unknown', (_, act) => {
  expect(failureIn(act)).toBe('EXT_CODE_UNMAPPED');
});

function partOf(at: number): { partNo: number; amount: string } {
  return (
    (example('cpcn.split.json').from['parts'] as { partNo: number; amount: string }[])[at] ?? { partNo: 0, amount: '' }
  );
}

function splitWith(fen: readonly bigint[], sum: bigint): Parameters<typeof splits.splitOf>[0] {
  const parts = fen.map((each, at) => ({ ...partOf(0), partNo: at + 1, amount: yuanOf(each) }));
  return { ...example('cpcn.split.json').from, parts, amount: yuanOf(sum) } as never;
}

function example(file: string): { from: Record<string, unknown>; to: unknown } {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : `a bug: ${String(thrown)}`;
  }
}
