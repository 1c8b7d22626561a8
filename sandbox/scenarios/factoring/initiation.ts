/** F6, steps 2 and 3: what is returned to the supplier, and how the core enterprise answers or does not. */
import type { Scenario } from '../scenario.ts';
import { core } from '../../world.ts';
import { ending, has } from './funding.ts';
import { actAsCore, confirm, initiate, receivableIs, seal, stateOf, termsOf } from './people.ts';

export const invoicesInvalid: Scenario = {
  name: 'factoring/invoice-not-valid',
  flow: 'F6',
  failures: ['F6.2'],
  title: {
    zh: '发票作废、红冲、查无此票：退回',
    en: 'voided, flushed red, not to be found: returned, with what is wrong',
  },
  async play(stage) {
    for (const [invoiceEnds, why] of [
      ['10', 'void'],
      ['30', 'redFlushed'],
      ['44', 'notFound'],
    ] as const) {
      const story = await initiate(stage, { invoiceEnds });
      await stage.caseEnds(story.caseNo, 'returned');
      const { outcome, detail } = await ending(stage, story);
      stage.same('the outcome', [outcome, detail], ['returned', `INVOICE_NOT_VALID: ${story.invoiceNo} ${why}`]);
      stage.same('the invoice', await stateOf(stage, 'invoice', 'key', story.invoiceNo), 'CHECK_FAILED');
      stage.same('the receivable', await stateOf(stage, 'receivable', 'no', story.receivableNo), undefined);
    }
  },
};

export const taxSourceSilent: Scenario = {
  name: 'factoring/tax-source-late-or-silent',
  flow: 'F6',
  failures: ['F6.2'],
  title: {
    zh: '税局延迟二十小时仍受理，无结果则退回',
    en: 'an answer twenty hours late is an answer; no answer is none',
  },
  async play(stage) {
    const late = await initiate(stage, { invoiceEnds: '88' });
    await receivableIs(stage, late, ['CONFIRMING']);
    await actAsCore(stage, late, 'reject', '应付会计 崔敏', { reason: '非我司应付' });
    const silent = await initiate(stage, { invoiceEnds: '99' });
    await stage.caseEnds(silent.caseNo, 'returned');
    const { outcome, detail } = await ending(stage, silent);
    stage.same('the outcome', outcome, 'returned');
    stage.same('why', detail.startsWith(`INVOICE_NOT_VALID: ${silent.invoiceNo}`), true);
  },
};

export const invoiceExhausted: Scenario = {
  name: 'factoring/invoice-used-up',
  flow: 'F6',
  failures: ['F6.2'],
  title: { zh: '发票占用金额不得超过票面', en: 'all receivables together use no more of an invoice than is on it' },
  async play(stage) {
    const wish = { deductions: '0.00', amount: '100000.00' };
    const first = await initiate(stage, { ...wish, gross: '700000.00' });
    await receivableIs(stage, first, ['CONFIRMING']);
    const again = { ...wish, invoiceNo: first.invoiceNo };
    const tooMuch = await initiate(stage, { ...again, gross: '430000.01' });
    await stage.caseEnds(tooMuch.caseNo, 'returned');
    stage.same('why', (await ending(stage, tooMuch)).detail.startsWith('INVOICE_EXHAUSTED'), true);
    const rest = await initiate(stage, { ...again, gross: '430000.00' });
    await receivableIs(stage, rest, ['CONFIRMING']);
    const used = 'select used_amount::text from invoice where key = $1';
    stage.same('what is used', await stage.value(used, [first.invoiceNo]), '1130000.00');
    for (const story of [first, rest]) {
      await actAsCore(stage, story, 'reject', '应付会计 崔敏', { reason: '非我司应付' });
      await stage.caseEnds(story.caseNo, 'ended');
    }
    stage.same('what is used then', await stage.value(used, [first.invoiceNo]), '0.00');
  },
};

export const registeredBefore: Scenario = {
  name: 'factoring/registered-before',
  flow: 'F6',
  failures: ['F6.2'],
  title: { zh: '中登已有在先登记：停止并预警', en: 'somebody registered before: stopped, and an alert' },
  async play(stage) {
    const supplier = '潍坊鸢都装饰工程有限公司';
    const invoiceNo = `263711${stage.unique()}${stage.unique()}01`;
    await stage.act('registry-zd', 'enterEarlier', {
      debtorName: supplier,
      securedParty: '沙箱商业银行济南分行',
      description: `应收账款质押，发票号 ${invoiceNo}`,
    });
    const story = await initiate(stage, { supplier: 2, invoiceNo });
    await stage.caseEnds(story.caseNo, 'returned');
    const { detail } = await ending(stage, story);
    stage.same('why', detail.startsWith('REGISTRY_HIT'), true);
    const alerts = await stage.value("select count(*)::int from alert where type = 'DUP_ASSET' and subject = $1", [
      story.receivableNo,
    ]);
    stage.same('alerts', alerts, 1);
    stage.same(
      'what of the invoice is used',
      await stage.value('select used_amount::text from invoice where key = $1', [invoiceNo]),
      '0.00',
    );
  },
};

export const noAcceptance: Scenario = {
  name: 'factoring/no-proof-of-acceptance',
  flow: 'F6',
  failures: ['F6.2'],
  title: { zh: '缺少验收证明：退回', en: 'without proof of acceptance: returned' },
  async play(stage) {
    const story = await initiate(stage, { documents: ['purchaseContract'] });
    await stage.caseEnds(story.caseNo, 'returned');
    stage.same('why', (await ending(stage, story)).detail, 'the proof of acceptance is missing');
    stage.same(
      'checks of the invoice',
      await stage.value('select count(*)::int from invoice where key = $1', [story.invoiceNo]),
      0,
    );
  },
};

export const claimLapses: Scenario = {
  name: 'factoring/claim-lapses-four-eyes',
  flow: 'F6',
  failures: ['F6.3'],
  title: { zh: '领用两日未办退回待领；经办不得复核', en: 'a claim falls back after two days; the maker does not sign' },
  async play(stage) {
    const story = await initiate(stage);
    await receivableIs(stage, story, ['CONFIRMING']);
    const standing = () => stateOf(stage, 'confirmation', 'receivable_no', story.receivableNo);
    await actAsCore(stage, story, 'claim', '应付会计 崔敏');
    await stage.until('it is claimed', async () => (await standing()) === 'CLAIMED');
    await stage.advance('3d');
    await stage.until('it lies in the pool again', async () => (await standing()) === 'REQUESTED');
    await actAsCore(stage, story, 'claim', '应付会计 乔楠');
    await actAsCore(stage, story, 'approve', '应付会计 乔楠', termsOf(story));
    await actAsCore(stage, story, 'sign', '应付会计 乔楠', seal);
    await stage.until('it waits for another person', async () => (await standing()) === 'APPROVED');
    await actAsCore(stage, story, 'reject', '财务经理 鲁刚', { reason: '账期不符' });
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('the confirmation', await standing(), 'REJECTED');
    const signed = await stage.value(
      "select count(*)::int from history where entity = 'receivable' and entity_id = $1 and event = 'confirm'",
      [story.receivableNo],
    );
    stage.same('confirmations', signed, 0);
  },
};

export const rejected: Scenario = {
  name: 'factoring/confirmation-rejected',
  flow: 'F6',
  failures: ['F6.3'],
  title: {
    zh: '核心企业拒绝确权：发票解锁，可再次发起',
    en: 'the debtor rejects: the invoice is free, and may be used again',
  },
  async play(stage) {
    const story = await initiate(stage);
    await receivableIs(stage, story, ['CONFIRMING']);
    await actAsCore(stage, story, 'claim', '应付会计 崔敏');
    await actAsCore(stage, story, 'reject', '应付会计 崔敏', { reason: '数量不符' });
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('the run', await ending(stage, story), {
      outcome: 'rejected',
      detail: 'the debtor does not confirm: 数量不符',
    });
    stage.same('the receivable', await stateOf(stage, 'receivable', 'no', story.receivableNo), 'REJECTED');
    const again = await initiate(stage, { invoiceNo: story.invoiceNo });
    await confirm(stage, again);
    await has(stage, again, ['N06']);
    // Nobody allocates it: it ends by itself, and stays confirmed.
    await stage.advance('8d');
    await stage.caseEnds(again.caseNo, 'ended');
    stage.same('the second one', await stateOf(stage, 'receivable', 'no', again.receivableNo), 'CONFIRMED');
  },
};

export const unanswered: Scenario = {
  name: 'factoring/confirmation-overdue',
  flow: 'F6',
  failures: ['F6.3'],
  title: {
    zh: '三十日未确权：第七、十五、二十五日催办，届满上报',
    en: 'no answer for thirty days: reminders on days 7, 15, 25, then escalated',
  },
  async play(stage) {
    const story = await initiate(stage);
    await receivableIs(stage, story, ['CONFIRMING']);
    const tail = story.caseNo.slice('CASE-'.length);
    const reminders = () =>
      stage.effects('notify-sms').filter((line) => JSON.stringify(line).includes(`MS${tail}-CF`)).length;
    for (const [days, count] of [
      ['8d', 1],
      ['8d', 2],
      ['10d', 3],
    ] as const) {
      await stage.advance(days);
      await stage.until(
        `${count} reminders to ${core.name}`,
        async () => new Set(remindersOf(stage, tail)).size >= count,
      );
    }
    stage.same('reminders are sent', reminders() >= 3, true);
    await stage.advance('6d');
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('the run', (await ending(stage, story)).outcome, 'expired');
    stage.same('the receivable', await stateOf(stage, 'receivable', 'no', story.receivableNo), 'EXPIRED');
    stage.same(
      'the invoice',
      await stage.value('select used_amount::text from invoice where key = $1', [story.invoiceNo]),
      '0.00',
    );
  },
};

type Stage = Parameters<Scenario['play']>[0];

/** The vendor's log names our number of each message. */
function remindersOf(stage: Stage, tail: string): string[] {
  const lines = stage.effects('notify-sms').map((line) => JSON.stringify(line));
  return lines.flatMap((line) => new RegExp(`MS${tail}-CF\\d+`).exec(line) ?? []);
}
