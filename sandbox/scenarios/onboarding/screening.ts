/** F1.8: the blacklist. */
import { funder } from '../../world.ts';
import type { Scenario, Stage } from '../scenario.ts';
import {
  agree,
  approved,
  archived,
  checker,
  ended,
  enrol,
  founded,
  invited,
  operator,
  partyState,
  register,
  sha256,
} from './company.ts';

async function blacklist(stage: Stage, subject: object): Promise<void> {
  const entryNo = `HM${stage.unique()}`;
  await stage.command('operator', '/v1/blacklist-entries', {
    entryNo,
    subject,
    scope: 'LOCAL',
    reasonCode: 'OVERDUE_ELSEWHERE',
    source: 'OVERDUE',
    evidenceSha256: sha256(entryNo),
  });
  const caseNo = await stage.caseOf(entryNo);
  await stage.decide(caseNo, 'put on the blacklist', operator);
  await stage.decide(caseNo, 'put on the blacklist', checker);
  await stage.caseEnds(caseNo, 'ended');
}

export const hitCleared: Scenario = {
  name: 'onboarding/blacklist-hit-cleared',
  flow: 'F1',
  failures: ['F1.8'],
  title: { zh: '黑名单命中即冻结，双人复核后解除', en: 'a hit freezes the company; two people find that it is not it' },
  async play(stage) {
    const company = founded();
    await enrol(stage, company);
    await blacklist(stage, { idNo: company.legalRep.idNo });
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await stage.until('it is frozen', async () => (await partyState(stage, company)) === 'FROZEN');
    await stage.decide(caseNo, 'blacklist hit', operator);
    const same = await stage.decide(caseNo, 'blacklist hit', operator).then(
      () => 'taken',
      (thrown: unknown) => String(thrown),
    );
    stage.same('one person is not two', same === 'taken', false);
    stage.same('still frozen', await partyState(stage, company), 'FROZEN');
    await stage.decide(caseNo, 'blacklist hit', checker);
    await approved(stage, caseNo);
    await archived(stage, caseNo, 'funder', funder.uscc);
    await stage.caseEnds(caseNo, 'admitted');
    stage.same('the party', await partyState(stage, company), 'ACTIVE');
    const events = await stage.rows<{ event: string }>(
      `select h.event from history h join party p on p.id::text = h.entity_id
       where p.uscc = $1 and h.entity = 'party' and h.approval_id is not null order by h.version`,
      [company.uscc],
    );
    stage.same(
      'by two people',
      events.map(({ event }) => event),
      ['clear', 'activate'],
    );
  },
};

export const hitStands: Scenario = {
  name: 'onboarding/blacklist-hit-stands',
  flow: 'F1',
  failures: ['F1.8'],
  title: { zh: '黑名单命中属实，拒绝入驻', en: 'a hit that is true keeps the company out' },
  async play(stage) {
    const company = founded();
    await enrol(stage, company);
    await blacklist(stage, { uscc: company.uscc });
    const caseNo = await invited(stage, company);
    await register(stage, caseNo, company);
    await agree(stage, caseNo);
    await stage.decide(caseNo, 'blacklist hit', { ...operator, decision: 'rejected', reason: '属实' });
    await stage.caseEnds(caseNo, 'ended');
    stage.same('the end', (await ended(stage, caseNo)).outcome, 'refused');
    stage.same('the party', await partyState(stage, company), 'FROZEN');
    const role =
      "select r.state from party_role r join party p on p.id = r.party_id where p.uscc = $1 and r.role = 'DEALER'";
    stage.same('its role', await stage.value(role, [company.uscc]), 'APPLIED');
  },
};
