/** What the warehouse may tell the hub, and everything that only looks like it. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wmsQimen } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import wms from './wms.service.ts';

const callbackSecret = 'callback-secret-of-the-test';
const files = { 'appSecret.txt': 'app-secret-of-the-test', 'callbackSecret.txt': callbackSecret };

let warehouse: Bench;
let lastNo = 0;
const next = () => `RKQR-${(lastNo += 1)}`;

beforeAll(async () => {
  warehouse = await bench(wms, { ...wmsQimen, enrol: () => ({ hub: files, twin: files }) }, { speed: 1 });
}, 30_000);
afterAll(() => warehouse.stop());

test('a callback counts once however often it comes, and each time is answered alike', async () => {
  const before = warehouse.facts.length;
  const body = confirmOf(next());
  const first = await post(body);
  expect(first).toEqual({ status: 200, text: expect.stringContaining('<flag>success</flag><code>0</code>') });
  expect(await post(body)).toEqual(first);
  expect(warehouse.facts).toHaveLength(before + 1);
});

test.each([
  ['another body than was signed', { tamper: true }, 'sign-check-failure'],
  ['no signature', { query: { sign: '' } }, 'sign-check-failure'],
  ['a signature with another secret', { secret: 'guess' }, 'sign-check-failure'],
  ['a timestamp of sixteen minutes ago', { ageMs: 16 * 60_000 }, 'timestamp-check-failure'],
  ['a timestamp of sixteen minutes ahead', { ageMs: -16 * 60_000 }, 'timestamp-check-failure'],
  ['another customer', { signed: { customerId: 'c-other' } }, 'sign-check-failure'],
  ['a parameter of nobody', { signed: { more: '1' } }, 'sign-check-failure'],
  ['a method the hub does not take', { signed: { method: 'stockout.create' } }, 'method-unknown'],
  ['a method named like a property of every object', { signed: { method: 'constructor' } }, 'method-unknown'],
  ['a body that is no XML', { body: 'no xml' }, 'S001'],
  ['an entity', { body: '<!DOCTYPE a [<!ENTITY b "c">]><request>&b;</request>' }, 'S001'],
  ['a body of another root', { body: '<response/>' }, 'S001'],
  ['a body without its fields', { body: '<request/>' }, 'S001'],
  ['a field that occurs twice', { body: '<request><entryOrder/><entryOrder/></request>' }, 'S001'],
])('a callback with %s is refused and is no fact', async (_, change: Change, code) => {
  const before = warehouse.facts.length;
  const answer = await post(change.body ?? confirmOf(next()), change);
  expect(answer.text).toContain(`<flag>failure</flag><code>${code}</code>`);
  expect(answer.text).not.toMatch(/at .*\.ts:\d/);
  expect(warehouse.facts).toHaveLength(before);
});

test('a callback with a status, unit or inventory type of no known meaning is refused and is no fact', async () => {
  const good = confirmOf(next());
  const before = warehouse.facts.length;
  const changes = [
    ['FULFILLED', 'EXCEPTION'],
    ['KGM', 'LBR'],
    ['<inventoryType>ZP', '<inventoryType>CC'],
  ] as const;
  for (const [from, to] of changes) {
    expect((await post(good.replace(from, to))).text).toContain('<flag>failure</flag>');
  }
  expect(warehouse.facts).toHaveLength(before);
});

test("a correctly signed body of any content is answered in Qimen's manner and never by a fault of ours", async () => {
  const good = confirmOf('RKQR-FUZZ');
  const cut = fc.record({
    at: fc.nat(good.length),
    length: fc.nat(20),
    put: fc.oneof(fc.string(), fc.constantFrom('<', '&', '</x>', '<remark/>')),
  });
  const before = warehouse.exchanges.length;
  await fc.assert(
    fc.asyncProperty(cut, async ({ at, length, put }) => {
      const { status, text } = await post(good.slice(0, at) + put + good.slice(at + length));
      expect(status).toBe(200);
      expect(text).toMatch(/<response><flag>(success|failure)<\/flag>/);
    }),
    { numRuns: 150 },
  );
  expect(warehouse.exchanges.slice(before).filter((each) => each.code === 'INTERNAL')).toEqual([]);
});

test('a method that XML cannot carry is refused all the same', async () => {
  expect((await post('<request/>', { signed: { method: '\uffff\u0001' } })).text).toContain(
    '<code>method-unknown</code>',
  );
});

test('left to themselves, the people of the warehouse count, confirm control and let the picker out', async () => {
  const fast = await bench(wms, wmsQimen, { speed: 72_000 });
  try {
    const place = { warehouseCode: 'XM01', ownerCode: '0000017101' };
    const goods = { materialCode: 'HRB400E-12', quantity: '60.000', unit: 'TNE' };
    const lines = [{ lineNo: '1', name: '螺纹钢', ...goods }];
    await fast.call('wms.announceInbound', { noticeNo: 'N-1', ...place, orderNo: 'PO-1', lines });
    const { lots } = (await fast.fact('wms.goodsReceived')).message as { lots: object[] };
    const pledgee = { name: '厦门链枢金控有限公司', uscc: '91350200MA35000E44' };
    await fast.call('wms.lockStock', { pledgeNo: 'ZY-1', ...place, pledgee, lots });
    await fast.fact('wms.controlConfirmed');
    const validTo = new Date(fast.clock.now().getTime() + 30 * 86_400_000).toISOString();
    const picker = { name: '刘大勇', idNo: '350600199509090090', vehicle: '闽A12345' };
    const order = { releaseNo: 'FH-1', pledgeNo: 'ZY-1', token: 't'.repeat(32), ...place, picker, validTo, lots };
    expect(await fast.call('wms.orderOutbound', order)).toMatchObject({ outcome: 'confirmed' });
    await fast.fact('wms.goodsOutbound');
    const effects = (await fast.effects()).map(({ kind, number }) => `${kind} ${number}`);
    expect(effects).toEqual(['received N-1', 'locked ZY-1', 'outbound FH-1']);
    expect(await fast.call('wms.readStock', place)).toMatchObject({ response: { lots: [] } });
  } finally {
    await fast.stop();
  }
}, 30_000);

interface Change {
  body?: string;
  secret?: string;
  ageMs?: number;
  tamper?: boolean;
  query?: Record<string, string>;
  signed?: Record<string, string>;
}

/** Posts to the hub's edge as the warehouse would, or almost as it would. */
async function post(body: string, change: Change = {}) {
  const stamp = new Date(Date.now() - (change.ageMs ?? 0) + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const signed: Record<string, string> = {
    method: 'entryorder.confirm',
    timestamp: stamp,
    format: 'xml',
    app_key: 'lianshu-scf',
    v: '2.0',
    sign_method: 'md5',
    customerId: 'c-xm01',
    ...change.signed,
  };
  const secret = change.secret ?? callbackSecret;
  const joined = Object.keys(signed)
    .toSorted()
    .map((name) => name + signed[name])
    .join('');
  const sign = createHash('md5')
    .update(secret + joined + body + secret)
    .digest('hex')
    .toUpperCase();
  const query = new URLSearchParams({ ...signed, sign, ...change.query });
  const sent = change.tamper ? body.replace('1000', '9000') : body;
  const answer = await fetch(`${warehouse.edge}/qimen?${query.toString()}`, { method: 'POST', body: sent });
  return { status: answer.status, text: await answer.text() };
}

function confirmOf(outBizCode: string): string {
  const head = `<entryOrderCode>RKTZ-X</entryOrderCode><warehouseCode>XM01</warehouseCode><outBizCode>${outBizCode}</outBizCode>`;
  const state = '<confirmType>0</confirmType><status>FULFILLED</status><operateTime>2026-11-23 15:00:00</operateTime>';
  const goods = `<itemCode>HRB400E-12</itemCode><inventoryType>ZP</inventoryType><actualQty>1000</actualQty><batchCode>PC1</batchCode>`;
  const line = `<orderLine>${goods}<extendProps><uom>KGM</uom></extendProps></orderLine>`;
  return `<request><entryOrder>${head}${state}</entryOrder><orderLines>${line}</orderLines></request>`;
}
