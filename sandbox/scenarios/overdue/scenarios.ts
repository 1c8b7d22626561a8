/** F11: overdue loans (逾期). */
import type { Scenario } from '../scenario.ts';
import { bounced, cured, current, partly, pending } from './mending.ts';
import { security, writtenOff, wronglyListed } from './pursuit.ts';

export const overdueScenarios: readonly Scenario[] = [
  cured,
  pending,
  current,
  bounced,
  partly,
  security,
  wronglyListed,
  writtenOff,
];
