/** Step 9: one looks at all of it and proposes, another one approves (经办与复核). */
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import { roleId } from '../../ledger/parties/roles.ts';
import type { Applicant } from './applicant.ts';

/** Why a company is turned down; what people write begins with one of them. */
const reasonCodes = ['DOCUMENTS_INCOMPLETE', 'AUTHORITY_UNCLEAR', 'BUSINESS_NOT_SUITED', 'RISK', 'OTHER'] as const;

export async function review(run: Run, applicant: Applicant): Promise<void> {
  const maker = await decidedBy(run, applicant, 'review', 'operator', []);
  const checker = await decidedBy(run, applicant, 'approve', 'operator-checker', [maker]);
  const { party, profile, actor } = applicant;
  const people = { maker, checker, source: 'people' };
  await run.record('admit the company', async (tx) => {
    if ((await stateOf(tx, 'party', party)) === 'VERIFIED') {
      const approval = await decidedElsewhere(tx, { entity: 'party', id: party, event: 'activate' }, people, actor);
      await move(tx, 'party', party, 'activate', actor, {}, { approval });
    }
    for (const role of profile.roles) {
      const id = await roleId(tx, party, role);
      if ((await stateOf(tx, 'party_role', id)) !== 'APPLIED') continue;
      const approval = await decidedElsewhere(tx, { entity: 'party_role', id, event: 'grant' }, people, actor);
      await move(tx, 'party_role', id, 'grant', actor, {}, { approval });
    }
    await keepEvidence(tx, run.caseId, 'N02 verification', profile.uscc, { admitted: profile.roles, maker, checker });
  });
}

const titles = {
  review: { zh: '入驻审核（经办）', en: 'review the company' },
  approve: { zh: '入驻审核（复核）', en: 'approve the company' },
} as const;

/** After two working days those above them may decide, too. */
async function decidedBy(
  run: Run,
  applicant: Applicant,
  act: keyof typeof titles,
  role: string,
  notBy: readonly string[],
): Promise<string> {
  const { name, uscc, roles, control, licence, registrationNo } = applicant.profile;
  const decided = await run.ask(act, {
    title: titles[act],
    payload: { name, uscc, roles, control, licence: licence.sha256, registrationNo, joined: applicant.joined },
    within: '10 working days',
    roles: [role],
    notBy,
    escalateAfter: '2 working days',
    escalateTo: ['operator-lead'],
  });
  if (decided.decision === 'rejected') await turnDown(run, applicant, decided.reason);
  return decided.by[0] ?? '';
}

async function turnDown(run: Run, { party, profile, actor }: Applicant, reason: string): Promise<never> {
  const code = reasonCodes.find((one) => reason.startsWith(one)) ?? 'OTHER';
  await run.record('turn it down', async (tx) => {
    if ((await stateOf(tx, 'party', party)) === 'VERIFIED')
      await move(tx, 'party', party, 'fail', actor, {}, { reason });
    for (const role of profile.roles) {
      const id = await roleId(tx, party, role);
      if ((await stateOf(tx, 'party_role', id)) === 'APPLIED')
        await move(tx, 'party_role', id, 'refuse', actor, {}, { reason });
    }
    await keepEvidence(tx, run.caseId, 'N02 verification', profile.uscc, { rejected: code });
  });
  return run.stop('rejected', code);
}
