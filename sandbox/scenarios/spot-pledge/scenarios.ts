/** F3: pledge of goods in stock (现货质押). */
import type { Scenario } from '../scenario.ts';
import { happy } from './happy.ts';

export const spotPledgeScenarios: readonly Scenario[] = [happy];
