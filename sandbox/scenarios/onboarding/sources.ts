/** F1.5 and F1.6: what sources answer, or do not. */
import { funder } from '../../world.ts';
import type { Scenario, Stage } from '../scenario.ts';
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
  register,
  verifications,
  type Newcomer,
} from './company.ts';

const turnedDown = { ...operator, decision: 'rejected', reason: 'BUSINESS_NOT_SUITED' } as const;

const asked = (stage: Stage, company: Newcomer, state: string, times: number): Promise<void> =>
  stage.until(`${times} verifications of ${company.name} ${state}`, async () => {
    const all = await verifications(stage, company);
    return all.filter((one) => one.state === state).length === times;
  });

export const mismatches: Scenario = {
  name: 'onboarding/mismatch-locks',
  flow: 'F1',
  failures: ['F1.5', 'F1.9'],
  title: {
    zh: '四要素不一致退回修改，一日三次即锁定',
    en: 'a mismatch goes back to the profile; three lock the company for a day',
  },
  async play(stage) {
    const company = founded();
    await enrol(stage, company);
    const wrong = { legalRep: { ...company.legalRep, name: '许立新' }, agent: company.agent };
    const caseNo = await invited(stage, company);
    const code = await codeOf(stage, caseNo);
    await register(stage, caseNo, company, { ...wrong, code });
    await agree(stage, caseNo);
    await asked(stage, company, 'MISMATCH', 1);
    await stage.until('it is sent back', async () => (await partyState(stage, company)) === 'VERIFY_FAILED');
    await register(stage, caseNo, company, { ...wrong, code });
    await asked(stage, company, 'MISMATCH', 2);
    await register(stage, caseNo, company, { ...wrong, code });
    await asked(stage, company, 'MISMATCH', 3);
    // Right at last, and too soon.
    const since = stage.now().getTime();
    await register(stage, caseNo, company, { code });
    await stage.decide(caseNo, 'review the company', turnedDown);
    const times = await stage.rows<{ at: Date }>(
      "select v.at from verification v join party p on p.id = v.party_id where p.uscc = $1 and v.kind = 'ENT4' order by v.at",
      [company.uscc],
    );
    const waited = (times[3]?.at.getTime() ?? 0) - (times[0]?.at.getTime() ?? 0);
    stage.same('four were asked, the last a day after the first', [times.length, waited >= 24 * 3_600_000], [4, true]);
    stage.same('it waited', stage.now().getTime() > since, true);
    await stage.caseEnds(caseNo, 'ended');
    stage.same('the end', await ended(stage, caseNo), { outcome: 'rejected', detail: 'BUSINESS_NOT_SUITED' });
    stage.same('the party', await partyState(stage, company), 'VERIFY_FAILED');
    const role =
      "select r.state from party_role r join party p on p.id = r.party_id where p.uscc = $1 and r.role = 'DEALER'";
    stage.same('its role', await stage.value(role, [company.uscc]), 'REVOKED');
  },
};

export const notFound: Scenario = {
  name: 'onboarding/not-in-register',
  flow: 'F1',
  failures: ['F1.5', 'F1.9'],
  title: {
    zh: '库中无记录双人核验；审核超时升级',
    en: 'not in the register: two people verify it; and a review that nobody does is escalated',
  },
  async play(stage) {
    const company = founded();
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await stage.decide(caseNo, 'verify by hand: ENT4', operator);
    await stage.decide(caseNo, 'verify by hand: ENT4', checker);
    await stage.until('a review', async () =>
      (await stage.tasks(caseNo)).some(({ title }) => title.en.includes('review the company')),
    );
    const lead = { person: '运营主管', role: 'operator-lead' };
    const early = await stage.decide(caseNo, 'review the company', lead).then(
      () => 'taken',
      (thrown: unknown) => String(thrown),
    );
    stage.same('the lead may not yet', early.includes('NOT_ALLOWED'), true);
    await stage.advance('5d');
    await stage.decide(caseNo, 'review the company', lead);
    await stage.decide(caseNo, 'approve the company', checker);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    const by = `select h.event, h.approval_id is not null two from history h join verification v on v.request_no = h.entity_id
      join party p on p.id = v.party_id where p.uscc = $1 and h.entity = 'verification' and h.to_state = 'MATCH' and v.kind = 'ENT4'`;
    stage.same('by two people', await stage.rows(by, [company.uscc]), [{ event: 'confirm', two: true }]);
    const { detail } = await ended(stage, caseNo);
    stage.same('the end', detail, 'without a seal yet; 1 of 1 funders: taken');
  },
};

export const channelReturns: Scenario = {
  name: 'onboarding/channel-returns',
  flow: 'F1',
  failures: ['F1.5'],
  title: {
    zh: '核验渠道异常后恢复，自动重试成功',
    en: 'the channel of the source comes back, and is asked again by itself',
  },
  async play(stage) {
    const company = founded('4Y');
    await enrol(stage, company);
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await stage.until('no answer', async () => {
      const lost =
        "select count(*)::int from effect where case_id = $1 and operation = 'cfca.verifyEnterprise' and state = 'unknown'";
      return (await stage.value(lost, [caseNo])) === 1;
    });
    await stage.act('cfca-idv', 'channelUp');
    await stage.decide(caseNo, 'review the company', turnedDown);
    await stage.act('cfca-idv', 'channelDown');
    await stage.caseEnds(caseNo, 'ended');
    stage.same('verified', (await verifications(stage, company))[0], { kind: 'ENT4', state: 'MATCH' });
    const asks = await stage.value(
      "select count(*)::int from exchange where case_id = $1 and operation like 'cfca.%' and direction = 'out'",
      [caseNo],
    );
    stage.same('asked more than once', Number(asks) > 1, true);
  },
};

export const channelDown: Scenario = {
  name: 'onboarding/channel-down',
  flow: 'F1',
  failures: ['F1.5'],
  title: { zh: '核验渠道持续异常，双人核验', en: 'a channel that stays down: two people decide, and refuse' },
  async play(stage) {
    const company = founded('4Y');
    await enrol(stage, company);
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await stage.until('it is asked', async () => (await verifications(stage, company)).length === 1);
    await stage.advance('4d');
    await stage.until('it is unknown', async () => (await verifications(stage, company))[0]?.state === 'UNKNOWN');
    await stage.decide(caseNo, 'verify by hand: ENT4', operator);
    await stage.decide(caseNo, 'verify by hand: ENT4', checker);
    await stage.decide(caseNo, 'review the company', turnedDown);
    await stage.caseEnds(caseNo, 'ended');
    stage.same('verified', (await verifications(stage, company))[0], { kind: 'ENT4', state: 'MATCH' });
    // The source speaks at last: its run comes to rest, and what two people decided stands.
    await stage.act('cfca-idv', 'channelUp');
    await stage.advance('2h');
    await stage.until('the source has spoken', async () => {
      const late = "select count(*)::int from evidence where case_id = $1 and payload ->> 'late' = 'true'";
      return (await stage.value(late, [caseNo])) === 1;
    });
    await stage.act('cfca-idv', 'channelDown');
  },
};

export const faceAbandoned: Scenario = {
  name: 'onboarding/face-abandoned',
  flow: 'F1',
  failures: ['F1.6'],
  title: {
    zh: '人脸核身超时未完成，重新发起；非本人退回',
    en: 'a link that nobody uses is over after half an hour; another face goes back',
  },
  async play(stage) {
    const company = applicant(4);
    const caseNo = await invited(stage, company);
    const code = await codeOf(stage, caseNo);
    await register(stage, caseNo, company, { code, registrationNo: `RG${stage.unique()}-LOW` });
    await agree(stage, caseNo);
    await stage.until('it is sent back', async () => (await partyState(stage, company)) === 'VERIFY_FAILED');
    await register(stage, caseNo, company, { code, registrationNo: `RG${stage.unique()}-LEAVES` });
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    const faces = (await verifications(stage, company)).filter(({ kind }) => kind === 'FACE');
    stage.same(
      'its faces',
      faces.map(({ state }) => state),
      ['MISMATCH', 'UNKNOWN', 'MATCH'],
    );
    const looked = stage.effects('identity-faceid', 'looked').filter(({ number }) => number.includes(caseNo.slice(5)));
    stage.same('looked', looked.length, 2);
  },
};
