/** People (人员): work lists, claims, delegation, escalation; subscriptions and progress. Each plays in the flow that it names. */
import type { Scenario } from '../scenario.ts';
import { progress, subscriptions } from './tidings.ts';
import { claimed, escalated, late } from './work.ts';

export const peopleScenarios: readonly Scenario[] = [claimed, escalated, late, subscriptions, progress];
