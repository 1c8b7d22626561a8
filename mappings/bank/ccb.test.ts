import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { failures, isFailure } from '../../contracts/failures.ts';
import { isCodeTable } from '../codes/codeTable.ts';
import * as codes from './ccb.codes.ts';
import * as map from './ccb.ts';
import { questionSnOf, requestSnOf } from './ccbRequestSn.ts';

type AnyMapping = (source: unknown) => unknown;
const folder = new URL('examples/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.startsWith('ccb.'));
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: Record<string, unknown>; to: unknown };
const named = Object.values(map) as unknown as (AnyMapping & { name: string })[];
const mappingOf = (file: string) => named.find(({ name }) => name === `bank.ccb.${file.split('.')[1] ?? ''}`);

test.each(files)('%s maps as it says', (file) => {
  const { from, to } = read(file);
  expect(mappingOf(file)?.(from)).toEqual(to);
});

test.each(files)('%s: a field too many is refused', (file) => {
  expect(typeOf(() => mappingOf(file)?.({ ...read(file).from, surplus: 1 }))).toBe('CONTRACT_VIOLATED');
});

test('every row of a table of refusals is a failure that there is, or a word of ours', () => {
  const words = ['taken', 'notFound', 'duplicate'];
  for (const rows of [codes.ccbReturns.rows, codes.ccbDealTypes.rows])
    for (const row of Object.values(rows)) expect(words.includes(row) || row in failures).toBe(true);
});

test('a code that no row has is unknown', () => {
  for (const table of Object.values(codes).filter(isCodeTable))
    expect(typeOf(() => table.of('ZZ', '#'))).toBe('EXT_CODE_UNMAPPED');
});

test('a result that is under way is pending, and no fact', () => {
  const { from } = read('ccb.settlementEnquiry.pending.json');
  expect(typeOf(() => map.transferSettled(from as never))).toBe('OUTCOME_UNKNOWN');
});

test('a request number is the same in every attempt, and no two instructions have one', () => {
  expect(requestSnOf('PI20261123-000001')).toBe('2611230000011609');
  const all = ['PI20261123-000001', 'PI20261123-000010', 'PI20261124-000001', 'IP20261123-000001', 'AZ20261123-000001'];
  expect(new Set(all.map(requestSnOf)).size).toBe(all.length);
  for (const strange of ['PI20261123-1', 'PIX20261123-000001', 'pi20261123-000001', 'PI19991123-000001', ''])
    expect(typeOf(() => requestSnOf(strange))).toBe('CONTRACT_VIOLATED');
});

test('the number of a question is never that of a transfer', () => {
  for (const random of [0, 7, 12_345_678, 99_999_999])
    expect(questionSnOf('20261123090000', random)).toMatch(/^261123\d{6}99\d\d$/);
});

function typeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}
