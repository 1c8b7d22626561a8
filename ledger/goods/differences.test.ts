import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, type Books, type Deal } from '../fixture.ts';
import { stateOf } from '../lifecycle.ts';
import { clear } from '../oversight/alerts.ts';
import { keepSnapshot, reconcileStock } from './counts.ts';
import {
  afterMovement,
  clearUnknown,
  demandGap,
  dropNote,
  postNote,
  raiseDifferences,
  writeNote,
} from './differences.ts';
import { pledgeValue } from './pledges.ts';
import { anyNo } from './specimens.fixture.ts';
import { refuseAdjustment } from './stock.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const lotOf = (deal: Deal) => deal.lots[0]?.lotNo ?? '';

async function noted(deal: Deal, counted: string): Promise<string> {
  const no = anyNo('AN');
  const note = { no, lotNo: lotOf(deal), counted, reason: 'short', reportSha256: 'a'.repeat(64), keeperId: the.keeper };
  expect(await the.store.tx((tx) => writeNote(tx, note, actor))).toBeDefined();
  return no;
}

test('a note that is refused counts the goods at the lower figure until the dispute ends', async () => {
  const deal = await the.bring('disbursed');
  const value = () => the.store.tx((tx) => pledgeValue(tx, deal.pledgeNo));
  const whole = await value();
  const no = await noted(deal, '700.000');
  expect(await value()).toBe(whole);
  await the.store.tx((tx) => refuseAdjustment(tx, no, 'not agreed', actor));
  expect(Number(whole) - Number(await value())).toBeCloseTo(0.5 * 3400, 2);
  expect(await the.store.tx((tx) => demandGap(tx, deal.pledgeNo, deal.caseId, actor))).toMatch(/^AL/);
  await the.store.tx((tx) => dropNote(tx, no, 'found', actor));
  expect(await value()).toBe(whole);
  expect(await the.store.tx((tx) => stateOf(tx, 'stock_adjustment', no))).toBe('DROPPED');
  await the.store.tx((tx) => clear(tx, { type: 'MARGIN_CALL', subject: deal.pledgeNo }, actor, 'found'));
});

test('a dispute that both settle is booked, and what was pledged of it is lost', async () => {
  const deal = await the.bring('disbursed');
  const no = await noted(deal, '700.000');
  await the.store.tx((tx) => refuseAdjustment(tx, no, 'not agreed', actor));
  const by = { signerId: the.funder, maker: '仓管员', checker: '资方' };
  expect(await the.store.tx((tx) => postNote(tx, no, by, actor))).toEqual({
    lostPledged: '0.500',
    pledgeNo: deal.pledgeNo,
  });
});

test('a lot rings once, on the case of the loan that it secures', async () => {
  const deal = await the.bring('disbursed');
  const difference = {
    lotNo: lotOf(deal),
    cause: 'QUANTITY',
    level: 'WARN',
    booked: '700.500',
    counted: '695.000',
    gapPledged: '5.500',
  } as const;
  const raised = () => the.store.tx((tx) => raiseDifferences(tx, [difference], 'CASE-none', actor));
  expect(await raised()).toMatchObject([{ caseNo: deal.caseId, pledgeNo: deal.pledgeNo, lotNo: lotOf(deal) }]);
  expect(await raised()).toEqual([]);
});

test('a movement says what would lie there, in the unit told last', async () => {
  const deal = await the.bring('received');
  const lotNo = lotOf(deal);
  const after = (...changes: { lotNo: string; change: string; unit: string }[]) =>
    the.store.tx((tx) => afterMovement(tx, changes));
  expect(await after({ lotNo, change: '-0.500', unit: 'TNE' })).toEqual([{ lotNo, unit: 'TNE', quantity: '700.000' }]);
  expect(await after({ lotNo, change: '-700.500', unit: 'TNE' }, { lotNo, change: '700500.000', unit: 'KGM' })).toEqual(
    [{ lotNo, unit: 'KGM', quantity: '700500.000' }],
  );
  expect(await after({ lotNo: 'L-new', change: '5.000', unit: 'TNE' })).toEqual([
    { lotNo: 'L-new', unit: 'TNE', quantity: '5.000' },
  ]);
});

test('a lot that nobody knows rings until a snapshot of its own project does not show it any more', async () => {
  const { caseId } = await the.bring('disbursed');
  const lot = { lotNo: 'L-nobody', quantity: '5.000', unit: 'TNE' };
  const seen = (no: string, lots: readonly (typeof lot)[]) =>
    the.store.tx(async (tx) => {
      const project = no.split('/')[0] ?? '';
      await keepSnapshot(tx, {
        no,
        warehouse: 'WH-9',
        takenAt: '2026-12-01T15:00:00Z',
        channel: 'FEED',
        countedBy: 'wms',
        lots,
      });
      const differences = await reconcileStock(tx, no, { project });
      await clearUnknown(tx, no, project, actor);
      return (await raiseDifferences(tx, differences, caseId, actor)).length;
    });
  const open = async () =>
    (await the.store.pool.query("select from alert where subject = 'L-nobody' and state = 'OPEN'")).rowCount;
  expect(await seen('PA/2026-12-01', [lot])).toBe(1);
  // Another project's owners are asked in the same warehouse: they know nothing of it.
  await seen('PB/2026-12-01', []);
  expect(await open()).toBe(1);
  expect(await seen('PA/2026-12-02', [lot])).toBe(0);
  await seen('PA/2026-12-03', []);
  expect(await open()).toBe(0);
});
