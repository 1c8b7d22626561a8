/**
 * Asks a source for the enterprise four factors (企业四要素), as long as it takes: the engine asks again by itself where the channel is
 * down, and the onboarding that wants to know does not hang on it.
 */
import { cfca } from '../../contracts/cfca/cfca.ts';
import { hub } from '../../contracts/hub/hub.ts';
import { EnterpriseInquiry } from '../../contracts/hub/onboarding.ts';
import { flow } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { stateOf } from '../../ledger/lifecycle.ts';
import { recordAnswer } from '../../ledger/parties/verifications.ts';
import { disclosing } from '../disclosures.ts';
import { refusedAs } from './applicant.ts';
import { verifying } from './factors.ts';

export const inquiry = flow({
  name: 'enterprise-inquiry',
  version: 1,
  title: { zh: '企业四要素核验', en: 'Enterprise four factors' },
  input: EnterpriseInquiry,
  startedBy: [hub.notices.enterpriseInquiry.name],
  keyOf: ({ factors }) => factors.requestNo,
  caseOf: ({ caseNo }) => ({ id: caseNo }),
  milestones: [],
  async body(run, { party, system, factors }) {
    const actor = `run:${run.id}`;
    const { requestNo } = factors;
    const answer = await run
      .call(cfca.operations.verifyEnterprise, factors, {
        system,
        before: disclosing(factors, verifying(party, system, ['COMPANY', 'PERSON']), actor),
      })
      .catch(refusedAs(['SYSTEM_REFUSED', 'USCC_CHECKDIGIT', 'IDEMPOTENCY_CONFLICT'], ({ message }) => message));
    if (typeof answer === 'string') {
      await run.tell(hub.notices.enterpriseAnswered, { requestNo, result: 'refused', detail: answer });
      return { outcome: 'refused', detail: answer };
    }
    const { result, serialNo, charged: billed, mismatched } = answer;
    const late = await run.record('keep the answer', async (tx) => {
      const state = await stateOf(tx, 'verification', requestNo);
      const open = state === 'SENT' || state === 'UNKNOWN';
      if (open) await recordAnswer(tx, party, { requestNo, kind: 'ENT4', result, serialNo, billed }, actor);
      await keepEvidence(tx, run.caseId, 'N02 verification', requestNo, { ENT4: result, mismatched, late: !open });
      return !open;
    });
    await run.tell(hub.notices.enterpriseAnswered, { requestNo, result });
    return { outcome: result, detail: late ? 'after two people had decided' : serialNo };
  },
});
