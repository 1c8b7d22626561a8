import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { openItemsOf, refuseBapiErrors, snapshotOf } from './s4.bapi.ts';
import { currencyOf, deliveryStatuses, returnTypes, sides, unitOf, units } from './s4.codes.ts';
import { alpha, alphaIn, dateOf, exactOf, fixed, quotient, times } from './s4.numbers.ts';
import { tradeOrderOfEntity } from './s4.odata.ts';
import { tradeOrderOfIdoc } from './s4.orders05.ts';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`examples/s4.${name}.json`, import.meta.url), 'utf8')) as { from: never; to: object };

test.each([
  ['orders05', tradeOrderOfIdoc],
  ['odata', tradeOrderOfEntity],
  ['order-detail', snapshotOf],
  ['open-items', openItemsOf],
] as const)('the golden example %s maps as written', (name, map) => {
  const { from, to } = golden(name);
  expect(map(from)).toEqual(to);
});

describe('code tables', () => {
  test.each(Object.entries(units.rows))('unit %s is %s', (code, unit) => {
    expect(unitOf(code)).toBe(unit);
    expect(unitOf(code.toLowerCase())).toBe(unit);
  });

  test.each(Object.entries(deliveryStatuses.rows))('delivery status %j is %s', (code, status) => {
    expect(deliveryStatuses.of(code)).toBe(status);
  });

  test.each(Object.entries(sides.rows))('side %s is %s', (code, side) => {
    expect(sides.of(code)).toBe(side);
  });

  test.each(['TON', 'UOM', '', 'constructor', '__proto__', 'toString'])(
    'the unit %j is unmapped, hence unknown',
    (code) => {
      expect(() => unitOf(code)).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
    },
  );

  test('an old name of a currency is its ISO one, and what ISO does not have is unknown', () => {
    expect([currencyOf('RMB'), currencyOf('CNY'), currencyOf('USD')]).toEqual(['CNY', 'CNY', 'USD']);
    for (const code of ['XXX', 'cny', '', 'constructor'])
      expect(() => currencyOf(code, '/x')).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
  });

  test.each(Object.entries(returnTypes.rows))('a return message of type %j is %s', (TYPE, verdict) => {
    const check = () => refuseBapiErrors({ RETURN: [{ TYPE, ID: 'V1', NUMBER: '302' }] });
    if (verdict === 'done') expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ type: 'SYSTEM_REFUSED', externalCode: 'V1302' }));
  });

  test('an error among warnings refuses, an unknown type is unknown, and no row is success', () => {
    expect(() => refuseBapiErrors({ RETURN: [{ TYPE: 'W' }, { TYPE: 'E', CODE: 'V1302' }] })).toThrow(
      expect.objectContaining({ type: 'SYSTEM_REFUSED' }),
    );
    expect(() => refuseBapiErrors({ RETURN: [{ TYPE: 'Q' }] })).toThrow(
      expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }),
    );
    expect(() => refuseBapiErrors({ RETURN: [] })).not.toThrow();
  });
});

describe('numbers and keys', () => {
  test('leading zeros make no other customer, whatever the number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9_999_999_999n }), (no) => {
        expect(alpha(alphaIn(no.toString(), 10))).toBe(no.toString());
      }),
    );
    expect([alpha('CUST-007'), alpha('0000'), alphaIn('AB1', 10)]).toEqual(['CUST-007', '0', 'AB1']);
  });

  test('quantity times price per price unit is exact, halves rounded up', () => {
    const product = (quantity: string, price: string, per: string) => {
      const [q, p, u] = [exactOf(quantity), exactOf(price), exactOf(per)];
      return q && p && u && quotient(times(q, p), u, 2);
    };
    expect(product('5602.800', '1.85', '1')).toBe('10365.18');
    expect(product('8168.400', '1.82', '1')).toBe('14866.49');
    expect(product('1', '0.005', '1')).toBe('0.01');
    expect(product('1', '0.004999999', '1')).toBe('0.00');
    expect(product('3', '1', '1000')).toBe('0.00');
    expect(product('999999999999.999', '999999999999', '1')).toBeUndefined();
  });

  test('an amount with cents survives, whatever its size and its zeros', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 99_999_999_999_999_999n }),
        fc.integer({ min: 0, max: 7 }),
        (cents, zeros) => {
          const digits = cents.toString().padStart(3, '0');
          const text = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
          const value = exactOf(text + '0'.repeat(zeros));
          expect(value && fixed(value, 2)).toBe(text);
        },
      ),
    );
  });

  test.each(['1.234,56', '1,5', '1e3', '+1', '--1', '', ' ', '.5', '1.', 'NaN', '0x10', '-1-'])(
    '%j is no number of SAP',
    (text) => {
      expect(exactOf(text)).toBeUndefined();
    },
  );

  test.each([
    ['20261123', '2026-11-23'],
    ['2026-11-23', '2026-11-23'],
    ['20260230', undefined],
    ['00000000', undefined],
    ['0000-00-00', undefined],
    ['23.11.2026', undefined],
  ])('the date %s is %s', (text, date) => {
    expect(dateOf(text)).toBe(date);
  });
});

const pointerOf = (act: () => unknown) => {
  try {
    act();
  } catch (thrown) {
    return (thrown as { errors: readonly { pointer: string }[] }).errors[0]?.pointer;
  }
  return undefined;
};
describe('OData that others wrote', () => {
  const order = golden('odata').from as { order: { to_Item: object[] } };
  const changed = (change: object, item: object = {}) =>
    ({
      ...(order as object),
      order: { ...order.order, ...change, to_Item: order.order.to_Item.map((each) => ({ ...each, ...item })) },
    }) as never;

  test.each([
    ['no number', { SalesOrder: '' }, {}, '#/d/SalesOrder'],
    ['a total that the items do not add up to', { TotalNetAmount: '1.00' }, {}, '#/d/TotalNetAmount'],
    ['a wrong quantity', {}, { RequestedQuantity: 'x' }, '#/d/to_Item/results/0/RequestedQuantity'],
    ['a date as people write it', { SalesOrderDate: '3/18/2021' }, {}, '#/d/SalesOrderDate'],
    ['only rejected items', {}, { SalesDocumentRjcnReason: '50' }, '#/d/to_Item'],
  ])('with %s is refused by pointer', (_, change, item, pointer) => {
    expect(pointerOf(() => tradeOrderOfEntity(changed(change, item)))).toBe(pointer);
  });
});

test('an order whose every item is rejected is no order to lend on', () => {
  const { from } = golden('order-detail') as { from: { answer: { ORDER_ITEMS_OUT: object[] } } };
  const items = from.answer.ORDER_ITEMS_OUT.map((item) => ({ ...item, REA_FOR_RE: '50' }));
  const rejected = { ...(from as object), answer: { ...from.answer, ORDER_ITEMS_OUT: items } } as never;
  expect(() => snapshotOf(rejected)).toThrow(expect.objectContaining({ type: 'SYSTEM_REFUSED' }));
});
