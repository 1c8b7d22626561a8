/** F12 post-loan feedback (贷后反馈). */
import type { Scenario } from '../scenario.ts';
import { consentNarrowed, consentWithdrawn, correctedRow, gap, happy } from './months.ts';
import { byHand, missedTwice, rejectedRows } from './returns.ts';

export const feedbackScenarios: readonly Scenario[] = [
  happy,
  correctedRow,
  gap,
  consentNarrowed,
  consentWithdrawn,
  rejectedRows,
  missedTwice,
  byHand,
];
