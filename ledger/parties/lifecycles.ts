/** Life cycles of this area: companies, their roles, accounts, people, consents. Who speaks: the codes of domain.md 0.1. */
import type { Keys, Lifecycles } from '../lifecycleKinds.ts';

export const partiesKeys = {
  party: 'id',
  party_role: 'id',
  bank_account: 'account_no',
  sign_authority: 'no',
  consent: 'id',
  invitation: 'id',
  verification: 'request_no',
} as const satisfies Keys;

export const partiesLifecycles = {
  party: [
    ['', 'invite', 'INVITED', 'UNIT OPS'],
    ['', 'register', 'SELF_REGISTERED', 'CUST'],
    ['', 'admit', 'ACTIVE', 'OPS'], // By the file that sets an installation up.
    ['INVITED', 'draft', 'PROFILE_DRAFT', 'CUST'],
    ['SELF_REGISTERED', 'draft', 'PROFILE_DRAFT', 'CUST'],
    ['PROFILE_DRAFT', 'submit', 'SUBMITTED', 'CUST'],
    ['SUBMITTED', 'check', 'VERIFYING', 'SYS OPS'],
    ['INVITED', 'submit', 'VERIFYING', 'CUST'], // Profile and submission in one message.
    ['VERIFYING', 'prove', 'VERIFIED', 'IDV OPS'],
    ['VERIFYING', 'verify', 'ACTIVE', 'IDV'], // Where the project asks for no review of its own.
    ['VERIFYING', 'fail', 'VERIFY_FAILED', 'IDV OPS'],
    ['VERIFY_FAILED', 'draft', 'PROFILE_DRAFT', 'CUST'],
    ['VERIFY_FAILED', 'submit', 'VERIFYING', 'CUST'],
    ['VERIFIED', 'activate', 'ACTIVE', 'OPS', 'fourEyes'],
    ['VERIFIED', 'fail', 'VERIFY_FAILED', 'OPS'], // The review turned it down.
    ['VERIFIED', 'freeze', 'FROZEN', 'OPS SYS'], // A hit of the screening, before it ever was active.
    ['FROZEN', 'clear', 'VERIFIED', 'OPS', 'fourEyes'], // Back to the review.
    ['ACTIVE', 'freeze', 'FROZEN', 'OPS SYS'],
    ['FROZEN', 'unfreeze', 'ACTIVE', 'OPS', 'fourEyes'],
    ['ACTIVE', 'close', 'CLOSING', 'OPS CUST'],
    ['CLOSING', 'finish', 'CLOSED', 'OPS SYS'],
  ],
  party_role: [
    ['', 'apply', 'APPLIED', 'CUST UNIT OPS'],
    ['', 'admit', 'ACTIVE', 'OPS'], // By the file that sets an installation up.
    ['APPLIED', 'grant', 'ACTIVE', 'OPS', 'fourEyes'],
    ['APPLIED', 'join', 'ACTIVE', 'SYS'], // What it was invited for, once it is verified.
    ['APPLIED', 'refuse', 'REVOKED', 'OPS'],
    ['ACTIVE', 'suspend', 'SUSPENDED', 'OPS SYS'],
    ['SUSPENDED', 'resume', 'ACTIVE', 'OPS', 'fourEyes'],
    ['ACTIVE', 'revoke', 'REVOKED', 'OPS'],
    ['SUSPENDED', 'revoke', 'REVOKED', 'OPS'],
    ['REVOKED', 'apply', 'APPLIED', 'CUST UNIT OPS'],
  ],
  bank_account: [
    ['', 'add', 'ADDED', 'CUST'],
    ['', 'admit', 'VERIFIED', 'OPS'],
    ['ADDED', 'check', 'VERIFYING', 'SYS'],
    ['ADDED', 'verify', 'VERIFIED', 'PAY'],
    ['ADDED', 'reject', 'REJECTED', 'PAY'],
    ['VERIFYING', 'verify', 'VERIFIED', 'PAY'],
    ['VERIFYING', 'reject', 'REJECTED', 'PAY'],
    ['VERIFIED', 'change', 'VERIFYING', 'CUST OPS'],
    ['REJECTED', 'change', 'VERIFYING', 'CUST OPS'],
    ['VERIFYING', 'disable', 'DISABLED', 'OPS CUST'],
    ['VERIFIED', 'disable', 'DISABLED', 'OPS CUST'],
    ['REJECTED', 'disable', 'DISABLED', 'OPS CUST'],
  ],
  sign_authority: [
    ['', 'authorise', 'ACTIVE', 'CUST OPS'],
    ['ACTIVE', 'revoke', 'REVOKED', 'CUST OPS'],
    ['ACTIVE', 'expire', 'EXPIRED', 'SYS'],
  ],
  consent: [
    ['', 'give', 'GIVEN', 'CUST'],
    ['GIVEN', 'withdraw', 'WITHDRAWN', 'CUST'],
    ['GIVEN', 'expire', 'EXPIRED', 'SYS'],
  ],
  invitation: [
    ['', 'draft', 'DRAFT', 'UNIT'],
    ['', 'send', 'SENT', 'OPS'], // Recommended and sent in one step.
    ['DRAFT', 'send', 'SENT', 'OPS'],
    ['DRAFT', 'revoke', 'REVOKED', 'OPS UNIT'],
    ['SENT', 'open', 'OPENED', 'CUST'],
    ['SENT', 'accept', 'ACCEPTED', 'CUST'],
    ['SENT', 'expire', 'EXPIRED', 'SYS'],
    ['SENT', 'revoke', 'REVOKED', 'OPS UNIT SYS'],
    ['SENT', 'decline', 'DECLINED', 'CUST'],
    ['OPENED', 'accept', 'ACCEPTED', 'CUST'],
    ['OPENED', 'expire', 'EXPIRED', 'SYS'],
    ['OPENED', 'revoke', 'REVOKED', 'OPS UNIT SYS'],
    ['OPENED', 'decline', 'DECLINED', 'CUST'],
  ],
  verification: [
    ['', 'create', 'CREATED', 'SYS'],
    ['CREATED', 'send', 'SENT', 'SYS'],
    ['CREATED', 'confirm', 'MATCH', 'OPS', 'fourEyes'], // No source covers it: entities from abroad, authorities.
    ['SENT', 'match', 'MATCH', 'IDV'],
    ['SENT', 'mismatch', 'MISMATCH', 'IDV'],
    ['SENT', 'notFound', 'NOT_FOUND', 'IDV'],
    ['SENT', 'lose', 'UNKNOWN', 'IDV SYS'],
    ['UNKNOWN', 'match', 'MATCH', 'IDV'],
    ['UNKNOWN', 'mismatch', 'MISMATCH', 'IDV'],
    ['UNKNOWN', 'notFound', 'NOT_FOUND', 'IDV'],
    ['UNKNOWN', 'confirm', 'MATCH', 'OPS', 'fourEyes'],
    ['NOT_FOUND', 'confirm', 'MATCH', 'OPS', 'fourEyes'],
  ],
} as const satisfies Lifecycles<typeof partiesKeys>;
