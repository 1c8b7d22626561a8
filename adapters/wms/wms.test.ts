/** Every promise of the warehouse, kept by Qimen's dialect before its twin over real HTTP. Callbacks: callbacks.test.ts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wmsQimen } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import type { Outcome } from '../adapter.ts';
import wms from './wms.service.ts';

const owner = '91350100MA32000B1T';
const place = { warehouseCode: 'XM01', ownerCode: owner };
const pledgee = { name: '厦门链枢金控有限公司', uscc: '91350200MA35000E44' };
const item = 'HRB400E-12';

const files = { 'appSecret.txt': 'app-secret-of-the-test', 'callbackSecret.txt': 'callback-secret-of-the-test' };
const spec = { ...wmsQimen, enrol: () => ({ hub: files, twin: files }) };

let warehouse: Bench;
let lastNo = 0;
const next = (prefix: string) => `${prefix}-${(lastNo += 1)}`;

beforeAll(async () => {
  warehouse = await bench(wms, spec, { timeoutMs: 700, speed: 1 });
}, 30_000);
afterAll(() => warehouse.stop());

test('an inbound notice is accepted once, and repeating it answers with the first number', async () => {
  const notice = noticeOf('1200.500');
  const first = await warehouse.call('wms.announceInbound', notice);
  expect(first).toMatchObject({ outcome: 'confirmed', response: { warehouseNo: expect.stringMatching(/^RK/) } });
  expect(await warehouse.call('wms.announceInbound', notice)).toEqual(first);
  expect(await warehouse.call('wms.queryInbound', { no: notice.noticeNo })).toEqual({
    outcome: 'confirmed',
    response: { outcome: 'confirmed', response: (first as { response: unknown }).response },
  });
});

test('the same number with another content is a conflict, never a silent success', async () => {
  const notice = noticeOf('10.000');
  await warehouse.call('wms.announceInbound', notice);
  const [line] = notice.lines;
  const other = { ...notice, lines: [{ ...line, quantity: '11.000' }] };
  expect(await warehouse.call('wms.announceInbound', other)).toMatchObject({
    outcome: 'refused',
    code: 'IDEMPOTENCY_CONFLICT',
    externalCode: 'S010',
  });
});

test('what the warehouse counted arrives as lots in tonnes, short deliveries too', async () => {
  const full = await received('1200.500');
  expect(full).toMatchObject({ final: true, warehouseCode: 'XM01' });
  expect(full.lots).toEqual([{ lotNo: expect.any(String), materialCode: item, quantity: '1200.500', unit: 'TNE' }]);
  const short = await received('100.013');
  expect(short.lots[0]?.quantity).toBe('98.012');
});

test('stock is read lot by lot, on hand with its locked part', async () => {
  const { lots } = await received('50.000');
  await lock(next('ZY'), lots, '20.250');
  const stock = await warehouse.call('wms.readStock', { ...place, materialCode: item });
  expect(stock).toMatchObject({ outcome: 'confirmed' });
  expect((stock as { response: { lots: unknown[] } }).response.lots).toContainEqual({
    lotNo: lots[0]?.lotNo,
    materialCode: item,
    onHand: '50.000',
    locked: '20.250',
    unit: 'TNE',
  });
});

test('stock of an owner without goods is empty, and of an unknown warehouse refused', async () => {
  const empty = await warehouse.call('wms.readStock', { warehouseCode: 'XM01', ownerCode: '91350500MA33000C26' });
  expect(empty).toEqual({ outcome: 'confirmed', response: { lots: [] } });
  expect(await warehouse.call('wms.readStock', { ...place, warehouseCode: 'NOWHERE' })).toMatchObject({
    outcome: 'refused',
    externalCode: 'S008',
  });
});

test('a lock is one effect, is found by its number, and its control is confirmed with a warehouse receipt', async () => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  const first = await lock(pledgeNo, lots, '30.000');
  expect(await lock(pledgeNo, lots, '30.000')).toEqual(first);
  expect(await effectsOf('locked', pledgeNo)).toHaveLength(1);
  expect(await query('queryLock', pledgeNo)).toMatchObject({ outcome: 'confirmed' });
  expect(await query('queryUnlock', pledgeNo)).toEqual({ outcome: 'notFound' });
  await warehouse.control('POST', 'acts/confirmControl', { lockCode: pledgeNo });
  const fact = factOf('wms.controlConfirmed', pledgeNo);
  expect(fact?.message).toMatchObject({
    pledgeNo,
    supervisor: { uscc: '91350200MA36000F5T' },
    lots: [{ quantity: '30.000', unit: 'TNE' }],
    receipt: { depositor: { uscc: owner }, issuer: { uscc: '91350200MA36000F5T' }, sealSha256: expect.any(String) },
  });
});

test('locked stock cannot be pledged again, and more than there is cannot be locked', async () => {
  const { lots } = await received('30.000');
  await lock(next('ZY'), lots, '20.000');
  expect(await lock(next('ZY'), lots, '10.001')).toMatchObject({ outcome: 'refused', code: 'PLEDGE_OVERLAP' });
  expect(await lock(next('ZY'), lots, '30.001')).toMatchObject({ outcome: 'refused', code: 'STOCK_SHORT' });
});

test('an unlock is one effect and is found by its number', async () => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  await lock(pledgeNo, lots, '30.000');
  const request = { pledgeNo, ...place, lots, reason: '融资申请已撤销' };
  const first = await warehouse.call('wms.unlockStock', request);
  expect(first).toMatchObject({ outcome: 'confirmed' });
  expect(await warehouse.call('wms.unlockStock', request)).toEqual(first);
  expect(await effectsOf('unlocked', pledgeNo)).toHaveLength(1);
  expect(await query('queryUnlock', pledgeNo)).toMatchObject({ outcome: 'confirmed' });
  expect(await lock(next('ZY'), lots, '30.000')).toMatchObject({ outcome: 'confirmed' });
});

test('unlocking what was never locked is refused', async () => {
  const { lots } = await received('30.000');
  const request = { pledgeNo: next('ZY'), ...place, lots, reason: '无' };
  expect(await warehouse.call('wms.unlockStock', request)).toMatchObject({ outcome: 'refused', externalCode: 'S004' });
});

test('goods leave once, by token, and exactly what left is no longer locked', async () => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  await lock(pledgeNo, lots, '30.000');
  const order = orderOf(pledgeNo, lots, '12.345');
  const first = await warehouse.call('wms.orderOutbound', order);
  expect(first).toMatchObject({ outcome: 'confirmed', response: { deliveryNo: expect.stringMatching(/^CK/) } });
  expect(await warehouse.call('wms.orderOutbound', order)).toEqual(first);
  expect(await query('queryOutbound', order.releaseNo)).toMatchObject({ outcome: 'confirmed' });
  await gate(order.releaseNo);
  await gate(order.releaseNo);
  expect(await effectsOf('outbound', order.releaseNo)).toHaveLength(1);
  expect(factOf('wms.goodsOutbound', order.releaseNo)?.message).toMatchObject({
    lots: [{ lotNo: lots[0]?.lotNo, quantity: '12.345', unit: 'TNE' }],
    weighTicket: expect.any(String),
  });
  expect(await stockOf(lots[0]?.lotNo)).toMatchObject({ onHand: '17.655', locked: '17.655' });
});

test('at the gate a wrong token, another person or another vehicle moves nothing', async () => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  await lock(pledgeNo, lots, '30.000');
  const order = orderOf(pledgeNo, lots, '5.000');
  await warehouse.call('wms.orderOutbound', order);
  for (const shown of [{ token: 'x'.repeat(32) }, { idNo: '350100198202030024' }, { vehicle: '闽Z99999' }])
    await gate(order.releaseNo, shown);
  expect(await effectsOf('outbound', order.releaseNo)).toEqual([]);
  await gate(order.releaseNo, { token: order.token });
  expect(await effectsOf('outbound', order.releaseNo)).toHaveLength(1);
});

test('an order that expired at the gate moves nothing and is answered as closed', async () => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  await lock(pledgeNo, lots, '30.000');
  const validTo = new Date(warehouse.clock.now().getTime() + 2_000).toISOString();
  const order = { ...orderOf(pledgeNo, lots, '5.000'), validTo };
  const noShow = { ...order, picker: { ...order.picker, vehicle: '闽A00000' } };
  expect(await warehouse.call('wms.orderOutbound', noShow)).toMatchObject({ outcome: 'confirmed' });
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await gate(order.releaseNo, { token: order.token });
  expect(await effectsOf('outbound', order.releaseNo)).toEqual([]);
  expect(await query('queryOutbound', order.releaseNo)).toMatchObject({ outcome: 'refused', code: 'CLOSED' });
});

test('an order for more than its pledge holds, under another pledge, or with a used token is refused', async () => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  await lock(pledgeNo, lots, '10.000');
  const refused = async (order: object) => warehouse.call('wms.orderOutbound', order);
  expect(await refused(orderOf(pledgeNo, lots, '10.001'))).toMatchObject({ outcome: 'refused', externalCode: 'S012' });
  expect(await refused(orderOf(next('ZY'), lots, '1.000'))).toMatchObject({ outcome: 'refused', externalCode: 'S007' });
  const good = orderOf(pledgeNo, lots, '1.000');
  expect(await refused(good)).toMatchObject({ outcome: 'confirmed' });
  expect(await refused({ ...good, releaseNo: next('FH') })).toMatchObject({ outcome: 'refused', externalCode: 'S007' });
});

test.each([
  ['timeout-before-effect', 0],
  ['timeout-after-effect', 1],
  ['reset-after-effect', 1],
  ['garbage', 1],
  ['error-500', 0],
] as const)('after %s the outcome of a lock is unknown, and the query tells', async (fault, effects) => {
  const { lots } = await received('30.000');
  const pledgeNo = next('ZY');
  await warehouse.control('POST', 'faults', { fault, operation: 'lockStock' });
  expect(await lock(pledgeNo, lots, '30.000')).toMatchObject({ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' });
  expect(await query('queryLock', pledgeNo)).toMatchObject({ outcome: effects === 1 ? 'confirmed' : 'notFound' });
  expect(await lock(pledgeNo, lots, '30.000')).toMatchObject({ outcome: 'confirmed' });
  expect(await effectsOf('locked', pledgeNo)).toHaveLength(1);
});

test('what Qimen cannot carry is refused before a byte leaves', async () => {
  const before = warehouse.exchanges.length;
  const notice = noticeOf('10.000');
  const [line] = notice.lines;
  for (const change of [
    { unit: 'LTR' },
    { quantity: '2147483.648' },
    { quantity: '1.500', unit: 'C62' },
    { name: '\u0001' },
  ]) {
    const outcome = await warehouse.call('wms.announceInbound', { ...notice, lines: [{ ...line, ...change }] });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
  }
  expect(warehouse.exchanges.slice(before).flatMap((each) => each.parts)).toEqual([]);
});

test('a wrong signature of ours is a refusal of the platform with its own code', async () => {
  const other = { ...spec, enrol: () => ({ hub: { ...files, 'appSecret.txt': 'another' }, twin: files }) };
  const stranger = await bench(wms, other, { speed: 1 });
  try {
    expect(await stranger.call('wms.announceInbound', noticeOf('10.000'))).toMatchObject({
      outcome: 'refused',
      code: 'SYSTEM_REFUSED',
      externalCode: '25 sign-check-failure',
    });
  } finally {
    await stranger.stop();
  }
});

test('no secret and no token stands in an answer or an error of the adapter', () => {
  const shown = JSON.stringify(warehouse.exchanges.map(({ code, detail, answer }) => [code, detail, answer]));
  for (const secret of Object.values(files)) expect(shown).not.toContain(secret);
  expect(shown).not.toContain('token-of-');
});

interface Lots {
  final: boolean;
  lots: { lotNo: string; materialCode: string; quantity: string; unit: string }[];
}

function noticeOf(quantity: string) {
  const line = { lineNo: '1', materialCode: item, name: '螺纹钢 HRB400E 12mm', quantity, unit: 'TNE' };
  return { noticeNo: next('RKTZ'), ...place, orderNo: 'PO-1', lines: [line] };
}

async function received(quantity: string): Promise<Lots> {
  const notice = noticeOf(quantity);
  await warehouse.call('wms.announceInbound', notice);
  await warehouse.control('POST', 'acts/receive', { noticeNo: notice.noticeNo });
  const message = factOf('wms.goodsReceived', notice.noticeNo)?.message;
  if (!message) throw new Error('the warehouse told nothing');
  return message as Lots;
}

function lock(pledgeNo: string, lots: Lots['lots'], quantity: string): Promise<Outcome> {
  return warehouse.call('wms.lockStock', {
    pledgeNo,
    ...place,
    pledgee,
    lots: lots.map((lot) => ({ ...lot, quantity })),
  });
}

function orderOf(pledgeNo: string, lots: Lots['lots'], quantity: string) {
  const releaseNo = next('FH');
  const picker = { name: '刘大勇', idNo: '350600199509090090', vehicle: '闽A12345' };
  const validTo = new Date(warehouse.clock.now().getTime() + 7 * 86_400_000).toISOString();
  const of = lots.map((lot) => ({ ...lot, quantity }));
  return { releaseNo, pledgeNo, token: tokenOf(releaseNo), ...place, picker, validTo, lots: of };
}

function tokenOf(releaseNo: string): string {
  return `token-of-${releaseNo}`.padEnd(32, '0');
}

async function gate(releaseNo: string, shown: object = {}): Promise<void> {
  await warehouse.control('POST', 'acts/gateOut', { releaseNo, ...shown });
}

async function query(operation: string, no: string): Promise<unknown> {
  const outcome = await warehouse.call(`wms.${operation}`, { no });
  return outcome.outcome === 'confirmed' ? outcome.response : outcome;
}

async function stockOf(lotNo: string | undefined): Promise<unknown> {
  const outcome = await warehouse.call('wms.readStock', place);
  const { lots } = (outcome as { response: { lots: { lotNo: string }[] } }).response;
  return lots.find((lot) => lot.lotNo === lotNo);
}

async function effectsOf(kind: string, number: string): Promise<unknown[]> {
  return (await warehouse.effects()).filter((each) => each.kind === kind && each.number === number);
}

function factOf(notice: string, key: string) {
  return warehouse.facts.find((fact) => fact.notice === notice && fact.key === key);
}
