/** F1.7: whether the agent may act for the company. */
import { funder } from '../../world.ts';
import type { Scenario } from '../scenario.ts';
import {
  agree,
  amountPaid,
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
  register,
  type,
  verifications,
} from './company.ts';

export const wrongAmounts: Scenario = {
  name: 'onboarding/wrong-amounts',
  flow: 'F1',
  failures: ['F1.7'],
  title: { zh: '打款金额三次填错，次日重新打款', en: 'three wrong amounts: another payment the next day' },
  async play(stage) {
    // Its bank pays a day late: a newcomer whose account is in no book of the sandbox but is paid.
    const company = { ...founded(), agent: applicant(3).agent };
    const account = { ...company.account, accountNo: `41000200${stage.unique()}5555` };
    const withAccount = { ...company, account };
    await enrol(stage, company);
    const caseNo = await invited(stage, withAccount);
    await register(stage, caseNo, withAccount);
    await agree(stage, caseNo, 'refused');
    const first = await amountPaid(stage, withAccount);
    for (let tries = 0; tries < 3; tries += 1) await type(stage, caseNo, first === '0.01' ? '0.02' : '0.01');
    await stage.until('the proof is lost', async () =>
      (await verifications(stage, company)).some(({ kind, state }) => kind === 'ORG_ACCT' && state === 'MISMATCH'),
    );
    await type(stage, caseNo, await amountPaid(stage, withAccount, 2));
    await stage.decide(caseNo, 'review the company', { ...operator, decision: 'rejected', reason: 'RISK' });
    await stage.caseEnds(caseNo, 'ended');
    const proofs = (await verifications(stage, company)).filter(({ kind }) => kind === 'ORG_ACCT');
    stage.same(
      'its proofs',
      proofs.map(({ state }) => state),
      ['MISMATCH', 'MATCH'],
    );
    const days = stage
      .effects('cfca-idv', 'proofStarted')
      .filter(({ number }) => number.includes(caseNo.slice(5)))
      .map(({ at }) => Date.parse(at));
    stage.same('a day between the payments', (days[1] ?? 0) - (days[0] ?? 0) >= 86_400_000, true);
  },
};

export const closedAccount: Scenario = {
  name: 'onboarding/closed-account',
  flow: 'F1',
  failures: ['F1.7'],
  title: { zh: '账户已销户，退回修改', en: 'a closed account goes back to the profile' },
  async play(stage) {
    const company = founded();
    await enrol(stage, company);
    const caseNo = await invited(stage, company);
    const code = await codeOf(stage, caseNo);
    const closed = { ...company.account, accountNo: `41000200${stage.unique()}8888` };
    await register(stage, caseNo, company, { code, account: closed, control: 'ACCOUNT' });
    await agree(stage, caseNo);
    await stage.until('it is sent back', async () => (await partyState(stage, company)) === 'VERIFY_FAILED');
    const state = 'select state from bank_account where account_no = $1';
    stage.same('the account', await stage.value(state, [closed.accountNo]), 'REJECTED');
    await register(stage, caseNo, company, { code });
    await stage.decide(caseNo, 'review the company', { ...operator, decision: 'rejected', reason: 'RISK' });
    await stage.caseEnds(caseNo, 'ended');
  },
};

export const unsigned: Scenario = {
  name: 'onboarding/unsigned-power-of-attorney',
  flow: 'F1',
  failures: ['F1.7'],
  title: { zh: '授权书链接过期后重发并签署', en: 'a power of attorney that expires is sent again, and signed' },
  async play(stage) {
    const company = applicant(3);
    // Never signs by himself.
    const legalRep = { ...company.legalRep, phone: '13900008888' };
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, { ...company, legalRep }, { control: 'POA' });
    await agree(stage, caseNo, 'refused');
    const links = () =>
      stage
        .effects('esign-tsign', 'started')
        .filter(({ number }) => number.startsWith('PA') && number.includes(caseNo.slice(5)));
    await stage.until('a link', async () => links().length === 1);
    await stage.advance('9d');
    await stage.until('another link', async () => links().length === 2);
    await stage.act('esign-tsign', 'sign', { flowId: links()[1]?.detail['flow'], signer: 0 });
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    stage.same(
      'verified',
      (await verifications(stage, company)).map(({ kind, state }) => `${kind} ${state}`),
      ['ENT4 MATCH', 'POA MATCH', 'BANK4 MATCH'],
    );
    const account = 'select state from bank_account where account_no = $1';
    stage.same('its account', await stage.value(account, [company.account.accountNo]), 'VERIFIED');
    stage.same('the end', (await ended(stage, caseNo)).outcome, 'admitted');
  },
};

export const byPaper: Scenario = {
  name: 'onboarding/neither-face-nor-card',
  flow: 'F1',
  failures: ['F1.4'],
  title: { zh: '拒绝人脸且无银行卡，双人核对纸质材料', en: 'neither face nor card: two people look at the papers' },
  async play(stage) {
    const company = founded();
    const { cardNo: _card, ...agent } = applicant(3).agent;
    await enrol(stage, company);
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, { ...company, agent }, { control: 'POA' });
    await agree(stage, caseNo, 'refused');
    await stage.decide(caseNo, 'verify by hand: BANK4', operator);
    await stage.decide(caseNo, 'verify by hand: BANK4', checker);
    await stage.decide(caseNo, 'review the company', { ...operator, decision: 'rejected', reason: 'OTHER' });
    await stage.caseEnds(caseNo, 'ended');
    const [paper] = (await verifications(stage, company)).filter(({ kind }) => kind === 'BANK4');
    stage.same('its agent', paper, { kind: 'BANK4', state: 'MATCH' });
    const asked = stage
      .effects('cfca-idv', 'verified')
      .filter(({ number }) => number.startsWith('VB') && number.includes(caseNo.slice(5)));
    stage.same('no source was asked', asked, []);
  },
};

export const unwilling: Scenario = {
  name: 'onboarding/power-of-attorney-refused',
  flow: 'F1',
  failures: ['F1.7'],
  title: { zh: '法定代表人拒签授权书，退回', en: 'a legal representative who does not sign sends it back' },
  async play(stage) {
    const company = founded();
    const { agent } = applicant(3);
    const legalRep = { ...company.legalRep, phone: '13900007777' };
    await enrol(stage, company);
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, { ...company, legalRep, agent }, { control: 'POA' });
    await agree(stage, caseNo, 'refused');
    await stage.until('it is sent back', async () => (await partyState(stage, company)) === 'VERIFY_FAILED');
    // Nobody corrects it within fourteen days.
    await stage.until('a correction is waited for', async () => {
      const waits = 'select count(*)::int from wait where key = $1';
      return (await stage.value(waits, [`portal.partyRegistered:${caseNo}`])) === 1;
    });
    await stage.advance('20d');
    await stage.caseEnds(caseNo, 'ended');
    stage.same('the end', (await ended(stage, caseNo)).outcome, 'returned');
  },
};
