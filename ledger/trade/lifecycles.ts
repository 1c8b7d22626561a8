/** Life cycles of what a financing rests on. Who speaks: the codes of domain.md 0.1. */
import type { Keys, Lifecycles } from '../lifecycleKinds.ts';

export const tradeKeys = {
  invoice: 'key',
  invoice_use: 'id',
  receivable: 'no',
  confirmation: 'no',
  assignment_notice: 'no',
  receivable_certificate: 'no',
} as const satisfies Keys;

export const tradeLifecycles = {
  invoice: [
    ['', 'upload', 'UPLOADED', 'ASSET SYS'],
    ['UPLOADED', 'check', 'CHECKING', 'SYS'],
    ['CHECKING', 'pass', 'CHECKED_VALID', 'TAX'],
    ['CHECKING', 'fail', 'CHECK_FAILED', 'TAX'],
    ['CHECK_FAILED', 'check', 'CHECKING', 'SYS'],
    ['CHECKED_VALID', 'recheck', 'CHECKED_VALID', 'TAX'], // Weekly, and before money moves; also when part was flushed red.
    ['CHECKED_VALID', 'void', 'VOIDED', 'TAX'], // Voided or flushed red in whole: alert INVOICE_RED.
  ],
  invoice_use: [
    ['', 'lock', 'LOCKED', 'SYS'],
    ['LOCKED', 'consume', 'CONSUMED', 'SYS'],
    ['LOCKED', 'release', 'RELEASED', 'SYS'],
    ['CONSUMED', 'release', 'RELEASED', 'SYS'],
  ],
  receivable: [
    ['', 'draft', 'DRAFT', 'ASSET CORE'],
    ['DRAFT', 'submit', 'SUBMITTED', 'ASSET CORE'],
    ['SUBMITTED', 'askConfirmation', 'CONFIRMING', 'SYS'],
    ['CONFIRMING', 'confirm', 'CONFIRMED', 'CORE'],
    ['CONFIRMING', 'reject', 'REJECTED', 'CORE'],
    ['CONFIRMING', 'expire', 'EXPIRED', 'SYS'],
    ['REJECTED', 'revise', 'DRAFT', 'ASSET'],
    ['EXPIRED', 'revise', 'DRAFT', 'ASSET'],
    ['CONFIRMED', 'reduce', 'REDUCED', 'ASSET CORE'], // Credit note: a new version, to be confirmed anew.
    ['REDUCED', 'submit', 'SUBMITTED', 'ASSET'],
    ['CONFIRMED', 'lock', 'LOCKED', 'SYS'],
    ['LOCKED', 'unlock', 'CONFIRMED', 'SYS'],
    ['LOCKED', 'assign', 'ASSIGNED', 'SYS'],
    ['ASSIGNED', 'dispute', 'DISPUTED', 'CORE ASSET'],
    ['DISPUTED', 'settleDispute', 'ASSIGNED', 'OPS'],
    ['DISPUTED', 'mature', 'MATURED', 'SYS'],
    ['ASSIGNED', 'reassign', 'CONFIRMED', 'FND'], // Given back: the financing did not come about.
    ['ASSIGNED', 'mature', 'MATURED', 'SYS'],
    ['MATURED', 'collect', 'COLLECTED', 'PAY FND'],
    ['MATURED', 'lapse', 'OVERDUE', 'SYS'],
    ['OVERDUE', 'collect', 'COLLECTED', 'PAY FND'],
    ['OVERDUE', 'buyBack', 'BOUGHT_BACK', 'FND'], // With recourse only (民法典 766).
    ['COLLECTED', 'close', 'CLOSED', 'SYS'],
    ['BOUGHT_BACK', 'close', 'CLOSED', 'SYS'],
  ],
  confirmation: [
    ['', 'request', 'REQUESTED', 'ASSET CORE SYS'],
    ['REQUESTED', 'claim', 'CLAIMED', 'CORE'],
    ['CLAIMED', 'putBack', 'REQUESTED', 'SYS CORE'], // A claim (领用) lasts two days.
    ['CLAIMED', 'approve', 'APPROVED', 'CORE'],
    ['APPROVED', 'confirm', 'CONFIRMED', 'CORE', 'fourEyes'],
    ['REQUESTED', 'reject', 'REJECTED', 'CORE'],
    ['CLAIMED', 'reject', 'REJECTED', 'CORE'],
    ['APPROVED', 'reject', 'REJECTED', 'CORE'],
    ['REQUESTED', 'expire', 'EXPIRED', 'SYS'],
    ['CLAIMED', 'expire', 'EXPIRED', 'SYS'],
    ['APPROVED', 'expire', 'EXPIRED', 'SYS'],
  ],
  assignment_notice: [
    ['', 'draft', 'DRAFT', 'SYS FND'],
    ['DRAFT', 'send', 'SENT', 'SYS FND'],
    ['DRAFT', 'cancel', 'CANCELLED', 'SYS FND'],
    ['SENT', 'deliver', 'DELIVERED', 'SYS'],
    ['DELIVERED', 'acknowledge', 'ACKNOWLEDGED', 'CORE'],
    ['DELIVERED', 'revoke', 'REVOKED', 'FND'], // Only by the assignee's word (民法典 546).
    ['ACKNOWLEDGED', 'revoke', 'REVOKED', 'FND'],
  ],
  receivable_certificate: [
    ['', 'draft', 'DRAFT', 'CORE'],
    ['DRAFT', 'issue', 'ISSUED', 'CORE'],
    ['DRAFT', 'cancel', 'CANCELLED', 'CORE'],
    ['ISSUED', 'accept', 'HELD', 'ASSET'],
    ['ISSUED', 'cancel', 'CANCELLED', 'CORE'],
    ['HELD', 'transfer', 'HELD', 'ASSET'],
    ['HELD', 'finance', 'FINANCED', 'FND'],
    ['FINANCED', 'giveBack', 'HELD', 'FND'],
    ['HELD', 'mature', 'MATURED', 'SYS'],
    ['FINANCED', 'mature', 'MATURED', 'SYS'],
    ['MATURED', 'pay', 'PAID', 'PAY'],
    ['MATURED', 'lapse', 'OVERDUE', 'SYS'],
    ['OVERDUE', 'pay', 'PAID', 'PAY'],
  ],
} as const satisfies Lifecycles<typeof tradeKeys>;
