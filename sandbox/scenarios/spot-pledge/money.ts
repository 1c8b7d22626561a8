/** F3, step 8: what may become of a disbursement. */
import type { Scenario, Stage } from '../scenario.ts';
import { amountOf, begun, ended, lent, loanState, lockedAt, numberOf, type Played } from './cases.ts';

const payments = (stage: Stage, { caseNo }: Played) =>
  stage.rows<{ no: string; state: string; previous: string | null }>(
    `select p.no, p.state, p.previous_no previous from payment p join application a on a.no = p.application_no
     where a.case_id = $1 and p.purpose = 'DISBURSE' order by p.created_at, p.no`,
    [caseNo],
  );

const paidOut = (stage: Stage, { digits }: Played) =>
  stage.effects('bank-open', 'disbursed').filter(({ number }) => number.endsWith(digits));

export const paymentUnknown: Scenario = {
  name: 'spot-pledge/payment-unknown',
  flow: 'F3',
  failures: ['F3.8'],
  title: { zh: '放款结果未知，只查询不重发', en: 'nobody knows whether it was paid: it is asked, never paid again' },
  async play(stage) {
    await stage.fault('bank-open', 'reset-after-effect', { operation: 'disburse' });
    const played = await lent(stage);
    stage.same('paid out', paidOut(stage, played).length, 1);
    const effect = await stage.rows(
      "select queries > 0 queries, attempts from effect where number = $1 and operation = 'bank.disburse'",
      [numberOf('DB', played)],
    );
    stage.same('how it was found out', effect, [{ queries: true, attempts: 1 }]);
  },
};

export const paymentFailsOnce: Scenario = {
  name: 'spot-pledge/payment-fails-once',
  flow: 'F3',
  failures: ['F3.8'],
  title: {
    zh: '放款失败，核对账户后以新编号再付',
    en: 'the payment fails; the account is put right; the next has a number of its own',
  },
  async play(stage) {
    const played = await begun(stage, { changes: { apply: amountOf('2000000.09'), release: () => undefined } });
    await stage.decide(played.caseNo, 'the payment failed', { person: '资方甲', role: 'funder' });
    await stage.until('the loan', async () => (await loanState(stage, played)) === 'ACTIVE');
    const [first, second] = [numberOf('DB', played), numberOf('DBB', played)];
    stage.same('the payments', await payments(stage, played), [
      { no: first, state: 'FAILED', previous: null },
      { no: second, state: 'SUCCEEDED', previous: first },
    ]);
    stage.same(
      'paid out',
      paidOut(stage, played).map(({ number }) => number),
      [second],
    );
  },
};

export const paymentFails: Scenario = {
  name: 'spot-pledge/payment-fails',
  flow: 'F3',
  failures: ['F3.8'],
  title: { zh: '放款失败，不再支付，解锁', en: 'the payment fails and nobody pays again: everything is taken back' },
  async play(stage) {
    const played = await begun(stage, { changes: { apply: amountOf('2000000.02') } });
    await stage.decide(played.caseNo, 'the payment failed', { person: '资方甲', role: 'funder', decision: 'rejected' });
    await ended(stage, played, 'spot-pledge', 'failed');
    await stage.caseEnds(played.caseNo, 'ended');
    stage.same('paid out', paidOut(stage, played), []);
    stage.same('what the warehouse locks', await lockedAt(stage, 'wms-qimen', played), 0);
    const reserved = await stage.value(
      `select sum(l.reserved)::text from credit_limit l where l.no in (select limit_no from limit_movement m join application a on a.no = m.application_no where a.case_id = $1)`,
      [played.caseNo],
    );
    stage.same('what is reserved of the limit', reserved, '0.00');
  },
};

export const paymentReturned: Scenario = {
  name: 'spot-pledge/payment-returned',
  flow: 'F3',
  failures: ['F3.8'],
  title: { zh: '放款次日退票，借据冲销', en: 'the money comes back the next day: no loan is left' },
  async play(stage) {
    const played = await begun(stage, { changes: { apply: amountOf('2000000.03'), release: () => undefined } });
    await stage.decide(played.caseNo, 'the money came back', { person: '资方甲', role: 'funder' });
    await ended(stage, played, 'disbursement-return', 'returned');
    await stage.caseEnds(played.caseNo, 'returned');
    stage.same('the loan', await loanState(stage, played), 'REVERSED');
    stage.same('the payment', await payments(stage, played), [
      { no: numberOf('DB', played), state: 'RETURNED', previous: null },
    ]);
    const limit = await stage.rows(
      `select used::text, reserved::text from credit_limit l where l.no in (select limit_no from limit_movement m join application a on a.no = m.application_no where a.case_id = $1)`,
      [played.caseNo],
    );
    stage.same('the limit', limit, [{ used: '0.00', reserved: '0.00' }]);
    stage.same('what the warehouse locks', await lockedAt(stage, 'wms-qimen', played), 0);
    const registration = await stage.value('select state from registration where pledge_no = $1', [
      numberOf('PL', played),
    ]);
    stage.same('the registration', registration, 'CANCELLED');
  },
};
