/** Life cycles of this area: approvals, alerts, the blacklist, what is entered by hand. Who speaks: the codes of domain.md 0.1. */
import type { Keys, Lifecycles } from '../lifecycleKinds.ts';

export const oversightKeys = {
  approval: 'id',
  alert: 'no',
  blacklist: 'id',
  manual_entry: 'id',
} as const satisfies Keys;

export const oversightLifecycles = {
  approval: [
    ['', 'propose', 'PROPOSED', 'OPS FND WH CORE UNIT'],
    ['PROPOSED', 'approve', 'APPROVED', 'OPS FND WH CORE UNIT'],
    ['PROPOSED', 'reject', 'REJECTED', 'OPS FND WH CORE UNIT'],
    ['PROPOSED', 'lapse', 'LAPSED', 'SYS'],
    ['APPROVED', 'lapse', 'LAPSED', 'SYS'],
  ],
  alert: [
    ['', 'open', 'OPEN', 'SYS'],
    ['OPEN', 'acknowledge', 'ACKED', 'OPS FND WH UNIT'],
    ['ACKED', 'act', 'ACTION', 'OPS FND WH UNIT'],
    ['ESCALATED', 'act', 'ACTION', 'OPS FND WH UNIT'],
    ['OPEN', 'escalate', 'ESCALATED', 'SYS OPS'],
    ['ACKED', 'escalate', 'ESCALATED', 'SYS OPS'],
    ['ACTION', 'escalate', 'ESCALATED', 'SYS OPS'],
    ['OPEN', 'resolve', 'RESOLVED', 'SYS OPS FND WH UNIT'],
    ['ACKED', 'resolve', 'RESOLVED', 'SYS OPS FND WH UNIT'],
    ['ACTION', 'resolve', 'RESOLVED', 'SYS OPS FND WH UNIT'],
    ['ESCALATED', 'resolve', 'RESOLVED', 'SYS OPS FND WH UNIT'],
    ['OPEN', 'dismiss', 'FALSE_POSITIVE', 'OPS FND'],
    ['ACKED', 'dismiss', 'FALSE_POSITIVE', 'OPS FND'],
    ['ACTION', 'dismiss', 'FALSE_POSITIVE', 'OPS FND'],
    ['ESCALATED', 'dismiss', 'FALSE_POSITIVE', 'OPS FND'],
  ],
  blacklist: [
    ['', 'propose', 'PROPOSED', 'OPS UNIT FND SYS'],
    ['PROPOSED', 'activate', 'ACTIVE', 'OPS', 'fourEyes'],
    ['PROPOSED', 'dismiss', 'LIFTED', 'OPS'],
    ['ACTIVE', 'lift', 'LIFTED', 'OPS', 'fourEyes'],
    ['ACTIVE', 'expire', 'EXPIRED', 'SYS'],
  ],
  manual_entry: [
    ['', 'enter', 'ENTERED', 'OPS WH FND UNIT CORE'],
    ['ENTERED', 'post', 'POSTED', 'OPS WH FND UNIT CORE', 'fourEyes'],
    ['ENTERED', 'reject', 'REJECTED', 'OPS WH FND UNIT CORE'],
  ],
} as const satisfies Lifecycles<typeof oversightKeys>;
