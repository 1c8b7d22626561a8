/** F11 steps 1, 2, 3 and 6: what is late, what only seems so, who hears of it, and how it is mended. */
import { dealers } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import {
  advanceTo,
  bank,
  checkDue,
  lapsed,
  lent,
  limitOf,
  mended,
  noticeGoesOut,
  proofOf,
  repayAll,
  stateOf,
  texts,
  textsOf,
} from './story.ts';

const base = { flow: 'F11' } as const;

export const cured: Scenario = {
  ...base,
  name: 'overdue/cured',
  failures: [],
  title: { zh: '逾期、催收、还清与解冻', en: 'overdue, reminded with proof, repaid, and unfrozen by the funder' },
  async play(stage) {
    const loan = await lapsed(stage);
    await advanceTo(stage, loan, 1);
    await noticeGoesOut(stage, loan, '1-D1');
    const proof = await proofOf(stage, loan, '1-D1');
    stage.same('delivered', proof?.borrower.delivered, true);
    await advanceTo(stage, loan, 2);
    await repayAll(stage, loan);
    await stage.caseEnds(loan.caseNo, 'released');
    const [entry] = await stage.rows<{ penalty: string }>(
      "select sum(amount)::text penalty from loan_entry where loan_no = $1 and item = 'PENALTY' and kind in ('ACCRUE', 'ADJUST')",
      [loan.loanNo],
    );
    stage.same('penalty runs from the due date', Number(entry?.penalty) > 0, true);
    await mended(stage, loan, 'settled');
    stage.same('the first notice', textsOf(stage, loan)[0], '1-D1');
  },
};

export const pending: Scenario = {
  ...base,
  name: 'overdue/money-not-posted',
  failures: ['F11.1'],
  title: { zh: '已到账未入账不算逾期', en: 'money that arrived and is not posted is pending, not overdue' },
  async play(stage) {
    const loan = await lent(stage);
    await advanceTo(stage, loan, 0);
    await stage.fault(bank, 'refuse-connection', { operation: 'adviseRepayment', times: 1_000 });
    try {
      const who = dealers[0];
      await stage.command('dealer-17101', '/v1/releases', {
        releaseNo: loan.caseNo.replace('CASE-', 'RL'),
        caseNo: loan.caseNo,
        applicationNo: loan.applicationNo,
        borrowerUscc: who?.uscc,
        picker: { name: who?.picker.name, idNo: who?.picker.idNo, vehicle: who?.picker.vehicle },
      });
      await stage.until(
        'the money to arrive',
        async () =>
          (await stage.rows('select from repayment where loan_no = $1 and state = $2', [loan.loanNo, 'MATCHED']))
            .length === 1,
      );
      await advanceTo(stage, loan, 1, 1);
      const said = await checkDue(stage);
      stage.same('the check', /[1-9]\d* pending/.test(said), true);
      stage.same('overdue', (await stateOf(stage, loan.loanNo)) === 'OVERDUE', false);
      stage.same('the limit', await limitOf(stage, loan.limitNo), 'ACTIVE');
    } finally {
      await stage.clearFaults(bank);
    }
    await stage.until('the loan to be settled', async () => (await stateOf(stage, loan.loanNo)) === 'SETTLED');
    await stage.caseEnds(loan.caseNo, 'released');
    stage.same('notices', textsOf(stage, loan), []);
  },
};

export const current: Scenario = {
  ...base,
  name: 'overdue/funder-says-current',
  failures: ['F11.2'],
  title: {
    zh: '资金方账面未逾期，先核对后催收',
    en: 'the funder shows no delay: a break first, and no notice goes out',
  },
  async play(stage) {
    const loan = await lent(stage);
    const later = new Date(Date.parse(`${loan.dueOn}T00:00:00Z`) + 30 * 86_400_000).toISOString().slice(0, 10);
    await stage.act(bank, 'extend', { loanNo: loan.funderLoanNo, maturity: later.replaceAll('-', '') });
    await advanceTo(stage, loan, 1, 1);
    await checkDue(stage);
    let breakNo: unknown;
    await stage.until('a break', async () => {
      breakNo = await stage.value(
        "select no from recon_case where subject = $1 and difference like 'STANDING%' and state = 'OPEN'",
        [loan.loanNo],
      );
      return breakNo !== undefined;
    });
    await stage.command('funder', '/v1/loan-standings', {
      statementNo: `LS-${stage.unique()}`,
      loanNo: loan.loanNo,
      standing: 'current',
      maturity: later,
      reason: '已办理展期',
    });
    await stage.until('the loan to be current', async () => (await stateOf(stage, loan.loanNo)) === 'EXTENDED');
    stage.same('the limit', await limitOf(stage, loan.limitNo), 'ACTIVE');
    stage.same('the break', await stage.value('select state from recon_case where no = $1', [breakNo]), 'CLOSED');
    stage.same(
      'its maturity',
      await stage.value('select maturity::text from loan where no = $1', [loan.loanNo]),
      later,
    );
    await repayAll(stage, loan);
    await stage.caseEnds(loan.caseNo, 'released');
    stage.same('notices', textsOf(stage, loan), []);
  },
};

export const bounced: Scenario = {
  ...base,
  name: 'overdue/notice-bounces',
  failures: ['F11.3'],
  title: {
    zh: '催收短信未送达，改由经营单位联系',
    en: 'a notice does not arrive: the unit is told to reach them otherwise',
  },
  async play(stage) {
    const dealer = 1;
    const loan = await lapsed(stage, dealer);
    const phone = dealers[dealer]?.agent.phone;
    await stage.act(texts, 'switchOff', { phone });
    try {
      await advanceTo(stage, loan, 1);
      await noticeGoesOut(stage, loan, '1-D1');
    } finally {
      await stage.act(texts, 'switchOff', { phone, on: true });
    }
    const proof = await proofOf(stage, loan, '1-D1');
    stage.same('delivered', proof?.borrower.delivered, false);
    stage.same('another channel', proof?.unit.otherChannel, true);
    const group = `${loan.caseNo.replace('CASE-', 'OG')}-1-D1`;
    stage.same(
      'the unit was told',
      stage.effects('notify-wecom', 'posted').filter(({ number }) => number === group).length,
      1,
    );
    await repayAll(stage, loan, dealer);
    await mended(stage, loan, 'settled');
    await stage.caseEnds(loan.caseNo, 'released');
  },
};

export const partly: Scenario = {
  ...base,
  name: 'overdue/cured-in-part',
  failures: ['F11.6'],
  title: { zh: '部分还款仍为逾期', en: 'a part of what is late leaves it overdue' },
  async play(stage) {
    const dealer = 1;
    const loan = await lapsed(stage, dealer);
    const who = dealers[dealer];
    await stage.command('funder', '/v1/bank-entries', {
      entryNo: `EN-${stage.unique()}`,
      accountNo: await stage.value(
        'select b.account_no from bank_account b join application a on a.funder_id = b.party_id where a.no = $1 limit 1',
        [loan.applicationNo],
      ),
      amount: '500000.00',
      currency: 'CNY',
      valueDate: stage.today(),
      payer: { name: who?.name, accountNo: who?.account.accountNo },
      reference: loan.loanNo,
    });
    await stage.until(
      'a part to be posted',
      async () =>
        (await stage.rows('select from repayment where loan_no = $1 and state = $2', [loan.loanNo, 'POSTED']))
          .length === 1,
    );
    await stage.advance('1d');
    await checkDue(stage);
    stage.same('the loan', await stateOf(stage, loan.loanNo), 'OVERDUE');
    stage.same('the limit', await limitOf(stage, loan.limitNo), 'FROZEN');
    await repayAll(stage, loan, dealer);
    await mended(stage, loan, 'settled');
    await stage.caseEnds(loan.caseNo, 'released');
  },
};
