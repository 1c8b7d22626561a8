/** F2, steps 2 and 3: the order, what is thought of it, and the application on it. */
import { dealers } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import { dealerOf } from './limit.ts';
import { attemptIs, attemptsOf, begin, decides, disbursed, ended, follow, repay, undecided } from './play.ts';

const base = { flow: 'F2' } as const;

export const lostOrder: Scenario = {
  ...base,
  name: 'credit/lost-order',
  failures: ['F2.2'],
  title: { zh: '订单消息丢失，按变更日期补拉', en: 'the message of an order is lost: the hourly pull finds it' },
  async play(stage) {
    const dealer = dealers[0]?.sapNo ?? '';
    const orderNo = `46${stage.unique()}77`;
    await stage.act('sap-s4', 'placeOrder', {
      dealer,
      orderNo,
      material: 'HRB400E-12',
      quantity: '100.000',
      salesOrganization: '3000',
      quiet: true,
    });
    await stage.command('operator', '/v1/due', { what: 'orders', scope: 'XM-CREDIT', on: stage.today() });
    const played = await follow(stage, orderNo, { amount: '100000.00' }, dealer);
    await disbursed(stage, played);
    const cases = await stage.value('select count(*)::int from cases where key = $1', [orderNo]);
    stage.same('one case', cases, 1);
    await stage.act('sap-s4', 'sendIdoc', { orderNo });
    stage.same(
      'the message that comes after all changes nothing',
      await stage.value('select count(*)::int from cases where key = $1', [orderNo]),
      1,
    );
    await repay(stage, played, dealer);
  },
};

export const orderChanged: Scenario = {
  ...base,
  name: 'credit/order-changed',
  failures: ['F2.2'],
  title: {
    zh: '订单事后变更：新版本、预警，超额不放款',
    en: 'the order is changed later: a version, an alert, and no payment above it',
  },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { orderNo, caseNo, applicationNo } = played;
    const attempt = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await stage.act('sap-s4', 'changeOrder', { orderNo, quantity: '40.000' });
    stage.same('the change', (await ended(stage, caseNo, 'order-change')).outcome, 'changed');
    const alert = await stage.rows('select type, state from alert where subject = $1', [orderNo]);
    stage.same('the alert', alert, [{ type: 'CONTRACT_CHANGED', state: 'OPEN' }]);
    stage.same(
      'the order',
      await stage.value('select total::text from trade_order where order_no = $1', [orderNo]),
      '136000.00',
    );
    const version = await stage.value(
      "select payload ->> 'version' from evidence where case_id = $1 and business_key = $2",
      [caseNo, `${orderNo}/v2`],
    );
    stage.same('the version', version, '2');
    await decides(stage, attempt);
    const { outcome, detail } = await ended(stage, caseNo, 'credit');
    stage.same('nothing is paid above the order', [outcome, /LIMIT_INSUFFICIENT/.test(detail)], ['failed', true]);
    stage.same(
      'no payment',
      await stage.value('select count(*)::int from payment where application_no = $1', [applicationNo]),
      0,
    );
    stage.same(
      'nothing paid out',
      stage.effects(attempt.system, 'disbursed').some(({ number }) => number.endsWith(caseNo.slice(-6))),
      false,
    );
  },
};

export const preScreened: Scenario = {
  ...base,
  name: 'credit/pre-screen',
  failures: ['F2.2'],
  title: { zh: '风控预审未通过，退回并给出理由', en: 'the pre-screen refuses the order, with its reasons' },
  async play(stage) {
    const { caseNo } = await begin(stage, { material: 'NI-9996-CATH', quantity: '900.000' });
    const { outcome, detail } = await ended(stage, caseNo, 'credit');
    stage.same('the end', [outcome, detail.includes('订单金额超过预审上限')], ['returned', true]);
    const kept = await stage.rows<{ outcome: string }>('select outcome from decision where case_id = $1', [caseNo]);
    stage.same('the decision is kept', kept, [{ outcome: 'refuse' }]);
    stage.same('the case', await stage.value('select state from cases where id = $1', [caseNo]), 'ended');
    stage.same('evidence', (await stage.evidence(caseNo)).includes('N03'), true);
  },
};

export const precheck: Scenario = {
  ...base,
  name: 'credit/precheck-returned',
  failures: ['F2.3'],
  title: { zh: '准入规则不通过，退回申请', en: 'the admission rules send the application back, with their reasons' },
  async play(stage) {
    const { caseNo } = await begin(stage, { tenorDays: 200 });
    const { outcome, detail } = await ended(stage, caseNo, 'credit');
    stage.same('the end', [outcome, detail], ['returned', '期限超过产品上限']);
  },
};

export const duplicate: Scenario = {
  ...base,
  name: 'credit/duplicate-application',
  failures: ['F2.3'],
  title: {
    zh: '在途重复申请：同号不同内容拒绝，同一资方不重复推送',
    en: 'a duplicate in flight: 409, and no second application at one funder',
  },
  async play(stage) {
    const dealer = dealerOf('0000017103');
    const first = await begin(stage, { dealer: dealer.sapNo, amount: undecided });
    const pushed = await attemptIs(stage, first.applicationNo, 1, 'PUSHED');
    const again = await stage.send('dealer-17103', '/v1/applications', {
      applicationNo: first.applicationNo,
      caseNo: first.caseNo,
      borrowerUscc: dealer.uscc,
      amount: '199000.00',
      currency: 'CNY',
      tenorDays: 90,
      purpose: '支付钢材采购货款',
      documents: [{ type: 'invoice', name: '增值税发票', sha256: '0'.repeat(64) }],
    });
    stage.same(
      'the same number with other content',
      [again.status, JSON.stringify(again.body).includes('IDEMPOTENCY_CONFLICT')],
      [409, true],
    );
    const second = await begin(stage, { dealer: dealer.sapNo, amount: '180000.00' });
    await disbursed(stage, second);
    const asked = await attemptsOf(stage, second.applicationNo);
    stage.same(
      'the funder that has one in flight is not asked',
      asked.some(({ system }) => system === pushed.system),
      false,
    );
    const why = await stage.value(
      "select outcome from decision d join party p on p.id::text = d.subject where d.case_id = $1 and d.outcome = 'refuse' limit 1",
      [second.caseNo],
    );
    stage.same('and why stands with the case', why, 'refuse');
    await decides(stage, pushed, { verdict: 'rejected' });
    const next = await attemptIs(stage, first.applicationNo, 2, 'PUSHED');
    await decides(stage, next, { verdict: 'rejected' });
    const last = await attemptIs(stage, first.applicationNo, 3, 'PUSHED');
    await decides(stage, last, { verdict: 'rejected' });
    stage.same('the first ends', (await ended(stage, first.caseNo, 'credit')).outcome, 'rejected');
    await repay(stage, second, dealer.sapNo);
  },
};
