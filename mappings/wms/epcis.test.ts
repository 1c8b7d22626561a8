/** How the parts of a GS1 event are read; examples and code tables are tested with all others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FailureCode, isFailure } from '../../contracts/failures.ts';
import { goodsReceivedOf, reportCorrectedOf, stockCountedOf } from './epcis.ts';
import { ownerOf, type ObjectEvent, sumOf } from './epcisEvent.ts';

const received = exampleOf('goodsReceived.final');

test('a JSON number is taken when it is exact in three decimals, and refused otherwise', () => {
  const of = (quantity: number) => {
    const [first] = received.quantityList;
    if (!first) throw new Error('no quantity');
    return { ...received, quantityList: [{ ...first, quantity }] };
  };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (kilograms) => {
      const digits = String(kilograms).padStart(4, '0');
      const [lot] = goodsReceivedOf(of(kilograms / 1000)).lots;
      expect(lot?.quantity).toBe(`${digits.slice(0, -3)}.${digits.slice(-3)}`);
    }),
  );
  for (const quantity of [0.0001, 0.1 + 0.2, 1e-7])
    expect(failureOf(() => goodsReceivedOf(of(quantity)))).toBe('CONTRACT_VIOLATED');
});

test('the number of an event is its hash or its UUID, and fits where numbers stand', () => {
  const uuid = '60000000-0000-4000-8000-000000000002';
  expect(goodsReceivedOf(received).receiptNo).toMatch(/^[0-9a-f]{64}$/);
  expect(goodsReceivedOf({ ...received, eventID: `urn:uuid:${uuid}` }).receiptNo).toBe(uuid);
  for (const eventID of ['RKQR-1', `ni:///sha-256;${'1'.repeat(63)}?ver=CBV2.0`, `urn:uuid:${uuid} `])
    expect(failureOf(() => goodsReceivedOf({ ...received, eventID }))).toBe('CONTRACT_VIOLATED');
});

test('two orders of one type, or the number of nobody, say nothing about whose goods came', () => {
  const [desadv] = received.bizTransactionList ?? [];
  if (!desadv) throw new Error('no transaction');
  for (const bizTransactionList of [
    [desadv, desadv],
    [{ type: 'inv', bizTransaction: desadv.bizTransaction }],
    [{ type: 'desadv', bizTransaction: 'RKTZ-1' }],
  ])
    expect(failureOf(() => goodsReceivedOf({ ...received, bizTransactionList }))).toBe('CONTRACT_VIOLATED');
});

test('an event of two owners, of none, or of somebody elsewhere, is nobody’s', () => {
  const party = (uscc: string) => ({ type: 'owning_party', source: `https://ns.lianshu.example/party/${uscc}` });
  expect(ownerOf({ ...received, sourceList: [party('91350100MA32000B1T')] })).toBe('91350100MA32000B1T');
  for (const sourceList of [
    [party('91350500MA33000C26')],
    [{ type: 'owning_party', source: 'https://elsewhere.example/party/91350100MA32000B1T' }],
  ])
    expect(failureOf(() => ownerOf({ ...received, sourceList }))).toBe('CONTRACT_VIOLATED');
  const { destinationList: _, ...nobodys } = received;
  expect(failureOf(() => ownerOf(nobodys))).toBe('CONTRACT_VIOLATED');
});

test('a count whose books are of other lots, or which contradicts its disposition, is refused', () => {
  const count = exampleOf('stockCounted');
  const books = count['lsh:bookQuantityList'] ?? [];
  for (const wrong of [
    { ...count, 'lsh:bookQuantityList': books.slice(1) },
    { ...count, 'lsh:bookQuantityList': [...books, ...received.quantityList] },
    { ...count, 'lsh:bookQuantityList': books.map((book) => ({ ...book, uom: 'KGM' })) },
    { ...count, disposition: 'sellable_accessible' },
    { ...count, quantityList: books },
  ])
    expect(failureOf(() => stockCountedOf(wrong))).toBe('CONTRACT_VIOLATED');
});

test('a correction adds up exactly, and what declares no error is none', () => {
  const key = { lotNo: 'L', materialCode: 'M', unit: 'TNE' };
  expect(
    sumOf(
      [
        { ...key, change: '0.100' },
        { ...key, change: '0.200' },
        { ...key, change: '-0.301' },
      ],
      key,
    ),
  ).toBe('-0.001');
  expect(sumOf([], key)).toBe('0.000');
  expect(failureOf(() => reportCorrectedOf({ wrong: received, instead: [] }))).toBe('CONTRACT_VIOLATED');
});

function exampleOf(name: string): ObjectEvent {
  const file = join(import.meta.dirname, 'examples', `epcis.${name}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { from: ObjectEvent }).from;
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
