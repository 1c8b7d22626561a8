import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { stateOf, type Tx } from '../lifecycle.ts';
import {
  countersignReceipt,
  declineEndorsement,
  deliverReceipt,
  draftReceipt,
  endorseReceipt,
  issueReceipt,
  mergeReceipts,
  missingElements,
  splitReceipt,
  tellReceipt,
  voidReceipt,
} from './receipts.ts';
import { requestPledge } from './pledges.ts';
import { anyNo, elementsOf, freshLots, heldReceipt, seal } from './specimens.fixture.ts';
import { partLot, type LotRow } from './stock.ts';
import { recordToldReceipt } from './told.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const run = (work: (tx: Tx) => Promise<unknown>) => refusal(the.store.tx(work));
const state = (no: string) => the.store.tx((tx) => stateOf(tx, 'warehouse_receipt', no));
const like = { variety: '螺纹钢', spec: 'HRB400 Φ20', quality: '合格', unit: 'TNE' };
const child = (...lots: readonly { lotNo: string; quantity: string }[]) => ({
  no: anyNo('WR'),
  keeperSha256: seal,
  goods: lots.map(({ lotNo, quantity }) => ({ ...like, lotNo, quantity })),
});
async function two(): Promise<{ no: string; a: LotRow; b: LotRow }> {
  const { no, lots } = await heldReceipt(the, ['60.000', '40.000']);
  const [a, b] = lots;
  if (!a || !b) throw new Error('two lots were expected');
  return { no, a, b };
}

const optional = [
  'form',
  'depositorAddress',
  'lossStandard',
  'storagePlace',
  'storageFrom',
  'storageFee',
  'insurance',
  'issuedPlace',
  'rightsNotice',
] as const;
test.each(optional)('a receipt without %s is not issued', async (element) => {
  const lots = await freshLots(the, ['1.000']);
  const no = anyNo('WR');
  const { [element]: _, ...incomplete } = elementsOf(the, no, lots);
  const issue = async (tx: Tx) => {
    await draftReceipt(tx, incomplete, actor);
    await issueReceipt(tx, no, actor);
  };
  expect(await run(issue)).toBe('CONTRACT_VIOLATED');
});

test('what a warehouse tells of its receipt is kept, and what it does not tell is named', async () => {
  const lots = await freshLots(the, ['5.000']);
  const company = async (id: string) => {
    const found = await the.store.pool.query<{ name: string; uscc: string }>(
      'select legal_name name, uscc from party where id = $1',
      [id],
    );
    return found.rows[0] ?? { name: '', uscc: '' };
  };
  const told = {
    receiptNo: anyNo('CD'),
    depositor: await company(the.dealer),
    goods: '螺纹钢',
    lots,
    quality: '合格',
    packaging: '捆扎',
    lossStandard: '0.3%',
    storagePlace: '1 号库',
    storageFrom: '2026-11-20T23:00:00+08:00',
    storageTo: '2027-11-20T10:00:00+08:00',
    storageFee: '0.30 元/吨·天',
    issuer: await company(the.keeper),
    issuedAt: new Date().toISOString(),
    sealSha256: seal,
  };
  const record = (tx: Tx) => recordToldReceipt(tx, told, 'WH01', actor);
  await the.store.tx(record);
  await the.store.tx(record);
  expect(await state(told.receiptNo)).toBe('HELD');
  expect(await the.store.tx((tx) => missingElements(tx, told.receiptNo))).toEqual([
    'depositorAddress',
    'form',
    'insurance',
    'issuedPlace',
    'marks',
    'pieces',
    'rightsNotice',
    'specification',
  ]);
  const stranger = { ...told, receiptNo: anyNo('CD'), issuer: { name: '无名', uscc: '91110000MA00000000' } };
  expect(await run((tx) => recordToldReceipt(tx, stranger, 'WH01', actor))).toBe('NOT_FOUND');
});

test('a receipt is split along its lots, and a lot that is shared is parted before', async () => {
  const { no, a, b } = await two();
  const part = { lotNo: `${a.lotNo}-p`, quantity: '20.500' };
  await the.store.tx((tx) => partLot(tx, { lotNo: a.lotNo, documentNo: anyNo('PT'), parts: [part] }, actor));
  const [one, other] = [
    child({ lotNo: a.lotNo, quantity: '39.500' }),
    child(part, { lotNo: b.lotNo, quantity: '40.000' }),
  ];
  await the.store.tx((tx) => splitReceipt(tx, no, [one, other], actor));
  expect([await state(no), await state(one.no), await state(other.no)]).toEqual(['SPLIT', 'HELD', 'HELD']);
  const merged = { no: anyNo('WR'), keeperSha256: seal };
  await the.store.tx((tx) => mergeReceipts(tx, [one.no, other.no], merged, actor));
  const found = await the.store.pool.query<{ sum: string }>(
    'select sum(quantity)::text sum from receipt_item where receipt_no = $1 and bound',
    [merged.no],
  );
  expect(found.rows[0]?.sum).toBe('100.000');
  expect(await run((tx) => splitReceipt(tx, no, [one], actor))).toBe('ILLEGAL_TRANSITION');
});

test('a split that loses, wins or renames goods is refused', async () => {
  const { no, a, b } = await two();
  const whole = { lotNo: b.lotNo, quantity: '40.000' };
  const split = (quantity: string, variety = like.variety) =>
    run((tx) => {
      const one = child({ lotNo: a.lotNo, quantity });
      return splitReceipt(
        tx,
        no,
        [{ ...one, goods: one.goods.map((goods) => ({ ...goods, variety })) }, child(whole)],
        actor,
      );
    });
  expect(await split('59.999')).toBe('STOCK_SHORT');
  expect(await split('60.001')).toBe('STOCK_SHORT');
  expect(await split('60.000', '线材')).toBe('STOCK_SHORT');
  expect(await split('60.000')).toBe('nothing refused it');
});

test('a pledged receipt is not split, merged, endorsed, delivered or made void', async () => {
  const { no, a, b } = await two();
  const deal = await the.bring('received');
  const items = [a, b].map((lot) => ({ ...lot, price: '3400.00', priceAt: new Date().toISOString() }));
  const parties = { pledgor: the.dealer, pledgee: the.funder, supervisor: the.keeper };
  const terms = { securedAmount: '1.00', pledgeRate: '0.700000', items };
  const { pledgeNo, applicationNo } = deal;
  await the.store.tx((tx) => requestPledge(tx, { no: pledgeNo, applicationNo, ...parties, ...terms }, actor));
  expect(await state(no)).toBe('PLEDGE_PENDING');
  for (const act of [
    (tx: Tx) => splitReceipt(tx, no, [child({ lotNo: a.lotNo, quantity: '60.000' })], actor),
    (tx: Tx) => mergeReceipts(tx, [no], { no: anyNo('WR'), keeperSha256: seal }, actor),
    (tx: Tx) => endorseReceipt(tx, no, { party: the.unit, endorserSha256: seal }, actor),
    (tx: Tx) => deliverReceipt(tx, no, [{ lotNo: a.lotNo, quantity: '1.000' }], actor),
    (tx: Tx) => voidReceipt(tx, no, actor),
  ])
    expect(await run(act)).toBe('ILLEGAL_TRANSITION');
});

test('a receipt changes hands by endorsement and countersignature, and is not void afterwards', async () => {
  const { no } = await two();
  const holder = async () =>
    (
      await the.store.pool.query<{ holder: string }>('select holder_id holder from warehouse_receipt where no = $1', [
        no,
      ])
    ).rows[0]?.holder;
  const endorse = (tx: Tx) => endorseReceipt(tx, no, { party: the.unit, endorserSha256: seal }, actor);
  await the.store.tx(endorse);
  expect(await holder()).toBe(the.dealer);
  await the.store.tx((tx) => declineEndorsement(tx, no, actor));
  await the.store.tx(endorse);
  await the.store.tx((tx) => countersignReceipt(tx, no, seal, actor));
  expect(await holder()).toBe(the.unit);
  expect(await run((tx) => voidReceipt(tx, no, actor))).toBe('NOT_ALLOWED');
  const { no: other } = await two();
  expect(await run((tx) => voidReceipt(tx, other, actor))).toBe('nothing refused it');
});

test('goods are delivered in parts, never more than the receipt says', async () => {
  const { no, a, b } = await two();
  const deliver = (...lots: { lotNo: string; quantity: string }[]) => run((tx) => deliverReceipt(tx, no, lots, actor));
  expect(await deliver({ lotNo: a.lotNo, quantity: '60.001' })).toBe('STOCK_SHORT');
  expect(await deliver({ lotNo: a.lotNo, quantity: '60.000' })).toBe('nothing refused it');
  expect(await state(no)).toBe('HELD');
  expect(await deliver({ lotNo: b.lotNo, quantity: '40.000' })).toBe('nothing refused it');
  expect(await state(no)).toBe('DELIVERED');
});

test('no second receipt is told of goods for which one stands', async () => {
  const { lots } = await heldReceipt(the, ['1.000']);
  expect(await run((tx) => tellReceipt(tx, elementsOf(the, anyNo('WR'), lots), actor))).toBe('PLEDGE_OVERLAP');
});
