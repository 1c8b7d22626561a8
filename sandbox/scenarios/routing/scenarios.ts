/** F13 routing to several funders (多资方路由), in the order of its table. */
import type { Scenario } from '../scenario.ts';
import { lateApproval, latePayment, nextFunder, returnedPackage, withdrawnFirst } from './attempts.ts';
import { connectorDown, manual, noFunder, offers, pledgeRouted } from './filters.ts';

export const routingScenarios: readonly Scenario[] = [
  noFunder,
  connectorDown,
  offers,
  manual,
  returnedPackage,
  withdrawnFirst,
  nextFunder,
  lateApproval,
  latePayment,
  pledgeRouted,
];
