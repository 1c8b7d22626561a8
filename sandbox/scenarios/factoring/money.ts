/** F6, steps 7 and 8: money that does not arrive, vouchers that prove nothing, and what the supplier says. */
import type { Scenario } from '../scenario.ts';
import {
  answerReceipt,
  book,
  ending,
  funded,
  has,
  nothingHeld,
  noticeArrives,
  paid,
  uploadVoucher,
} from './funding.ts';
import { type Story, confirm, finance, initiate, receivableIs, stateOf } from './people.ts';

type Stage = Parameters<Scenario['play']>[0];

/** Up to the moment at which the funder has booked the contract. */
async function ready(stage: Stage, story: Story): Promise<string> {
  await confirm(stage, story);
  const { factor: subscriptionNo = '' } = await finance(stage, story);
  await noticeArrives(stage, story);
  await book(stage, story, 'factor', subscriptionNo);
  return subscriptionNo;
}

const receiptsOf = (stage: Stage, { caseNo }: Story, node: string) =>
  stage.rows<{ payload: Record<string, unknown> }>(
    'select payload from evidence where case_id = $1 and node like $2 order by no',
    [caseNo, `${node}%`],
  );

export const fails: Scenario = {
  name: 'factoring/disbursement-fails',
  flow: 'F6',
  failures: ['F6.7'],
  title: {
    zh: '放款失败：人工决定重发，仍失败则补偿',
    en: 'the payment fails, people send it once more, and then give it up',
  },
  async play(stage) {
    const story = await initiate(stage, { amount: '870000.02' });
    await ready(stage, story);
    await stage.decide(story.caseNo, 'The disbursement failed', { person: '运营经办 丙', role: 'OPS' });
    await stage.until(
      'it has failed twice',
      async () =>
        (await stage.value(
          "select count(*)::int from payment p join application a on a.no = p.application_no where a.case_id = $1 and p.state = 'FAILED'",
          [story.caseNo],
        )) === 2,
    );
    await stage.decide(story.caseNo, 'The disbursement failed', {
      person: '运营经办 丙',
      role: 'OPS',
      decision: 'rejected',
    });
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('the run', await ending(stage, story), { outcome: 'failed', detail: 'no funder has paid' });
    const links = await stage.value(
      'select count(*)::int from payment p join payment b on b.no = p.previous_no join application a on a.no = p.application_no where a.case_id = $1',
      [story.caseNo],
    );
    stage.same('the second follows the first', links, 1);
    stage.same(
      'what the factor paid',
      stage.effects('bank-south', 'disbursed').filter(({ number }) => number.endsWith(story.caseNo.slice(-6))).length,
      0,
    );
    await receivableIs(stage, story, ['CONFIRMED']);
    await nothingHeld(stage, story);
  },
};

export const answerLost: Scenario = {
  name: 'factoring/answer-of-the-bank-lost',
  flow: 'F6',
  failures: ['F6.7'],
  title: {
    zh: '银行已受理而应答丢失：查询，不重复放款',
    en: 'the bank took it and its answer got lost: asked, and paid once',
  },
  async play(stage) {
    const story = await initiate(stage);
    await stage.fault('bank-south', 'timeout-after-effect', { operation: 'disburse' });
    const subscriptionNo = await ready(stage, story);
    const money = await paid(stage, story, subscriptionNo);
    await uploadVoucher(stage, 'factor', money);
    await answerReceipt(stage, story, money.no, 'received');
    await funded(stage, story);
    stage.same('paid', stage.effects('bank-south', 'disbursed').filter(({ number }) => number === money.no).length, 1);
  },
};

export const unproven: Scenario = {
  name: 'factoring/voucher-unproven',
  flow: 'F6',
  failures: ['F6.7', 'F6.8'],
  title: {
    zh: '凭证与银行流水不符：未证实，不自动确认',
    en: 'a voucher that no bank entry matches proves nothing: no automatic acknowledgement',
  },
  async play(stage) {
    const story = await initiate(stage);
    const subscriptionNo = await ready(stage, story);
    const money = await paid(stage, story, subscriptionNo);
    await uploadVoucher(stage, 'factor', { ...money, serial: `${money.serial}X` });
    await stage.until('the voucher is judged', async () => (await receiptsOf(stage, story, 'N15')).length === 2);
    stage.same('the voucher', (await receiptsOf(stage, story, 'N15')).at(-1)?.payload['state'], 'UNPROVEN');
    await stage.advance('5d');
    await stage.advance('5d');
    await stage.until('people are told', async () =>
      stage.effects('notify-wecom').some((line) => JSON.stringify(line).includes(`MG${story.caseNo.slice(5)}-RC`)),
    );
    stage.same('nobody acknowledged', (await receiptsOf(stage, story, 'N16')).length, 0);
    await answerReceipt(stage, story, money.no, 'received');
    await funded(stage, story);
    stage.same('by whom', (await receiptsOf(stage, story, 'N16')).at(-1)?.payload, {
      by: 'supplier',
      automatic: false,
      proven: false,
    });
  },
};

export const automatic: Scenario = {
  name: 'factoring/acknowledged-automatically',
  flow: 'F6',
  failures: ['F6.8'],
  title: {
    zh: '三日提醒，七日且流水已匹配：自动确认并标记',
    en: 'reminded after three days, acknowledged by itself after seven, and flagged',
  },
  async play(stage) {
    const story = await initiate(stage, { supplier: 2 });
    const subscriptionNo = await ready(stage, story);
    const money = await paid(stage, story, subscriptionNo);
    await uploadVoucher(stage, 'factor', money);
    await stage.until('the voucher is judged', async () => (await receiptsOf(stage, story, 'N15')).length === 2);
    stage.same('the voucher', (await receiptsOf(stage, story, 'N15')).at(-1)?.payload['state'], 'PROVEN');
    await stage.advance('5d');
    await stage.until('the supplier is reminded', async () =>
      stage.effects('notify-sms').some((line) => JSON.stringify(line).includes(`${story.caseNo.slice(5)}-RA`)),
    );
    await stage.advance('7d');
    await funded(stage, story);
    stage.same('by whom', (await receiptsOf(stage, story, 'N16')).at(-1)?.payload, {
      by: 'nobody',
      automatic: true,
      proven: true,
    });
  },
};

export const disputed: Scenario = {
  name: 'factoring/receipt-disputed',
  flow: 'F6',
  failures: ['F6.8'],
  title: {
    zh: '资产方否认收款：冻结后续放款，双人核实解除',
    en: 'the supplier says that nothing came: nothing more is paid until two people have found out',
  },
  async play(stage) {
    const story = await initiate(stage, { supplier: 2 });
    const next = await initiate(stage, { supplier: 2 });
    const subscriptionNo = await ready(stage, story);
    const money = await paid(stage, story, subscriptionNo);
    await uploadVoucher(stage, 'factor', money);
    await confirm(stage, next);
    const { factor: nextNo = '' } = await finance(stage, next);
    await noticeArrives(stage, next);
    await answerReceipt(stage, story, money.no, 'disputed', '账户未见入账');
    const standing = () => stateOf(stage, 'party', 'uscc', story.supplier.uscc);
    await stage.until('the supplier is frozen', async () => (await standing()) === 'FROZEN');
    await book(stage, next, 'factor', nextNo);
    await stage.until('the next drawing is refused', async () =>
      (await stage.tasks(next.caseNo)).some(({ title }) => title.en.includes('The disbursement failed')),
    );
    const instructed =
      'select count(*)::int from payment p join application a on a.no = p.application_no where a.case_id = $1';
    stage.same('instructions of it', await stage.value(instructed, [next.caseNo]), 0);
    await stage.decide(story.caseNo, 'Receipt disputed', { person: '运营经办 丙', role: 'OPS' });
    stage.same('one person is not enough', await standing(), 'FROZEN');
    await stage.decide(story.caseNo, 'Receipt disputed', { person: '运营复核 丁', role: 'OPS-C' });
    await funded(stage, story);
    stage.same('then', await standing(), 'ACTIVE');
    await stage.decide(next.caseNo, 'The disbursement failed', { person: '运营经办 丙', role: 'OPS' });
    const late = await paid(stage, next, nextNo);
    await uploadVoucher(stage, 'factor', late);
    await answerReceipt(stage, next, late.no, 'received');
    await funded(stage, next);
    await has(stage, story, ['N16']);
  },
};
