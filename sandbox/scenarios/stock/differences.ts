import type { Scenario, Stage } from '../scenario.ts';
import { alertIs, alertOf, ended, lend, outcome, rebar, repayAll, sha, type Lent } from '../marking/lent.ts';
import { counted, differs, explain, kilogramsOf, over, reconcileNext, recount, taken, tonnes } from './lots.ts';

/** Steps 4 to 7: pledged goods are short; explained, counted again, signed by two parties, booked; what is missing is called for. */
export const adjusted: Scenario = {
  name: 'stock/short-and-adjusted',
  flow: 'F9',
  failures: ['F9.4', 'F9.6', 'F9.7'],
  title: {
    zh: '质押货物短少：说明、复盘、双方签署调整单，缺口要求补足',
    en: 'pledged goods are short: a note of two parties, and a call for what is missing',
  },
  async play(stage) {
    const lent = await lend(stage);
    const full = await kilogramsOf(stage, lent.lotNo);
    const found = Math.floor(full * 0.98);
    await counted(stage, lent.lotNo, found);
    const { no: alertNo, level } = await differs(stage, lent.lotNo);
    stage.same('the level', level, 'CALL');
    await taken(stage, lent.caseNo, alertNo);
    await alertIs(stage, 'STOCK_DIFF', lent.lotNo, 'ACKED');
    await explain(stage, alertNo, '装卸损耗');
    const noteNo = await recount(stage, alertNo, lent.lotNo, tonnes(found));
    await stage.decide(lent.caseNo, `note of adjustment ${noteNo}`, { person: '王经办', role: 'FND' });
    stage.same('how it ended', await ended(stage, 'stock-difference', alertNo), 'adjusted');
    await over(stage, lent);
    const moved = await stage.rows<{ kind: string; quantity: string }>(
      'select kind, quantity::text from stock_movement where document_no = $1 order by id',
      [noteNo],
    );
    stage.same('the compensating movement', moved, [
      { kind: 'UNLOCK', quantity: tonnes(full - found) },
      { kind: 'ADJUST', quantity: `-${tonnes(full - found)}` },
    ]);
    stage.same(
      'the books',
      await stage.value('select on_hand::text from stock_lot where lot_no = $1', [lent.lotNo]),
      tonnes(found),
    );
    // Step 7: what is left does not carry the loan at the pledge rate.
    const callNo = await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'OPEN');
    await stage.until('the call to be told', async () => (await stage.evidence(lent.caseNo)).includes('N22'));
    stage.same('evidence N21', (await stage.evidence(lent.caseNo)).filter((node) => node === 'N21').length >= 4, true);
    await repayAll(stage, lent);
    await stage.advance('4d');
    stage.same('the call', await ended(stage, 'margin-call', callNo), 'resolved');
  },
};

/** Steps 4 and 5: nobody takes it within four hours, the keeper does not answer within a day, nobody counts within three. */
export const silent: Scenario = {
  name: 'stock/keeper-silent',
  flow: 'F9',
  failures: ['F9.4', 'F9.5'],
  title: {
    zh: '四小时无人签收升级，保管人逾期不说明由资方决定',
    en: 'nobody takes the alert, the keeper does not explain: it goes to the next, and to the funder',
  },
  async play(stage) {
    const lent = await lend(stage, { dealer: 1 });
    const full = await kilogramsOf(stage, lent.lotNo);
    await counted(stage, lent.lotNo, Math.floor(full * 0.996));
    await stage.until('a difference', async () => (await alertOf(stage, 'STOCK_DIFF', lent.lotNo)) !== undefined);
    const { no: alertNo = '' } = (await alertOf(stage, 'STOCK_DIFF', lent.lotNo)) ?? {};
    await alertIs(stage, 'STOCK_DIFF', lent.lotNo, 'ESCALATED');
    await stage.until('everybody concerned to be called', async () =>
      Promise.resolve(stage.effects('notify-sms', 'sent').some(({ number }) => number === `${alertNo}-B1`)),
    );
    await stage.advance('30h');
    await stage.decide(lent.caseNo, 'the keeper does not explain', {
      person: '王经办',
      role: 'FND',
      reason: '要求移库',
    });
    await stage.advance('4d');
    stage.same('nothing is adjusted without a recount', await outcome(stage, 'stock-difference', alertNo), undefined);
    await recount(stage, alertNo, lent.lotNo, tonnes(full));
    stage.same('how it ended', await ended(stage, 'stock-difference', alertNo), 'found');
    await over(stage, lent);
    await counted(stage, lent.lotNo, full);
    await repayAll(stage, lent);
  },
};

/** Step 6: the pledgee does not sign: a dispute, in which the goods count at the lower figure; it ends when both agree. */
export const disputed: Scenario = {
  name: 'stock/note-refused',
  flow: 'F9',
  failures: ['F9.6', 'F9.7'],
  title: {
    zh: '调整单拒签转争议：按较低数量计值，双方一致后结束',
    en: 'a note that is refused is a dispute: valued at the lower figure until both agree',
  },
  async play(stage) {
    const lent = await lend(stage, { dealer: 2 });
    const full = await kilogramsOf(stage, lent.lotNo);
    await counted(stage, lent.lotNo, Math.floor(full / 2));
    const { no: alertNo } = await differs(stage, lent.lotNo);
    await explain(stage, alertNo, '疑似串货');
    const value = async () => Number(await stage.value('select pledge_value($1)', [lent.pledgeNo]));
    const whole = await value();
    const noteNo = await recount(stage, alertNo, lent.lotNo, tonnes(Math.floor(full / 2)));
    await stage.decide(lent.caseNo, `note of adjustment ${noteNo}`, {
      person: '王经办',
      role: 'FND',
      decision: 'rejected',
      reason: '不认可',
    });
    await stage.until(
      'the dispute',
      async () => (await stage.value('select state from stock_adjustment where no = $1', [noteNo])) === 'REFUSED',
    );
    await alertIs(stage, 'STOCK_DIFF', lent.lotNo, 'ESCALATED');
    stage.same(
      'the books are as they were',
      await stage.value('select on_hand::text from stock_lot where lot_no = $1', [lent.lotNo]),
      tonnes(full),
    );
    stage.same('half of the value', Math.abs((await value()) / whole - 0.5) < 0.001, true);
    const callNo = await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'OPEN');
    // The goods turn up: two people say so, and the call on them ends with the dispute.
    await stage.decide(lent.caseNo, 'dispute about lot', {
      person: '黄建平',
      role: 'WH',
      decision: 'rejected',
      reason: '货物在二号库找到',
    });
    stage.same('how it ended', await ended(stage, 'stock-difference', alertNo), 'dispute dropped');
    stage.same('the whole value', await value(), whole);
    stage.same('the call', await ended(stage, 'margin-call', callNo), 'resolved');
    await counted(stage, lent.lotNo, full);
    await repayAll(stage, lent);
  },
};

/** Step 4: a pledged lot leaves without an order: at the top at once, and the rest of that owner is locked for the pledgee. */
export const unauthorised: Scenario = {
  name: 'stock/left-without-order',
  flow: 'F9',
  failures: ['F9.4'],
  title: {
    zh: '质押批次擅自出库：立即最高级别预警，锁定其余货物',
    en: 'a pledged lot leaves without an order: top level at once, the rest is locked',
  },
  async play(stage) {
    const lent = await lend(stage);
    const full = await kilogramsOf(stage, lent.lotNo);
    const rest = await freeLot(stage, lent);
    await stage.act('wms-qimen', 'moveStock', { why: 'move', lotNo: lent.lotNo });
    const { no: alertNo, level } = await differs(stage, lent.lotNo);
    stage.same('the level', level, 'CALL');
    await stage.until('the funder to be told', async () =>
      Promise.resolve(stage.effects('notify-sms', 'sent').some(({ number }) => number === `${alertNo}-A2`)),
    );
    await stage.until(
      'the rest to be held',
      async () => Number(await stage.value('select frozen from stock_lot where lot_no = $1', [rest])) > 0,
    );
    await stage.until('the warehouse to lock it', async () =>
      Promise.resolve(
        stage.effects('wms-qimen', 'locked').some(({ number }) => number === alertNo.replace(/^AL/, 'HL')),
      ),
    );
    await taken(stage, lent.caseNo, alertNo);
    await explain(stage, alertNo, '误移至三号库，已移回');
    await counted(stage, lent.lotNo, full);
    await recount(stage, alertNo, lent.lotNo, tonnes(full));
    stage.same('how it ended', await ended(stage, 'stock-difference', alertNo), 'found');
    stage.same(
      'the rest is free again',
      await stage.value('select frozen::text from stock_lot where lot_no = $1', [rest]),
      '0.000',
    );
    await repayAll(stage, lent);
  },
};

/** Another lot of that dealer, which it brought in and did not pledge. */
async function freeLot(stage: Stage, { caseNo, caller, dealer }: Lent): Promise<string> {
  const depositNo = caseNo.replace('CASE-', 'CR');
  await stage.command(caller, '/v1/goods-deposits', {
    caseNo,
    depositNo,
    ownerUscc: dealer.uscc,
    sellerNo: '1000',
    lines: [{ lineNo: '10', materialCode: rebar, name: rebar, quantity: '80.000', unit: 'TNE' }],
    ownershipDocs: [{ name: '货权证明', sha256: sha('f') }],
  });
  let lot: unknown;
  await stage.until(`the goods of ${depositNo}`, async () => {
    lot = await stage.value(
      'select l.lot_no from stock_lot l join goods_receipt g on g.receipt_no = l.goods_receipt_no where g.notice_no = $1',
      [depositNo],
    );
    return lot !== undefined;
  });
  return String(lot);
}

/** Step 2: the warehouse made one lot of two: one is gone, another nobody knows. It is told, and never made. */
export const unknownLot: Scenario = {
  name: 'stock/unknown-lot',
  flow: 'F9',
  failures: ['F9.2'],
  title: {
    zh: '批次消失与未知批次：只报差异，绝不自动建账',
    en: 'a lot is gone, another is unknown: a difference, never made by itself',
  },
  async play(stage) {
    const lent = await lend(stage, { dealer: 2 });
    const full = await kilogramsOf(stage, lent.lotNo);
    await stage.act('wms-qimen', 'moveStock', { why: 'merge', lotNo: lent.lotNo, code: `HB${stage.unique()}` });
    const { no: alertNo } = await differs(stage, lent.lotNo);
    const { outcome: how } = await reconcileNext(stage);
    stage.same('the day differs', ['differs', 'signed off'].includes(how), true);
    const [unknown] = await stage.rows<{ subject: string; state: string }>(
      "select subject, state from alert where type = 'STOCK_DIFF' and metric = 'UNKNOWN_LOT' order by opened_at desc limit 1",
    );
    stage.same('the unknown lot is told', unknown !== undefined, true);
    stage.same(
      'and is not made',
      await stage.value('select count(*)::int from stock_lot where lot_no = $1', [unknown?.subject]),
      0,
    );
    await explain(stage, alertNo, '并批后恢复原批次');
    await counted(stage, lent.lotNo, full);
    await counted(stage, unknown?.subject ?? '', 0);
    await recount(stage, alertNo, lent.lotNo, tonnes(full));
    stage.same('how it ended', await ended(stage, 'stock-difference', alertNo), 'found');
    await repayAll(stage, lent);
  },
};
