import type { Scenario } from '../scenario.ts';
import {
  alertIs,
  alertOf,
  called,
  demanded,
  ended,
  funderDecides,
  lend,
  outcome,
  rebar,
  recover,
  repayAll,
} from './lent.ts';

/** Steps 4 and 5: the announcement of money closes nothing; the funder's bank entry does. Meanwhile nothing is drawn. */
export const metInCash: Scenario = {
  name: 'marking/call-met-in-cash',
  flow: 'F8',
  failures: ['F8.4', 'F8.5'],
  title: {
    zh: '追加通知：口头承诺不解除，保证金到账后解除；期间冻结放款',
    en: 'a margin call: a promise closes nothing, cash with its bank entry does',
  },
  async play(stage) {
    const lent = await lend(stage);
    const callNo = await called(stage, lent, rebar, '0.85');
    const { cash, goods } = await demanded(stage, lent.caseNo, callNo);
    const [mark] = await stage.rows<{ cash: string; goods: string; level: string }>(
      'select cash_call::text cash, goods_call::text goods, level from valuation v join revaluation r using (set_id) where v.pledge_no = $1 order by r.at desc limit 1',
      [lent.pledgeNo],
    );
    stage.same('what is asked for', { cash, goods, level: 'CALL' }, mark);
    await stage.until('the dealer to be told', async () =>
      Promise.resolve(stage.effects('notify-sms', 'sent').some(({ number }) => number === `${callNo}-C1`)),
    );
    const may = () =>
      stage.value("select disbursement_may('no_margin_call', $1, '', 1, 'DISBURSE')", [
        lent.caseNo.replace('CASE-', 'AP'),
      ]);
    stage.same('drawings while the call is open', await may(), false);
    stage.same(
      'releases while it is open',
      await stage.value('select pledge_uncovered($1)', [lent.pledgeNo]),
      'LTV_EXCEEDED',
    );
    const topUpNo = `BC${stage.unique()}`;
    await stage.command(lent.caller, '/v1/cash-top-ups', {
      topUpNo,
      caseNo: lent.caseNo,
      applicationNo: lent.caseNo.replace('CASE-', 'AP'),
      borrowerUscc: lent.dealer.uscc,
      amount: cash,
      currency: 'CNY',
    });
    await stage.advance('5h');
    stage.same('a promise', (await alertOf(stage, 'MARGIN_CALL', lent.pledgeNo))?.state, 'OPEN');
    await stage.command('funder', '/v1/margin-entries', {
      entryNo: `BZ${stage.unique()}`,
      reference: topUpNo,
      amount: cash,
      currency: 'CNY',
      statementRef: `LS${stage.unique()}${stage.unique()}`,
    });
    await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'RESOLVED');
    stage.same('how it ended', await ended(stage, 'margin-call', callNo), 'resolved');
    stage.same('drawings', await may(), true);
    await recover(stage, rebar, '1.176471');
    await repayAll(stage, lent);
  },
};

/** Step 5: everything is paid back: that needs no top-up. */
export const metByRepayment: Scenario = {
  name: 'marking/call-met-by-repayment',
  flow: 'F8',
  failures: ['F8.5'],
  title: { zh: '追加通知：以还款解除', en: 'a margin call that repayment ends' },
  async play(stage) {
    const lent = await lend(stage, { dealer: 1 });
    const callNo = await called(stage, lent, rebar, '0.85');
    const { deadline } = await demanded(stage, lent.caseNo, callNo);
    await repayAll(stage, lent);
    stage.same('how it ended', await ended(stage, 'margin-call', callNo), 'resolved');
    await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'RESOLVED');
    stage.same('before the deadline of the call', stage.today() <= deadline, true);
    await recover(stage, rebar, '1.176471');
  },
};

/** Step 6: nothing came in three working days. One person of the funder cannot decide; two give more time; then the price is back. */
export const extended: Scenario = {
  name: 'marking/call-extended',
  flow: 'F8',
  failures: ['F8.6'],
  title: {
    zh: '追加逾期：资方双人续期，行情回升后解除',
    en: 'a call that is not met: two people of the funder give more time',
  },
  async play(stage) {
    const lent = await lend(stage, { dealer: 2 });
    const callNo = await called(stage, lent, rebar, '0.85');
    const { deadline } = await demanded(stage, lent.caseNo, callNo);
    await stage.advance('6d');
    await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'ESCALATED');
    stage.same('its time is over', deadline < stage.today(), true);
    const newDeadline = new Date(stage.now().getTime() + 20 * 86_400_000).toISOString().slice(0, 10);
    const verdict = { act: 'extend', newDeadline, reason: '客户已签订补货合同' };
    const decisionNo = `JD${stage.unique()}`;
    await stage.command('funder', '/v1/call-decisions', {
      decisionNo,
      caseNo: lent.caseNo,
      callNo,
      pledgeNo: lent.pledgeNo,
      verdict,
    });
    await stage.decide(lent.caseNo, 'extend the margin call', { person: '王经办', role: 'FND' });
    const again = await stage.decide(lent.caseNo, 'extend the margin call', { person: '王经办', role: 'FND-C' }).then(
      () => 'taken',
      (thrown: unknown) => String(thrown),
    );
    stage.same('the same person twice', again.includes('SAME_PERSON_APPROVAL'), true);
    await stage.decide(lent.caseNo, 'extend the margin call', { person: '赵复核', role: 'FND-C' });
    stage.same('the decision', await ended(stage, 'call-decision', decisionNo), 'approved');
    await stage.until('the extension to be in the evidence', async () =>
      (await stage.evidence(lent.caseNo)).includes('N23'),
    );
    stage.same('the call goes on', await outcome(stage, 'margin-call', callNo), undefined);
    await recover(stage, rebar, '1.176471');
    await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'RESOLVED');
    stage.same('how it ended', await ended(stage, 'margin-call', callNo), 'resolved');
    await repayAll(stage, lent);
  },
};

/** Step 6: a disposal that began is lifted again by two people (风险解除) when the cause is gone. */
export const lifted: Scenario = {
  name: 'marking/disposal-lifted',
  flow: 'F8',
  failures: ['F8.6'],
  title: { zh: '平仓处置启动后风险解除', en: 'a disposal that two people lift again' },
  async play(stage) {
    const lent = await lend(stage);
    const callNo = await called(stage, lent, rebar, '0.76');
    stage.same('the level', (await alertOf(stage, 'MARGIN_CALL', lent.pledgeNo))?.level, 'DISPOSE');
    const plan = { method: 'SALE', reservePrice: '1000000.00', note: '公开询价' };
    await funderDecides(stage, lent, callNo, { act: 'dispose', plan, reason: '触及处置线' });
    const state = () => stage.value('select state from pledge where no = $1', [lent.pledgeNo]);
    await stage.until('the disposal to begin', async () => (await state()) === 'DISPOSING');
    await recover(stage, rebar, '1.315789');
    await funderDecides(stage, lent, callNo, { act: 'lift', reason: '行情回升，风险解除' });
    await stage.until('it to be lifted', async () => (await state()) === 'EFFECTIVE');
    stage.same('how it ended', await ended(stage, 'margin-call', callNo), 'resolved');
    await repayAll(stage, lent);
  },
};
