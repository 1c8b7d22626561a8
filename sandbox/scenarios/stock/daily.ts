import type { Scenario } from '../scenario.ts';
import { alertIs, alertOf, ask, ended, lend, nextMorning, outcome, project, repayAll } from '../marking/lent.ts';
import { counted, kilogramsOf, reconcileNext } from './lots.ts';

/** Steps 1 to 3: what the warehouse has is what the books say, but for what a material may lose; signed off. */
export const agrees: Scenario = {
  name: 'stock/agrees',
  flow: 'F9',
  failures: ['F9.3'],
  title: { zh: '货准：账实相符（公差以内）并签收', en: 'stock agrees within tolerance and is signed off' },
  async play(stage) {
    const lent = await lend(stage);
    // Two in a thousand less: moisture and weighing.
    const kilograms = await kilogramsOf(stage, lent.lotNo);
    await counted(stage, lent.lotNo, kilograms - Math.floor(kilograms / 500));
    const { key, outcome: how } = await reconcileNext(stage);
    stage.same('how it ended', how, 'signed off');
    const lines = await stage.rows<{ cause: string; level: string }>(
      'select distinct cause, level from stock_difference where lot_no = $1',
      [lent.lotNo],
    );
    stage.same('the difference', lines, [{ cause: 'WITHIN_TOLERANCE', level: 'OK' }]);
    stage.same('an alert', await alertOf(stage, 'STOCK_DIFF', lent.lotNo), undefined);
    const caseNo = String(await stage.value('select id from cases where key = $1', [key]));
    stage.same('evidence', await stage.evidence(caseNo), ['N24']);
    stage.same(
      'the count was signed off, too',
      (await stage.value(
        "select count(*)::int from run_done where flow = 'count-report' and outcome = 'signed off'",
      )) !== 0,
      true,
    );
    await counted(stage, lent.lotNo, kilograms);
    await repayAll(stage, lent);
  },
};

/** Step 1: no snapshot in time is an alert; for more than a day it stops drawings; when it comes all is well. */
export const feedLate: Scenario = {
  name: 'stock/feed-late',
  flow: 'F9',
  failures: ['F9.1'],
  title: {
    zh: '库存快照迟到：先预警，超过一天暂停放款',
    en: 'the snapshot is late: an alert, and after a day nothing is drawn',
  },
  async play(stage) {
    const lent = await lend(stage);
    await stage.fault('wms-qimen', 'error-500', { operation: 'readStock', times: 500 });
    const on = await nextMorning(stage);
    const key = await ask(stage, 'stock', on);
    await alertIs(stage, 'STOCK_FEED_LATE', `XM01 ${project} ${on}`, 'OPEN');
    const may = () =>
      stage.value("select disbursement_may('stock_feed_fresh', $1, '', 1, 'DISBURSE')", [
        lent.caseNo.replace('CASE-', 'AP'),
      ]);
    stage.same('drawings after two hours', await may(), true);
    await stage.advance('2d');
    await stage.until(
      'the feed to be more than a day late',
      async () => (await alertOf(stage, 'STOCK_FEED_LATE', 'XM01')) !== undefined,
    );
    stage.same('drawings after a day', await may(), false);
    stage.same('it still waits', await outcome(stage, 'stock', key), undefined);
    await stage.clearFaults('wms-qimen');
    stage.same('how it ended', await ended(stage, 'stock', key), 'signed off');
    await alertIs(stage, 'STOCK_FEED_LATE', 'XM01', 'RESOLVED');
    stage.same('drawings then', await may(), true);
    await repayAll(stage, lent);
  },
};

/** Step 1: a count by hand takes two people; the funder may make one. */
export const byHand: Scenario = {
  name: 'stock/counted-by-hand',
  flow: 'F9',
  failures: ['F9.1'],
  title: { zh: '资方人工盘点：两人、附照片', en: 'a count by hand takes two people and photos' },
  async play(stage) {
    const lent = await lend(stage, { dealer: 1 });
    const quantity = await stage.value('select on_hand::text from stock_lot where lot_no = $1', [lent.lotNo]);
    const count = (countNo: string, secondBy: string, counted: unknown) => ({
      countNo,
      project,
      warehouseCode: 'XM01',
      countedAt: stage.now().toISOString().replace('Z', '+00:00'),
      countedBy: '资方巡库员',
      secondBy,
      photos: ['e'.repeat(64)],
      lots: [{ lotNo: lent.lotNo, quantity: counted, unit: 'TNE' }],
    });
    const alone = `RP${stage.unique()}`;
    await stage.command('funder', '/v1/stock-counts', count(alone, '资方巡库员', quantity));
    await ended(stage, 'manual-count', alone);
    stage.same(
      'one person',
      String(
        await stage.value(
          "select d.detail from run_key k join run_done d on d.id = k.run_id where k.flow = 'manual-count' and k.key = $1",
          [alone],
        ),
      ).includes('SAME_PERSON_APPROVAL'),
      true,
    );
    const both = `RP${stage.unique()}`;
    await stage.command('funder', '/v1/stock-counts', count(both, '仓管员甲', quantity));
    stage.same('two people', await ended(stage, 'manual-count', both), 'signed off');
    await repayAll(stage, lent);
  },
};
