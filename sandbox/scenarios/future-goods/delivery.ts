/** F4 steps 4 and 5, when goods are late, never come, or are lost. */
import type { Scenario } from '../scenario.ts';
import {
  arrived,
  becomes,
  deposit,
  dispatch,
  endorse,
  ends,
  inspect,
  open,
  paid,
  payBack,
  places,
  stateOf,
  undertake,
  type FutureCase,
} from './play.ts';

export const late: Scenario = {
  name: 'future-goods/late',
  flow: 'F4',
  failures: ['F4.4'],
  title: {
    zh: '到货逾预计三日，预警后到齐',
    en: 'three days after the estimated arrival there is an alert, then the goods come in two parts',
  },
  async play(stage) {
    const it = await open(stage, 2, { quantity: '1200.500' });
    await deposit(it);
    await undertake(it);
    await paid(it);
    // Counted thirty hours after the notice, and expected a week ago.
    await dispatch(it, { no: '1', quantity: '700.024', etaDays: -7 });
    await stage.until('the alert', async () => (await alerts(it)).some(({ state }) => state === 'OPEN'));
    await arrived(it);
    await inspect(it);
    stage.same(
      'the alert',
      (await alerts(it)).map(({ state }) => state),
      ['RESOLVED'],
    );
    await dispatch(it, { no: '2', quantity: '500.476' });
    const lots = await inspect(it, undefined, 2);
    await endorse(it, lots);
    await ends(it, 'future-delivery', 'converted');
    stage.same('where it is', (await places(it))['receipt'], it.quantity);
  },
};

const alerts = ({ stage, caseNo }: FutureCase) =>
  stage.rows<{ state: string }>("select state from alert where case_id = $1 and type = 'STOCK_FEED_LATE'", [caseNo]);

export const refunded: Scenario = {
  name: 'future-goods/never-delivered',
  flow: 'F4',
  failures: ['F4.4'],
  title: {
    zh: '交货期限已过，卖方退款冲本金',
    en: 'the agreed day passes: the seller pays back, which reduces the principal',
  },
  async play(stage) {
    const it = await open(stage, 2);
    await deposit(it);
    await undertake(it, { deliverInDays: 20 });
    await paid(it);
    await stage.advance('25d');
    await becomes(it, 'REFUNDING');
    const lent = String(
      await stage.value(
        'select principal::text from loan l join application a on a.no = l.application_no where a.case_id = $1',
        [it.caseNo],
      ),
    );
    await payBack(it, lent);
    await ends(it, 'future-delivery', 'refunded');
    stage.same('the right', await stateOf(it), 'REFUNDED');
    const loan = await stage.rows<{ paid: boolean; less: boolean }>(
      `select exists (select from repayment r where r.loan_no = l.no and r.state = 'POSTED' and r.type = 'DEBTOR_PAYMENT') paid, l.balance < l.principal / 50 less
       from loan l join application a on a.no = l.application_no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('the loan', loan, [{ paid: true, less: true }]);
    const where = await places(it);
    stage.same(
      'the units',
      { future: where['future'], short: where['short'], whole: where['whole'] },
      { future: '0.000', short: it.quantity, whole: 'true' },
    );
    const collected = stage
      .effects('clearing-cpcn', 'collected')
      .filter(({ detail }) => JSON.stringify(detail).includes(String(fen(lent))));
    stage.same('what the mill paid through clearing', collected.length >= 1, true);
    const evidence = await stage.evidence(it.caseNo);
    for (const node of ['N17', 'N22']) stage.same(`evidence ${node}`, evidence.includes(node), true);
  },
};

const fen = (yuan: string): bigint => BigInt(yuan.replace('.', ''));

export const sellerDefaults: Scenario = {
  name: 'future-goods/seller-does-not-pay-back',
  flow: 'F4',
  failures: ['F4.4'],
  title: { zh: '卖方逾期不退款，转追索', en: 'the seller does not pay back: people pursue it' },
  async play(stage) {
    const it = await open(stage, 2);
    await deposit(it);
    await undertake(it, { deliverInDays: 20 });
    await paid(it);
    await stage.advance('25d');
    await becomes(it, 'REFUNDING');
    await stage.advance('16d');
    await stage.decide(it.caseNo, 'the seller does not pay back', { person: 'risk-zhou', role: 'operator' });
    await ends(it, 'future-delivery', 'refundOverdue');
    stage.same('the right', await stateOf(it), 'REFUNDING');
    stage.same('whole', (await places(it))['whole'], 'true');
  },
};

export const lost: Scenario = {
  name: 'future-goods/lost-in-transit',
  flow: 'F4',
  failures: ['F4.5'],
  title: { zh: '在途灭失，保险索赔权归资方', en: 'lost in transit: the claim is the funder’s' },
  async play(stage) {
    const it = await open(stage, 2, { quantity: '1200.028' });
    await deposit(it);
    await undertake(it);
    await paid(it);
    await dispatch(it);
    await becomes(it, 'DELIVERING');
    const report = (no: string, event: string) =>
      stage.command('mill', '/v1/transit-reports', {
        caseNo: it.caseNo,
        dispatchNo: `FH1-${it.caseNo}`,
        reportNo: `ZT${no}-${it.caseNo}`,
        at: stage.now().toISOString(),
        event,
        place: '台湾海峡北口',
        ...(event === 'lost' ? { claimNo: `LP-${it.caseNo}` } : {}),
      });
    await report('1', 'position');
    await ends(it, 'transit-report', 'noted');
    await report('2', 'lost');
    await becomes(it, 'LOST');
    await stage.decide(it.caseNo, 'pursue the claim', { person: 'funder-wang', role: 'funder' });
    await ends(it, 'future-delivery', 'lost');
    const books = await stage.rows(
      `select f.claim_no claim, f.unsecured_since is not null unsecured, exists (select from alert al where al.subject = l.no and al.type = 'MARGIN_CALL' and al.state = 'OPEN') flagged
       from future_goods f join loan l on l.application_no = f.application_no join application a on a.no = f.application_no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('the claim and the exposure', books, [{ claim: `LP-${it.caseNo}`, unsecured: true, flagged: true }]);
    const where = await places(it);
    stage.same(
      'the units',
      { transit: where['transit'], short: where['short'], whole: where['whole'] },
      { transit: '0.000', short: it.quantity, whole: 'true' },
    );
  },
};
