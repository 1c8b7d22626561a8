/** What a violated constraint of the books means to the business: each one has its refusal code. */
import { Failure, type FailureCode } from '../contracts/failures.ts';
import { partiesRefusals } from './parties/refusals.ts';
import { configurationRefusals } from './configuration/refusals.ts';
import { tradeRefusals } from './trade/refusals.ts';
import { financingRefusals } from './financing/refusals.ts';
import { goodsRefusals } from './goods/refusals.ts';
import { moneyRefusals } from './money/refusals.ts';
import { oversightRefusals } from './oversight/refusals.ts';

const meaning: Readonly<Record<string, FailureCode>> = {
  illegal_transition: 'ILLEGAL_TRANSITION',
  history_continuous: 'ILLEGAL_TRANSITION',
  history_word: 'NOT_ALLOWED',
  state_is_folded: 'ILLEGAL_TRANSITION',
  kept: 'NOT_ALLOWED',
  ...partiesRefusals,
  ...configurationRefusals,
  ...tradeRefusals,
  ...financingRefusals,
  ...goodsRefusals,
  ...moneyRefusals,
  ...oversightRefusals,
  // Of the engine.
  fraction_is_no_percentage: 'CONTRACT_VIOLATED',
  books_in_yuan: 'CONTRACT_VIOLATED',
  sign_authority_sealed: 'CONTRACT_VIOLATED',
  exchange_sealed: 'CONTRACT_VIOLATED',
  exchange_part_sealed: 'CONTRACT_VIOLATED',
  unmapped_is_no_success: 'EXT_CODE_UNMAPPED',
  signal_is_verified: 'ANSWER_UNVERIFIED',
  signal_pkey: 'IDEMPOTENCY_CONFLICT',
  effect_number: 'IDEMPOTENCY_CONFLICT',
  act_two_people: 'SAME_PERSON_APPROVAL',
  act_four_eyes: 'SAME_PERSON_APPROVAL',
  act_unchanged: 'APPROVAL_STALE',
};

export function explainConstraint(constraint: string): Failure | undefined {
  const code = meaning[constraint];
  return code && new Failure(code, { detail: `refused by the books: ${constraint}` });
}
