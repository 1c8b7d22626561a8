/** F9: stock reconciliation (货准). */
import type { Scenario } from '../scenario.ts';
import { agrees, byHand, feedLate } from './daily.ts';
import { adjusted, disputed, silent, unauthorised, unknownLot } from './differences.ts';

export const stockScenarios: readonly Scenario[] = [
  agrees,
  feedLate,
  byHand,
  adjusted,
  silent,
  disputed,
  unauthorised,
  unknownLot,
];
