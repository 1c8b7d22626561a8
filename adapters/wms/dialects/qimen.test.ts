/** What may be concluded from each answer of a warehouse, also from those that the sandbox's warehouse never gives. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wmsQimen } from '../../../test/twins.ts';
import { bench, type Bench } from '../../../test/adapter.ts';
import wms from '../wms.service.ts';

let warehouse: Bench;
let answer = { status: 200, body: '' };

beforeAll(async () => {
  warehouse = await bench(wms, { ...wmsQimen, handle: () => answer }, { speed: 1 });
}, 30_000);
afterAll(() => warehouse.stop());

const lock = {
  pledgeNo: 'ZY-1',
  warehouseCode: 'XM01',
  ownerCode: '91350100MA32000B1T',
  pledgee: { name: '厦门链枢金控有限公司', uscc: '91350200MA35000E44' },
  lots: [{ lotNo: 'PC1', materialCode: 'HRB400E-12', quantity: '1.000', unit: 'TNE' }],
};
const response = (inside: string) => `<response>${inside}</response>`;
const failed = (code: string) => response(`<flag>failure</flag><code>${code}</code><message>m</message>`);
const platform = (code: string) =>
  `<error_response><code>${code}</code><msg>m</msg><sub_code>s</sub_code></error_response>`;

test.each([
  ['done', response('<flag>success</flag><code>0</code><lockId>SD1</lockId>'), 'confirmed', undefined],
  [
    'exists already, with its id',
    response('<flag>failure</flag><code>S003</code><lockId>SD1</lockId>'),
    'confirmed',
    undefined,
  ],
  ['exists already, without its id', failed('S003'), 'unknown', 'OUTCOME_UNKNOWN'],
  ['done, without an id', response('<flag>success</flag><code>0</code>'), 'unknown', 'OUTCOME_UNKNOWN'],
  [
    'success under another code',
    response('<flag>success</flag><code>1</code><lockId>SD1</lockId>'),
    'unknown',
    'EXT_CODE_UNMAPPED',
  ],
  ['failure under the code of success', failed('0'), 'unknown', 'EXT_CODE_UNMAPPED'],
  ['a code of nobody', failed('S999'), 'unknown', 'EXT_CODE_UNMAPPED'],
  ['a code named like a property of every object', failed('constructor'), 'unknown', 'EXT_CODE_UNMAPPED'],
  ['not taken, try later', failed('S009'), 'later', 'SYSTEM_BUSY'],
  ['stock is short', failed('S005'), 'refused', 'STOCK_SHORT'],
  ['pledged already', failed('S006'), 'refused', 'PLEDGE_OVERLAP'],
  ['a flag of nobody', response('<flag>maybe</flag><code>0</code>'), 'unknown', 'OUTCOME_UNKNOWN'],
  [
    'two flags',
    response('<flag>success</flag><flag>failure</flag><code>0</code><lockId>1</lockId>'),
    'unknown',
    'OUTCOME_UNKNOWN',
  ],
  ['the platform refused the signature', platform('25'), 'refused', 'SYSTEM_REFUSED'],
  ['the platform is at its limit', platform('7'), 'later', 'SYSTEM_BUSY'],
  ['the platform heard nothing from the warehouse', platform('15'), 'unknown', 'EXT_CODE_UNMAPPED'],
  ['a page', '<html></html>', 'unknown', 'OUTCOME_UNKNOWN'],
  ['nothing', '', 'unknown', 'OUTCOME_UNKNOWN'],
  ['an entity', '<!DOCTYPE a [<!ENTITY b "c">]><response>&b;</response>', 'unknown', 'OUTCOME_UNKNOWN'],
])('an answer "%s" is judged', async (_, body, outcome, code) => {
  answer = { status: 200, body };
  const got = await warehouse.call('wms.lockStock', lock);
  expect(got.outcome).toBe(outcome);
  if (got.outcome !== 'confirmed') expect(got.code).toBe(code);
});

test('a success with another HTTP status than 200 is no success', async () => {
  answer = { status: 502, body: response('<flag>success</flag><code>0</code><lockId>SD1</lockId>') };
  expect(await warehouse.call('wms.lockStock', lock)).toMatchObject({ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' });
});

test('an answer about another number or other goods is not believed', async () => {
  const about = (no: string) => `<lock><lockCode>${no}</lockCode><lockId>SD1</lockId><unlocked>N</unlocked></lock>`;
  answer = { status: 200, body: response(`<flag>success</flag><code>0</code>${about('ZY-2')}`) };
  expect(await warehouse.call('wms.queryLock', { no: 'ZY-1' })).toMatchObject({
    outcome: 'unknown',
    code: 'ANSWER_UNVERIFIED',
  });
  const counts = '<quantity>1</quantity><lockQuantity>0</lockQuantity><batchCode>PC1</batchCode>';
  const row = `<item><warehouseCode>XM02</warehouseCode><itemCode>I</itemCode><inventoryType>ZP</inventoryType>${counts}<extendProps><uom>KGM</uom></extendProps></item>`;
  answer = { status: 200, body: response(`<flag>success</flag><code>0</code><items>${row}</items>`) };
  const read = { warehouseCode: 'XM01', ownerCode: '91350100MA32000B1T' };
  expect(await warehouse.call('wms.readStock', read)).toMatchObject({ outcome: 'unknown', code: 'ANSWER_UNVERIFIED' });
});

test.each([
  ['ACCEPT', 'confirmed'],
  ['EXCEPTION', 'pending'],
  ['REJECT', 'refused'],
])('an order in status %s was %s', async (status, outcome) => {
  const order = `<entryOrder><entryOrderCode>N1</entryOrderCode><entryOrderId>RK1</entryOrderId><status>${status}</status></entryOrder>`;
  answer = { status: 200, body: response(`<flag>success</flag><code>0</code>${order}`) };
  expect(await warehouse.call('wms.queryInbound', { no: 'N1' })).toMatchObject({
    outcome: 'confirmed',
    response: { outcome },
  });
});

test('five thousand lots are read', async () => {
  const head = '<warehouseCode>XM01</warehouseCode><itemCode>I</itemCode><inventoryType>ZP</inventoryType>';
  const row = (no: number) =>
    `<item>${head}<quantity>1000</quantity><lockQuantity>500</lockQuantity><batchCode>PC${no}</batchCode><extendProps><uom>KGM</uom></extendProps></item>`;
  const rows = Array.from({ length: 5000 }, (_, no) => row(no)).join('');
  answer = { status: 200, body: response(`<flag>success</flag><code>0</code><items>${rows}</items>`) };
  const outcome = await warehouse.call('wms.readStock', { warehouseCode: 'XM01', ownerCode: '91350100MA32000B1T' });
  expect(outcome).toMatchObject({ outcome: 'confirmed' });
  expect((outcome as { response: { lots: unknown[] } }).response.lots).toHaveLength(5000);
}, 30_000);
