/** F1 as it should go, and as it goes on the roads beside the main one. */
import { cityBank, factor, funder } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import {
  agree,
  amountPaid,
  applicant,
  approved,
  archived,
  ended,
  enrol,
  founded,
  invited,
  partyState,
  register,
  type,
  verifications,
} from './company.ts';

export const happy: Scenario = {
  name: 'onboarding/happy',
  flow: 'F1',
  failures: [],
  title: { zh: '入驻全流程', en: 'a customer with a history comes in, by account and face' },
  async play(stage) {
    const company = applicant(1);
    const orderNos = [`46${stage.unique()}01`, `46${stage.unique()}02`];
    for (const orderNo of orderNos)
      await stage.act('sap-s4', 'placeOrder', { dealer: company.sapNo, quantity: '100.000', orderNo, quiet: true });
    const caseNo = await invited(stage, company, { orderNos });
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await type(stage, caseNo, await amountPaid(stage, company));
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    stage.same('the party', await partyState(stage, company), 'ACTIVE');
    const role =
      "select r.state from party_role r join party p on p.id = r.party_id where p.uscc = $1 and r.role = 'DEALER'";
    stage.same('its role', await stage.value(role, [company.uscc]), 'ACTIVE');
    const account = 'select state from bank_account where account_no = $1';
    stage.same('its account', await stage.value(account, [company.account.accountNo]), 'VERIFIED');
    stage.same('verified', await verifications(stage, company), [
      { kind: 'ENT4', state: 'MATCH' },
      { kind: 'ORG_ACCT', state: 'MATCH' },
      { kind: 'FACE', state: 'MATCH' },
    ]);
    const customer = `select customer_no from funder_archive a join party p on p.id = a.party_id where p.uscc = $1`;
    stage.same('the funder knows it', String(await stage.value(customer, [company.uscc])).startsWith('KH'), true);
    const [history] = await stage.rows<{ payload: { orders: number } }>(
      "select payload from evidence where case_id = $1 and node like 'N03%'",
      [caseNo],
    );
    stage.same('its history', history?.payload.orders, 2);
    const evidence = await stage.evidence(caseNo);
    for (const node of ['N01', 'N02', 'N03']) stage.same(`evidence ${node}`, evidence.includes(node), true);
    const { detail } = await ended(stage, caseNo);
    stage.same('the end', detail, 'with its seal; 1 of 1 funders: taken');
  },
};

export const faceRefused: Scenario = {
  name: 'onboarding/face-refused',
  flow: 'F1',
  failures: ['F1.4'],
  title: { zh: '拒绝人脸授权，改用银行卡四要素', en: 'who refuses his face is verified by his bank card' },
  async play(stage) {
    const company = applicant(2);
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company);
    await agree(stage, caseNo, 'refused');
    await type(stage, caseNo, await amountPaid(stage, company));
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    stage.same('verified', await verifications(stage, company), [
      { kind: 'ENT4', state: 'MATCH' },
      { kind: 'ORG_ACCT', state: 'MATCH' },
      { kind: 'BANK4', state: 'MATCH' },
    ]);
    const looked = stage.effects('identity-faceid', 'looked').filter(({ number }) => number.includes(caseNo.slice(5)));
    stage.same('nobody looked into a camera', looked, []);
    const faces =
      "select count(*)::int from disclosure d join party p on p.id = d.party_id where p.uscc = $1 and d.purpose = 'face'";
    stage.same('no face left the hub', await stage.value(faces, [company.uscc]), 0);
  },
};

export const funderRefuses: Scenario = {
  name: 'onboarding/funder-refuses',
  flow: 'F1',
  failures: ['F1.10'],
  title: { zh: '一家资方拒绝备案，仅对其关闭', en: 'one funder takes no business of it, the others do' },
  async play(stage) {
    const company = applicant(5);
    const caseNo = await invited(stage, company, { project: 'XM-CREDIT' });
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await type(stage, caseNo, await amountPaid(stage, company));
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await archived(stage, caseNo, 'city-bank', cityBank.uscc);
    await archived(stage, caseNo, 'factor', factor.uscc, { decision: 'refused', reason: '行业限制' });
    await stage.caseEnds(caseNo, 'admitted');
    const { detail } = await ended(stage, caseNo);
    stage.same('the end', detail, 'with its seal; 2 of 3 funders: taken, taken, refused');
    stage.same('the party', await partyState(stage, company), 'ACTIVE');
    const refused = await stage.rows<{ uscc: string; refusal: string }>(
      `select f.uscc, a.refusal from funder_archive a join party p on p.id = a.party_id join party f on f.id = a.funder_id
       where p.uscc = $1 and a.refusal is not null`,
      [company.uscc],
    );
    stage.same('closed to it', refused, [{ uscc: factor.uscc, refusal: '行业限制' }]);
    const told = `select count(*)::int from disclosure d join party p on p.id = d.party_id
      where p.uscc = $1 and d.purpose = 'financing' and d.consent_id is not null`;
    stage.same('each was told under its consent', await stage.value(told, [company.uscc]), 3);
  },
};

export const funderSilent: Scenario = {
  name: 'onboarding/funder-silent',
  flow: 'F1',
  failures: ['F1.10'],
  title: {
    zh: '未授权的资方不予告知，未答复的资方到期略过',
    en: 'a funder that may not be told is not, and one that is silent holds nobody up',
  },
  async play(stage) {
    const company = founded();
    await enrol(stage, company);
    const caseNo = await invited(stage, company, { project: 'XM-CREDIT' });
    await register(stage, caseNo, company);
    await agree(stage, caseNo, 'agreed', { to: [funder, cityBank] });
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.until('the city bank is waited for', async () => {
      const waits = 'select count(*)::int from wait where key = $1';
      return (await stage.value(waits, [`portal.archiveAnswered:${caseNo}/${cityBank.uscc}`])) === 1;
    });
    await stage.advance('15d');
    await stage.caseEnds(caseNo, 'admitted');
    const { detail } = await ended(stage, caseNo);
    stage.same('the end', detail, 'without a seal yet; 1 of 3 funders: taken, silent, no consent');
    const told = `select count(*)::int from disclosure d join party p on p.id = d.party_id where p.uscc = $1 and d.recipient = $2`;
    stage.same('the factor was not told', await stage.value(told, [company.uscc, factor.name]), 0);
  },
};
