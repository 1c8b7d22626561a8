/** What the warehouse's codes mean to us, as data. A code that has no row says nothing: the outcome is unknown. */
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import type { QimenAnswer, QimenPlatformError } from '../../contracts/wms/qimen.wire.ts';
import { codeTable } from '../codes/codeTable.ts';

const agreed = 'adapters/wms/README.md: agreed with the warehouse at connection time';
const platform = 'Qimen platform documentation: 平台错误码, 单据状态';

/** Codes of `<response><flag>failure</flag>`. Qimen leaves them to the warehouse: these are agreed at connection time. */
export const answerCodes = codeTable('wms.qimen.answer', agreed, {
  S001: 'SYSTEM_REFUSED', // a parameter is missing or wrong
  S005: 'STOCK_SHORT',
  S006: 'PLEDGE_OVERLAP', // locked for a pledge already
  S007: 'SYSTEM_REFUSED', // locked stock, and no valid release token
  S008: 'SYSTEM_REFUSED', // unknown warehouse, owner or item
  S009: 'SYSTEM_BUSY', // not taken, try later
  S010: 'IDEMPOTENCY_CONFLICT', // the number exists with another content
  S012: 'SYSTEM_REFUSED', // more than is locked under this number
} satisfies Record<string, FailureCode>);

/** 单据已存在: the number was taken before; the answer holds the ids of that time. */
const duplicateCode = 'S003';
/** 单据不存在. */
const unknownNumberCode = 'S004';

/** Codes of the platform's `<error_response>`. It rejects before the warehouse sees the request; 15 does not say which. */
export const platformCodes = codeTable('wms.qimen.platform', platform, {
  '7': 'SYSTEM_BUSY', // call limit
  '21': 'SYSTEM_REFUSED', // method missing
  '22': 'SYSTEM_REFUSED', // method unknown
  '23': 'SYSTEM_REFUSED', // format
  '24': 'SYSTEM_REFUSED', // signature missing
  '25': 'SYSTEM_REFUSED', // signature wrong
  '28': 'SYSTEM_REFUSED', // app_key missing
  '29': 'SYSTEM_REFUSED', // app_key unknown
  '30': 'SYSTEM_REFUSED', // timestamp missing
  '31': 'SYSTEM_REFUSED', // timestamp outside the window
  '32': 'SYSTEM_REFUSED', // version missing
  '33': 'SYSTEM_REFUSED', // version unknown
  '40': 'SYSTEM_REFUSED', // parameter missing
  '41': 'SYSTEM_REFUSED', // parameter wrong
} satisfies Record<string, FailureCode>);

/** What became of an order, from its status in a query. */
export const orderStatuses = codeTable('wms.qimen.order-status', platform, {
  NEW: 'confirmed',
  ACCEPT: 'confirmed',
  PARTFULFILLED: 'confirmed',
  FULFILLED: 'confirmed',
  PARTDELIVERED: 'confirmed',
  DELIVERED: 'confirmed',
  CANCELEDFAIL: 'confirmed', // somebody tried to cancel it; it stands
  EXCEPTION: 'pending',
  CANCELED: 'refused',
  CLOSED: 'refused',
  REJECT: 'refused',
} satisfies Record<string, 'confirmed' | 'pending' | 'refused'>);

/** Statuses in which a confirm reports goods that moved. */
export const movedStatuses = codeTable('wms.qimen.moved-status', platform, {
  PARTFULFILLED: 'entryorder.confirm',
  FULFILLED: 'entryorder.confirm',
  PARTDELIVERED: 'stockout.confirm',
  DELIVERED: 'stockout.confirm',
} satisfies Record<string, 'entryorder.confirm' | 'stockout.confirm'>);

/** Stock of other types (CC 残次, JS 机损, XS 箱损) is no security; it has no row, so it goes to people. */
export const inventoryTypes = codeTable('wms.qimen.inventory-type', platform, { ZP: 'sound' });

/** `adjustType` of a stock count: why the books are put right. */
export const adjustTypes = codeTable(
  'wms.qimen.adjust-type',
  'Qimen inventory.report; ADJUST: adapters/wms/README.md',
  {
    CHECK: 'counted', // 盘点
    ADJUST: 'corrected', // 调整
  },
);

/**
 * `orderType` of a movement that the hub did not order. Those that it orders itself (CGRK, PTCK) have no row: their confirms
 * tell them, and here they would be counted twice.
 */
export const changeOrderTypes = codeTable(
  'wms.qimen.change-order-type',
  'Qimen stockchange.report; what HPTZ, ZTTZ and BSYK mean: adapters/wms/README.md',
  {
    BSYK: 'shrunk', // 报损、溢亏
    CNJG: 'processed', // 仓内加工
    DBCK: 'transferred', // 调拨出库
    DBRK: 'transferred', // 调拨入库
    HPTZ: 'lotChanged', // 货品、批次调整
    QTCK: 'other',
    QTRK: 'other',
    ZTTZ: 'statusChanged', // 状态调整
  },
);

/** `done` holds for a repeat too. @throws Failure for every other answer */
export function verdictOf(answer: Message<typeof QimenAnswer>): 'done' | 'unknownNumber' {
  if (answer.flag === 'success' && answer.code === '0') return 'done';
  if (answer.flag === 'failure' && answer.code === duplicateCode) return 'done';
  if (answer.flag === 'failure' && answer.code === unknownNumberCode) return 'unknownNumber';
  const failure = answer.flag === 'failure' ? answerCodes.find(answer.code) : undefined;
  throw new Failure(failure ?? 'EXT_CODE_UNMAPPED', {
    detail: `the warehouse answered ${answer.flag} ${answer.code}`,
    externalCode: answer.code,
  });
}

export function platformFailure(error: Message<typeof QimenPlatformError>): Failure {
  const externalCode = error.sub_code ? `${error.code} ${error.sub_code}` : error.code;
  return new Failure(platformCodes.find(error.code) ?? 'EXT_CODE_UNMAPPED', {
    detail: `the platform answered ${externalCode}`,
    externalCode: externalCode.slice(0, 64),
  });
}
