import type { Scenario } from '../scenario.ts';
import { alertIs, alertOf, ask, coil, ended, lend, market, nextMorning, project, recover, repayAll } from './lent.ts';

/** Step 1: nothing new is published: the last price less a tenth, an alert, and no drawing on such goods. */
export const stalePrice: Scenario = {
  name: 'marking/stale-price',
  flow: 'F8',
  failures: ['F8.1'],
  title: { zh: '行情缺失：沿用旧价打折，暂停放款', en: 'no price: the last one with a haircut, nothing is drawn' },
  async play(stage) {
    const lent = await lend(stage, { dealer: 1, material: coil });
    const drawing = await stage.placeOrder({ dealer: '0000017103', material: coil, quantity: '100.000' });
    await stage.act('price-quotes', 'freeze', { material: coil });
    await nextMorning(stage);
    const on = await nextMorning(stage);
    await ended(stage, 'marking', await ask(stage, 'marking', on));
    await alertIs(stage, 'PRICE_WARN', `${coil} TNE`, 'OPEN');
    const [used] = await stage.rows<{ stale: boolean; haircut: string }>(
      'select stale, haircut::text from quote_set_item where set_id = $1 and material = $2',
      [`${project}/${on}`, coil],
    );
    stage.same('the price of the set', used, { stale: true, haircut: '0.100000' });
    // A dealer who had everything but the money: the guard refuses the drawing, and the pledge is taken back.
    stage.people(drawing, {}, '0000017103');
    const caseNo = await stage.caseOf(drawing);
    await stage.until('the drawing to be refused', async () => {
      const detail = await stage.value("select detail from run_done where case_id = $1 and flow = 'spot-pledge'", [
        caseNo,
      ]);
      return String(detail).includes('PRICE_STALE');
    });
    stage.same(
      'payments',
      await stage.value(
        'select count(*)::int from payment p join application a on a.no = p.application_no where a.case_id = $1',
        [caseNo],
      ),
      0,
    );
    await stage.act('price-quotes', 'thaw', { material: coil });
    const next = await nextMorning(stage);
    await ended(stage, 'marking', await ask(stage, 'marking', next));
    await alertIs(stage, 'PRICE_WARN', `${coil} TNE`, 'RESOLVED');
    await repayAll(stage, lent);
  },
};

/** Step 1: a jump of more than a tenth is used only when a second source or person says the same. */
export const jumpUnconfirmed: Scenario = {
  name: 'marking/jump-held',
  flow: 'F8',
  failures: ['F8.1'],
  title: {
    zh: '价格跳动超 10%：无人复核不采用，第二来源一致后采用',
    en: 'a price that jumps is held until a second source agrees',
  },
  async play(stage) {
    const lent = await lend(stage, { dealer: 1, material: coil });
    await stage.act('price-quotes', 'shock', { material: coil, factor: '0.85' });
    const on = await nextMorning(stage);
    const key = await ask(stage, 'marking', on);
    await stage.until('the jump to wait for a person', async () =>
      (await stage.tasks()).some(({ title }) => title.en.includes(`price of ${coil}`)),
    );
    // Nobody says so within four hours: the batch goes on without it, with the last price, which is of the day before.
    await ended(stage, 'marking', key);
    stage.same('no call', await alertOf(stage, 'MARGIN_CALL', lent.pledgeNo), undefined);
    const [held] = await stage.rows<{ price: string; date: string }>(
      'select price::text, quote_date::text date from price_quote where material = $1 and held order by as_of desc limit 1',
      [coil],
    );
    stage.same('the jump is held', held?.date, on);
    const quoteNo = `BJ${stage.unique()}`;
    await stage.command('unit', '/v1/price-quotes', {
      quoteNo,
      materialCode: coil,
      unit: 'TNE',
      price: held?.price,
      currency: 'CNY',
      quoteDate: on,
      asOf: `${on}T12:00:00+08:00`,
      quotedBy: '报价员',
    });
    stage.same('the unit says the same', await ended(stage, 'unit-quote', quoteNo), 'kept');
    stage.same(
      'it is free',
      await stage.value('select count(*)::int from price_quote where material = $1 and quote_date = $2 and held', [
        coil,
        on,
      ]),
      0,
    );
    await recover(stage, coil, '1.176471');
    await repayAll(stage, lent);
  },
};

/** Steps 1 and 3: confirmed by a second person; what the feed said is not confirmed by the feed. A warning is told, and a day later it is another's. */
export const warned: Scenario = {
  name: 'marking/warning-escalates',
  flow: 'F8',
  failures: ['F8.3'],
  title: {
    zh: '质押率预警：告知各方，一日无人签收即升级',
    en: 'a warning that nobody takes within a day goes to the next',
  },
  async play(stage) {
    const lent = await lend(stage, { material: coil });
    await market(stage, coil, '0.92');
    const alertNo = await alertIs(stage, 'PRICE_WARN', lent.pledgeNo, 'OPEN');
    await stage.until('the group to be told', async () =>
      Promise.resolve(stage.effects('notify-wecom', 'posted').some(({ number }) => number === `${alertNo}-A`)),
    );
    await stage.until('dealer and funder to be told', async () => {
      const told = stage.effects('notify-sms', 'sent').map(({ number }) => number);
      return Promise.resolve(told.includes(`${alertNo}-A1`) && told.includes(`${alertNo}-A2`));
    });
    await stage.advance('30h');
    await alertIs(stage, 'PRICE_WARN', lent.pledgeNo, 'ESCALATED');
    await stage.decide(lent.caseNo, `take the alert ${alertNo}`, { person: '赵复核', role: 'FND-C' });
    await alertIs(stage, 'PRICE_WARN', lent.pledgeNo, 'ACTION');
    stage.same('how it ended', await ended(stage, 'alert', alertNo), 'acknowledged late');
    stage.same('evidence N20', (await stage.evidence(lent.caseNo)).includes('N20'), true);
    // The value is back: the warning ends by itself.
    await recover(stage, coil, '1.086957');
    await alertIs(stage, 'PRICE_WARN', lent.pledgeNo, 'RESOLVED');
    await repayAll(stage, lent);
  },
};
