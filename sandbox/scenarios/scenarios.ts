/** Every scenario, in the order of the flows. */
import type { Scenario } from './scenario.ts';
import { spotPledgeScenarios } from './spot-pledge/scenarios.ts';

export const scenarios: readonly Scenario[] = [...spotPledgeScenarios];
