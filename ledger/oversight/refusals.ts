/** What a violated constraint of this area means to the business. */
import type { FailureCode } from '../../contracts/failures.ts';

export const oversightRefusals = {
  approval_by_two: 'SAME_PERSON_APPROVAL',
  approval_has_checker: 'SAME_PERSON_APPROVAL',
  approval_used_once: 'APPROVAL_STALE',
  approval_unchanged: 'APPROVAL_STALE',
  approval_stale: 'APPROVAL_STALE',
  approval_in_time: 'APPROVAL_STALE',
  approval_has_subject: 'NOT_FOUND',
  four_eyes: 'SAME_PERSON_APPROVAL',
  alert_open_once: 'IDEMPOTENCY_CONFLICT',
  alert_rearms: 'NOT_ALLOWED',
  rearmed_when_back: 'NOT_ALLOWED',
  blacklist_names_one: 'CONTRACT_VIOLATED',
  blacklist_ends_later: 'CONTRACT_VIOLATED',
  blacklist_unchanged: 'APPROVAL_STALE',
  blacklisted_once: 'IDEMPOTENCY_CONFLICT',
  manual_has_document: 'CONTRACT_VIOLATED',
  manual_entry_once: 'IDEMPOTENCY_CONFLICT',
} as const satisfies Readonly<Record<string, FailureCode>>;
