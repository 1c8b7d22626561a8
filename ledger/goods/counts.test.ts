import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { books, refusal, type Books } from '../fixture.ts';
import { keepSnapshot, reconcileStock, type Snapshot } from './counts.ts';
import { anyNo } from './specimens.fixture.ts';
import { moveStock, receiveLots } from './stock.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

/** Lots of a warehouse of their own. */
async function lotsIn(warehouse: string, quantities: readonly string[]): Promise<string[]> {
  const no = anyNo('L');
  const lots = quantities.map((quantity, i) => ({
    lotNo: `${no}-${i}`,
    materialCode: 'HRB400',
    quantity,
    unit: 'TNE',
  }));
  await the.store.tx((tx) => receiveLots(tx, warehouse, the.dealer, lots));
  return lots.map(({ lotNo }) => lotNo);
}
async function reconcile(
  warehouse: string,
  counted: Record<string, string>,
  unit = 'TNE',
  extra: Partial<Snapshot> = {},
) {
  const no = anyNo('SN');
  const lots = Object.entries(counted).map(([lotNo, quantity]) => ({ lotNo, quantity, unit }));
  const takenAt = new Date(Date.now() + 1000).toISOString();
  await the.store.tx((tx) =>
    keepSnapshot(tx, { no, warehouse, takenAt, channel: 'FEED', countedBy: 'wms', lots, ...extra }),
  );
  const found = await the.store.tx((tx) => reconcileStock(tx, no));
  expect(await the.store.tx((tx) => reconcileStock(tx, no))).toEqual(found);
  return found.map(({ lotNo, cause, level }) => [lotNo, cause, level]);
}

test('what agrees is signed off, and a difference is classified by its size', async () => {
  const lots = await lotsIn('WH-A', ['1000.000', '1000.000', '1000.000', '1000.000', '1000.000']);
  const counts = ['1000.000', '997.000', '996.999', '980.001', '980.000'];
  const found = await reconcile('WH-A', Object.fromEntries(lots.map((lot, i) => [lot, counts[i] ?? ''])));
  expect(found).toEqual([
    [lots[1], 'WITHIN_TOLERANCE', 'OK'],
    [lots[2], 'QUANTITY', 'INFO'],
    [lots[3], 'QUANTITY', 'WARN'],
    [lots[4], 'QUANTITY', 'CALL'],
  ]);
});

test('a material has a tolerance of its own', async () => {
  await the.store.pool.query("insert into stock_tolerance values ('HRB400', 0.0001) on conflict do nothing");
  try {
    const [lot] = await lotsIn('WH-B', ['1000.000']);
    expect(await reconcile('WH-B', { [lot ?? '']: '999.800' })).toEqual([[lot, 'QUANTITY', 'INFO']]);
  } finally {
    await the.store.pool.query('delete from stock_tolerance');
  }
});

test('a lot that nobody knows is a difference and is not made; one that is gone is one, too', async () => {
  const [lot] = await lotsIn('WH-C', ['10.000']);
  expect(await reconcile('WH-C', { 'L-unheard-of': '5.000' })).toEqual([
    [lot, 'LOT_GONE', 'CALL'],
    ['L-unheard-of', 'UNKNOWN_LOT', 'CALL'],
  ]);
  const made = await the.store.pool.query("select from stock_lot where lot_no = 'L-unheard-of'");
  expect(made.rowCount).toBe(0);
});

test('pledged goods that are not there are at the top at once, with the gap', async () => {
  const deal = await the.bring('effective');
  const no = anyNo('SN');
  const rows = await the.store.pool.query<{ lotNo: string; quantity: string }>(
    `select lot_no "lotNo", on_hand::text quantity from stock_lot where warehouse = 'WH01'`,
  );
  const lots = rows.rows.map((row) => ({
    ...row,
    unit: 'TNE',
    quantity: row.lotNo === deal.lots[0]?.lotNo ? '697.500' : row.quantity,
  }));
  const takenAt = new Date(Date.now() + 1000).toISOString();
  await the.store.tx((tx) =>
    keepSnapshot(tx, { no, warehouse: 'WH01', takenAt, channel: 'FEED', countedBy: 'wms', lots }),
  );
  expect(await the.store.tx((tx) => reconcileStock(tx, no))).toEqual([
    {
      lotNo: deal.lots[0]?.lotNo,
      cause: 'PLEDGED_SHORT',
      level: 'CALL',
      booked: '700.500',
      counted: '697.500',
      gapPledged: '3.000',
    },
  ]);
});

test('what moved after the snapshot was taken is not held against it', async () => {
  const [lot] = await lotsIn('WH-D', ['10.000']);
  const takenAt = new Date(Date.now() + 1).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await the.store.tx((tx) => moveStock(tx, 'OUTBOUND', lot ?? '', '4.000', 'OUT', 'x'));
  expect(await reconcile('WH-D', { [lot ?? '']: '10.000' }, 'TNE', { takenAt })).toEqual([]);
});

test('another unit is no quantity, and a count takes two people', async () => {
  const [lot] = await lotsIn('WH-E', ['10.000']);
  expect(await reconcile('WH-E', { [lot ?? '']: '10000.000' }, 'KGM')).toEqual([[lot, 'UNIT', 'CALL']]);
  const count = {
    no: anyNo('SN'),
    warehouse: 'WH-E',
    takenAt: new Date().toISOString(),
    channel: 'MANUAL',
    countedBy: '甲',
    lots: [],
  } as const;
  expect(await refusal(the.store.tx((tx) => keepSnapshot(tx, count)))).toBe('SAME_PERSON_APPROVAL');
  expect(await refusal(the.store.tx((tx) => keepSnapshot(tx, { ...count, secondBy: '甲' })))).toBe(
    'SAME_PERSON_APPROVAL',
  );
  expect(await refusal(the.store.tx((tx) => keepSnapshot(tx, { ...count, secondBy: '乙' })))).toBe(
    'nothing refused it',
  );
});
