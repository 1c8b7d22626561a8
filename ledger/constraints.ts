/** What a violated constraint of the books means to the business: each one has its refusal code. */
import { Failure, type FailureCode } from '../contracts/failures.ts';

const meaning: Readonly<Record<string, FailureCode>> = {
  illegal_transition: 'ILLEGAL_TRANSITION',
  asset_locked_once: 'ASSET_ALREADY_LOCKED',
  lot_pledged_once: 'PLEDGE_OVERLAP',
  stock_not_overpledged: 'STOCK_SHORT',
  limit_sufficient: 'LIMIT_INSUFFICIENT',
  approved_within_asked: 'LIMIT_INSUFFICIENT',
  funder_is_not_borrower: 'NOT_ALLOWED',
  completed_is_verified: 'SIGNATURES_INCOMPLETE',
  supervisor_independent: 'SUPERVISOR_NOT_INDEPENDENT',
  effective_is_proven: 'CONTROL_NOT_PROVEN',
  released_within_pledged: 'STOCK_SHORT',
  search_is_fresh: 'REGISTRATION_MISSING',
  disbursed_once: 'PAYMENT_UNKNOWN_PENDING',
  operator_holds_no_money: 'PAYEE_NOT_MANDATED',
  balance_within_principal: 'CONTRACT_VIOLATED',
  posted_is_allocated: 'CONTRACT_VIOLATED',
  settled_owes_nothing: 'CONTRACT_VIOLATED',
  maker_is_not_checker: 'SAME_PERSON_APPROVAL',
  decided_by_two: 'SAME_PERSON_APPROVAL',
  outbound_within_released: 'STOCK_SHORT',
  release_after_posting: 'REPAYMENT_NOT_POSTED',
  effect_number: 'IDEMPOTENCY_CONFLICT',
  act_two_people: 'SAME_PERSON_APPROVAL',
  act_four_eyes: 'SAME_PERSON_APPROVAL',
  act_unchanged: 'APPROVAL_STALE',
  // Numbers that come from outside, or follow from one that does.
  application_pkey: 'IDEMPOTENCY_CONFLICT',
  payment_pkey: 'IDEMPOTENCY_CONFLICT',
  release_order_pkey: 'IDEMPOTENCY_CONFLICT',
};

export function explainConstraint(constraint: string): Failure | undefined {
  const code = meaning[constraint];
  return code && new Failure(code, { detail: `refused by the books: ${constraint}` });
}
