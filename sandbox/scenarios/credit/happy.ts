/** F2 as it should go: order, limit, signed mandate, money on the unit's account, receivable cleared, repaid, limit free again. */
import { city, dealerOf, grantLimit } from './limit.ts';
import { begin, disbursed, ended, repay } from './play.ts';
import { unit } from '../../world.ts';
import type { Scenario } from '../scenario.ts';

export const happy: Scenario = {
  name: 'credit/happy',
  flow: 'F2',
  failures: [],
  title: { zh: '信用融资全流程，循环额度恢复', en: 'credit from order to repayment, a revolving limit restored' },
  async play(stage) {
    const dealer = dealerOf('0000017102');
    // The first order makes the dealer known; its limit follows.
    const first = await begin(stage, { dealer: dealer.sapNo, amount: '100000.00' });
    await disbursed(stage, first);
    await repay(stage, first, dealer.sapNo);
    const limitNo = await grantLimit(stage, dealer, city, '3000000.00');
    const played = await begin(stage, { dealer: dealer.sapNo, amount: '250000.00', preferred: [city.uscc] });
    const { caseNo, applicationNo, orderNo } = played;
    await disbursed(stage, played);
    const limit = () =>
      stage.rows<{ used: string; available: string }>(
        'select used::text, available::text from credit_limit where no = $1',
        [limitNo],
      );
    stage.same('the limit while it is drawn', await limit(), [{ used: '250000.00', available: '2750000.00' }]);
    const mandated = await stage.value('select mandate_payee from envelope where application_no = $1', [applicationNo]);
    stage.same('the mandate names the account of the unit', mandated, unit.account.accountNo);
    const paid = stage.effects('bank-icbc', 'disbursed').filter(({ number }) => number.endsWith(caseNo.slice(-6)));
    stage.same(
      'what the bank paid, and to whom',
      paid.map(({ detail }) => [(detail as { amt: string }).amt, (detail as { payee: string }).payee]),
      [['250000.00', unit.account.accountNo]],
    );
    await stage.act('sap-s4', 'bill', { orderNo });
    stage.same('the receivable', (await ended(stage, caseNo, 'credit-clearing')).outcome, 'cleared');
    const posted = stage.effects('sap-s4', 'posted').filter(({ number }) => number.endsWith(caseNo.slice(-6)));
    stage.same('what the ERP posted', posted.length, 1);
    await repay(stage, played, dealer.sapNo);
    stage.same('the limit is free again', await limit(), [{ used: '0.00', available: '3000000.00' }]);
    const evidence = await stage.evidence(caseNo);
    for (const node of ['N03', 'N04', 'N05', 'N09', 'N14', 'N15', 'N17'])
      stage.same(`evidence ${node}`, evidence.includes(node), true);
  },
};
