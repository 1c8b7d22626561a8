/** Every scenario, in the order of the flows. */
import { markingScenarios } from './marking/scenarios.ts';
import type { Scenario } from './scenario.ts';
import { stockScenarios } from './stock/scenarios.ts';
import { peopleScenarios } from './people/scenarios.ts';
import { feedbackScenarios } from './feedback/scenarios.ts';
import { pledgeChangeScenarios } from './pledge-change/scenarios.ts';
import { futureGoodsScenarios } from './future-goods/scenarios.ts';
import { creditScenarios } from './credit/scenarios.ts';
import { routingScenarios } from './routing/scenarios.ts';
import { factoringScenarios } from './factoring/scenarios.ts';
import { onboardingScenarios } from './onboarding/scenarios.ts';
import { overdueScenarios } from './overdue/scenarios.ts';
import { settlementScenarios } from './settlement/scenarios.ts';
import { releaseScenarios } from './release/scenarios.ts';
import { spotPledgeScenarios } from './spot-pledge/scenarios.ts';

export const scenarios: readonly Scenario[] = [
  ...futureGoodsScenarios,
  ...pledgeChangeScenarios,
  ...creditScenarios,
  ...routingScenarios,
  ...factoringScenarios,
  ...onboardingScenarios,
  ...settlementScenarios,
  ...spotPledgeScenarios,
  ...releaseScenarios,
  ...markingScenarios,
  ...stockScenarios,
  ...feedbackScenarios,
  ...peopleScenarios,
  ...overdueScenarios,
];
