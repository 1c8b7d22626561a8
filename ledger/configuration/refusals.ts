/** What a violated constraint of this area means to the business. */
import type { FailureCode } from '../../contracts/failures.ts';

export const configurationRefusals = {
  configuration_named: 'CONTRACT_VIOLATED',
  product_consistent: 'CONTRACT_VIOLATED',
  configuration_in_force: 'VERSION_CONFLICT',
  configuration_settled: 'APPROVAL_STALE',
  decision_by_rules: 'NOT_ALLOWED',
} as const satisfies Readonly<Record<string, FailureCode>>;
