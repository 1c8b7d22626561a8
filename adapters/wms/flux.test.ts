/** FLUX before its twin: batches that are taken in part, in both directions, and stock that comes in pages. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { wmsFlux } from '../../test/twins.ts';
import { fluxForm } from './dialects/fluxForm.ts';
import wms from './wms.service.ts';

const owner = '91350100MA32000B1T';
const place = { warehouseCode: 'XM01', ownerCode: owner };
const files = { 'appSecret.txt': 'app-secret-of-the-test', 'callbackSecret.txt': 'callback-secret-of-the-test' };
const spec = { ...wmsFlux, enrol: () => ({ hub: files, twin: files }) };

let warehouse: Bench;

beforeAll(async () => {
  const settings = { ...spec.settings, pageSize: '2' };
  warehouse = await bench(wms, { ...spec, settings }, { speed: 1 });
}, 30_000);
afterAll(() => warehouse.stop());

test('stock of several pages is read whole, and a snapshot says up to which movement it goes', async () => {
  for (const no of [1, 2, 3]) await received(`RKTZ-P${no}`, `${no}0.500`);
  const stock = await warehouse.call('wms.readStock', place);
  expect(stock).toMatchObject({ outcome: 'confirmed' });
  const { lots } = (stock as { response: { lots: { onHand: string }[] } }).response;
  expect(lots.map(({ onHand }) => onHand)).toEqual(['10.500', '20.500', '30.500']);
  expect(warehouse.exchanges.at(-1)?.parts).toHaveLength(2);
  const before = await snapshot();
  await warehouse.control('POST', 'acts/moveStock', { why: 'loss', lotNo: before.lots[0]?.lotNo, code: 'YD-1' });
  const after = await snapshot();
  expect(Number(after.sequence)).toBe(Number(before.sequence) + 1);
  const change = warehouse.facts.find(({ id }) => id === 'XM01 YD-1')?.message;
  expect(change).toMatchObject({ sequence: after.sequence, reason: 'shrunk', lots: [{ change: '-0.021' }] });
});

const answers = {
  'taken, and the flag says none was': [row('0000'), '0', 'unknown', 'OUTCOME_UNKNOWN'],
  'not taken, and the flag says all were': [row('2001'), '1', 'unknown', 'OUTCOME_UNKNOWN'],
  'taken, without a number': [[{ ...row('0000')[0], WMSOrderNo: undefined }], '1', 'unknown', 'OUTCOME_UNKNOWN'],
  'taken, of another order': [[{ ...row('0000')[0], OrderNo: 'ZY-2' }], '1', 'unknown', 'ANSWER_UNVERIFIED'],
  'taken, of another type under the same number': [
    [{ ...row('0000')[0], OrderType: 'UK' }],
    '1',
    'unknown',
    'ANSWER_UNVERIFIED',
  ],
  'taken and not taken': [[...row('0000'), ...row('2001')], '2', 'unknown', 'ANSWER_UNVERIFIED'],
  'all taken, of which nothing is said': ['', '1', 'unknown', 'ANSWER_UNVERIFIED'],
  'not taken in a batch of which some were': [row('2001'), '2', 'refused', 'STOCK_SHORT'],
  'taken in a batch of which some were': [row('0000'), '2', 'confirmed', undefined],
  'known already, with its number': [row('1002'), '0', 'confirmed', undefined],
  'not known at all': [row('1001'), '0', 'refused', 'SYSTEM_REFUSED'],
  'a code of nobody': [row('constructor'), '0', 'unknown', 'EXT_CODE_UNMAPPED'],
} as const;

test.each(Object.entries(answers))(
  'an answer "%s" is judged by its own row',
  async (_, [rows, flag, outcome, code]) => {
    const result = { returnCode: flag === '1' ? '0000' : '0001', returnFlag: flag, resultInfo: rows };
    const body = JSON.stringify({ Response: { return: result } });
    const answering = await bench(wms, { ...spec, handle: () => ({ status: 200, body }) }, { speed: 1 });
    try {
      const got = await answering.call('wms.lockStock', lock);
      expect([got.outcome, got.outcome === 'confirmed' ? undefined : got.code]).toEqual([outcome, code]);
    } finally {
      await answering.stop();
    }
  },
);

test('of a batch that the hub understands in part, that part is facts and the rest is named', async () => {
  const before = warehouse.facts.length;
  const good = confirmOf('RKTZ-B1', 'RKQR-B1');
  const strange = { ...confirmOf('RKTZ-B2', 'RKQR-B2'), Status: '77' };
  const answer = await post('confirmASNData', 'ASNCF', [good, strange]);
  expect(answer).toMatchObject({
    returnCode: '0001',
    returnFlag: '2',
    resultInfo: [{ OrderNo: 'RKTZ-B2', CustomerID: owner, errorcode: '0001' }],
  });
  expect(warehouse.facts.slice(before).map(({ id }) => id)).toEqual(['RKQR-B1']);
  expect(await post('confirmASNData', 'ASNCF', [strange])).toMatchObject({ returnFlag: '0', resultInfo: '' });
});

test('what was signed for one method says nothing under another, because the method is not signed', async () => {
  const before = warehouse.facts.length;
  const order = confirmOf('RKTZ-C1', 'RKQR-C1');
  for (const [method, messageid] of [
    ['confirmSOData', 'SOCF'],
    ['confirmLockData', 'LOCKCF'],
    ['inventoryReport', 'INVR'],
    ['confirmINVChange', 'INVCHG'],
    ['confirmASNData', 'SOCF'],
    ['confirmSOStatus', 'SOS'],
    ['constructor', 'ASNCF'],
  ] as const)
    expect(await post(method, messageid, [order])).toMatchObject({ returnFlag: '0' });
  expect(warehouse.facts).toHaveLength(before);
});

test('goods of no sound quality and a count that gives no reason are no facts', async () => {
  const before = warehouse.facts.length;
  const order = confirmOf('RKTZ-D1', 'RKQR-D1');
  const damaged = { ...order, item: [{ ...order.item[0], LotAtt08: 'CC' }] };
  expect(await post('confirmASNData', 'ASNCF', [damaged])).toMatchObject({ returnFlag: '0' });
  const lot = { SKU: 'HRB400E-12', LotAtt04: 'PC1', CountQty: '9.000', BookQty: '10.000', UOM: 'T' };
  const count = { checkOrderCode: 'PD1', outBizCode: 'PDQR1', CustomerID: owner, WarehouseID: 'XM01', item: [lot] };
  const told = { ...count, checkTime: '2026-11-24 15:00:00' };
  expect(await post('inventoryReport', 'INVR', [told])).toMatchObject({ returnFlag: '0' });
  expect(warehouse.facts).toHaveLength(before);
});

function row(errorcode: string) {
  return [{ OrderNo: 'ZY-1', OrderType: 'LK', errorcode, WMSOrderNo: 'SD1' }];
}

const lock = {
  pledgeNo: 'ZY-1',
  ...place,
  pledgee: { name: '厦门链枢金控有限公司', uscc: '91350200MA35000E44' },
  lots: [{ lotNo: 'PC1', materialCode: 'HRB400E-12', quantity: '1.000', unit: 'TNE' }],
};

function confirmOf(no: string, confirmNo: string) {
  const goods = { SKU: 'HRB400E-12', ReceivedQty: '1.000', ReceivedTime: '2026-11-23 15:00:00' };
  return {
    OMSOrderNo: no,
    OrderType: 'PO',
    CustomerID: owner,
    WarehouseID: 'XM01',
    Status: '40',
    ConfirmNo: confirmNo,
    item: [{ ...goods, UOM: 'T', LotAtt04: `PC-${no}` }],
  };
}

async function received(noticeNo: string, quantity: string): Promise<void> {
  const line = { lineNo: '1', materialCode: 'HRB400E-12', name: '螺纹钢', quantity, unit: 'TNE' };
  const notice = { noticeNo, ...place, orderNo: 'PO-1', lines: [line] };
  expect(await warehouse.call('wms.announceInbound', notice)).toMatchObject({ outcome: 'confirmed' });
  await warehouse.control('POST', 'acts/receive', { noticeNo });
}

async function snapshot(): Promise<{ sequence: string; lots: { lotNo: string }[] }> {
  const outcome = await warehouse.call('wms.readLots', place);
  return (outcome as { response: { sequence: string; lots: { lotNo: string }[] } }).response;
}

/** As the warehouse would, from the other side. */
async function post(method: string, messageid: string, orders: readonly object[]): Promise<unknown> {
  const { appKey, appToken, customerId, db } = spec.settings as Record<string, string>;
  const timestamp = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const fields = { method, messageid, client_customerid: customerId, client_db: db, apptoken: appToken };
  const body = fluxForm(
    { ...fields, appkey: appKey, timestamp, format: 'JSON' } as Record<string, string>,
    JSON.stringify({ xmldata: { data: { orderinfo: orders } } }),
    files['callbackSecret.txt'],
  );
  const answer = await fetch(`${warehouse.edge}/flux`, { method: 'POST', body: new Uint8Array(body) });
  return ((await answer.json()) as { Response: { return: unknown } }).Response.return;
}
