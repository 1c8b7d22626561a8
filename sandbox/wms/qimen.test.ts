/** The sandbox's warehouse at its own door: strict about signature and parameters, one effect per number. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { type RunningTwin, startTwin } from '../twin.ts';
import { wmsQimen } from './qimen.twin.ts';
import { sign, wallTime } from './qimenWire.ts';

const secret = 'secret-of-the-test';
let twin: RunningTwin;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qimen-'));
  const keys = { 'appSecret.txt': secret, 'callbackSecret.txt': secret };
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  twin = await startTwin(wmsQimen, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys });
});
afterAll(async () => {
  await twin.stop();
  rmSync(folder, { recursive: true, force: true });
});

const common = { format: 'xml', sign_method: 'md5', v: '2.0' };

test.each([
  [
    'demo_secret',
    {
      ...common,
      app_key: 'demo_key',
      customerId: 'c001',
      method: 'taobao.qimen.stock.query',
      timestamp: '2026-01-02 03:04:05',
    },
    '<?xml version="1.0" encoding="utf-8"?><request><ownerCode>O1</ownerCode></request>',
    'D32059F5111406118164A0059400842F',
  ],
  [
    '密钥',
    {
      ...common,
      app_key: '链枢',
      customerId: 'c-xm01',
      method: 'private.stock.lock',
      timestamp: '2026-11-23 09:00:00',
    },
    '<request><lock><lockCode>质押-1</lockCode></lock></request>',
    '92C5878A06018BBC06338D21778CFA88',
  ],
  ['s', { z: '4', a: '3', Z: '1', A: '2', sign: 'X' }, '<b/>', '8FAB2AD2E0154531212E7080FA49E427'],
  ['sec', {}, '\ufeff<a/>\r\n', 'CE25707C7818517033E573456E2B0026'],
])('signs as the vectors say (%s)', (key, parameters, body, expected) => {
  expect(sign(parameters, body, key)).toBe(expected);
});

test.each([
  ['another secret', { secret: 'guess' }, '25'],
  ['no signature', { after: { sign: '' } }, '24'],
  ['a body that changed after signing', { sent: '<request ></request>' }, '25'],
  ['another app_key', { before: { app_key: 'x' } }, '29'],
  ['another customer', { before: { customerId: 'x' } }, '41'],
  ['another format', { before: { format: 'json' } }, '23'],
  ['another version', { before: { v: '1.0' } }, '33'],
  ['another way of signing', { before: { sign_method: 'hmac' } }, '25'],
  ['no timestamp', { before: { timestamp: '' } }, '40'],
  ['a timestamp of eleven minutes ago', { before: { timestamp: wallTime(new Date(Date.now() - 11 * 60_000)) } }, '31'],
  ['a method of nobody', { before: { method: 'private.stock.sell' } }, '22'],
  ['a method named like a property of every object', { before: { method: 'toString' } }, '22'],
])('a request with %s is rejected in the manner of the platform', async (_, change: Change, code) => {
  const answer = await call('inventory.query', '<request></request>', change);
  expect(answer).toContain(`<error_response><code>${code}</code>`);
});

test('a body that is no request, or lacks what it must have, is answered with S001', async () => {
  for (const body of [
    '',
    'x',
    '<request>',
    '<response/>',
    '<request/>',
    '<request><entryOrder/></request>',
    '<request>&x;</request>',
  ]) {
    expect(await call('entryorder.create', body)).toContain('<flag>failure</flag><code>S001</code>');
  }
});

test('a quantity that is no positive whole number is refused', async () => {
  for (const quantity of ['0', '-1', '1.5', '1e3', '2147483648', '']) {
    expect(await call('entryorder.create', entryOrder('N-0', quantity))).toContain('<code>S001</code>');
  }
});

test('a repeated number is answered as existing with its first id, and another content under it as a conflict', async () => {
  const first = await call('entryorder.create', entryOrder('N-1', '1000'));
  const id = /<entryOrderId>(.*?)<\/entryOrderId>/.exec(first)?.[1] ?? 'none';
  expect(first).toContain('<flag>success</flag><code>0</code>');
  const again = await call('entryorder.create', entryOrder('N-1', '1000'));
  expect(again).toContain('<flag>failure</flag><code>S003</code><message>单据已存在</message>');
  expect(again).toContain(`<entryOrderId>${id}</entryOrderId>`);
  expect(await call('entryorder.create', entryOrder('N-1', '1001'))).toContain('<code>S010</code>');
});

test("locked stock does not leave on its owner's word alone", async () => {
  await call('entryorder.create', entryOrder('N-2', '1000'));
  await control('acts/receive', { noticeNo: 'N-2' }); // The hub is not there: the goods are counted all the same.
  const memory = (await state()) as { lots: { lotNo: string }[] };
  const lotNo = memory.lots.at(-1)?.lotNo ?? '';
  const line = `<line><itemCode>HRB400E-12</itemCode><batchCode>${lotNo}</batchCode><quantity>800</quantity><extendProps><uom>KGM</uom></extendProps></line>`;
  const lock = `<lock><lockCode>L-1</lockCode><warehouseCode>XM01</warehouseCode><ownerCode>91350100MA32000B1T</ownerCode><pledgeeName>某某</pledgeeName><pledgeeUscc>91350200MA35000E44</pledgeeUscc></lock>`;
  expect(await call('private.stock.lock', `<request>${lock}<lines>${line}</lines></request>`)).toContain(
    '<flag>success</flag>',
  );
  expect(await call('stockout.create', stockout('S-1', lotNo, '201', ''))).toContain('<code>S007</code>');
  expect(await call('stockout.create', stockout('S-2', lotNo, '200', ''))).toContain('<flag>success</flag>');
  expect(await call('stockout.create', stockout('S-3', lotNo, '1', ''))).toContain('<code>S007</code>');
});

interface Change {
  secret?: string;
  sent?: string;
  before?: Record<string, string>;
  after?: Record<string, string>;
}

async function call(method: string, body: string, change: Change = {}): Promise<string> {
  const parameters = {
    method,
    timestamp: wallTime(new Date()),
    ...common,
    app_key: 'lianshu-scf',
    customerId: 'c-xm01',
    ...change.before,
  };
  const query = new URLSearchParams({
    ...parameters,
    sign: sign(parameters, body, change.secret ?? secret),
    ...change.after,
  });
  const answer = await fetch(`${twin.url}/qimen?${query.toString()}`, { method: 'POST', body: change.sent ?? body });
  return answer.text();
}

function entryOrder(code: string, quantity: string): string {
  const owner = '<ownerCode>91350100MA32000B1T</ownerCode>';
  const order = `<totalOrderLines>1</totalOrderLines><entryOrderCode>${code}</entryOrderCode>${owner}<warehouseCode>XM01</warehouseCode>`;
  const line = `<orderLineNo>1</orderLineNo>${owner}<itemCode>HRB400E-12</itemCode><itemName>钢</itemName><planQty>${quantity}</planQty>`;
  const lines = `<orderLine>${line}<extendProps><uom>KGM</uom></extendProps></orderLine>`;
  return `<request><entryOrder>${order}</entryOrder><orderLines>${lines}</orderLines></request>`;
}

function stockout(code: string, lotNo: string, quantity: string, token: string): string {
  const picker = '<pickerInfo><name>刘大勇</name><id>350600199509090090</id><carNo>闽A00000</carNo></pickerInfo>';
  const extended = `<extendProps><pledgeNo>L-1</pledgeNo><releaseToken>${token}</releaseToken><validTo>2026-11-30 09:00:00</validTo></extendProps>`;
  const order = `<totalOrderLines>1</totalOrderLines><deliveryOrderCode>${code}</deliveryOrderCode><warehouseCode>XM01</warehouseCode>`;
  const goods = `<itemCode>HRB400E-12</itemCode><planQty>${quantity}</planQty><batchCode>${lotNo}</batchCode>`;
  const line = `<orderLine><ownerCode>91350100MA32000B1T</ownerCode>${goods}<extendProps><uom>KGM</uom></extendProps></orderLine>`;
  return `<request><deliveryOrder>${order}${picker}${extended}</deliveryOrder><orderLines>${line}</orderLines></request>`;
}

async function control(what: string, body: object): Promise<void> {
  await fetch(`${twin.url}/_twin/${what}`, { method: 'POST', body: JSON.stringify(body) }).catch(() => undefined);
}

async function state(): Promise<unknown> {
  const answer = await fetch(`${twin.url}/_twin/state`);
  return ((await answer.json()) as { memory: unknown }).memory;
}
