/** F3: pledge of goods in stock (现货质押). */
import type { Scenario } from '../scenario.ts';
import { funderChased, funderSilent, offerExpires } from './funder.ts';
import { feedDown, shortAccepted, shortRefused } from './goods.ts';
import { happy } from './happy.ts';
import { paymentFails, paymentFailsOnce, paymentReturned, paymentUnknown } from './money.ts';
import { agreementWithoutCreditor, noOwnershipProof, resultTold } from './papers.ts';
import { lockRefused, lockUnknown, noReceipt, partControlled, registeredBefore } from './security.ts';

export const spotPledgeScenarios: readonly Scenario[] = [
  happy,
  agreementWithoutCreditor,
  noOwnershipProof,
  resultTold,
  funderChased,
  funderSilent,
  offerExpires,
  shortAccepted,
  shortRefused,
  feedDown,
  noReceipt,
  partControlled,
  lockUnknown,
  lockRefused,
  registeredBefore,
  paymentUnknown,
  paymentFailsOnce,
  paymentFails,
  paymentReturned,
];
