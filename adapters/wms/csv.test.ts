/** What the suite cannot see of files in CSV and Excel: figures and dates as Excel keeps them, and what may not be in a file. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import writeSheet from 'write-excel-file/node';
import { ZipFile } from 'yazl';
import { bench, type Bench } from '../../test/adapter.ts';
import { wmsCsv } from '../../test/twins.ts';
import { isFailure } from '../../contracts/failures.ts';
import { CsvLock, CsvOut, CsvResult, CsvStock } from '../../contracts/wms/csv.wire.ts';
import { lotsOf } from '../../mappings/wms/csv.ts';
import { gridOf, messageIn } from './dialects/csvSheet.ts';
import { type Charset, csvFrom, gridFromCsv } from './dialects/csvText.ts';
import { gridFromXlsx } from './dialects/csvXlsx.ts';
import service from './wms.service.ts';

const example = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../mappings/wms/examples/csv.${name}.json`), 'utf8')) as {
    from: never;
    to: never;
  };
const stock = example('readLots').from as { rows: Record<string, string>[] };

async function whyNot(act: () => unknown): Promise<string> {
  try {
    await act();
    return 'taken';
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return `${thrown.type} ${thrown.message}`;
  }
}

const readCsv = (bytes: Buffer, charset: Charset = 'utf-8') =>
  messageIn('STOCK.csv', gridFromCsv('STOCK.csv', bytes, charset), CsvStock);
const readXlsx = async (bytes: Buffer) => messageIn('STOCK.xlsx', await gridFromXlsx('STOCK.xlsx', bytes), CsvStock);

describe('CSV', () => {
  test('the files of the guide are what is written, and are read as they are', () => {
    const file = (name: string) => readFileSync(join(import.meta.dirname, 'examples', name));
    const lock = example('lockStock').to;
    const text = csvFrom(gridOf(CsvLock, lock), 'utf-8').toString().replace('\ufeff', '').replaceAll('\r\n', '\n');
    expect(file('csv.LOCK_ZY-1.csv').toString()).toBe(text);
    const result = messageIn('R', gridFromCsv('R', file('csv.RESULT_LOCK_ZY-1_01.csv'), 'utf-8'), CsvResult);
    expect(result).toMatchObject({ of: 'LOCK', status: 'REFUSED', reason: 'E05' });
    expect(lotsOf(readCsv(file('csv.STOCK.csv')))).toMatchObject({ lots: [{ onHand: '1200.500' }, { unit: 'C62' }] });
  });

  test('every message comes back as it went, in either charset', () => {
    const words = fc
      .array(fc.constantFrom(...Array.from('厦门链枢金控，。“”"\'\\,;| aZ09()（）·')), { minLength: 1, maxLength: 40 })
      .map((all) => all.join('').trim())
      .filter((text) => text !== '');
    fc.assert(
      fc.property(words, fc.constantFrom<Charset>('utf-8', 'gbk'), (pledgee, charset) => {
        const lock = CsvLock.check({ ...(example('lockStock').to as object), pledgee });
        const bytes = csvFrom(gridOf(CsvLock, lock), charset);
        expect(messageIn('L', gridFromCsv('L', bytes, charset), CsvLock)).toEqual(lock);
      }),
    );
  });

  test('what GBK has no character for is not sent, and what a spreadsheet would compute neither', async () => {
    const lock = example('lockStock').to as object;
    expect(await whyNot(() => csvFrom(gridOf(CsvLock, { ...lock, pledgee: '钢𠀀' }), 'gbk'))).toMatch(
      'CONTRACT_VIOLATED',
    );
    const out = example('orderOutbound').to as object;
    for (const vehicle of ['=1+1', '+86', '@SUM(A1)', '-cmd'])
      expect(await whyNot(() => gridOf(CsvOut, { ...out, vehicle }))).toMatch(/CONTRACT_VIOLATED vehicle/);
  });

  const good = csvFrom(gridOf(CsvStock, stock), 'utf-8').toString();
  test.each([
    ['a sum that differs', good.replace('TRL,onHand,1212.500', 'TRL,onHand,1212.501'), 'line 11 column 3: onHand'],
    ['a figure with a comma', good.replace('1200.5,', '"1,200.5",'), 'line 8 column 4: onHand'],
    ['an exponent', good.replace(',1200.5,', ',1.2005E3,'), 'line 8 column 4: onHand'],
    ['a formula', good.replace('PC00000001', '=HYPERLINK("x")'), 'line 8'],
    ['a command', good.replace('PC00000001', "@SUM(1+1)*cmd|' /C calc'!A0"), 'line 8 column 2: lot'],
    ['a lot without material', good.replace('PC00000001,HRB400E-12', 'PC00000001,'), 'line 8 column 3: material'],
    ['a cell too many', good.replace('1000,吨', '1000,吨,1'), 'line 8 column 7'],
    ['columns in another order', good.replace('COL,lot,material', 'COL,material,lot'), 'line 7 column 2'],
    ['an unknown field', good.replace('HDR,asOf', 'HDR,asof'), 'line 5 column 2'],
    ['no time of that kind', good.replace('2026-11-24 18:00:00', '24/11/2026 18:00'), 'line 5 column 3: asOf'],
    ['a value without end', good.replace('PC00000001', `P${'C'.repeat(600)}`), 'line 8 column 2'],
    ['5001 rows', good.replace(/ROW,PC00000002.*\r\n/, (row) => row.repeat(5_100)), 'at most'],
  ])('%s is refused by line and column', async (_what, text, place) => {
    const why = await whyNot(() => readCsv(Buffer.from(text)));
    expect(why).toContain(place);
    expect(why).not.toBe('taken');
  });

  test('a charset is never guessed; free text may begin with anything', async () => {
    const gbk = iconv.encode(good.replace('\ufeff', ''), 'gbk');
    expect(await whyNot(() => readCsv(gbk))).toMatch('BODY_MALFORMED');
    expect(readCsv(gbk, 'gbk')).toEqual(stock);
    expect(readCsv(Buffer.from(good), 'gbk')).toEqual(stock); // Its mark says UTF-8.
    const result = csvFrom(
      gridOf(CsvResult, { ...(example('lockEnquiry.refused').from as object), remark: 'x' }),
      'utf-8',
    );
    const noted = Buffer.from(result.toString().replace('HDR,remark,x', 'HDR,remark,=1+1'));
    expect(messageIn('R', gridFromCsv('R', noted, 'utf-8'), CsvResult).remark).toBe('=1+1');
  });
});

type Cell = string | { value: number | Date; type: typeof Number | typeof Date; format?: string };
const cells = (change: (cell: string, line: number, column: number) => Cell = (cell) => cell) =>
  gridOf(CsvStock, stock).map((line, at) =>
    line.map((cell, column) => {
      const made = change(cell, at + 1, column + 1);
      return typeof made === 'string' ? { value: made, type: String } : made;
    }),
  );
const sheet = (change?: Parameters<typeof cells>[0]) => writeSheet(cells(change)).toBuffer();

describe('Excel', () => {
  test('texts, figures that are numbers and times that are dates say the same', async () => {
    expect(await readXlsx(await sheet())).toEqual(stock);
    const kept = await sheet((cell) => {
      if (/^\d+\.\d+$/.test(cell)) return { value: Number(cell), type: Number };
      if (!/^\d{4}-/.test(cell)) return cell;
      const value = new Date(`${cell.replace(' ', 'T')}Z`);
      return { value, type: Date, format: 'yyyy-mm-dd hh:mm:ss' };
    });
    expect(await readXlsx(kept)).toMatchObject({ asOf: '2026-11-24 18:00:00', rows: [{ onHand: '1200.5' }, {}] });
  });

  test('a figure is read as it is written, so what a binary float made of it shows', async () => {
    const computed = await sheet((cell) => (cell === '1200.5' ? { value: 0.1 + 0.2, type: Number } : cell));
    const summed = await whyNot(() => readXlsx(computed));
    expect(summed).toMatch(/CONTRACT_VIOLATED STOCK\.xlsx line 11 column 3: onHand/);
    const tiny = { ...stock, rows: [{ ...stock.rows[0], onHand: '0.30000000000000004' }] };
    expect(await whyNot(() => lotsOf(CsvStock.check(tiny)))).toMatch('CONTRACT_VIOLATED');
  });

  test('a date in place of a figure is refused', async () => {
    const dated = await sheet((cell) => (cell === '1200.5' ? { value: new Date(), type: Date, format: 'yyyy' } : cell));
    expect(await whyNot(() => readXlsx(dated))).toMatch('CONTRACT_VIOLATED');
  });

  /** A sheet by hand, with other parts beside it or in its place. */
  async function handmade(parts: Record<string, string | Buffer>, inSheet = ''): Promise<Buffer> {
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    const packaged = 'http://schemas.openxmlformats.org/package/2006';
    const all: Record<string, string | Buffer> = {
      '[Content_Types].xml': `<Types xmlns="${packaged}/content-types"/>`,
      '_rels/.rels': `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
      'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
      'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1" t="str"><v>HDR</v></c>${inSheet}</row></sheetData></worksheet>`,
      ...parts,
    };
    const zip = new ZipFile();
    for (const [name, content] of Object.entries(all)) zip.addBuffer(Buffer.from(content), name);
    zip.end();
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test.each([
    ['a formula', {}, '<c r="B1"><f>1+1</f><v>2</v></c>', 'cell B1: a formula'],
    ['a shared formula without text', {}, '<c r="C1"><f t="shared" si="0"/><v>2</v></c>', 'cell C1: a formula'],
    ['a truth value', {}, '<c r="B1" t="b"><v>1</v></c>', 'neither a text'],
    ['macros', { 'xl/vbaProject.bin': 'x' }, '', 'macros'],
    ['links to other files', { 'xl/externalLinks/externalLink1.xml': '<a/>' }, '', 'links'],
    ['another file inside', { 'xl/embeddings/a.bin': 'x' }, '', 'other files'],
    ['a document type', { 'xl/sharedStrings.xml': '<!DOCTYPE a [<!ENTITY b "c">]><sst/>' }, '', 'document type'],
    [
      'a part in UTF-16',
      { 'xl/sharedStrings.xml': Buffer.from('\ufeff<!DOCTYPE a><sst/>', 'utf16le') },
      '',
      'no UTF-8',
    ],
    ['a bomb', { 'xl/sharedStrings.xml': Buffer.alloc(12_000_000, ' ') }, '', 'BODY_TOO_LARGE'],
    ['more than a sheet', { 'xl/a.bin': Buffer.alloc(17_000_000, ' ') }, '', 'BODY_TOO_LARGE'],
    ['100 parts', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`xl/${i}.xml`, '<a/>'])), '', 'parts'],
    ['cells without end', {}, '<c/>'.repeat(60_001), 'BODY_TOO_LARGE'],
  ])('%s is refused', async (_what, parts: Record<string, string | Buffer>, inSheet, why) => {
    expect(await whyNot(async () => gridFromXlsx('S.xlsx', await handmade(parts, inSheet)))).toContain(why);
  });

  test('a file that is none, or is cut, is refused', async () => {
    const whole = await sheet();
    const others = [Buffer.alloc(0), Buffer.from('PK'), whole.subarray(0, whole.length >> 1), Buffer.alloc(5_000_000)];
    for (const bytes of others) expect(await whyNot(() => gridFromXlsx('S.xlsx', bytes))).not.toBe('taken');
    expect(await gridFromXlsx('S.xlsx', await handmade({}))).toEqual([['HDR']]);
  });
});

describe('against the warehouse of the sandbox', () => {
  let the: Bench;
  const place = { warehouseCode: 'XM01', ownerCode: '91350100MA32000B1T' };
  const inbound = (noticeNo: string) => ({
    noticeNo,
    ...place,
    orderNo: 'PO-1',
    lines: [{ lineNo: '1', materialCode: 'HRB400E-12', name: '螺纹钢', quantity: '10.000', unit: 'TNE' }],
  });
  beforeAll(async () => {
    the = await bench(service, wmsCsv, { speed: 1 });
    Object.assign(the.system.settings, { resultWaitMs: '400' });
  });
  afterAll(() => the.stop());

  test('a result as Excel is taken; one in another charset is not believed', async () => {
    expect(await the.call('wms.announceInbound', inbound('RK-9991'))).toMatchObject({ outcome: 'confirmed' });
    expect(await the.call('wms.announceInbound', inbound('RK-9994'))).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringContaining('RESULT_ASN_RK-9994_01.csv: is no UTF-8'),
    });
  });

  test.each(['RK-9992', 'RK-9993'])('%s is unknown until a later file says more', async (no) => {
    expect(await the.call('wms.announceInbound', inbound(no))).toMatchObject({ outcome: 'unknown' });
    const asked = await the.call('wms.queryInbound', { no });
    expect(asked).toMatchObject(
      no.endsWith('2') ? { outcome: 'confirmed', response: { outcome: 'pending' } } : { outcome: 'unknown' },
    );
    await the.control('POST', 'acts/sayAgain', { file: `ASN_${no}.csv` });
    expect(await the.call('wms.queryInbound', { no })).toMatchObject({ response: { outcome: 'confirmed' } });
    expect(await the.call('wms.announceInbound', inbound(no))).toMatchObject({ outcome: 'confirmed' });
  });

  test('what cannot be locked is refused by its code; stock that is too old is no stock', async () => {
    const lots = [{ lotNo: 'PC99', materialCode: 'HRB400E-12', quantity: '1.000', unit: 'TNE' }];
    const pledgee = { name: '厦门链枢金控有限公司', uscc: '91350200MA35000E44' };
    expect(await the.call('wms.lockStock', { pledgeNo: 'ZY-1', ...place, pledgee, lots })).toMatchObject({
      outcome: 'refused',
      code: 'STOCK_SHORT',
      externalCode: 'E04',
    });
    expect(await the.call('wms.readStock', place)).toMatchObject({ outcome: 'later', code: 'FILE_NOT_READY' });
    await the.control('POST', 'acts/receive', { noticeNo: 'RK-9991' });
    expect(await the.call('wms.readStock', place)).toMatchObject({ outcome: 'confirmed' });
    Object.assign(the.system.settings, { stockHoursMax: '0' });
    expect(await the.call('wms.readLots', place)).toMatchObject({ outcome: 'confirmed' });
    expect(await the.call('wms.readStock', place)).toMatchObject({ outcome: 'later', code: 'FILE_NOT_READY' });
  });

  test('a number that could name another file is not sent', async () => {
    for (const no of ['../x', 'a/b', 'a_b', '', '.hidden'])
      expect(await the.call('wms.announceInbound', inbound(no))).toMatchObject({
        outcome: 'refused',
        code: 'CONTRACT_VIOLATED',
      });
  });
});
