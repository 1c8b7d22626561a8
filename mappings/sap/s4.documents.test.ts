import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import type { AnyMapping } from '../../contracts/mapping.ts';
import { mappings } from '../mappings.ts';
import { refuseBapiErrors } from './s4.bapi.ts';
import { locks } from './s4.codes.ts';
import { changesOf } from './s4.entities.ts';
import { quantitiesOf } from './s4.line.ts';
import { currMoney, instantOf, localInstant } from './s4.numbers.ts';
import { clearingFoundOf, clearingPostedOf, referenceOf } from './s4.postings.ts';

const folder = new URL('examples/', import.meta.url);
const examples = readdirSync(folder).filter((file) => file.startsWith('s4.'));

test.each(examples)('the example %s maps as written', (file) => {
  const mapping: AnyMapping | undefined = mappings.find(({ name }) => name === `sap.s4.${file.split('.')[1] ?? ''}`);
  const { from, to } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: never; to: object };
  expect(JSON.parse(JSON.stringify(mapping?.(from)))).toEqual(to);
});

describe('amounts', () => {
  test.each([
    ['5200.00', 'JPY', '520000.00'],
    ['12.34', 'KRW', '1234.00'],
    ['0.01', 'JPY', '1.00'],
    ['12.34', 'CNY', '12.34'],
    ['12.30', 'BHD', '1.23'],
  ])('CURR %s %s is %s', (text, currency, amount) => {
    expect(currMoney(text, currency, 'x')).toBe(amount);
  });

  test('a third decimal that we cannot write is refused, not rounded', () => {
    expect(() => currMoney('12.34', 'KWD', 'x')).toThrow(expect.objectContaining({ type: 'CONTRACT_VIOLATED' }));
  });
});

describe('return tables', () => {
  test.each(Object.keys(locks.rows))('%s among errors is "later", whatever stands before it', (code) => {
    const row = { TYPE: 'E', ID: code.slice(0, -3), NUMBER: code.slice(-3) };
    const check = () => refuseBapiErrors({ RETURN: [{ TYPE: 'E', ID: 'RW', NUMBER: '609' }, row] });
    expect(check).toThrow(expect.objectContaining({ type: 'SYSTEM_BUSY', externalCode: `RW609 ${code}` }));
  });

  test('a lock that is only a warning is none; abort is an error; a BAPIRETURN has its code whole', () => {
    expect(() => refuseBapiErrors({ RETURN: [{ TYPE: 'W', CODE: 'MC601' }] })).not.toThrow();
    expect(() => refuseBapiErrors({ RETURN: [{ TYPE: 'A', CODE: 'V1311' }] })).toThrow(
      expect.objectContaining({ type: 'SYSTEM_REFUSED', externalCode: 'V1311' }),
    );
  });
});

describe('times', () => {
  test.each([
    ['/Date(1471392000000)/', '2016-08-17T00:00:00.000Z'],
    ['/Date(1471392000000+0000)/', '2016-08-17T00:00:00.000Z'],
    ['/Date(-1000)/', '1969-12-31T23:59:59.000Z'],
    ['2016-08-17', undefined],
    ['', undefined],
  ])('%s of OData is %s', (text, instant) => {
    expect(instantOf(text)).toBe(instant);
  });

  test('a control record is in Shanghai time', () => {
    expect(localInstant('20261123', '153000')).toBe('2026-11-23T15:30:00+08:00');
    expect(localInstant('20261123', '246000')).toBeUndefined();
  });
});

describe('quantities of one thing', () => {
  const at = (text: string) => ({ text, pointer: 'x' });

  test('are in one unit: all in tonnes, or all as they are', () => {
    expect(quantitiesOf(at('KG'), [at('500'), at('1.000')])).toEqual({ unit: 'TNE', quantities: ['0.500', '0.001'] });
    expect(quantitiesOf(at('KG'), [at('500'), at('0.500')])).toEqual({ unit: 'KGM', quantities: ['500.000', '0.500'] });
    expect(quantitiesOf(at('ST'), [at('3')])).toEqual({ unit: 'C62', quantities: ['3.000'] });
  });
});

describe('the reference of a posting', () => {
  test('has sixteen capitals, and two numbers of ours never become one', () => {
    expect(referenceOf('RP20261123-000001')).toBe('RP20261123000001');
    expect(referenceOf('RP-1')).toBe('RP-1');
    const number = fc.tuple(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 999_999 }));
    const shown = ([day, no]: readonly [number, number]) =>
      `RP${String(day).padStart(8, '0')}-${String(no).padStart(6, '0')}`;
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(referenceOf(shown(a)) === referenceOf(shown(b))).toBe(shown(a) === shown(b));
      }),
    );
  });

  test.each(['rp20261123', 'RP20261123-0000012', 'A'.repeat(26), "X' OR 'A' = 'A", '还款', ''])(
    '%j has no form there, and nothing is sent',
    (no) => {
      expect(() => referenceOf(no)).toThrow(expect.objectContaining({ type: 'CONTRACT_VIOLATED' }));
    },
  );

  test('twice in the books is for people, and half a key is no key', () => {
    const row = { BUKRS: '1000', BELNR: '1', GJAHR: '2026', BKTXT: 'RP-1' };
    expect(() => clearingFoundOf({ clearingNo: 'RP-1', rows: [row, { ...row, BELNR: '2' }] })).toThrow(
      expect.objectContaining({ type: 'OUTCOME_UNKNOWN' }),
    );
    for (const OBJ_KEY of ['$', '', '1400000001', '14000000011000202'])
      expect(() => clearingPostedOf({ clearingNo: 'RP-1', OBJ_TYPE: 'BKPFF', OBJ_KEY })).toThrow(
        expect.objectContaining({ type: 'ANSWER_UNVERIFIED' }),
      );
  });
});

describe('what changed', () => {
  const at = (minute: number) => `/Date(${Date.parse('2026-11-23T01:00:00Z') + minute * 60_000}+0000)/`;
  const row = (SalesOrder: string, minute: number) => ({ SalesOrder, LastChangeDateTime: at(minute) });
  const read = (pages: { results: ReturnType<typeof row>[]; count?: string; next?: string }[]) =>
    changesOf({
      salesOrganization: '1000',
      from: '2026-11-23T00:55:00Z',
      since: '2026-11-23T01:00:00Z',
      pages,
    });

  test('moves the token to the latest, and never back', () => {
    expect(read([{ results: [row('1', 3), row('2', 1)], count: '2' }]).token).toBe('2026-11-23T01:03:00.000Z');
    expect(read([{ results: [row('1', -3)], count: '1' }]).token).toBe('2026-11-23T01:00:00.000Z');
    expect(read([{ results: [], count: '0' }]).token).toBe('2026-11-23T01:00:00.000Z');
  });

  test.each([
    ['a row less than announced', [{ results: [row('1', 1)], count: '2' }]],
    ['one row on two pages', [{ results: [row('1', 1)], count: '2' }, { results: [row('1', 2)] }]],
    ['more pages than are read', [{ results: [row('1', 1)], next: 'x' }]],
  ])('%s is a gap: it is told, and the token stays', (_, pages) => {
    const { gap, token, changes } = read(pages);
    expect(gap).toBeDefined();
    expect(token).toBe('2026-11-23T01:00:00.000Z');
    expect(changes).toHaveLength(1);
  });

  test('a row from before what was asked is not the answer', () => {
    expect(() => read([{ results: [row('1', -6)] }])).toThrow(expect.objectContaining({ type: 'CONTRACT_VIOLATED' }));
  });
});
