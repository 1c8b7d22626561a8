/** F2, steps 6 and 6a: the entrusted payment, and the receivable that it clears. */
import type { Scenario } from '../scenario.ts';
import { city } from './limit.ts';
import { begin, disbursed, ended, heldOf, repay } from './play.ts';

const base = { flow: 'F2' } as const;

export const unknownPayment: Scenario = {
  ...base,
  name: 'credit/payment-unknown',
  failures: ['F2.6'],
  title: {
    zh: '放款结果不明：只查询，不重发',
    en: 'nobody knows what became of the payment: it is asked about, never sent again',
  },
  async play(stage) {
    await stage.fault('bank-icbc', 'timeout-after-effect', { operation: 'disburse' });
    const played = await begin(stage, { amount: '150000.00', preferred: [city.uscc] });
    try {
      await disbursed(stage, played);
    } finally {
      await stage.clearFaults('bank-icbc');
    }
    const paid = stage
      .effects('bank-icbc', 'disbursed')
      .filter(({ number }) => number.endsWith(played.caseNo.slice(-6)));
    stage.same('paid once', paid.length, 1);
    stage.same(
      'instructed once',
      await stage.value("select count(*)::int from payment where application_no = $1 and purpose = 'DISBURSE'", [
        played.applicationNo,
      ]),
      1,
    );
    await repay(stage, played);
  },
};

export const failedPayment: Scenario = {
  ...base,
  name: 'credit/payment-failed',
  failures: ['F2.6'],
  title: { zh: '放款失败，未能更正账户：释放额度', en: 'the payment fails and is not mended: the limit is free again' },
  async play(stage) {
    const played = await begin(stage, { amount: '160000.02' });
    const { caseNo, applicationNo } = played;
    await stage.decide(caseNo, 'payment failed', { person: '运营经办', role: 'operator', decision: 'rejected' });
    stage.same('the end', (await ended(stage, caseNo, 'credit')).outcome, 'failed');
    stage.same('reserved', await heldOf(stage, applicationNo), '0.00');
    stage.same(
      'the payment',
      await stage.rows('select state from payment where application_no = $1', [applicationNo]),
      [{ state: 'FAILED' }],
    );
  },
};

export const returnedPayment: Scenario = {
  ...base,
  name: 'credit/payment-returned',
  failures: ['F2.6'],
  title: { zh: '放款退票：借据冲销，额度恢复', en: 'the money comes back: the loan is reversed, the limit restored' },
  async play(stage) {
    const played = await begin(stage, { amount: '170000.03' });
    const { applicationNo } = played;
    await stage.until(
      'the loan to be reversed',
      async () =>
        (await stage.value('select state from loan where application_no = $1', [applicationNo])) === 'REVERSED',
    );
    const moved = await stage.rows<{ kind: string }>(
      'select kind from limit_movement where application_no = $1 order by id',
      [applicationNo],
    );
    stage.same('the limit', moved.map(({ kind }) => kind).includes('REVERSE'), true);
  },
};

export const notCleared: Scenario = {
  ...base,
  name: 'credit/not-cleared',
  failures: ['F2.6a'],
  title: {
    zh: '一日内应收未清账：立对账案件',
    en: 'the receivable is not cleared within a day: a reconciliation case',
  },
  async play(stage) {
    const played = await begin(stage, { amount: '140000.00' });
    const { caseNo, orderNo } = played;
    await disbursed(stage, played);
    await stage.act('sap-s4', 'bill', { orderNo });
    const reference = caseNo.replace('CASE-', 'CL');
    await stage.until('the posting', () =>
      Promise.resolve(stage.effects('sap-s4', 'posted').some(({ number }) => number === reference)),
    );
    await stage.act('sap-s4', 'reverse', { reference });
    const { outcome } = await ended(stage, caseNo, 'credit-clearing');
    stage.same('the clearing', outcome, 'not cleared');
    const [found] = await stage.rows<{ subject: string; state: string; difference: string }>(
      'select subject, state, difference from recon_case where no like $1',
      [`RC-${reference}-%`],
    );
    stage.same(
      'the case',
      [found?.subject, found?.state, found?.difference.startsWith('NOT_CLEARED 140000.00')],
      [orderNo, 'OPEN', true],
    );
    await repay(stage, played);
  },
};
