/** F5 step 1: while a margin call is open goods are added, not exchanged. */
import { alertIs, called, demanded, ended, lend, rebar, recover, repayAll } from '../marking/lent.ts';
import type { Scenario } from '../scenario.ts';
import { ask, changeNo, decide, deposited, ends, stateOfChange, topUp, type Pledged } from './play.ts';

export const underCall: Scenario = {
  name: 'pledge-change/under-call',
  flow: 'F5',
  failures: ['F5.1'],
  title: { zh: '追加未了，只许补货，不许换货', en: 'while a margin call is open goods are added, not exchanged' },
  async play(stage) {
    const lent = await lend(stage);
    const { caseNo, pledgeNo, loanNo, dealer, caller } = lent;
    const { name, idNo, vehicle } = dealer.picker;
    const it: Pledged = {
      stage,
      dealer,
      caller,
      caseNo,
      pledgeNo,
      loanNo,
      lot: { lotNo: lent.lotNo, materialCode: rebar, quantity: '500.000', unit: 'TNE' },
      financing: { caseNo, applicationNo: caseNo.replace('CASE-', 'AP'), borrowerUscc: dealer.uscc },
      picker: { name, idNo, vehicle },
    };
    const lot = await deposited(it, { quantity: '400.000' });
    const callNo = await called(stage, lent, rebar, '0.85');
    const { goods } = await demanded(stage, caseNo, callNo);
    stage.same('goods are asked for', Number(goods) > 0, true);
    const exchange = changeNo(stage);
    await ask(it, exchange, [lot]);
    stage.same('an exchange', (await ends(it, exchange, 'returned')).split(':')[0], 'LTV_EXCEEDED');
    stage.same('no change began', await stateOfChange(it, exchange), undefined);
    const added = changeNo(stage);
    await topUp(it, added, [lot]);
    await decide(it, added);
    await ends(it, added, 'toppedUp');
    await alertIs(stage, 'MARGIN_CALL', pledgeNo, 'RESOLVED');
    stage.same('how the call ended', await ended(stage, 'margin-call', callNo), 'resolved');
    await recover(stage, rebar, '1.176471');
    await repayAll(stage, lent);
  },
};
