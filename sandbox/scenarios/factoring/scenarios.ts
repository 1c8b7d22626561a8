/** F6: factoring with confirmation (保理确权). */
import type { Scenario } from '../scenario.ts';
import { boughtBack, invoiceRed, oldAccount, paidLate, shortPaid } from './collection.ts';
import { funderRefuses, noticeLost, registeredMeanwhile, signingExpires, supplierRefuses } from './contracts.ts';
import { happy, slices, withoutRecourse } from './happy.ts';
import {
  claimLapses,
  invoiceExhausted,
  invoicesInvalid,
  noAcceptance,
  registeredBefore,
  rejected,
  taxSourceSilent,
  unanswered,
} from './initiation.ts';
import { answerLost, automatic, disputed, fails, unproven } from './money.ts';
import { nobody, oversubscribed, rateOutside, withdraws } from './offering.ts';

export const factoringScenarios: readonly Scenario[] = [
  happy,
  slices,
  withoutRecourse,
  invoicesInvalid,
  taxSourceSilent,
  invoiceExhausted,
  registeredBefore,
  noAcceptance,
  claimLapses,
  rejected,
  unanswered,
  nobody,
  oversubscribed,
  rateOutside,
  withdraws,
  funderRefuses,
  supplierRefuses,
  signingExpires,
  registeredMeanwhile,
  noticeLost,
  fails,
  answerLost,
  unproven,
  automatic,
  disputed,
  oldAccount,
  shortPaid,
  boughtBack,
  paidLate,
  invoiceRed,
];
