/**
 * F1 onboarding and verification (入驻与实名): from a trading unit's recommendation to a company that may act in its roles, sign, and
 * is known to the funders. Nobody comes in by one person's word, and what cannot be proven goes back with its reason.
 */
import { portal } from '../contracts/portal/portal.ts';
import { Recommendation } from '../contracts/portal/onboarding.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { archive, checkSeal } from './onboarding/activation.ts';
import { sendInvitation } from './onboarding/invitation.ts';
import { recommend } from './onboarding/recommendation.ts';
import { review } from './onboarding/review.ts';
import { screen } from './onboarding/screening.ts';
import { onboardingSteps } from './onboarding/steps.ts';
import { verifiedApplicant } from './onboarding/verification.ts';

export const onboarding = flow({
  name: 'onboarding',
  version: 1,
  title: { zh: '入驻与实名', en: 'Onboarding' },
  input: Recommendation,
  startedBy: [portal.notices.customerRecommended.name],
  keyOf: ({ recommendationNo }) => recommendationNo,
  caseOf: ({ recommendationNo }) => ({ key: recommendationNo, title: '入驻与实名' }),
  milestones: onboardingSteps,
  async body(run, recommended) {
    const invited = await recommend(run, recommended);
    await run.milestone(1);
    await sendInvitation(run, invited, recommended);
    await run.milestone(2);
    // Steps 3 to 7, until nothing is wrong any more.
    const applicant = await verifiedApplicant(run, invited);
    await screen(run, applicant);
    await run.milestone(8);
    await review(run, applicant);
    await run.milestone(9);
    const sealed = await checkSeal(run, applicant);
    const archived = await archive(run, applicant);
    await run.milestone(10);
    await run.record('the company is in', (tx) => closeCase(tx, run.caseId, 'admitted'));
    const taken = archived.filter((answer) => answer === 'taken').length;
    const seal = sealed ? 'with its seal' : 'without a seal yet';
    return { outcome: 'admitted', detail: `${seal}; ${taken} of ${archived.length} funders: ${archived.join(', ')}` };
  },
});
