/** Golden examples of each message, every row of every code table, and what has no row. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consequenceOf, type FailureCode, isFailure } from '../../contracts/failures.ts';
import * as map from './qimen.ts';
import { answerCodes, movedStatuses, orderStatuses, platformCodes, platformFailure, verdictOf } from './qimenCodes.ts';
import { instantOf, localTimeOf } from './localTime.ts';
import { qimenQuantityMax, qimenUnits, quantityOf, wholeOf } from './qimenQuantity.ts';

const golden: Readonly<Record<string, (source: never) => unknown>> = {
  announceInbound: map.entryOrderOf,
  lockStock: map.stockLockOf,
  unlockStock: map.stockUnlockOf,
  orderOutbound: map.stockoutOf,
  readStock: map.stockOf,
  goodsReceived: map.goodsReceivedOf,
  goodsOutbound: map.goodsOutboundOf,
  controlConfirmed: map.controlConfirmedOf,
};

test.each(Object.entries(golden))('%s maps as its example shows', (name, mapped) => {
  const { from, to } = example(name);
  expect(mapped(from as never)).toEqual(to);
});

test('every element of the warehouse receipt is mandatory', () => {
  const { from } = example('controlConfirmed') as { from: { receipt: Record<string, unknown> } };
  const elements = Object.keys(from.receipt);
  expect(elements.length).toBeGreaterThanOrEqual(15);
  for (const element of elements) {
    const { [element]: _, ...receipt } = from.receipt;
    expect(failureOf(() => map.controlConfirmedOf({ ...from, receipt } as never))).toBe('CONTRACT_VIOLATED');
  }
});

test('lots that do not add up to their line are refused', () => {
  const { from } = example('goodsReceived') as { from: { orderLines: Record<string, unknown>[] } };
  const [line] = from.orderLines;
  const wrong = { ...from, orderLines: [{ ...line, actualQty: '1200500' }] };
  expect(failureOf(() => map.goodsReceivedOf(wrong as never))).toBe('CONTRACT_VIOLATED');
});

test('goods that name no lot are refused', () => {
  const { from } = example('goodsReceived') as { from: { orderLines: Record<string, unknown>[] } };
  const wrong = { ...from, orderLines: [{ itemCode: 'I', actualQty: '1', extendProps: { uom: 'KGM' } }] };
  expect(failureOf(() => map.goodsReceivedOf(wrong as never))).toBe('CONTRACT_VIOLATED');
});

test.each(Object.entries(answerCodes.rows))('the answer %s means %s', (code, type) => {
  expect(failureOf(() => verdictOf({ flag: 'failure', code }))).toBe(type);
});

test('success, existing already and not existing are three things', () => {
  expect(verdictOf({ flag: 'success', code: '0' })).toBe('done');
  expect(verdictOf({ flag: 'failure', code: 'S003' })).toBe('done');
  expect(verdictOf({ flag: 'failure', code: 'S004' })).toBe('unknownNumber');
});

test.each(Object.entries(platformCodes.rows))('the rejection %s of the platform means %s', (code, type) => {
  expect(platformFailure({ code, sub_code: 'isv.x' })).toMatchObject({ type, externalCode: `${code} isv.x` });
});

test('a code without a row is unknown, never success', () => {
  const codes = fc
    .string({ minLength: 1 })
    .filter((code) => !Object.hasOwn(answerCodes.rows, code) && !['0', 'S003', 'S004'].includes(code));
  fc.assert(
    fc.property(codes, fc.constantFrom('success' as const, 'failure' as const), (code, flag) => {
      expect(failureOf(() => verdictOf({ flag, code }))).toBe('EXT_CODE_UNMAPPED');
    }),
  );
  for (const code of ['', '15', '99', 'constructor', '__proto__'])
    expect(platformFailure({ code }).type).toBe('EXT_CODE_UNMAPPED');
  expect(consequenceOf(platformFailure({ code: '99' }))).toBe('unknown');
});

test.each(Object.entries(orderStatuses.rows))('an order of status %s was %s', (status, outcome) => {
  expect(map.inboundEnquiryOf({ entryOrder: { entryOrderCode: 'N', entryOrderId: 'I', status } })).toMatchObject({
    outcome,
  });
  expect(
    map.outboundEnquiryOf({ deliveryOrder: { deliveryOrderCode: 'N', deliveryOrderId: 'I', status } }),
  ).toMatchObject({ outcome });
});

test('a status without a row is unknown', () => {
  for (const status of ['SHIPPED', 'constructor', 'accept']) {
    const order = { entryOrder: { entryOrderCode: 'N', entryOrderId: 'I', status } };
    expect(failureOf(() => map.inboundEnquiryOf(order))).toBe('EXT_CODE_UNMAPPED');
  }
});

test('only a status in which goods moved, in its own message, is a receipt or a delivery', () => {
  const received = example('goodsReceived').from as { entryOrder: object };
  const left = example('goodsOutbound').from as { deliveryOrder: object };
  for (const status of [...Object.keys(orderStatuses.rows), 'constructor']) {
    const moved = movedStatuses.find(status);
    const inbound = failureOf(() =>
      map.goodsReceivedOf({ ...received, entryOrder: { ...received.entryOrder, status } } as never),
    );
    const outbound = failureOf(() =>
      map.goodsOutboundOf({ ...left, deliveryOrder: { ...left.deliveryOrder, status } } as never),
    );
    expect(inbound).toBe(moved === 'entryorder.confirm' ? undefined : 'EXT_CODE_UNMAPPED');
    expect(outbound).toBe(moved === 'stockout.confirm' ? undefined : 'EXT_CODE_UNMAPPED');
  }
});

test('an unlock is found only when it was carried out', () => {
  const lock = { lockCode: 'ZY', lockId: 'SD' };
  expect(map.unlockEnquiryOf({ lock: { ...lock, unlocked: 'N' } })).toEqual({ outcome: 'notFound' });
  expect(map.unlockEnquiryOf({ lock: { ...lock, unlocked: 'Y' } })).toEqual({
    outcome: 'confirmed',
    response: { lockNo: 'SD' },
  });
  expect(map.lockEnquiryOf({ lock: { ...lock, unlocked: 'Y' } })).toMatchObject({ outcome: 'confirmed' });
});

test('every quantity of every agreed unit comes back exactly as it went', () => {
  const units = fc.constantFrom(...Object.entries(qimenUnits.rows));
  fc.assert(
    fc.property(units, fc.bigInt(0n, qimenQuantityMax), ([uom, unit], whole) => {
      const { quantity } = quantityOf(whole.toString(), uom);
      expect(quantity).toMatch(/^(0|[1-9]\d*)\.\d{3}$/);
      expect(wholeOf(quantity, unit)).toEqual({ qty: whole.toString(), uom });
    }),
  );
});

test('a quantity that does not fit, a part of a piece and a unit of nobody are refused', () => {
  expect(wholeOf('2147483.647', 'TNE').qty).toBe('2147483647');
  expect(failureOf(() => wholeOf('2147483.648', 'TNE'))).toBe('CONTRACT_VIOLATED');
  expect(failureOf(() => wholeOf('1.500', 'C62'))).toBe('CONTRACT_VIOLATED');
  for (const unit of ['LTR', 'constructor']) expect(failureOf(() => wholeOf('1.000', unit))).toBe('CONTRACT_VIOLATED');
  for (const uom of ['TNE', 'constructor']) expect(failureOf(() => quantityOf('1', uom))).toBe('EXT_CODE_UNMAPPED');
});

test('a time there and back is the same second, and a deadline never becomes later', () => {
  const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(instants, (instant) => {
      const back = Date.parse(instantOf(localTimeOf(instant.toISOString())));
      expect(back).toBe(Math.floor(instant.getTime() / 1000) * 1000);
    }),
  );
  for (const none of ['2026-02-30 00:00:00', '2026-13-01 00:00:00', '2026-01-01 24:00:00']) {
    expect(failureOf(() => instantOf(none))).toBe('CONTRACT_VIOLATED');
  }
});

function example(name: string): { from: unknown; to: unknown } {
  const path = join(import.meta.dirname, 'examples', `qimen.${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as { from: unknown; to: unknown };
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
