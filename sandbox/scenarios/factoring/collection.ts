/** F6, step 9: the debtor pays elsewhere, too little, or not at all; and an invoice that loses its worth under a loan. */
import { ending, fundedStory, has, noticeArrives, payAsCore, payAsSupplier } from './funding.ts';
import { funders, receivableIs, stateOf } from './people.ts';
import type { Scenario } from '../scenario.ts';

export const oldAccount: Scenario = {
  name: 'factoring/paid-to-the-old-account',
  flow: 'F6',
  failures: ['F6.9'],
  title: { zh: '付至原账户：预警，资产方转付', en: 'paid to the old account: an alert, and the supplier passes it on' },
  async play(stage) {
    const story = await fundedStory(stage);
    await payAsCore(stage, story, story.net, { paidToAccountNo: story.supplier.account.accountNo });
    const alerts = () =>
      stage.rows<{ state: string }>("select state from alert where type = 'OVERDUE' and subject = $1", [
        story.receivableNo,
      ]);
    await stage.until('an alert', async () => (await alerts()).length === 1);
    stage.same(
      'what is collected',
      await stage.value('select collected::text from receivable where no = $1', [story.receivableNo]),
      '0.00',
    );
    await payAsSupplier(stage, story, 'redirect', story.net);
    await stage.caseEnds(story.caseNo, 'settled');
    stage.same('the alert', await alerts(), [{ state: 'RESOLVED' }]);
    const to = stage
      .effects('clearing-cpcn', 'collected')
      .filter(({ number }) => number.endsWith(story.caseNo.slice(-6)));
    stage.same(
      'what was passed on, and to whom',
      to.map(({ detail }) => detail['to']),
      [funders.factor.account.accountNo],
    );
    stage.same(
      'the loan',
      await stage.value(
        'select l.state from loan l join application a on a.no = l.application_no where a.case_id = $1',
        [story.caseNo],
      ),
      'SETTLED',
    );
  },
};

export const shortPaid: Scenario = {
  name: 'factoring/paid-short',
  flow: 'F6',
  failures: ['F6.9'],
  title: { zh: '回款不足：争议，补足后结清', en: 'paid short: disputed, until the rest comes' },
  async play(stage) {
    const story = await fundedStory(stage, { supplier: 2 }, { factor: '500000.00', funder: '380000.00' });
    await payAsCore(stage, story, '500000.00');
    await receivableIs(stage, story, ['DISPUTED']);
    const posted = await stage.value(
      "select sum(r.amount)::text from repayment r join loan l on l.no = r.loan_no join application a on a.no = l.application_no where a.case_id = $1 and r.state = 'POSTED'",
      [story.caseNo],
    );
    stage.same('all of it goes to the funders', posted, '500000.00');
    await payAsCore(stage, story, '600000.01');
    await stage.until('more than is owed is not taken', async () =>
      stage.effects('notify-wecom').some((line) => JSON.stringify(line).includes(`MG${story.caseNo.slice(5)}-PY`)),
    );
    await payAsCore(stage, story, '600000.00');
    await stage.caseEnds(story.caseNo, 'settled');
    stage.same(
      'what is collected',
      await stage.value('select collected::text from receivable where no = $1', [story.receivableNo]),
      story.net,
    );
  },
};

export const boughtBack: Scenario = {
  name: 'factoring/not-paid-bought-back',
  flow: 'F6',
  failures: ['F6.9'],
  title: {
    zh: '到期未付（暗保理）：送达通知，有追索回购',
    en: 'not paid, undisclosed: the held notice is served, and the supplier buys back',
  },
  async play(stage) {
    const story = await fundedStory(stage, { disclosed: false, dueInDays: 30 });
    await stage.advance('20d');
    await stage.advance('20d');
    await receivableIs(stage, story, ['OVERDUE']);
    await noticeArrives(stage, story);
    const served = await stage.rows<{ why: string }>(
      'select triggered_by why from assignment_notice where receivable_no = $1',
      [story.receivableNo],
    );
    stage.same('why the notice was sent', served, [{ why: 'OVERDUE' }]);
    const told = await stage.value('select count(*)::int from signal where key = $1', [
      `hub.factoringOverdue:${story.receivableNo}`,
    ]);
    stage.same('the overdue flow is told', told, 1);
    await payAsSupplier(stage, story, 'buyBack', '1000000.00');
    await stage.caseEnds(story.caseNo, 'settled');
    stage.same('the collection', (await ending(stage, story, 'factoring-collection')).outcome, 'bought back');
    const events = await stage.rows<{ event: string }>(
      "select event from history where entity = 'receivable' and entity_id = $1 and event in ('lapse', 'buyBack', 'close') order by at",
      [story.receivableNo],
    );
    stage.same(
      'what became of it',
      events.map(({ event }) => event),
      ['lapse', 'buyBack', 'close'],
    );
    stage.same('the notice', await stateOf(stage, 'assignment_notice', 'receivable_no', story.receivableNo), 'REVOKED');
    await has(stage, story, ['N10', 'N17', 'N22']);
  },
};

export const paidLate: Scenario = {
  name: 'factoring/not-paid-without-recourse',
  flow: 'F6',
  failures: ['F6.9'],
  title: {
    zh: '到期未付（明保理、无追索）：不得回购，核心企业逾期付款',
    en: 'not paid, without recourse: no buy-back; the debtor pays late',
  },
  async play(stage) {
    const story = await fundedStory(stage, { recourse: false, dueInDays: 30, supplier: 2 });
    await stage.advance('20d');
    await stage.advance('20d');
    await receivableIs(stage, story, ['OVERDUE']);
    await payAsSupplier(stage, story, 'buyBack', '1000000.00');
    await stage.until('it is not taken', async () =>
      stage.effects('notify-wecom').some((line) => JSON.stringify(line).includes(`MG${story.caseNo.slice(5)}-PY`)),
    );
    await payAsCore(stage, story, story.net);
    await stage.caseEnds(story.caseNo, 'settled');
    stage.same('the receivable', await stateOf(stage, 'receivable', 'no', story.receivableNo), 'CLOSED');
  },
};

export const invoiceRed: Scenario = {
  name: 'factoring/invoice-flushed-red',
  flow: 'F6',
  failures: ['F6.2'],
  title: { zh: '放款后发票红冲：预警', en: 'the invoice is flushed red after the money moved: an alert' },
  async play(stage) {
    const story = await fundedStory(stage);
    await stage.act('invoice-vat', 'redFlush', { invoiceCode: '', invoiceNo: story.invoiceNo });
    const alerts = () =>
      stage.rows<{ metric: string }>("select metric from alert where type = 'INVOICE_RED' and subject = $1", [
        story.receivableNo,
      ]);
    await stage.until('an alert', async () => (await alerts()).length === 1);
    stage.same(
      'what is not covered any more',
      (await alerts())[0]?.metric,
      `${story.invoiceNo}: redFlushed, uncovered 1130000.00`,
    );
    stage.same('the invoice', await stateOf(stage, 'invoice', 'key', story.invoiceNo), 'VOIDED');
    await has(stage, story, ['N03']);
    await payAsCore(stage, story, story.net);
    await stage.caseEnds(story.caseNo, 'settled');
  },
};
