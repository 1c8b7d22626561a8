/** F7: repayment and release (还款与解押). */
import type { Scenario } from '../scenario.ts';
import { postingOnHold, someLots, stalePrice, tooLittle } from './asking.ts';
import { moreThanOrdered, tokenExpired, tokenLate, wrongPicker } from './gate.ts';
import {
  cancelledLate,
  debitRefused,
  debitRetried,
  moneyMatched,
  moneyUnmatched,
  reminded,
  reversed,
  shadowDiffers,
  thirdParty,
} from './repaying.ts';

export const releaseScenarios: readonly Scenario[] = [
  moneyMatched,
  tooLittle,
  someLots,
  postingOnHold,
  stalePrice,
  wrongPicker,
  moreThanOrdered,
  tokenExpired,
  tokenLate,
  reminded,
  debitRetried,
  debitRefused,
  moneyUnmatched,
  thirdParty,
  shadowDiffers,
  cancelledLate,
  reversed,
];
