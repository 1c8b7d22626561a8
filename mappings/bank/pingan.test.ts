import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { failures, isFailure } from '../../contracts/failures.ts';
import { isCodeTable } from '../codes/codeTable.ts';
import * as codes from './pingan.codes.ts';
import * as map from './pingan.ts';

type AnyMapping = (source: unknown) => unknown;
const folder = new URL('examples/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.startsWith('pingan.'));
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: Record<string, unknown>; to: unknown };
const named = Object.values(map) as unknown as (AnyMapping & { name: string })[];
const mappingOf = (file: string) => named.find(({ name }) => name === `bank.pingan.${file.split('.')[1] ?? ''}`);

test.each(files)('%s maps as it says', (file) => {
  const { from, to } = read(file);
  expect(mappingOf(file)?.(from)).toEqual(to);
});

test.each(files)('%s: a field too many is refused', (file) => {
  expect(typeOf(() => mappingOf(file)?.({ ...read(file).from, surplus: 1 }))).toBe('CONTRACT_VIOLATED');
});

test('every row of a table of refusals is a failure that there is, or a word of ours', () => {
  const words = ['taken', 'notFound', 'duplicate'];
  for (const rows of [codes.pinganHeads.rows])
    for (const row of Object.values(rows)) expect(words.includes(row) || row in failures).toBe(true);
});

test('a code that no row has is unknown', () => {
  for (const table of Object.values(codes).filter(isCodeTable))
    expect(typeOf(() => table.of('ZZ', '#'))).toBe('EXT_CODE_UNMAPPED');
});

test('a transfer that is under way is pending, and no fact', () => {
  const { from } = read('pingan.settlementEnquiry.pending.json');
  expect(typeOf(() => map.transferSettled(from as never))).toBe('OUTCOME_UNKNOWN');
});

test('a transfer that failed is not returned, whatever else the bank says of it', () => {
  const { from } = read('pingan.transferSettled.failed.json');
  expect(map.transferSettled({ ...from, IsBack: '1' } as never)).toMatchObject({ status: 'failed' });
});

function typeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}
