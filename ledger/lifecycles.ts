/**
 * The life cycles of everything that has a state: from, event, to. The database holds the same table and refuses any
 * other change; `npx lianshu lifecycles` draws it.
 */

type Transition = readonly [from: string, event: string, to: string];

export const lifecycles = {
  party: [
    ['', 'invite', 'INVITED'],
    ['', 'admit', 'ACTIVE'],
    ['INVITED', 'submit', 'VERIFYING'],
    ['VERIFYING', 'verify', 'ACTIVE'],
    ['VERIFYING', 'fail', 'VERIFY_FAILED'],
    ['VERIFY_FAILED', 'submit', 'VERIFYING'],
    ['ACTIVE', 'freeze', 'FROZEN'],
    ['FROZEN', 'unfreeze', 'ACTIVE'],
  ],
  bank_account: [
    ['', 'add', 'ADDED'],
    ['', 'admit', 'VERIFIED'],
    ['ADDED', 'verify', 'VERIFIED'],
    ['ADDED', 'reject', 'REJECTED'],
    ['VERIFIED', 'disable', 'DISABLED'],
  ],
  application: [
    ['', 'submit', 'SUBMITTED'],
    ['SUBMITTED', 'return', 'RETURNED'],
    ['SUBMITTED', 'lock', 'ASSETS_LOCKED'],
    ['ASSETS_LOCKED', 'push', 'FUNDER_REVIEW'],
    ['ASSETS_LOCKED', 'withdraw', 'WITHDRAWN'],
    ['FUNDER_REVIEW', 'approve', 'APPROVED'],
    ['FUNDER_REVIEW', 'reject', 'REJECTED'],
    ['FUNDER_REVIEW', 'withdraw', 'WITHDRAWN'],
    ['APPROVED', 'contract', 'CONTRACTING'],
    ['APPROVED', 'expire', 'OFFER_EXPIRED'],
    ['APPROVED', 'withdraw', 'WITHDRAWN'],
    ['CONTRACTING', 'sign', 'SIGNED'],
    ['CONTRACTING', 'withdraw', 'WITHDRAWN'],
    ['SIGNED', 'ready', 'READY_TO_DISBURSE'],
    ['SIGNED', 'withdraw', 'WITHDRAWN'],
    ['READY_TO_DISBURSE', 'disburse', 'DISBURSED'],
    ['READY_TO_DISBURSE', 'withdraw', 'WITHDRAWN'],
    ['DISBURSED', 'close', 'CLOSED'],
  ],
  envelope: [
    ['', 'draft', 'DRAFT'],
    ['DRAFT', 'send', 'SENT'],
    ['DRAFT', 'revoke', 'REVOKED'],
    ['SENT', 'complete', 'COMPLETED'],
    ['SENT', 'refuse', 'REJECTED'],
    ['SENT', 'expire', 'EXPIRED'],
    ['SENT', 'revoke', 'REVOKED'],
  ],
  pledge: [
    ['', 'request', 'REQUESTED'],
    ['REQUESTED', 'askLock', 'LOCK_REQUESTED'],
    ['REQUESTED', 'cancel', 'CANCELLED'],
    ['LOCK_REQUESTED', 'lock', 'LOCKED'],
    ['LOCK_REQUESTED', 'fail', 'LOCK_FAILED'],
    ['LOCK_REQUESTED', 'cancel', 'CANCELLED'],
    ['LOCK_FAILED', 'cancel', 'CANCELLED'],
    ['LOCKED', 'control', 'CONTROLLED'],
    ['LOCKED', 'cancel', 'CANCELLED'],
    ['CONTROLLED', 'submit', 'REGISTERING'],
    ['CONTROLLED', 'cancel', 'CANCELLED'],
    ['REGISTERING', 'register', 'REGISTERED'],
    ['REGISTERING', 'cancel', 'CANCELLED'],
    ['REGISTERED', 'takeCustody', 'EFFECTIVE'],
    ['REGISTERED', 'cancel', 'CANCELLED'],
    ['EFFECTIVE', 'cancel', 'CANCELLED'], // Only while nothing was lent on it: `guardUnfunded`.
    ['EFFECTIVE', 'releasePart', 'PARTIALLY_RELEASED'],
    ['PARTIALLY_RELEASED', 'releasePart', 'PARTIALLY_RELEASED'],
    ['EFFECTIVE', 'release', 'RELEASED'],
    ['PARTIALLY_RELEASED', 'release', 'RELEASED'],
    ['EFFECTIVE', 'dispose', 'DISPOSING'],
  ],
  registration: [
    ['', 'submit', 'SUBMITTED'],
    ['SUBMITTED', 'register', 'REGISTERED'],
    ['SUBMITTED', 'fail', 'FAILED'],
    ['REGISTERED', 'amend', 'AMENDED'],
    ['REGISTERED', 'cancel', 'CANCELLED'],
    ['AMENDED', 'cancel', 'CANCELLED'],
  ],
  payment: [
    ['', 'instruct', 'SUBMITTING'],
    ['SUBMITTING', 'accept', 'ACCEPTED'],
    ['SUBMITTING', 'fail', 'FAILED'],
    ['ACCEPTED', 'succeed', 'SUCCEEDED'],
    ['ACCEPTED', 'fail', 'FAILED'],
    ['SUCCEEDED', 'return', 'RETURNED'],
  ],
  loan: [
    ['', 'activate', 'ACTIVE'],
    ['ACTIVE', 'reverse', 'REVERSED'],
    ['ACTIVE', 'settle', 'SETTLED'],
    ['ACTIVE', 'lapse', 'OVERDUE'],
    ['OVERDUE', 'settle', 'SETTLED'],
  ],
  repayment: [
    ['', 'notify', 'NOTIFIED'],
    ['NOTIFIED', 'match', 'MATCHED'],
    ['NOTIFIED', 'fail', 'FAILED'],
    ['MATCHED', 'post', 'POSTED'],
  ],
  release_order: [
    ['', 'draft', 'DRAFT'],
    ['DRAFT', 'submit', 'PENDING_FND'],
    ['DRAFT', 'cancel', 'CANCELLED'],
    ['PENDING_FND', 'approve', 'APPROVED'],
    ['PENDING_FND', 'reject', 'REJECTED'],
    ['PENDING_FND', 'cancel', 'CANCELLED'],
    ['APPROVED', 'send', 'SENT_TO_WH'],
    ['APPROVED', 'cancel', 'CANCELLED'],
    ['SENT_TO_WH', 'execute', 'EXECUTED'],
    ['SENT_TO_WH', 'cancel', 'CANCELLED'], // The warehouse did not take the order.
    ['SENT_TO_WH', 'expire', 'EXPIRED'],
    ['EXECUTED', 'close', 'CLOSED'],
  ],
} as const satisfies Record<string, readonly Transition[]>;

export type Entity = keyof typeof lifecycles;
export type EventOf<E extends Entity> = (typeof lifecycles)[E][number][1];
