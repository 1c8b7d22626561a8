/** The warehouse by files, from its customer's side of the folder: what it imports, what it refuses, what it writes. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { Clock } from '../clock.ts';
import { type RunningTwin, startTwin } from '../twin.ts';
import { wmsCsv } from './csv.twin.ts';

const owner = '91350100MA32000B1T';
const keys = wmsCsv.enrol();
let home: string;
let warehouse: RunningTwin;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-wms-csv-'));
  const clock = new Clock({ realMs: 0, businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 0 });
  warehouse = await startTwin(wmsCsv, { folder: home, port: 0, hubUrl: '', clock, keys: keys.twin });
});
afterEach(async () => {
  await warehouse.stop();
  rmSync(home, { recursive: true, force: true });
});

const lines = (head: Record<string, string>, columns: string, rows: readonly string[], sum: string) =>
  [
    ...Object.entries(head).map(([name, value]) => `HDR,${name},${value}`),
    `COL,${columns}`,
    ...rows.map((row) => `ROW,${row}`),
    `TRL,rows,${rows.length}`,
    `TRL,quantity,${sum}`,
    '',
  ].join('\r\n');
const asn = (no: string, quantity = '10.000', change: Record<string, string> = {}) =>
  lines(
    { message: 'ASN', version: '1', no, warehouse: 'XM01', owner, orderNo: 'PO-1', ...change },
    'lineNo,material,name,quantity,unit',
    [`1,HRB400E-12,"螺纹钢, 12mm",${quantity},吨`],
    quantity,
  );

/** Puts a file there, and waits for what comes. */
async function put(name: string, content: string | Buffer): Promise<string> {
  const before = new Set(answers());
  writeFileSync(join(home, 'exchange', 'out', name), content);
  for (let tries = 0; tries < 200; tries += 1) {
    const [found] = answers().filter((each) => !before.has(each) && each.startsWith('RESULT'));
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`nothing was said of ${name}`);
}
const answers = () => readdirSync(join(home, 'exchange', 'in')).sort();
const text = (name: string) => readFileSync(join(home, 'exchange', 'in', name), 'utf8');
const said = (name: string, field: string) => new RegExp(`HDR,${field},([^\\r\\n]*)`).exec(text(name))?.[1];
const act = async (name: string, args: object) => {
  const answer = await fetch(`${warehouse.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) });
  expect(answer.status).toBe(200);
};

test('an order is imported and answered; what arrives shows in the stock of the day', async () => {
  expect(await put('ASN_RK-1.csv', `\ufeff${asn('RK-1')}`)).toBe('RESULT_ASN_RK-1_01.csv');
  expect(said('RESULT_ASN_RK-1_01.csv', 'status')).toBe('DONE');
  await act('receive', { noticeNo: 'RK-1' });
  const [stock = ''] = answers().filter((name) => name.startsWith('STOCK'));
  expect(stock).toBe(`STOCK_XM01_${owner}_20261123_0001.csv`);
  expect(text(stock)).toContain('ROW,PC00000002,HRB400E-12,10.000,0.000,吨\r\nTRL,rows,1\r\nTRL,onHand,10.000\r\n');
  await act('takeStock', { lotNo: 'PC00000002', less: true });
  expect(text(`STOCK_XM01_${owner}_20261123_0002.csv`)).toContain('ROW,PC00000002,HRB400E-12,9.980,');
});

test.each([
  ['another message than its name says', asn('RK-1', '10.000', { message: 'OUT' }), 'E01'],
  ['a count that differs', asn('RK-1').replace('TRL,rows,1', 'TRL,rows,2'), 'E01'],
  ['a sum that differs', asn('RK-1').replace('TRL,quantity,10', 'TRL,quantity,11'), 'E01'],
  ['no CSV', 'HDR,"', 'E01'],
  ['an owner of nobody', asn('RK-1', '10.000', { owner: 'NOBODY' }), 'E03'],
  ['a unit of nobody', asn('RK-1').replace('吨', '磅'), 'E03'],
  ['goods of nobody', asn('RK-1').replace('HRB400E-12', 'X'), 'E03'],
])('%s is refused', async (_what, content, reason) => {
  const name = await put('ASN_RK-1.csv', content);
  expect([said(name, 'status'), said(name, 'reason')]).toEqual(['REFUSED', reason]);
});

test('magic numbers: Excel, waiting, cut off, GBK', async () => {
  const excel = await put('ASN_RK-9991.csv', iconv.encode(asn('RK-9991'), 'gbk'));
  expect(excel).toBe('RESULT_ASN_RK-9991_01.xlsx');
  expect(
    readFileSync(join(home, 'exchange', 'in', excel))
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  expect(said(await put('ASN_RK-9992.csv', asn('RK-9992')), 'status')).toBe('WAITING');
  expect(text(await put('ASN_RK-9993.csv', asn('RK-9993')))).not.toContain('TRL,rows,0');
  const gbk = await put('ASN_RK-9994.csv', asn('RK-9994'));
  expect(iconv.decode(readFileSync(join(home, 'exchange', 'in', gbk)), 'gbk')).toContain('HDR,remark,已完成');
  for (const no of ['RK-9992', 'RK-9993']) {
    await act('sayAgain', { file: `ASN_${no}.csv` });
    expect(said(`RESULT_ASN_${no}_02.csv`, 'status')).toBe('DONE');
    expect(text(`RESULT_ASN_${no}_02.csv`)).toContain('TRL,rows,0');
  }
});
