/** F8: mark to market and margin calls (盯市与追加). */
import type { Scenario } from '../scenario.ts';
import { extended, lifted, metByRepayment, metInCash } from './calls.ts';
import { soldShort, soldWithSurplus } from './disposals.ts';
import { jumpUnconfirmed, stalePrice, warned } from './prices.ts';
import { quiet } from './quiet.ts';

export const markingScenarios: readonly Scenario[] = [
  quiet,
  stalePrice,
  jumpUnconfirmed,
  warned,
  metInCash,
  metByRepayment,
  extended,
  lifted,
  soldWithSurplus,
  soldShort,
];
