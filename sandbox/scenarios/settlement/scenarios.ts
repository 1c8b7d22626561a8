/** F10: daily settlement reconciliation (日终对账). */
import type { Scenario } from '../scenario.ts';
import { loanBook, stockBook } from './books.ts';
import { aged, amountDiffers, notSignedOff, signOffRefused } from './differences.ts';
import { byHand, callbackLost, empty, happy, missing, parked } from './files.ts';

export const settlementScenarios: readonly Scenario[] = [
  happy,
  missing,
  byHand,
  parked,
  empty,
  callbackLost,
  amountDiffers,
  aged,
  notSignedOff,
  signOffRefused,
  loanBook,
  stockBook,
];
