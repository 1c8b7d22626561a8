/** F3 and F7 as they should go: from the order to the goods that leave. */
import type { Scenario } from '../scenario.ts';

export const happy: Scenario = {
  name: 'spot-pledge/happy',
  flow: 'F3',
  failures: [],
  title: { zh: '现货质押全流程', en: 'a spot pledge from order to release' },
  async play(stage) {
    const orderNo = await stage.placeOrder();
    stage.people(orderNo);
    const caseNo = await stage.caseOf(orderNo);
    await stage.caseEnds(caseNo, 'released');
    const loan = await stage.rows<{ state: string; balance: string }>(
      'select l.state, l.balance::text from loan l join application a on a.no = l.application_no where a.case_id = $1',
      [caseNo],
    );
    stage.same('the loan', loan, [{ state: 'SETTLED', balance: '0.00' }]);
    const paid = stage.effects('bank-open', 'disbursed').filter(({ number }) => number.endsWith(caseNo.slice(-6)));
    stage.same('what the bank paid out', paid.length, 1);
    const evidence = await stage.evidence(caseNo);
    for (const node of [
      'N01',
      'N02',
      'N03',
      'N04',
      'N05',
      'N09',
      'N11',
      'N12',
      'N13',
      'N14',
      'N15',
      'N17',
      'N18',
      'N19',
    ])
      stage.same(`evidence ${node}`, evidence.includes(node), true);
  },
};
