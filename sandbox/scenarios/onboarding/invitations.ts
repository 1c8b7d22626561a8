/** F1.1 to F1.3: who is recommended and invited, and how that may fail. */
import { suppliers } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import {
  agree,
  applicant,
  approved,
  archived,
  checker,
  codeOf,
  ended,
  enrol,
  founded,
  invited,
  operator,
  partyState,
  recommend,
  register,
} from './company.ts';
import { funder } from '../../world.ts';

export const badUscc: Scenario = {
  name: 'onboarding/bad-uscc',
  flow: 'F1',
  failures: ['F1.1'],
  title: { zh: '统一社会信用代码校验位错误，拒收', en: 'a code with a wrong check digit is refused to the unit' },
  async play(stage) {
    const { uscc, ...company } = founded();
    const other = uscc.endsWith('0') ? '1' : '0';
    const recommendationNo = `TJ${stage.unique()}`;
    const answer = await stage.send('unit', '/v1/recommendations', {
      recommendationNo,
      projectId: 'XM-SPOT-PLEDGE',
      customerNo: company.sapNo,
      name: company.name,
      uscc: uscc.slice(0, 17) + other,
      contact: { name: company.agent.name, phone: company.agent.phone, mail: 'finance@newcomer.example' },
      orderNos: [],
    });
    stage.same('the answer', [answer.status, answer.body['code']], [422, 'USCC_CHECKDIGIT']);
    stage.same('no case', await stage.value('select count(*)::int from cases where key = $1', [recommendationNo]), 0);
  },
};

export const noHistory: Scenario = {
  name: 'onboarding/no-history',
  flow: 'F1',
  failures: ['F1.1'],
  title: {
    zh: '无历史交易或订单不符，人工判断',
    en: 'no history is for people to judge; another customer’s order is none',
  },
  async play(stage) {
    const stranger = founded();
    const caseNo = await recommend(stage, stranger);
    await stage.decide(caseNo, 'no trade history', { ...operator, decision: 'rejected', reason: '无真实贸易' });
    await stage.caseEnds(caseNo, 'ended');
    stage.same('the end', await ended(stage, caseNo), { outcome: 'returned', detail: 'no trade history: 无真实贸易' });
    const orderNo = `46${stage.unique()}03`;
    await stage.act('sap-s4', 'placeOrder', { dealer: applicant(1).sapNo, quantity: '10.000', orderNo, quiet: true });
    const others = await recommend(stage, founded(), { orderNos: [orderNo] });
    await stage.caseEnds(others, 'ended');
    const { outcome, detail } = await ended(stage, others);
    stage.same('the end', [outcome, detail.includes('is not of customer')], ['returned', true]);
    const unheard = await recommend(stage, founded(), { orderNos: [`46${stage.unique()}99`] });
    stage.same('not in the ERP', (await ended(stage, unheard)).outcome, 'returned');
    const sent = 'select count(*)::int from invitation where case_id = any($1)';
    stage.same('nobody was invited', await stage.value(sent, [[caseNo, others, unheard]]), 0);
  },
};

export const smsFails: Scenario = {
  name: 'onboarding/sms-fails-and-nobody-comes',
  flow: 'F1',
  failures: ['F1.2'],
  title: {
    zh: '短信未送达改发邮件；十四天未注册，邀请失效',
    en: 'no text message: mail; and after fourteen days the invitation is over',
  },
  async play(stage) {
    const company = founded();
    const mail = `box${stage.unique()}@newcomer.example`;
    const caseNo = await invited(stage, company, { phone: '13900000000', mail });
    await stage.until('a mail', async () => {
      const { mails } = (await stage.memory('notify-smtp')) as { mails: { to: string }[] };
      return mails.some(({ to }) => to === mail);
    });
    // Neither road: people are asked to telephone.
    const silent = await invited(stage, founded(), { phone: '13900000001', mail: 'nobody@newcomer.example' });
    await stage.decide(silent, 'neither message nor mail', operator);
    await stage.until('both wait for a registration', async () => {
      const key = 'select count(*)::int from wait where key = any($1)';
      return (await stage.value(key, [[caseNo, silent].map((no) => `portal.partyRegistered:${no}`)])) === 2;
    });
    await stage.advance('20d');
    await stage.caseEnds(caseNo, 'ended');
    await stage.caseEnds(silent, 'ended');
    stage.same('the end', (await ended(stage, caseNo)).outcome, 'expired');
    stage.same('the invitation', await stage.rows('select state from invitation where case_id = $1', [caseNo]), [
      { state: 'EXPIRED' },
    ]);
  },
};

export const invitedAgain: Scenario = {
  name: 'onboarding/invited-again',
  flow: 'F1',
  failures: ['F1.2'],
  title: { zh: '重新邀请，旧码作废', en: 'another code makes the earlier one void' },
  async play(stage) {
    const company = founded();
    await enrol(stage, company);
    const caseNo = await invited(stage, company);
    const first = await codeOf(stage, caseNo);
    const registered = `portal.partyRegistered:${caseNo}`;
    await stage.until('the invitation to have come', async () => {
      return (await stage.value('select count(*)::int from wait where key = $1', [registered])) === 1;
    });
    await stage.advance('10d');
    const contact = { name: company.agent.name, phone: company.agent.phone, mail: 'finance@newcomer.example' };
    await stage.command('operator', '/v1/invitation-renewals', { renewalNo: `CY${stage.unique()}`, caseNo, contact });
    await stage.until('another code', async () => (await codeOf(stage, caseNo)) !== first);
    await stage.until('the second one to have come', async () => {
      const over = "select outcome from run_done where case_id = $1 and flow = 'invitation-renewal'";
      return (await stage.value(over, [caseNo])) === 'sent';
    });
    // The first fourteen days are over, those of the second code are not.
    await stage.advance('8d');
    await register(stage, caseNo, company, { code: first });
    await stage.until('the old code to be refused', async () => {
      const taken = 'select count(*)::int from signal where key = $1 and taken_by is not null';
      return (await stage.value(taken, [registered])) === 1;
    });
    stage.same('nobody registered', await partyState(stage, company), undefined);
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await stage.decide(caseNo, 'review the company', {
      ...operator,
      decision: 'rejected',
      reason: 'DOCUMENTS_INCOMPLETE 缺公司章程',
    });
    await stage.caseEnds(caseNo, 'ended');
    const states = await stage.rows<{ state: string }>(
      'select state from invitation where case_id = $1 order by sent_at',
      [caseNo],
    );
    stage.same(
      'the invitations',
      states.map(({ state }) => state),
      ['REVOKED', 'ACCEPTED'],
    );
  },
};

export const joins: Scenario = {
  name: 'onboarding/joins-existing',
  flow: 'F1',
  failures: ['F1.3'],
  title: {
    zh: '代码已注册：经企业管理员同意加入，不重复建档',
    en: 'a company that is registered is joined when its people agree, never doubled',
  },
  async play(stage) {
    const [known] = suppliers;
    const company = { ...known, sapNo: '0000017301' };
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company, { by: 'supplier-1', roles: ['DEALER', 'GUARANTOR'], control: 'POA' });
    await stage.decide(caseNo, 'join a company', { person: '孟庆山', role: 'company-admin' });
    await agree(stage, caseNo, 'refused', { by: 'supplier-1' });
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    stage.same('one party', await stage.value('select count(*)::int from party where uscc = $1', [known.uscc]), 1);
    const roles = await stage.rows<{ role: string }>(
      "select r.role from party_role r join party p on p.id = r.party_id where p.uscc = $1 and r.state = 'ACTIVE' order by r.role",
      [known.uscc],
    );
    stage.same(
      'its roles',
      roles.map(({ role }) => role),
      ['DEALER', 'GUARANTOR', 'SUPPLIER'],
    );
    const signers =
      "select count(*)::int from sign_authority s join party p on p.id = s.party_id where p.uscc = $1 and s.basis = 'POA' and s.state = 'ACTIVE'";
    stage.same('its agent may sign', await stage.value(signers, [known.uscc]), 1);
  },
};

export const notLetIn: Scenario = {
  name: 'onboarding/not-let-in',
  flow: 'F1',
  failures: ['F1.3'],
  title: { zh: '企业管理员不同意加入', en: 'its people do not let a stranger in' },
  async play(stage) {
    const [, known] = suppliers;
    const company = { ...known, sapNo: '0000017302' };
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company, { by: 'applicant-1' });
    await stage.decide(caseNo, 'join a company', {
      person: '宋立新',
      role: 'company-admin',
      decision: 'rejected',
      reason: '非我司人员',
    });
    await stage.caseEnds(caseNo, 'ended');
    stage.same('the end', (await ended(stage, caseNo)).outcome, 'refused');
    stage.same('as before', await partyState(stage, company), 'ACTIVE');
    stage.same('nobody else decides', checker.role === operator.role, false);
  },
};
