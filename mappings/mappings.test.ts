/** What holds for all mappings and all code tables at once, those that will be added included. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { currencyOf } from './codes/currencies.ts';
import { bankNoOf } from './codes/banks.ts';
import { codeTable, isCodeTable, twoWayTable, type TwoWayTable } from './codes/codeTable.ts';
import { materials } from './codes/materials.ts';
import { powersBetween, units } from './codes/units.ts';
import { isMapping } from '../contracts/mapping.ts';
import { consequenceOf, failures, isFailure } from '../contracts/failures.ts';
import { codeTables, mappings } from './mappings.ts';

const folder = import.meta.dirname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'mappings.ts',
);

describe('the lists are complete', () => {
  test.each(files)('%s: what it exports is listed', async (file) => {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as object;
    for (const value of Object.values(module) as unknown[]) {
      if (isMapping(value)) expect(mappings).toContain(value);
      if (isCodeTable(value)) expect(codeTables).toContain(value);
    }
  });

  test('no two mappings and no two tables have one name', () => {
    for (const list of [mappings, codeTables]) expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  });

  test('a name says where the mapping stands: kind, vendor, message', () => {
    for (const { name } of mappings) {
      const [kind, vendor, message, ...rest] = name.split('.');
      expect(rest).toEqual([]);
      expect(message).toMatch(/^[a-z][A-Za-z0-9-]*$/);
      expect(files.some((file) => file.startsWith(`${join(kind ?? '?', vendor ?? '?')}.`))).toBe(true);
    }
  });
});

describe.each(codeTables.map((table) => [table.name, table] as const))('the code table %s', (_, table) => {
  const rows = Object.entries(table.rows);

  test('says where its rows come from', () => {
    expect(table.source.length).toBeGreaterThan(10);
    expect(rows.length).toBeGreaterThan(0);
  });

  test.each(rows)('%j has its meaning', (code, meaning) => {
    expect(table.of(code)).toBe(meaning);
    expect(table.find(code)).toBe(meaning);
    if (isTwoWay(table)) expect(table.codeOf(meaning as string)).toBe(code);
    // A row that names a failure names one of the table of failures.
    if (typeof meaning === 'string' && /^[A-Z]+(_[A-Z]+)+$/.test(meaning) && !table.name.endsWith('product'))
      expect(Object.keys(failures)).toContain(meaning);
  });

  const traps = [
    '',
    ' ',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    '\u0000',
    'NEW_CODE',
    '-1',
    'x'.repeat(10_000),
    ...rows.flatMap(([code]) => [
      `${code} `,
      ` ${code}`,
      `${code}\n`,
      code.toLowerCase(),
      code.toUpperCase(),
      `0${code}`,
    ]),
  ].filter((code) => !Object.hasOwn(table.rows, code));

  test('a code without a row is unknown, however near it is to one', () => {
    for (const code of traps) {
      const thrown = thrownBy(() => table.of(code, '#/there'));
      expect({ code, type: thrown.type }).toEqual({ code, type: 'EXT_CODE_UNMAPPED' });
      expect(consequenceOf(thrown)).toBe('unknown');
      expect(thrown.message).toContain(table.name);
      expect(thrown.message.length).toBeLessThan(600);
      expect(thrown.errors[0]).toMatchObject({ pointer: '#/there', code: 'unmapped' });
      expect(table.find(code)).toBeUndefined();
    }
  });

  test('what has no code is not sent', () => {
    if (!isTwoWay(table)) return;
    for (const ours of ['', 'constructor', '__proto__', 'NEW', ...Object.keys(table.rows).map((code) => `${code}?`)])
      expect(thrownBy(() => table.codeOf(ours, '#/there')).type).toBe('CONTRACT_VIOLATED');
  });
});

describe('shared codes', () => {
  test('a table cannot be changed once it is there', () => {
    const table = codeTable('test.vendor.table', 'nowhere in particular', { A: 1 });
    expect(() => Object.assign(table.rows, { B: 2 })).toThrow(TypeError);
  });

  test('two codes of one meaning have no way back', () => {
    expect(() => twoWayTable('test.vendor.table', 'nowhere in particular', { A: 'x', B: 'x' })).toThrow('one meaning');
  });

  test('every unit into which a vendor’s unit is turned is one of ours', () => {
    const vendorUnits = codeTables.filter(({ name }) => name.endsWith('.unit') && name !== 'codes.unit');
    expect(vendorUnits.length).toBeGreaterThanOrEqual(3);
    for (const { rows } of vendorUnits)
      for (const unit of Object.values(rows)) expect(Object.keys(units.rows)).toContain(unit);
    for (const { unit } of Object.values(materials.rows)) expect(Object.keys(units.rows)).toContain(unit);
  });

  test('powers of ten lie between units of one dimension only', () => {
    expect(powersBetween('TNE', 'KGM')).toBe(3);
    expect(powersBetween('GRM', 'TNE')).toBe(-6);
    expect(powersBetween('TNE', 'MTQ')).toBeUndefined();
    expect(powersBetween('LBR', 'KGM')).toBeUndefined();
  });

  test('every currency is one that ISO 4217 has, and no other passes', () => {
    const known = new Set(Intl.supportedValuesOf('currency'));
    const ours = codeTables.find(({ name }) => name === 'codes.currency-decimals')?.rows ?? {};
    for (const [code, decimals] of Object.entries(ours)) {
      expect(known).toContain(code);
      expect(currencyOf(code)).toBe(code);
      const format = new Intl.NumberFormat('en', { style: 'currency', currency: code });
      // CLDR shows some without the minor unit that ISO gives them.
      if (!['IDR', 'PKR', 'MNT', 'HUF', 'TWD'].includes(code))
        expect({ code, decimals: format.resolvedOptions().maximumFractionDigits }).toEqual({ code, decimals });
    }
    for (const code of ['XXX', 'cny', 'RMB', ''])
      expect(thrownBy(() => currencyOf(code)).type).toBe('EXT_CODE_UNMAPPED');
  });

  test('a routing code names its bank, or is refused before anything is sent', () => {
    expect(bankNoOf('102393000018', '#/bankCode')).toBe('102');
    for (const code of ['', '102', '999393000018', '10239300001X', '1023930000180'])
      expect(thrownBy(() => bankNoOf(code, '#/bankCode')).type).toBe('CONTRACT_VIOLATED');
  });
});

function isTwoWay(table: object): table is TwoWayTable {
  return 'codeOf' in table;
}

function thrownBy(act: () => unknown) {
  try {
    act();
  } catch (thrown) {
    if (isFailure(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
