/** Steps 3 to 7 as often as it takes: what is wrong goes back to the company, which corrects its profile and comes again. */
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move, stateOf, type Tx } from '../../ledger/lifecycle.ts';
import { authorise } from '../../ledger/parties/authorities.ts';
import { recordAnswer } from '../../ledger/parties/verifications.ts';
import { verifyAgent, type AgentProof } from './agent.ts';
import type { Applicant, Invited, Profile, Sheet, Wrong } from './applicant.ts';
import { proveControl, type ControlProof } from './control.ts';
import { verifyCompany } from './enterprise.ts';
import { awaitConsents, awaitCorrection, awaitRegistration, joins, register } from './registration.ts';

const roundsMax = 8;

export async function verifiedApplicant(run: Run, invited: Invited): Promise<Applicant> {
  const reached = new Set<number>();
  const reach = async (no: number): Promise<void> => {
    if (!reached.has(no)) await run.milestone(no);
    reached.add(no);
  };
  let profile = await awaitRegistration(run, invited);
  const joined = await joins(run, invited, profile);
  const { uscc } = profile;
  let sheet: Sheet | undefined;
  for (let round = 1; round <= roundsMax; round += 1) {
    const applicant = profile.uscc === uscc ? await register(run, invited, profile, joined) : otherCompany;
    if ('code' in applicant) {
      profile = await sentBack(run, invited, profile, applicant);
      continue;
    }
    await reach(3);
    sheet ??= await awaitConsents(run, applicant);
    await reach(4);
    const wrong = await proven(run, applicant, sheet, reach);
    if (wrong === undefined) return applicant;
    profile = await sentBack(run, applicant, profile, wrong);
  }
  return run.stop('returned', `the profile was wrong ${roundsMax} times`);
}

const otherCompany: Wrong = { code: 'NAME_MISMATCH', detail: 'the corrected profile is of another company' };

async function proven(
  run: Run,
  applicant: Applicant,
  sheet: Sheet,
  reach: (no: number) => Promise<void>,
): Promise<Wrong | undefined> {
  const wrong = await verifyCompany(run, applicant);
  if (wrong) return wrong;
  await reach(5);
  const control = await proveControl(run, applicant, sheet);
  if ('code' in control) return control;
  const agent = await verifyAgent(run, applicant, sheet);
  if (agent !== 'recorded' && 'code' in agent) return agent;
  await run.record('stand for the company', (tx) => stand(tx, run.caseId, applicant, control, agent));
  await reach(6);
  await reach(7);
  return undefined;
}

/** All that was proven, in the books at once: a face is good for this act alone. */
async function stand(
  tx: Tx,
  caseId: string,
  { profile, party, actor }: Applicant,
  control: ControlProof,
  agent: AgentProof,
): Promise<void> {
  const answers = [...control.answers, ...(agent === 'recorded' ? [] : [agent])];
  for (const answer of answers) await recordAnswer(tx, party, answer, actor);
  if (control.poaSha256 !== undefined) await authorise(tx, party, profile.agent, { sha256: control.poaSha256 }, actor);
  if ((await stateOf(tx, 'party', party)) === 'VERIFYING') await move(tx, 'party', party, 'prove', actor);
  const account = await stateOf(tx, 'bank_account', profile.account.accountNo);
  if (control.account && (account === 'ADDED' || account === 'VERIFYING'))
    await move(tx, 'bank_account', profile.account.accountNo, 'verify', actor);
  await keepEvidence(tx, caseId, 'N02 verification', profile.registrationNo, {
    ...Object.fromEntries(answers.map(({ kind, requestNo }) => [kind, requestNo])),
    control: profile.control,
    account: control.account,
    ...(control.poaSha256 === undefined ? {} : { poaSha256: control.poaSha256 }),
  });
}

/** With its reason; the next registration is the corrected one. */
async function sentBack(run: Run, { party, actor }: Invited, profile: Profile, wrong: Wrong): Promise<Profile> {
  await run.record('send it back', async (tx) => {
    if ((await stateOf(tx, 'party', party)) === 'VERIFYING')
      await move(tx, 'party', party, 'fail', actor, {}, { reason: `${wrong.code}: ${wrong.detail}` });
    const account = await stateOf(tx, 'bank_account', profile.account.accountNo);
    if (wrong.code === 'PAYEE_NOT_MANDATED' && (account === 'ADDED' || account === 'VERIFYING'))
      await move(tx, 'bank_account', profile.account.accountNo, 'reject', actor);
    await keepEvidence(tx, run.caseId, 'N02 verification', profile.registrationNo, { returned: wrong.code });
  });
  return awaitCorrection(run);
}
