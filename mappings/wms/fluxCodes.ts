/** What the codes of FLUX mean to us, as data. FLUX leaves most of them to the site: these are agreed at connection time. */
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import type { FluxAnswer } from '../../contracts/wms/flux.wire.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const agreed = 'adapters/wms/README.md: agreed with the warehouse at connection time';
const states = 'FLUX WMS order states; 30 and 40 seen in running systems, the others agreed';

/** `returnCode` of a message of which nothing was taken, when no order of it is named. */
export const returnCodes = codeTable('wms.flux.return', agreed, {
  '0001': 'SYSTEM_REFUSED', // 数据错误
  S001: 'SYSTEM_REFUSED', // signature
  S002: 'SYSTEM_REFUSED', // appkey, apptoken
  S003: 'SYSTEM_REFUSED', // timestamp
  S004: 'SYSTEM_REFUSED', // method, messageid
  S005: 'SYSTEM_REFUSED', // format, or data that cannot be read
  S006: 'SYSTEM_REFUSED', // client_customerid, client_db
  B001: 'SYSTEM_BUSY', // not taken, try later
} satisfies Record<string, FailureCode>);

/** `errorcode` of one order in `resultInfo`. */
export const orderCodes = codeTable('wms.flux.result', agreed, {
  '0001': 'SYSTEM_REFUSED', // 数据错误
  '1003': 'IDEMPOTENCY_CONFLICT', // the number exists with another content
  '1004': 'SYSTEM_REFUSED', // unknown customer, warehouse or SKU
  '2001': 'STOCK_SHORT',
  '2002': 'PLEDGE_OVERLAP', // locked for a pledge already
  '2003': 'SYSTEM_REFUSED', // locked stock, and no valid release token
  '2004': 'SYSTEM_REFUSED', // more than is locked under this number
  '9001': 'SYSTEM_BUSY', // not taken, try later
} satisfies Record<string, FailureCode>);

const takenCode = '0000';
/** 单据已存在: the number was taken before; `WMSOrderNo` is that of then. */
const existsCode = '1002';
/** 单据不存在. */
const unknownNumberCode = '1001';

/** `Status` of an inbound order (ASN). */
export const asnStates = codeTable('wms.flux.asn-status', states, {
  '00': 'confirmed', // 订单创建
  '30': 'confirmed', // 部分收货
  '40': 'confirmed', // 完全收货
  '90': 'refused', // 取消
  '99': 'confirmed', // 完成
} satisfies Record<string, 'confirmed' | 'refused'>);

/** `Status` of an outbound order (SO). */
export const soStates = codeTable('wms.flux.so-status', states, {
  '00': 'confirmed', // 订单创建
  '40': 'confirmed', // 分配完成
  '60': 'confirmed', // 拣货完成
  '80': 'confirmed', // 发运完成
  '90': 'refused', // 取消
  '99': 'confirmed', // 完成
} satisfies Record<string, 'confirmed' | 'refused'>);

/** `Status` of a lock. */
export const lockStates = codeTable('wms.flux.lock-status', agreed, { '40': 'locked', '99': 'unlocked' });

/** `Status` in which a `confirmASNData` reports goods, and whether more will come. */
export const receivedStates = codeTable('wms.flux.received-status', states, {
  '30': 'partial',
  '40': 'final',
  '99': 'final',
});

/** `Status` in which a `confirmSOData` reports goods that left. */
export const shippedStates = codeTable('wms.flux.shipped-status', states, { '80': 'shipped', '99': 'shipped' });

/** `LotAtt08`. Stock of other quality (CC 残次, DJ 待检) is no security; it has no row, so it goes to people. */
export const qualities = codeTable('wms.flux.quality', agreed, { ZP: 'sound' });

/** `ReasonCode` of counts and movements. */
export const reasons = codeTable('wms.flux.reason', agreed, {
  PD: 'counted', // 盘点
  CS: 'damaged', // 残损
  SH: 'shrunk', // 损耗
  DB: 'transferred', // 调拨、货权转移
  JG: 'processed', // 加工
  PC: 'lotChanged', // 批次合并、拆分
  DW: 'unitChanged', // 单位变更
  ZT: 'statusChanged', // 状态调整
  GZ: 'corrected', // 更正
  QT: 'other', // 其他
});

/** `UOM`; one to one, so that nothing comes back in another unit than it went. */
export const fluxUnits = twoWayTable('wms.flux.unit', agreed, { T: 'TNE', KG: 'KGM', M3: 'MTQ', EA: 'C62' });

type Answer = Message<typeof FluxAnswer>['Response']['return'];

interface Asked {
  readonly OrderNo: string;
  readonly OrderType: string;
}

export type Verdict =
  | { readonly verdict: 'taken'; readonly WMSOrderNo: string | undefined }
  | { readonly verdict: 'unknownNumber' };

/**
 * Batches are taken in part, so the flag of the message is never the answer: the row of our own order is. Where flag and row
 * contradict each other, nobody knows. @throws Failure for everything that was not taken
 */
export function verdictOf(answer: Answer, asked: Asked): Verdict {
  const rows = answer.resultInfo === '' ? [] : answer.resultInfo;
  const own = rows.filter((row) => row.OrderNo === asked.OrderNo && row.OrderType === asked.OrderType);
  const [row] = own;
  if (rows.length === 0 && answer.returnFlag === '0') throw failureBy(returnCodes, answer.returnCode, 'the message');
  if (!row || own.length > 1)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `${own.length} results of ${rows.length} are about this order` });
  const { errorcode, WMSOrderNo } = row;
  if (answer.returnFlag === (errorcode === takenCode ? '0' : '1'))
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `returnFlag ${answer.returnFlag} and errorcode ${errorcode} contradict each other`,
      externalCode: errorcode,
    });
  if (errorcode === unknownNumberCode) return { verdict: 'unknownNumber' };
  if (errorcode === takenCode || errorcode === existsCode) return { verdict: 'taken', WMSOrderNo };
  throw failureBy(orderCodes, errorcode, 'the order');
}

/** A query speaks of no batch: its `returnCode` alone says whether there is an answer. @throws Failure when there is none */
export function assertAnswered(answer: Answer): void {
  if (answer.returnFlag === '1' && answer.returnCode === takenCode) return;
  if (answer.returnFlag === '0') throw failureBy(returnCodes, answer.returnCode, 'the message');
  throw new Failure('OUTCOME_UNKNOWN', {
    detail: `returnFlag ${answer.returnFlag} with returnCode ${answer.returnCode}`,
  });
}

function failureBy(table: typeof returnCodes | typeof orderCodes, code: string, what: string): Failure {
  return new Failure(table.find(code) ?? 'EXT_CODE_UNMAPPED', {
    detail: `the warehouse answered ${code} to ${what}`,
    externalCode: code,
  });
}
