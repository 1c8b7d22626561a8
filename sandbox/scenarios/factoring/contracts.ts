/** F6, steps 6 and 6a: contracts that are not signed, registrations that came before, notices that did not arrive. */
import { factor, core } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import { ending, fund, has, nothingHeld, noticeSent } from './funding.ts';
import {
  allocate,
  closeOffer,
  confirm,
  finance,
  fixRate,
  initiate,
  placed,
  receivableIs,
  stateOf,
  subscribe,
} from './people.ts';

const envelopesOf = `select e.state from envelope e join application a on a.no = e.application_no where a.case_id = $1 order by e.no`;

export const funderRefuses: Scenario = {
  name: 'factoring/funder-refuses-to-sign',
  flow: 'F6',
  failures: ['F6.6'],
  title: { zh: '资金方拒签：作废，退回资产分配', en: 'a funder refuses to sign: superseded, back to the allocation' },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    await stage.act('esign-qiyuesuo', 'refuseNext', { tenantName: factor.name, manner: 'rejects' });
    await finance(stage, story, { factor: story.amount });
    await stage.until(
      'the offer is taken back',
      async () =>
        (await stage.value(
          "select count(*)::int from asset_offer o join application a on a.no = o.application_no where a.case_id = $1 and o.state = 'WITHDRAWN'",
          [story.caseNo],
        )) === 1,
    );
    const offerNo = await allocate(stage, story, ['funder']);
    const subscriptionNo = await subscribe(stage, offerNo, 'funder', story.amount);
    await placed(stage, subscriptionNo);
    stage.same('the other offer', await closeOffer(stage, offerNo), 'FULLY_SUBSCRIBED');
    await fixRate(stage, story, offerNo);
    await fund(stage, story, { funder: subscriptionNo });
    stage.same('the envelopes', await stage.rows(envelopesOf, [story.caseNo]), [
      { state: 'SUPERSEDED' },
      { state: 'COMPLETED' },
    ]);
    const applications = await stage.rows<{ no: string; state: string }>(
      'select no, state from application where case_id = $1 order by no',
      [story.caseNo],
    );
    stage.same('the applications', applications, [
      { no: story.factoringNo, state: 'WITHDRAWN' },
      { no: `${story.factoringNo}B`, state: 'DISBURSED' },
    ]);
  },
};

export const supplierRefuses: Scenario = {
  name: 'factoring/supplier-refuses-then-signs',
  flow: 'F6',
  failures: ['F6.6'],
  title: {
    zh: '资产方拒签：作废并重新出具合同',
    en: 'the supplier refuses: superseded, and the contracts are made anew',
  },
  async play(stage) {
    const story = await initiate(stage, { supplier: 2 });
    await confirm(stage, story);
    await stage.act('esign-qiyuesuo', 'refuseNext', { tenantName: story.supplier.name, manner: 'rejects' });
    const subscriptions = await finance(stage, story);
    await stage.decide(story.caseNo, 'Contracts not signed', { person: '运营经办 丙', role: 'OPS' });
    await fund(stage, story, subscriptions);
    stage.same('the envelopes', await stage.rows(envelopesOf, [story.caseNo]), [
      { state: 'SUPERSEDED' },
      { state: 'COMPLETED' },
    ]);
    await has(stage, story, ['N09', 'N15']);
  },
};

export const signingExpires: Scenario = {
  name: 'factoring/signing-expires',
  flow: 'F6',
  failures: ['F6.6'],
  title: {
    zh: '核心企业逾期未签：作废，全部补偿',
    en: 'the core enterprise does not sign in time: superseded, all is given back',
  },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    await stage.act('esign-qiyuesuo', 'refuseNext', { tenantName: core.name, manner: 'waits' });
    await finance(stage, story);
    await stage.until(
      'it is put to the signers',
      async () => (await stage.rows(envelopesOf, [story.caseNo])).length === 1,
    );
    // The others have signed, and its turn has come.
    await stage.until('the core enterprise is asked to sign', async () => {
      const { unwilling } = (await stage.memory('esign-qiyuesuo')) as { unwilling?: Record<string, string> };
      return unwilling?.[core.name] === undefined;
    });
    await stage.advance('9d');
    await stage.decide(story.caseNo, 'Contracts not signed', {
      person: '运营经办 丙',
      role: 'OPS',
      decision: 'rejected',
    });
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('the envelope', await stage.rows(envelopesOf, [story.caseNo]), [{ state: 'SUPERSEDED' }]);
    await receivableIs(stage, story, ['CONFIRMED']);
    await nothingHeld(stage, story);
  },
};

export const registeredMeanwhile: Scenario = {
  name: 'factoring/registered-meanwhile',
  flow: 'F6',
  failures: ['F6.6a'],
  title: {
    zh: '登记前复查发现在先登记：停止，不放款',
    en: 'somebody registered meanwhile: stopped before money moves',
  },
  async play(stage) {
    const story = await initiate(stage, { supplier: 2 });
    await confirm(stage, story);
    await stage.act('registry-zd', 'enterEarlier', {
      debtorName: story.supplier.name,
      securedParty: '沙箱商业银行潍坊分行',
      description: `应收账款转让，发票号 ${story.invoiceNo}`,
    });
    await finance(stage, story);
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('why', (await ending(stage, story)).detail.startsWith('REGISTRY_HIT'), true);
    stage.same(
      'the alert',
      await stage.value("select count(*)::int from alert where type = 'DUP_ASSET' and subject = $1", [
        story.receivableNo,
      ]),
      1,
    );
    const paid = await stage.value(
      'select count(*)::int from payment where application_no in (select no from application where case_id = $1)',
      [story.caseNo],
    );
    stage.same('payments', paid, 0);
    await receivableIs(stage, story, ['CONFIRMED']);
    await nothingHeld(stage, story);
  },
};

export const noticeLost: Scenario = {
  name: 'factoring/notice-not-delivered',
  flow: 'F6',
  failures: ['F6.6a'],
  title: {
    zh: '转让通知无到达记录：不放款，注销登记',
    en: 'no arrival of the notice on record: no money, and the registration is cancelled',
  },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    await finance(stage, story);
    await noticeSent(stage, story);
    await stage.advance('8d');
    await stage.until('it is reminded', async () =>
      stage.effects('notify-sms').some((line) => JSON.stringify(line).includes(`${story.caseNo.slice(5)}-NT`)),
    );
    await stage.advance('8d');
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('why', (await ending(stage, story)).detail.startsWith('NOTICE_NOT_DELIVERED'), true);
    stage.same(
      'the payments',
      stage.effects('bank-south', 'disbursed').filter(({ number }) => number.endsWith(story.caseNo.slice(-6))).length,
      0,
    );
    const registrations = await stage.rows(
      'select r.state from registration r join application a on a.no = r.application_no where a.case_id = $1',
      [story.caseNo],
    );
    stage.same('the registration', registrations, [{ state: 'CANCELLED' }]);
    stage.same('the notice', await stateOf(stage, 'assignment_notice', 'receivable_no', story.receivableNo), 'SENT');
  },
};
