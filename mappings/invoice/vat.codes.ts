/** Code tables of the `vat` dialect of invoice checks (发票查验). */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const seen = 'public manuals of invoice checkers (contracts/invoice/vat.wire.ts)';
const mixed = `${seen}; codes with an X are chosen`;

export const vatKinds = twoWayTable('invoice.vat.kind', seen, {
  '01': 'special', // 增值税专用发票
  '04': 'ordinary', // 增值税普通发票
  '08': 'eSpecial', // 增值税电子专用发票; one checker says 09
  '10': 'eOrdinary', // 增值税电子普通发票
  '31': 'digitalSpecial', // 数电票（增值税专用发票）
  '32': 'digitalOrdinary', // 数电票（普通发票）
});

/** Why a check was not taken. */
export const vatRefusals = codeTable('invoice.vat.refusal', mixed, {
  '0002': 'CHECKS_EXHAUSTED', // 超过该张票当天查验次数: five times today; tomorrow again
  '0005': 'SYSTEM_REFUSED', // 请求不合法
  '1004': 'SYSTEM_REFUSED', // 已超过最大查验量: our own contingent
  '1005': 'SYSTEM_REFUSED', // 查询发票不规范
  '1008': 'SYSTEM_REFUSED', // 字段不能为空
  '1009': 'SYSTEM_REFUSED', // 参数长度不正确
  '1014': 'SYSTEM_REFUSED', // 日期当天的不能查验: from tomorrow on
  '1015': 'SYSTEM_REFUSED', // 超过5年的不能查验
  '1020': 'SYSTEM_REFUSED', // 没有查验权限
  '1021': 'SYSTEM_BUSY', // 网络超时: the tax source is being maintained; not taken
  X001: 'SYSTEM_BUSY', // More than ten checks a second.
  X002: 'IDEMPOTENCY_CONFLICT', // The serial number was used for another invoice.
  X003: 'SYSTEM_REFUSED', // Timestamp.
  X004: 'SYSTEM_REFUSED', // Nonce used before.
} satisfies Record<string, FailureCode>);

/** "Never heard of this serial number." */
export const vatNotFound = 'X005';

export const vatStates = codeTable('invoice.vat.state', 'chosen: contracts/invoice/vat.wire.ts', {
  WAITING: 'pending',
  CHECKING: 'pending',
  DONE: 'done',
});

/** What a check came to. `found`: the invoice is there and as typed; what it is worth its status says. */
export const vatResults = codeTable('invoice.vat.result', seen, {
  '0001': 'found', // 查验成功发票一致
  '0006': 'mismatch', // 发票信息不一致
  '0009': 'notFound', // 发票不存在
  '1006': 'failed', // 查验异常
  '1021': 'failed', // 网络超时
  '9999': 'failed', // 查验失败
});

/** Of an invoice at the tax source. */
export const vatStatuses = codeTable('invoice.vat.status', mixed, {
  '0': 'valid', // 蓝票
  '10': 'voided', // 作废
  '20': 'red', // 红票
  '30': 'redFlushed', // 红冲
  X1: 'partiallyRed', // 部分红冲
});

export const vatEvents = codeTable('invoice.vat.event', 'chosen: contracts/invoice/vat.wire.ts', {
  CHECKED: 'invoiceChecked',
  CHANGED: 'invoiceChanged',
});
