/** F2 credit financing (信用融资), in the order of its table. */
import type { Scenario } from '../scenario.ts';
import { contractExpired, lostDecision, secondDecision, silentFunder } from './decisions.ts';
import { happy } from './happy.ts';
import { duplicate, lostOrder, orderChanged, precheck, preScreened } from './orders.ts';
import { failedPayment, notCleared, returnedPayment, unknownPayment } from './payments.ts';

export const creditScenarios: readonly Scenario[] = [
  happy,
  lostOrder,
  orderChanged,
  preScreened,
  precheck,
  duplicate,
  silentFunder,
  lostDecision,
  secondDecision,
  contractExpired,
  unknownPayment,
  failedPayment,
  returnedPayment,
  notCleared,
];
