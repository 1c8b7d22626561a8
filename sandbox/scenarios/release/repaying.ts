/** F7: the money of a repayment, from the reminder to what is taken back. */
import { dealers, funder } from '../../world.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { advised, askFor, ended, lent, loanState, numberOf, textsOf, type Played } from '../spot-pledge/cases.ts';

const loanOf = async (stage: Stage, { caseNo }: Played) => {
  const [loan] = await stage.rows<{ no: string; funderNo: string; maturity: string; due: string }>(
    `select l.no, l.funder_no "funderNo", l.maturity::text, i.due_on::text due from loan l join application a on a.no = l.application_no
     join instalment i on i.loan_no = l.no where a.case_id = $1 order by i.version desc, i.no limit 1`,
    [caseNo],
  );
  if (!loan) throw new Error(`${caseNo} has no loan`);
  return loan;
};

function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(date) - days * 86_400_000).toISOString().slice(0, 10);
}

export const reminded: Scenario = {
  name: 'release/reminders',
  flow: 'F7',
  failures: ['F7.1'],
  title: { zh: '到期前七、三、一日短信提醒', en: 'seven, three and one day before it is due the dealer is told' },
  async play(stage) {
    const played = await lent(stage);
    const { no, due } = await loanOf(stage, played);
    for (const days of [7, 5, 3, 1])
      await stage.command('operator', '/v1/due', {
        what: 'reminders',
        scope: 'XM-SPOT-PLEDGE',
        on: daysBefore(due, days),
      });
    await stage.until('three text messages', async () => (await textsOf(stage, played, `RM-${no}`)) >= 3);
    const quiet = `reminders/XM-SPOT-PLEDGE/${daysBefore(due, 5)}`;
    await stage.until('the day without reminders to be over', async () => {
      return (await stage.rows("select from run_done where flow = 'reminders' and key = $1", [quiet])).length === 1;
    });
    stage.same('text messages', await textsOf(stage, played, `RM-${no}`), 3);
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
  },
};

const collections = (stage: Stage, { caseNo }: Played) =>
  stage.rows<{ state: string }>(
    `select p.state from payment p join application a on a.no = p.application_no where a.case_id = $1 and p.purpose = 'REPAY' order by p.created_at, p.no`,
    [caseNo],
  );

export const debitRetried: Scenario = {
  name: 'release/no-funds-retried',
  flow: 'F7',
  failures: ['F7.2'],
  title: { zh: '余额不足，日切前重试成功', en: 'no funds; at the cut-off there are' },
  async play(stage) {
    const played = await lent(stage);
    const { accountNo } = played.dealer.account;
    await stage.act('clearing-cpcn', 'empty', { account: accountNo });
    try {
      await askFor(stage, played);
      await stage.until(
        'the first debit to be refused',
        async () => (await collections(stage, played))[0]?.state === 'FAILED',
      );
    } finally {
      await stage.act('clearing-cpcn', 'refill', { account: accountNo });
    }
    await stage.caseEnds(played.caseNo, 'released');
    const states = (await collections(stage, played)).map(({ state }) => state);
    stage.same('the first debit', states[0], 'FAILED');
    stage.same('the last one', states.at(-1), 'SUCCEEDED');
  },
};

export const debitRefused: Scenario = {
  name: 'release/no-funds-due',
  flow: 'F7',
  failures: ['F7.2'],
  title: {
    zh: '到期日余额不足，借据到期未还',
    en: 'no funds on the day it is due: the loan is due, and nothing is released',
  },
  async play(stage) {
    const played = await lent(stage, { changes: { apply: (usual) => ({ ...usual, tenorDays: 7 }) } });
    const { accountNo } = played.dealer.account;
    await stage.act('clearing-cpcn', 'empty', { account: accountNo });
    const { due } = await loanOf(stage, played);
    const left = Math.ceil((Date.parse(`${due}T00:00:00+08:00`) - stage.now().getTime()) / 3_600_000);
    if (left > 0) await stage.advance(`${left}h`);
    try {
      await askFor(stage, played);
      await ended(stage, played, 'release', 'unpaid');
      const state = await loanState(stage, played);
      if (state !== 'DUE' && state !== 'OVERDUE') throw new Error(`the loan is ${String(state)}`);
      stage.same(
        'debits',
        (await collections(stage, played)).map((row) => row.state),
        ['FAILED', 'FAILED'],
      );
      const orders = await stage.value('select count(*)::int from release_order where pledge_no = $1', [
        numberOf('PL', played),
      ]);
      stage.same('release orders', orders, 0);
    } finally {
      await stage.act('clearing-cpcn', 'refill', { account: accountNo });
    }
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
  },
};

/** Money that came by itself, as the funder tells of it. */
function moneyFor(stage: Stage, wish: Record<string, unknown>): object {
  return {
    entryNo: `EN-${stage.unique()}`,
    accountNo: funder.account.accountNo,
    currency: 'CNY',
    valueDate: stage.today(),
    ...wish,
  };
}

const payerOf = ({ dealer }: Played) => ({ name: dealer.name, accountNo: dealer.account.accountNo });

export const moneyMatched: Scenario = {
  name: 'release/money-matched',
  flow: 'F7',
  failures: [],
  title: {
    zh: '客户自行还款，按借据编号匹配入账',
    en: 'the dealer pays by itself, naming the loan: matched and posted',
  },
  async play(stage) {
    const played = await lent(stage);
    const { no } = await loanOf(stage, played);
    const entry = moneyFor(stage, { amount: '500000.00', payer: payerOf(played), reference: no });
    await stage.command('funder', '/v1/bank-entries', entry);
    await ended(stage, played, 'money-posting', 'repaid');
    const posted = await stage.rows('select state, amount::text from repayment where loan_no = $1', [no]);
    stage.same('the repayment', posted, [{ state: 'POSTED', amount: '500000.00' }]);
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
  },
};

export const moneyUnmatched: Scenario = {
  name: 'release/money-unmatched',
  flow: 'F7',
  failures: ['F7.3'],
  title: {
    zh: '来账无法匹配，挂账后人工认领',
    en: 'money without a loan lies in suspense until people say whose it is',
  },
  async play(stage) {
    const played = await lent(stage);
    const { no } = await loanOf(stage, played);
    const entry = moneyFor(stage, { amount: '123456.78', payer: payerOf(played), remark: '货款' }) as {
      entryNo: string;
    };
    await stage.command('funder', '/v1/bank-entries', entry);
    const suspense = await stage.caseOf(`entry/${entry.entryNo}`);
    await stage.until('the worklist', async () => (await stage.tasks(suspense)).length === 1);
    const before = await stage.value('select count(*)::int from repayment where loan_no = $1', [no]);
    stage.same('repayments before anybody said', before, 0);
    // Nobody looks within a day: it goes to more people.
    await stage.advance('2d');
    await stage.until('more people to be asked', async () =>
      (await stage.tasks(suspense)).some(({ roles }) => roles.includes('funder')),
    );
    await stage.decide(suspense, 'money without a loan', { person: '资方甲', role: 'funder', reason: `还 ${no}` });
    await ended(stage, played, 'money-posting', 'repaid');
    const posted = await stage.rows('select state, amount::text from repayment where loan_no = $1', [no]);
    stage.same('the repayment', posted, [{ state: 'POSTED', amount: '123456.78' }]);
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
  },
};

export const thirdParty: Scenario = {
  name: 'release/third-party-pays',
  flow: 'F7',
  failures: ['F7.3'],
  title: { zh: '第三方代偿须资方同意', en: 'somebody else pays: the funder says whether it is taken' },
  async play(stage) {
    const played = await lent(stage);
    const { no } = await loanOf(stage, played);
    const other = dealers[1];
    const payer = { name: other?.name, accountNo: other?.account.accountNo };
    const pay = async (decision: 'approved' | 'rejected') => {
      const entry = moneyFor(stage, { amount: '200000.00', payer, reference: no }) as { entryNo: string };
      await stage.command('funder', '/v1/bank-entries', entry);
      const caseNo = await stage.caseOf(`entry/${entry.entryNo}`);
      await stage.decide(caseNo, 'somebody else pays', { person: '资方甲', role: 'funder', decision });
      const outcome = decision === 'approved' ? 'matched' : 'refused';
      await ended(stage, { ...played, caseNo }, 'incoming-money', outcome);
    };
    await pay('rejected');
    stage.same('repayments', await stage.value('select count(*)::int from repayment where loan_no = $1', [no]), 0);
    await pay('approved');
    await ended(stage, played, 'money-posting', 'repaid');
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
  },
};

export const shadowDiffers: Scenario = {
  name: 'release/shadow-differs',
  flow: 'F7',
  failures: ['F7.4'],
  title: {
    zh: '利息与影子账不符，以资方为准并立案',
    en: 'the funder reckons other interest: its figure stands, and there is a case',
  },
  async play(stage) {
    const played = await lent(stage);
    const { no, funderNo } = await loanOf(stage, played);
    await stage.act('bank-open', 'chargeInterest', { loanNo: funderNo, interest: '88.88' });
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
    const cases = await stage.rows<{ difference: string; state: string }>(
      'select difference, state from recon_case where subject = $1',
      [no],
    );
    stage.same('the case', cases, [{ difference: 'INTEREST differs by 88.88', state: 'OPEN' }]);
    stage.same('the loan', await loanState(stage, played), 'SETTLED');
  },
};

export const cancelledLate: Scenario = {
  name: 'release/registration-cancelled-late',
  flow: 'F7',
  failures: ['F7.7'],
  title: { zh: '结清十个工作日内未注销登记', en: 'the registration is not cancelled within ten working days' },
  async play(stage) {
    const played = await lent(stage);
    await stage.act('registry-zd', 'close', { on: true });
    const registrationNo = await stage.value('select registration_no from registration where pledge_no = $1', [
      numberOf('PL', played),
    ]);
    const alert = () =>
      stage.value("select state from alert where type = 'REG_EXPIRING' and subject = $1", [registrationNo]);
    try {
      await askFor(stage, played);
      await stage.until('the cancellation to be waited for', async () => {
        const rows = await stage.rows('select from wait where key = $1', [
          `registry.registrationChanged:${numberOf('RC', played)}`,
        ]);
        return rows.length > 0;
      });
      await stage.advance('16d');
      await stage.until('the alert', async () => (await alert()) === 'OPEN');
    } finally {
      await stage.act('registry-zd', 'close', { on: false });
    }
    await stage.act('registry-zd', 'process', { requestNo: numberOf('RC', played) });
    await stage.caseEnds(played.caseNo, 'released');
    stage.same('the alert', await alert(), 'RESOLVED');
  },
};

export const reversed: Scenario = {
  name: 'release/reversed-after-release',
  flow: 'F7',
  failures: ['F7.7'],
  title: { zh: '放货后还款被冲正', en: 'a posted repayment is taken back after the goods have gone' },
  async play(stage) {
    const played = await lent(stage, { dealer: 2 });
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
    const { no } = await loanOf(stage, played);
    const repaymentNo = await stage.value('select no from repayment where loan_no = $1 and principal > 0', [no]);
    const reversal = { caseNo: played.caseNo, repaymentNo, on: stage.today(), reason: '付款行撤销' };
    await stage.command('funder', '/v1/repayment-reversals', reversal);
    await advised(stage, played, String(repaymentNo));
    stage.same('the loan', await loanState(stage, played), 'OVERDUE');
    stage.same('the case', await stage.value('select state from cases where id = $1', [played.caseNo]), 'open');
    const alert = await stage.rows("select level, state from alert where type = 'OVERDUE' and subject = $1", [no]);
    stage.same('the alert', alert, [{ level: 'CALL', state: 'OPEN' }]);
    const collection = await stage.rows('select state from recon_case where subject = $1', [no]);
    stage.same('the collection case', collection, [{ state: 'OPEN' }]);
    await stage.decide(played.caseNo, 'reversed after the release', { person: '资方甲', role: 'funder' });
    await stage.decide(played.caseNo, 'reversed after the release', { person: '运营乙', role: 'operator' });
    await ended(stage, played, 'repayment-reversal', 'incident');
  },
};
