/** What a violated constraint of this area means to the business. */
import type { FailureCode } from '../../contracts/failures.ts';

/** The rules of a disbursement in the order in which they are asked; each is a trigger `guard_<nn>_<rule>` on payment. */
export const disbursementRules = {
  borrower_active: 'PARTY_NOT_VERIFIED', // I-12
  borrower_not_overdue: 'LIMIT_FROZEN', // I-12
  consent_given: 'CONSENT_MISSING', // I-28
  contracts_signed: 'SIGNATURES_INCOMPLETE', // I-07
  payee_mandated: 'PAYEE_NOT_MANDATED', // I-08
  payee_not_cooling: 'ACCOUNT_COOLING', // I-08
  limit_reserved: 'LIMIT_INSUFFICIENT', // I-04
  limit_not_frozen: 'LIMIT_FROZEN', // I-12
  amount_approved: 'LIMIT_INSUFFICIENT', // I-09
  order_covers: 'LIMIT_INSUFFICIENT', // I-04
  asset_locked: 'ASSET_ALREADY_LOCKED', // I-05
  pledge_registered: 'REGISTRATION_MISSING', // I-06
  pledge_effective: 'CONTROL_NOT_PROVEN', // I-16
  price_fresh: 'PRICE_STALE', // I-12
  stock_feed_fresh: 'CONTROL_NOT_PROVEN', // I-12
  goods_cover: 'LTV_EXCEEDED', // I-14
  no_margin_call: 'LTV_EXCEEDED', // I-12
  books_reconciled: 'RECONCILIATION_OPEN', // F10
} as const satisfies Readonly<Record<string, FailureCode>>;

export type DisbursementRule = keyof typeof disbursementRules;

export const moneyRefusals = {
  ...disbursementRules,
  limit_sufficient: 'LIMIT_INSUFFICIENT',
  limit_is_open: 'LIMIT_FROZEN',
  limit_reserved_first: 'LIMIT_INSUFFICIENT',
  limit_only_by_movement: 'NOT_ALLOWED',
  limit_reversed_once: 'IDEMPOTENCY_CONFLICT',
  movement_names_cause: 'CONTRACT_VIOLATED',
  restore_only_revolving: 'NOT_ALLOWED',
  restore_only_posted: 'REPAYMENT_NOT_POSTED',
  reverse_only_returned: 'NOT_ALLOWED',
  disbursed_once: 'PAYMENT_UNKNOWN_PENDING',
  collecting_once: 'PAYMENT_UNKNOWN_PENDING',
  payment_unchanged: 'NOT_ALLOWED',
  payment_approved_first: 'SAME_PERSON_APPROVAL',
  payment_follows_ended: 'CONTRACT_VIOLATED',
  payment_previous_once: 'IDEMPOTENCY_CONFLICT',
  payment_between_parties: 'PAYEE_NOT_MANDATED',
  operator_holds_no_money: 'PAYEE_NOT_MANDATED',
  payment_pkey: 'IDEMPOTENCY_CONFLICT',
  loan_pkey: 'IDEMPOTENCY_CONFLICT',
  loan_payment_no_key: 'IDEMPOTENCY_CONFLICT',
  loan_application_no_key: 'IDEMPOTENCY_CONFLICT',
  repayment_pkey: 'IDEMPOTENCY_CONFLICT',
  loan_is_received: 'CONTRACT_VIOLATED',
  loan_is_paid_out: 'ILLEGAL_TRANSITION',
  loan_unchanged: 'NOT_ALLOWED',
  loan_only_by_entry: 'NOT_ALLOWED',
  upfront_only_for_purchase: 'NOT_ALLOWED',
  balance_within_principal: 'CONTRACT_VIOLATED',
  owes_no_less_than_nothing: 'CONTRACT_VIOLATED',
  settled_owes_nothing: 'CONTRACT_VIOLATED',
  returned_is_reversed: 'ILLEGAL_TRANSITION',
  entry_has_its_sign: 'CONTRACT_VIOLATED',
  entry_names_cause: 'CONTRACT_VIOLATED',
  penalty_recomputes: 'CONTRACT_VIOLATED',
  accrual_recomputes: 'CONTRACT_VIOLATED',
  principal_not_backdated: 'CONTRACT_VIOLATED',
  reversal_undoes: 'CONTRACT_VIOLATED',
  loan_entry_reverses_key: 'IDEMPOTENCY_CONFLICT',
  repayment_has_arrived: 'ILLEGAL_TRANSITION',
  posted_is_allocated: 'CONTRACT_VIOLATED',
  allocations_are_posted: 'CONTRACT_VIOLATED',
  plan_adds_up: 'CONTRACT_VIOLATED',
  instalment_has_days: 'CONTRACT_VIOLATED',
  recon_once_a_day: 'IDEMPOTENCY_CONFLICT',
  recon_run_pkey: 'IDEMPOTENCY_CONFLICT',
  item_is_somewhere: 'CONTRACT_VIOLATED',
  resolved_says_how: 'CONTRACT_VIOLATED',
  recon_case_once: 'IDEMPOTENCY_CONFLICT',
  file_is_whole: 'CONTRACT_VIOLATED',
  differences_are_resolved: 'RECONCILIATION_OPEN',
  items_before_comparison: 'ILLEGAL_TRANSITION',
} as const satisfies Readonly<Record<string, FailureCode>>;
