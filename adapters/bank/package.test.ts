/** Data packages over real SFTP: what the conformance suite cannot see, because it takes several files, parts, or a night. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import {
  PackageCollateral,
  PackageCredit,
  PackageManifest,
  PackageParts,
  PackageReceipt,
  PackageRelease,
  PackageRepayment,
} from '../../contracts/bank/package.wire.ts';
import { PackageFeedback } from '../../contracts/bank/package.feedback.wire.ts';
import { isFailure } from '../../contracts/failures.ts';
import { toCredit } from '../../mappings/bank/package.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import { bankPackage } from '../../test/twins.ts';
import bankService from './bank.service.ts';
import * as given from './case.fixture.ts';
import { dataFilesOf, manifestOf, markOf } from './dialects/packageContent.ts';
import { lineIn } from './dialects/packageReports.ts';

let the: Bench | undefined;
afterEach(async () => {
  await the?.stop();
  the = undefined;
});
const example = (name: string) => readFileSync(new URL(`examples/package.${name}`, import.meta.url));
const { from: canonical } = JSON.parse(
  readFileSync(new URL('../../mappings/bank/examples/package.toCredit.json', import.meta.url), 'utf8'),
) as { from: Parameters<typeof toCredit>[0] };
const application = { ...given.application, amount: '800000.00' };
const no = application.applicationNo;

async function hub(settings: Record<string, string> = {}): Promise<Bench> {
  the = await bench(bankService, { ...bankPackage, settings: { ...bankPackage.settings, ...settings } }, { speed: 0 });
  return the;
}
const act = (name: string, args: object = {}) => the?.control('POST', `acts/${name}`, args);
const query = (operation: string, number = no) => the?.call(`bank.${operation}`, { no: number });
const apply = (change: object = {}) => the?.call('bank.applyCredit', { ...application, ...change });
const taken = { outcome: 'confirmed', response: { funderRef: `PKG-${no}` } };
const confirmed = (response: object) => ({ outcome: 'confirmed', response: { outcome: 'confirmed', response } });
const pending = { outcome: 'confirmed', response: { outcome: 'pending' } };
const typeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : thrown;
  }
};

describe('what is in a package', () => {
  const name = {
    institution: 'LSHUB01',
    kind: 'CREDIT',
    no: canonical.applicationNo,
    sequence: '01',
    mark: '',
  } as const;

  test('the manifest in the guide is that of the application in the guide', () => {
    const files = dataFilesOf('CREDIT', toCredit(canonical), 'UTF-8');
    const manifest = manifestOf(name, files, { createdAt: '2026-11-23T09:00:00+08:00', encoding: 'UTF-8' });
    expect(manifest).toEqual(JSON.parse(example('manifest.json').toString()));
    expect(files.find((file) => file.name === 'goods.csv')?.bytes.toString()).toContain('"热轧带肋钢筋 ""HRB400E"""');
  });

  test('the JSON Schema that partners get is that of the contracts', () => {
    const contracts = [
      PackageCredit,
      PackageCollateral,
      PackageRepayment,
      PackageRelease,
      PackageFeedback,
      PackageManifest,
      PackageParts,
      PackageReceipt,
    ];
    const place = new URL('../../docs/partners/bank-package.schema.json', import.meta.url);
    const due = Object.fromEntries(contracts.map(({ name: title, schema }) => [title, schema]));
    expect((JSON.parse(readFileSync(place, 'utf8')) as { $defs: object }).$defs).toEqual(
      JSON.parse(JSON.stringify(due)),
    );
  });

  test('it carries no number of a person: the canonical messages have none', () => {
    const schemas = [PackageCredit, PackageCollateral, PackageRelease, PackageRepayment];
    const marks = schemas.flatMap(({ schema }) => [...JSON.stringify(schema).matchAll(/"x-pii":"(\w+)"/g)]);
    expect(new Set(marks.map(([, mark]) => mark))).toEqual(new Set(['account']));
  });

  test('the mark is that of the content: no order of fields changes it, any other content does', () => {
    const content = toCredit(canonical);
    const mark = markOf('secret', content);
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(content.record), { minLength: 11, maxLength: 11 }), (keys) => {
        const record = Object.fromEntries(keys.map((key) => [key, content.record[key as 'amount']]));
        expect(markOf('secret', { ...content, record })).toBe(mark);
      }),
    );
    expect(markOf('another', content)).not.toBe(mark);
    expect(markOf('secret', { ...content, record: { ...content.record, amount: '800000.01' } })).not.toBe(mark);
    expect(markOf('secret', { ...content, goods: content.goods.toReversed() })).not.toBe(mark);
  });
});

describe('a file of approvals', () => {
  const wanted = {
    name: 'APPROVAL_LSHUB01_20261123_01.csv',
    type: 'C',
    no: 'FA20261123-000001',
    encoding: 'UTF-8',
  } as const;
  const text = example('approval.csv').toString();
  const read = (change: (text: string) => string, also: Partial<Parameters<typeof lineIn>[1]> = {}) =>
    typeOf(() => lineIn(Buffer.from(change(text)), { ...wanted, ...also }));
  const same = (whole: string) => whole;

  test('tells what it says about a number, and nothing about one that it has not', () => {
    expect(read(same)).toMatchObject({ result: '1', amount: '700000.00', rate: '5.2000' });
    expect(read(same, { type: 'P', no: 'RP20261123-000001' })).toMatchObject({ interest: '3466.67' });
    expect(read(same, { type: 'R', no: 'FA20261123-000001' })).toBeUndefined();
    expect(
      read((whole) => whole.replace(/"[CRP]".*\n/g, '').replace('"4","1000000.00"', '"0","0.00"')),
    ).toBeUndefined();
    const gbk = iconv.encode(text.replaceAll('\n', '\r\n'), 'gbk');
    expect(typeOf(() => lineIn(gbk, { ...wanted, encoding: 'GBK' }))).toMatchObject({ reason: '按质押率核减' });
    expect(typeOf(() => lineIn(gbk, wanted))).toBe('CONTRACT_VIOLATED');
  });

  test.each<[string, (whole: string) => string]>([
    ['counts a line more', (whole) => whole.replace('"T","4"', '"T","5"')],
    ['sums another amount', (whole) => whole.replace('"1000000.00"', '"1000000.01"')],
    ['is without its last line', (whole) => whole.replace(/"P".*\n/, '')],
    ['has no trailer', (whole) => whole.replace(/"T".*\n/, '')],
    ['has a trailer too many', (whole) => whole.replace('"P"', '"T","4","1000000.00"\n"P"')],
    ['has something behind its trailer', (whole) => `${whole}"C"\n`],
    ['is that of another hub', (whole) => whole.replace('LSHUB01', 'LSHUB02')],
    ['is that of another day', (whole) => whole.replace('"20261123","01"', '"20261122","01"')],
    ['is another issue', (whole) => whole.replace('"20261123","01"', '"20261123","02"')],
    ['has a cell too many', (whole) => whole.replace('核减"', '核减",""')],
    ['has a line of no known type', (whole) => whole.replace('"R"', '"X"')],
    ['has an amount that is a number of a machine', (whole) => whole.replace('"300000.00"', '"3E5"')],
    [
      'says two things about one number',
      (whole) => whole.replace('-000002","PKG-FA20261123-000002"', '-000001","PKG-FA20261123-000001"'),
    ],
    ['is no CSV', (whole) => whole.replace('"H"', '"H')],
    ['is empty', () => ''],
  ])('that %s is not believed', (_what, change) => {
    expect(read(change)).toBe('CONTRACT_VIOLATED');
  });
});

test('taken, receipted, and decided in the night: half a file tells nothing, the whole one does', async () => {
  await hub();
  expect(await apply()).toEqual(taken);
  await act('collect');
  expect(await query('queryApplication')).toEqual(confirmed({ funderRef: `PKG-${no}` }));
  await act('decide', { applicationNo: no });
  expect(await query('readDecision')).toEqual(pending);
  await act('night', { on: '20261123' });
  expect(await query('readDecision')).toEqual(pending);
  await act('finish', { on: '20261123', next: 1 });
  expect(await query('readDecision')).toMatchObject(confirmed({ verdict: 'approved', funderRef: `PKG-${no}` }));
  expect(await query('readDecision', 'FA20261123-999999')).toMatchObject({ response: { outcome: 'notFound' } });
});

test('approvals signed with the key of yesterday are believed while it is good; a wrong trailer is not, until it is re-issued', async () => {
  await hub();
  await apply();
  await act('collect');
  await act('decide', { applicationNo: no });
  await act('publish', { oldKey: true });
  expect(await query('readDecision')).toMatchObject(confirmed({ verdict: 'approved' }));
  await act('publish', { wrongTrailer: true });
  expect(await query('readDecision')).toMatchObject({ outcome: 'unknown', code: 'ANSWER_UNVERIFIED' });
  await act('publish', { stranger: true });
  expect(await query('readDecision')).toMatchObject(confirmed({ verdict: 'approved' }));
  // Another day whose file is bad: what a good file says stands all the same.
  await act('publish', { on: '20261122', wrongTrailer: true });
  expect(await query('readDecision')).toMatchObject(confirmed({ verdict: 'approved' }));
});

test('damaged on the way: the receipt says so, and the same application goes out as the next package', async () => {
  const damaged = { amount: '1000.11' };
  await hub();
  expect(await apply(damaged)).toEqual(taken);
  await act('collect');
  expect(await query('queryApplication')).toMatchObject({ response: { outcome: 'refused', code: 'SYSTEM_REFUSED' } });
  expect(await query('readDecision')).toMatchObject({ response: { outcome: 'refused' } });
  expect(await apply(damaged)).toEqual(taken);
  await act('collect');
  expect(await query('queryApplication')).toEqual(confirmed({ funderRef: `PKG-${no}` }));
  expect((await the?.effects())?.map(({ kind }) => kind)).toEqual(['applied']);
});

test.each([
  ['1000.12', '12 goods.csv 笔数不符'],
  ['1000.13', '13 goods.csv 总额不符'],
])('%s is refused: %s', async (amount, detail) => {
  await hub();
  await apply({ amount });
  await act('collect');
  expect(await query('queryApplication')).toMatchObject({ response: { code: 'SYSTEM_REFUSED', detail } });
  expect(await apply({ amount })).toEqual(taken); // It lies there, and is not sent again.
  expect(await the?.effects()).toEqual([]);
});

describe('in GBK', () => {
  test('lists are written and approvals read as the funder does', async () => {
    await hub({ encoding: 'GBK' });
    expect(await apply()).toEqual(taken);
    await act('collect');
    expect(await query('queryApplication')).toEqual(confirmed({ funderRef: `PKG-${no}` }));
    await act('decide', { applicationNo: no, verdict: 'rejected', reason: '综合评审未通过' });
    await act('publish', { encoding: 'GBK' });
    expect(await query('readDecision')).toMatchObject(confirmed({ verdict: 'rejected', reason: '综合评审未通过' }));
  });

  test('a character that it has not is refused before anything is sent', async () => {
    const hubThere = await hub({ encoding: 'GBK' });
    const goods = [{ ...application.goods[0], name: '𠮷钢' }];
    expect(await apply({ goods })).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
    expect(hubThere.exchanges.at(-1)?.parts).toEqual([]);
  });
});

test('in parts: the funder lays them together, and its receipt names each', async () => {
  await hub({ partBytes: '1000' });
  expect(await apply()).toEqual(taken);
  expect(await apply()).toEqual(taken);
  await act('collect');
  expect(await query('queryApplication')).toEqual(confirmed({ funderRef: `PKG-${no}` }));
  expect((await the?.effects())?.map(({ kind }) => kind)).toEqual(['applied']);
  await act('receipt', { kind: 'CREDIT', no, otherBytes: true });
  expect(await query('queryApplication')).toMatchObject({ outcome: 'unknown', code: 'ANSWER_UNVERIFIED' });
});
