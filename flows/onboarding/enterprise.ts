/** Step 5: the register says whether name, code, and legal representative belong together. */
import { hub } from '../../contracts/hub/hub.ts';
import type { Run } from '../../engine/flow.ts';
import { stateOf } from '../../ledger/lifecycle.ts';
import { recordAnswer, requestVerification, type VerificationRequest } from '../../ledger/parties/verifications.ts';
import { verifyByHand } from './byHand.ts';
import { companyFactors } from './factors.ts';
import { attemptNo, nobody, refusedAs, type Applicant, type Wrong } from './applicant.ts';

/** In which the engine asks a silent source again and again; then two people decide by hand. */
const patience = '1 day';
const locksMax = 3;

export async function verifyCompany(run: Run, applicant: Applicant): Promise<Wrong | undefined> {
  const { profile, party, project } = applicant;
  const requestNo = attemptNo('VE', run.caseId, profile);
  const system = project.systems.identity;
  await request(run, applicant, {
    requestNo,
    kind: 'ENT4',
    vendor: system,
    factors: ['name', 'uscc', 'legalRepName', 'legalRepIdNo'],
  });
  const factors = companyFactors(requestNo, profile);
  await run.tell(hub.notices.enterpriseInquiry, { caseNo: run.caseId, party, system, factors });
  const answer = await run
    .wait(hub.notices.enterpriseAnswered, { key: requestNo, within: patience, from: system })
    .catch(nobody);
  const state = answer?.result ?? (await giveUp(run, applicant, requestNo));
  if (state === 'match') return undefined;
  if (state === 'mismatch')
    return { code: 'IDV_MISMATCH', detail: 'name, code and legal representative do not belong together' };
  if (state === 'refused') return { code: 'IDV_MISMATCH', detail: answer?.detail ?? 'the source refused' };
  const why = state === 'notFound' ? 'not in the register' : 'the channel of the source is down';
  if (await verifyByHand(run, applicant, { requestNo, kind: 'ENT4', why })) return undefined;
  return { code: state === 'notFound' ? 'IDV_NOT_FOUND' : 'IDV_CHANNEL', detail: why };
}

/** After three that did not match within a day the fourth waits until the day is over (防枚举). */
export async function request(run: Run, { party, actor }: Applicant, verification: VerificationRequest): Promise<void> {
  for (let locks = 0; ; locks += 1) {
    const asked = await run
      .record(`ask ${verification.kind}`, (tx) => requestVerification(tx, party, verification, actor))
      .then(
        () => true,
        refusedAs(['IDV_MISMATCH'], () => false),
      );
    if (asked) return;
    if (locks === locksMax) run.stop('returned', 'locked again and again: too many answers did not match');
    await run.sleep('locked for a day', '24 hours');
  }
}

/** It may still answer; until then it is not known, which is no answer. */
function giveUp(
  run: Run,
  { party, actor }: Applicant,
  requestNo: string,
): Promise<'match' | 'mismatch' | 'notFound' | 'unknown'> {
  return run.record('the source is silent', async (tx) => {
    const state = await stateOf(tx, 'verification', requestNo);
    if (state === 'MATCH') return 'match';
    if (state === 'MISMATCH') return 'mismatch';
    if (state === 'NOT_FOUND') return 'notFound';
    if (state === 'SENT') await recordAnswer(tx, party, { requestNo, kind: 'ENT4', result: 'channelError' }, actor);
    return 'unknown';
  });
}
