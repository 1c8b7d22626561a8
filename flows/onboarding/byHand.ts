/** Where no source can say it, two people do (人工核验), on a document. */
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { stateOf } from '../../ledger/lifecycle.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import { attachDocument, confirmByHand, type VerificationKind } from '../../ledger/parties/verifications.ts';
import type { Applicant } from './applicant.ts';

/** Whether it is so. The source's own answer, should it come meanwhile, counts more than theirs. */
export async function verifyByHand(
  run: Run,
  { profile, actor }: Applicant,
  { requestNo, kind, why }: { readonly requestNo: string; readonly kind: VerificationKind; readonly why: string },
): Promise<boolean> {
  const decided = await run.ask(`verify by hand ${kind}`, {
    title: { zh: `人工核验（双人）${kind}`, en: `verify by hand: ${kind}` },
    payload: {
      why,
      name: profile.name,
      uscc: profile.uscc,
      agent: profile.agent.name,
      document: profile.licence.sha256,
    },
    people: 2,
    within: '5 working days',
    roles: ['operator', 'operator-checker'],
  });
  const [maker = '', checker = ''] = decided.by;
  return run.record(`verified by hand ${kind}`, async (tx) => {
    const state = await stateOf(tx, 'verification', requestNo);
    if (state === 'MATCH' || state === 'MISMATCH') return state === 'MATCH';
    if (decided.decision === 'rejected') return false;
    await attachDocument(tx, requestNo, profile.licence.sha256);
    const subject = { entity: 'verification', id: requestNo, event: 'confirm' } as const;
    const approval = await decidedElsewhere(tx, subject, { maker, checker, source: 'people' }, actor);
    await confirmByHand(tx, requestNo, approval, actor);
    await keepEvidence(tx, run.caseId, 'N02 verification', requestNo, {
      [kind]: 'match',
      byHand: true,
      why,
      documentSha256: profile.licence.sha256,
    });
    return true;
  });
}
