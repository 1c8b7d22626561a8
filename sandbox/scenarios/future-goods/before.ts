/** F4 steps 1 to 3, when they do not come about: nothing was paid, and everything is taken back. */
import type { Scenario } from '../scenario.ts';
import { deposit, ends, open, outcomeOf, stateOf, undertake } from './play.ts';

export const noDeposit: Scenario = {
  name: 'future-goods/no-deposit',
  flow: 'F4',
  failures: ['F4.1'],
  title: { zh: '首付保证金三日未到，失效', en: 'the deposit does not come in three days' },
  async play(stage) {
    const it = await open(stage, 1);
    await stage.until('the deposit to be waited for', async () => {
      const waits = await stage.rows(
        "select 1 from wait w join run r on r.id = w.run_id where r.case_id = $1 and w.key like '%depositReceived%'",
        [it.caseNo],
      );
      return waits.length === 1;
    });
    await stage.advance('5d');
    await stage.caseEnds(it.caseNo, 'lapsed');
    stage.same('how it ended', await outcomeOf(it, 'future-goods'), 'lapsed');
    stage.same('applications', await stage.rows('select 1 from application where case_id = $1', [it.caseNo]), []);
    // A fifth of the price is the least.
    const other = await open(stage, 1);
    await deposit(other, 10n);
    await ends(other, 'future-goods', 'returned');
  },
};

export const noRefundClause: Scenario = {
  name: 'future-goods/no-refund-clause',
  flow: 'F4',
  failures: ['F4.2'],
  title: { zh: '卖方拒绝退款条款，产品不可用', en: 'the seller does not take the duty to pay back' },
  async play(stage) {
    const it = await open(stage, 1);
    await deposit(it);
    await undertake(it, { refundClause: false });
    await ends(it, 'future-goods', 'unavailable');
    await stage.caseEnds(it.caseNo, 'ended');
    const books = await stage.rows(
      `select a.state, (select count(*)::int from asset_lock k where k.application_no = a.no and k.released_at is null) locks,
         (select count(*)::int from envelope e where e.application_no = a.no) envelopes from application a where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('the application', books, [{ state: 'WITHDRAWN', locks: 0, envelopes: 0 }]);
    stage.same(
      'rights',
      await stage.rows(
        'select 1 from future_goods f join application a on a.no = f.application_no where a.case_id = $1',
        [it.caseNo],
      ),
      [],
    );
  },
};

export const notPaid: Scenario = {
  name: 'future-goods/payment-fails',
  flow: 'F4',
  failures: ['F4.3'],
  title: { zh: '受托支付失败，撤销登记', en: 'the payment to the mill fails: the registration is cancelled' },
  async play(stage) {
    const it = await open(stage, 1, { amount: () => '1500000.02' });
    await deposit(it);
    await undertake(it);
    await stage.decide(it.caseNo, 'put the payee', { person: 'unit-chen', role: 'operator', decision: 'rejected' });
    await ends(it, 'future-goods', 'failed');
    await stage.caseEnds(it.caseNo, 'ended');
    const books = await stage.rows(
      `select a.state, f.state future, g.state registration, (select count(*)::int from loan l where l.application_no = a.no) loans
       from application a join future_goods f on f.application_no = a.no join registration g on g.application_no = a.no where a.case_id = $1`,
      [it.caseNo],
    );
    stage.same('what is left of it', books, [
      { state: 'WITHDRAWN', future: 'LAPSED', registration: 'CANCELLED', loans: 0 },
    ]);
    const suffix = it.caseNo.slice(-6);
    stage.same(
      'what the bank paid',
      stage.effects('bank-open', 'disbursed').filter(({ number }) => number.endsWith(suffix)).length,
      0,
    );
    stage.same('the right', await stateOf(it), 'LAPSED');
  },
};
