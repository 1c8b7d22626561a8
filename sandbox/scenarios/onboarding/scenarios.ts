/** F1: onboarding and verification (入驻与实名). */
import type { Scenario } from '../scenario.ts';
import { byPaper, closedAccount, unsigned, unwilling, wrongAmounts } from './authority.ts';
import { faceRefused, funderRefuses, funderSilent, happy } from './happy.ts';
import { badUscc, invitedAgain, joins, noHistory, notLetIn, smsFails } from './invitations.ts';
import { hitCleared, hitStands } from './screening.ts';
import { channelDown, channelReturns, faceAbandoned, mismatches, notFound } from './sources.ts';

export const onboardingScenarios: readonly Scenario[] = [
  happy,
  badUscc,
  noHistory,
  smsFails,
  invitedAgain,
  joins,
  notLetIn,
  faceRefused,
  byPaper,
  mismatches,
  notFound,
  channelReturns,
  channelDown,
  faceAbandoned,
  wrongAmounts,
  closedAccount,
  unsigned,
  unwilling,
  hitCleared,
  hitStands,
  funderRefuses,
  funderSilent,
];
