/** Life cycles of this area: receipts, pledges, what changes them, releases. Who speaks: the codes of domain.md 0.1. */
import type { Keys, Lifecycles } from '../lifecycleKinds.ts';

export const goodsKeys = {
  stock_adjustment: 'no',
  warehouse_receipt: 'no',
  pledge: 'no',
  pledge_change: 'no',
  release_order: 'no',
  future_goods: 'no',
} as const satisfies Keys;

export const goodsLifecycles = {
  stock_adjustment: [
    ['', 'propose', 'PROPOSED', 'WH SUP'],
    ['PROPOSED', 'post', 'POSTED', 'SUP FND', 'fourEyes'],
    ['PROPOSED', 'refuse', 'REFUSED', 'SUP FND'], // A dispute: value counts at the lower figure (F9 6).
    ['REFUSED', 'post', 'POSTED', 'SUP FND', 'fourEyes'], // Settled: it was so.
    ['REFUSED', 'drop', 'DROPPED', 'SUP FND WH'], // Settled: the goods are there.
  ],
  warehouse_receipt: [
    ['', 'draft', 'DRAFT', 'WH'],
    ['', 'tell', 'HELD', 'WH'], // The keeper says that it issued one.
    ['DRAFT', 'issue', 'ISSUED', 'WH'],
    ['ISSUED', 'handOver', 'HELD', 'WH'],
    ['HELD', 'endorsePledge', 'PLEDGE_PENDING', 'CUST SYS'],
    ['PLEDGE_PENDING', 'countersignPledge', 'PLEDGED', 'WH FND'],
    ['PLEDGE_PENDING', 'takeBack', 'HELD', 'SYS CUST FND'],
    ['PLEDGED', 'takeBack', 'HELD', 'SYS CUST FND'], // Its pledge was cancelled: nothing was lent on it.
    ['PLEDGED', 'askRelease', 'RELEASE_PENDING', 'FND SYS'],
    ['RELEASE_PENDING', 'keepPledged', 'PLEDGED', 'FND SYS'],
    ['RELEASE_PENDING', 'release', 'HELD', 'WH FND'],
    ['HELD', 'split', 'SPLIT', 'WH'],
    ['HELD', 'merge', 'MERGED', 'WH'],
    ['HELD', 'endorse', 'TRANSFER_PENDING', 'CUST'],
    ['TRANSFER_PENDING', 'countersign', 'HELD', 'WH'],
    ['TRANSFER_PENDING', 'decline', 'HELD', 'WH CUST'],
    ['HELD', 'deliver', 'DELIVERING', 'WH'],
    ['DELIVERING', 'deliverPart', 'HELD', 'WH'],
    ['DELIVERING', 'deliverAll', 'DELIVERED', 'WH'],
    ['DELIVERED', 'cancel', 'CANCELLED', 'WH'],
    ['ISSUED', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['HELD', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['PLEDGE_PENDING', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['PLEDGED', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['RELEASE_PENDING', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['TRANSFER_PENDING', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['DELIVERING', 'freeze', 'FROZEN', 'OPS WH FND'],
    ['FROZEN', 'thaw', 'HELD', 'OPS WH FND'],
    ['FROZEN', 'thawPledged', 'PLEDGED', 'OPS WH FND'],
    ['DRAFT', 'void', 'VOID', 'WH'],
    ['ISSUED', 'void', 'VOID', 'WH'],
    ['HELD', 'void', 'VOID', 'WH'], // Only before the first change of holder.
  ],
  pledge: [
    ['', 'draft', 'DRAFT', 'SYS OPS'],
    ['', 'request', 'REQUESTED', 'CUST OPS'],
    ['DRAFT', 'request', 'REQUESTED', 'CUST OPS'],
    ['DRAFT', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['REQUESTED', 'askLock', 'LOCK_REQUESTED', 'SYS'],
    ['REQUESTED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['LOCK_REQUESTED', 'lock', 'LOCKED', 'WH'],
    ['LOCK_REQUESTED', 'fail', 'LOCK_FAILED', 'WH'],
    ['LOCK_REQUESTED', 'lose', 'UNKNOWN', 'SYS'], // Nobody knows: the warehouse is asked before anything is tried again.
    ['LOCK_REQUESTED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['UNKNOWN', 'lock', 'LOCKED', 'WH'],
    ['UNKNOWN', 'fail', 'LOCK_FAILED', 'WH'],
    ['LOCK_FAILED', 'askLock', 'LOCK_REQUESTED', 'SYS'],
    ['LOCK_FAILED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['LOCKED', 'control', 'CONTROLLED', 'SUP'],
    ['LOCKED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['CONTROLLED', 'submit', 'REGISTERING', 'SYS'],
    ['CONTROLLED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['REGISTERING', 'register', 'REGISTERED', 'REG'],
    ['REGISTERING', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['REGISTERED', 'takeCustody', 'EFFECTIVE', 'FND'],
    ['REGISTERED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['EFFECTIVE', 'cancel', 'CANCELLED', 'SYS CUST FND'], // Only while nothing was lent on it: `guardUnfunded`.
    ['EFFECTIVE', 'releasePart', 'PARTIALLY_RELEASED', 'WH'],
    ['PARTIALLY_RELEASED', 'releasePart', 'PARTIALLY_RELEASED', 'WH'],
    ['EFFECTIVE', 'release', 'RELEASED', 'WH'],
    ['PARTIALLY_RELEASED', 'release', 'RELEASED', 'WH'],
    ['EFFECTIVE', 'dispose', 'DISPOSING', 'FND', 'fourEyes'],
    ['PARTIALLY_RELEASED', 'dispose', 'DISPOSING', 'FND', 'fourEyes'],
    ['DISPOSING', 'lift', 'EFFECTIVE', 'FND', 'fourEyes'], // 风险解除
    ['DISPOSING', 'disposed', 'DISPOSED', 'FND'],
  ],
  pledge_change: [
    ['', 'request', 'REQUESTED', 'CUST'],
    ['REQUESTED', 'askLock', 'LOCK_REQUESTED', 'SYS'],
    ['REQUESTED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['LOCK_REQUESTED', 'lock', 'LOCKED', 'WH SUP'],
    ['LOCK_REQUESTED', 'fail', 'LOCK_FAILED', 'WH'],
    ['LOCK_REQUESTED', 'lose', 'UNKNOWN', 'SYS'],
    ['UNKNOWN', 'lock', 'LOCKED', 'WH SUP'],
    ['UNKNOWN', 'fail', 'LOCK_FAILED', 'WH'],
    ['LOCK_FAILED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['LOCKED', 'approve', 'APPROVED', 'FND', 'fourEyes'],
    ['LOCKED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['APPROVED', 'register', 'REGISTERED', 'REG'],
    ['APPROVED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['REGISTERED', 'finish', 'DONE', 'SYS'],
  ],
  release_order: [
    ['', 'draft', 'DRAFT', 'SYS'],
    ['DRAFT', 'submit', 'PENDING_FND', 'CUST'],
    ['DRAFT', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['PENDING_FND', 'approve', 'APPROVED', 'FND', 'fourEyes'],
    ['PENDING_FND', 'reject', 'REJECTED', 'FND'],
    ['PENDING_FND', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['APPROVED', 'send', 'SENT_TO_WH', 'SYS'],
    ['APPROVED', 'cancel', 'CANCELLED', 'SYS CUST FND'],
    ['SENT_TO_WH', 'ack', 'ACKED', 'WH'],
    ['SENT_TO_WH', 'execute', 'EXECUTED', 'WH'], // What left was told before the acknowledgement.
    ['SENT_TO_WH', 'cancel', 'CANCELLED', 'SYS CUST FND'], // The warehouse did not take the order.
    ['SENT_TO_WH', 'expire', 'EXPIRED', 'SYS'],
    ['ACKED', 'execute', 'EXECUTED', 'WH'],
    ['ACKED', 'expire', 'EXPIRED', 'SYS'],
    ['EXECUTED', 'close', 'CLOSED', 'SYS'],
  ],
  future_goods: [
    ['', 'agree', 'AGREED', 'CUST UNIT FND WH'], // Signed by all four.
    ['AGREED', 'register', 'REGISTERED', 'REG'],
    ['AGREED', 'lapse', 'LAPSED', 'SYS CUST FND'],
    ['REGISTERED', 'lapse', 'LAPSED', 'SYS CUST FND'], // Nothing was paid.
    ['REGISTERED', 'pay', 'PAID', 'FND'],
    ['PAID', 'dispatch', 'DELIVERING', 'UNIT'],
    ['DELIVERING', 'receive', 'RECEIVED', 'WH'],
    ['RECEIVED', 'dispatch', 'DELIVERING', 'UNIT'], // The next part.
    ['PAID', 'demandRefund', 'REFUNDING', 'SYS FND'], // The day has passed (交货期限).
    ['DELIVERING', 'demandRefund', 'REFUNDING', 'SYS FND'],
    ['RECEIVED', 'demandRefund', 'REFUNDING', 'SYS FND'], // Short, or of a lower grade.
    ['REFUNDING', 'refund', 'RECEIVED', 'FND'], // What is there is still converted.
    ['REFUNDING', 'forgo', 'RECEIVED', 'SYS FND'], // It did not pay: the buyer does.
    ['REFUNDING', 'refundAll', 'REFUNDED', 'FND'],
    ['DELIVERING', 'lose', 'LOST', 'UNIT WH SYS'], // The claim is the funder's.
    ['RECEIVED', 'convert', 'IN_CONVERSION', 'SYS'],
    ['IN_CONVERSION', 'secure', 'CONVERTED', 'FND'],
  ],
} as const satisfies Lifecycles<typeof goodsKeys>;
