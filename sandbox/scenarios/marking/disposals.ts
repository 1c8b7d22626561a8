import { funder, unit } from '../../world.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { called, coil, ended, funderDecides, lend, loanState, recover, sha, type Lent } from './lent.ts';

const picker = { name: '刘大勇', idNo: '350600199509090090', vehicle: '闽A12345' };

function sale(saleNo: string, buyer: { name: string; uscc: string }, price: string, costs: string) {
  const { name, uscc } = buyer;
  return {
    act: 'sell',
    sale: { saleNo, contractSha256: sha('c'), buyer: { name, uscc }, price, costs, picker },
    reason: '询价最高',
  };
}

async function disposing(stage: Stage, dealer: number): Promise<{ lent: Lent; callNo: string }> {
  const lent = await lend(stage, { dealer, material: coil });
  const callNo = await called(stage, lent, coil, '0.76');
  const plan = { method: 'AGREED_DISCOUNT', reservePrice: '1000000.00', note: '协议折价' };
  await funderDecides(stage, lent, callNo, { act: 'dispose', plan, reason: '触及处置线，客户无力追加' });
  await stage.until(
    'the disposal to begin',
    async () => (await stage.value('select state from pledge where no = $1', [lent.pledgeNo])) === 'DISPOSING',
  );
  return { lent, callNo };
}

/** Step 7: the pledgee may not keep the goods; the buyer pays costs, interest, principal in this order; what is left is the pledgor's. */
export const soldWithSurplus: Scenario = {
  name: 'marking/sold-with-surplus',
  flow: 'F8',
  failures: ['F8.6', 'F8.7'],
  title: {
    zh: '处置：不得归质权人所有，清偿顺序费用、利息、本金，余款返还出质人',
    en: 'a sale: not to the pledgee, costs before interest before principal, surplus to the pledgor',
  },
  async play(stage) {
    const { lent, callNo } = await disposing(stage, 1);
    const forfeit = `JD${stage.unique()}`;
    const { caseNo, pledgeNo } = lent;
    const kept = sale(`CZ${stage.unique()}`, funder, '1.00', '0.00');
    await stage.command('funder', '/v1/call-decisions', {
      decisionNo: forfeit,
      caseNo,
      callNo,
      pledgeNo,
      verdict: kept,
    });
    stage.same('the pledgee keeps it', await ended(stage, 'call-decision', forfeit), 'refused');
    const funderLoan = String(await stage.value('select funder_no from loan where no = $1', [lent.loanNo]));
    await stage.act('bank-open', 'chargeFee', { loanNo: funderLoan, fee: '8000.00' });
    const saleNo = `CZ${stage.unique()}`;
    const price = '1600000.00';
    await funderDecides(stage, lent, callNo, sale(saleNo, unit, price, '8000.00'));
    stage.same('how it ended', await ended(stage, 'margin-call', callNo), 'disposed');
    stage.same('the loan', await loanState(stage, caseNo), 'SETTLED');
    stage.same('the pledge', await stage.value('select state from pledge where no = $1', [pledgeNo]), 'DISPOSED');
    const [paid] = await stage.rows<{ type: string; fee: string; fees: boolean; sums: boolean }>(
      `select type, fee::text, interest > 0 and principal > 0 fees, fee + penalty + compound + interest + principal = amount sums
       from repayment where loan_no = $1 order by no limit 1`,
      [lent.loanNo],
    );
    stage.same('the first payment', paid, { type: 'DISPOSAL', fee: '8000.00', fees: true, sums: true });
    const [sums] = await stage.rows<{ whole: boolean; back: string }>(
      `select sum(p.amount) = $2::numeric whole, max(case when p.purpose = 'REFUND' then p.payee_account end) back
       from payment p join application a on a.no = p.application_no where a.case_id = $1 and p.state = 'SUCCEEDED' and p.purpose <> 'DISBURSE'`,
      [caseNo, price],
    );
    stage.same('all of the price, the rest to the pledgor', sums, { whole: true, back: lent.dealer.account.accountNo });
    stage.same(
      'goods that left',
      stage.effects('wms-qimen', 'outbound').filter(({ number }) => number === saleNo).length,
      1,
    );
    stage.same('the case', await stage.value('select state from cases where id = $1', [caseNo]), 'disposed');
    stage.same(
      'on hand',
      await stage.value('select on_hand::text from stock_lot where lot_no = $1', [lent.lotNo]),
      '0.000',
    );
    const nodes = await stage.evidence(caseNo);
    for (const node of ['N20', 'N22', 'N23', 'N17', 'N19']) stage.same(`evidence ${node}`, nodes.includes(node), true);
    await recover(stage, coil, '1.315789');
  },
};

/** Step 7: it brought less than is owed: the rest stays owed, unsecured. */
export const soldShort: Scenario = {
  name: 'marking/sold-short',
  flow: 'F8',
  failures: ['F8.7'],
  title: { zh: '处置所得不足清偿：差额仍欠', en: 'a sale that brings less than is owed' },
  async play(stage) {
    const { lent, callNo } = await disposing(stage, 2);
    await funderDecides(stage, lent, callNo, sale(`CZ${stage.unique()}`, unit, '300000.00', '0.00'));
    stage.same('how it ended', await ended(stage, 'margin-call', callNo), 'disposed');
    stage.same('the loan', await loanState(stage, lent.caseNo), 'ACTIVE');
    const [owed] = await stage.rows<{ part: boolean }>(
      'select balance > 0 and balance < principal part from loan where no = $1',
      [lent.loanNo],
    );
    stage.same('what is still owed', owed, { part: true });
    stage.same('the case', await stage.value('select state from cases where id = $1', [lent.caseNo]), 'open');
    await recover(stage, coil, '1.315789');
    // The dealer pays the rest as a loan without goods behind it.
    await stage.command(lent.caller, '/v1/loan-repayments', {
      requestNo: `HK${stage.unique()}`,
      caseNo: lent.caseNo,
      applicationNo: lent.caseNo.replace('CASE-', 'AP'),
      borrowerUscc: lent.dealer.uscc,
    });
    await stage.caseEnds(lent.caseNo, 'repaid');
  },
};
