/** Code tables of CPCN (中金支付). */
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { codeTable, unmapped } from '../codes/codeTable.ts';

const seen =
  'the public PHP client lmhfq/cpcn, whose comments repeat the gateway manual (contracts/clearing/cpcn.wire.ts)';
const mixed = `${seen}; codes with an X are chosen`;

/**
 * `Head.Code`: whether the gateway took the request. Only 2000 and 2008 are known; those with an X are chosen
 * (contracts/clearing/cpcn.wire.ts). Real ones that are not here are unknown until somebody reads the document.
 */
export const cpcnHeads = codeTable('clearing.cpcn.head', mixed, {
  '2000': 'taken',
  '2008': 'duplicate', // Taken before under this TxSN: what became of it is a question, not a failure.
  X001: 'SYSTEM_REFUSED', // Our signature.
  X002: 'SYSTEM_REFUSED', // Not our institution.
  X003: 'SYSTEM_REFUSED', // A field is not well formed.
  X004: 'notFound',
  X005: 'PAYEE_NOT_MANDATED', // The payee's account is not one that the gateway pays to.
  X006: 'SYSTEM_REFUSED', // The payer's account is not the bound one.
  X007: 'SYSTEM_BUSY', // Not taken, try later.
  X008: 'SYSTEM_REFUSED', // The parts do not sum to the amount.
  X009: 'SYSTEM_REFUSED', // More would go back than was collected.
  X010: 'SYSTEM_REFUSED', // That payment cannot be refunded: none, not succeeded, or split.
  X011: 'SYSTEM_REFUSED', // No such user.
  X012: 'SYSTEM_REFUSED', // That user or bank account is there already.
} satisfies Record<string, FailureCode | 'taken' | 'duplicate' | 'notFound'>);

/** `Status` of a payment (5011, 5016, 5018). */
export const cpcnStatuses = codeTable('clearing.cpcn.status', mixed, {
  '10': 'pending', // 未支付
  '20': 'pending', // 支付处理中
  '30': 'succeeded', // 支付成功
  '40': 'failed', // 支付失败
  '50': 'failed', // 订单关闭
  X4: 'returned', // The document knows a return of refunds only; of payments it is chosen.
});

/** `SplitStatus` of a part (5036, 5038). */
export const cpcnSplitStatuses = codeTable('clearing.cpcn.split-status', seen, {
  '10': 'pending', // 处理中
  '20': 'succeeded', // 成功
  '30': 'failed', // 失败
});

/** `Status` of a refund (5021, 5026, 5028). */
export const cpcnRefundStatuses = codeTable('clearing.cpcn.refund-status', seen, {
  '10': 'pending', // 受理成功
  '20': 'succeeded', // 退款成功
  '30': 'failed', // 退款失败
  '40': 'returned', // 退票
});

/** `Status` of an opening (4601, 4616, 4618). */
export const cpcnOpeningStatuses = codeTable('clearing.cpcn.opening-status', seen, {
  '10': 'pending', // 已受理
  '15': 'pending', // 待短信验证
  '16': 'pending', // 审核通过
  '17': 'pending', // 待被动打款验证
  '18': 'pending', // 被动已打款待验证
  '20': 'pending', // 处理中
  '28': 'pending', // 待账户验证
  '29': 'pending', // 审核中
  '30': 'succeeded', // 成功
  '40': 'failed', // 失败
});

/** `BindingStatus`, beside the former. */
export const cpcnBindingStatuses = codeTable('clearing.cpcn.binding-status', seen, {
  '10': 'pending', // 已受理
  '20': 'pending', // 处理中
  '30': 'succeeded', // 成功
  '40': 'failed', // 失败
});

/** `Status` of an account (4691). */
export const cpcnAccountStatuses = codeTable('clearing.cpcn.account-status', seen, {
  '10': 'normal', // 正常
  '30': 'frozen', // 冻结
  '35': 'stopped', // 止付
});

/** `Status/ResponseCode` of an account check. A 30 for any other reason is not a mismatch but something to read up on. */
export const cpcnAccountResults = codeTable('clearing.cpcn.account-result', 'memory; codes with an X are chosen', {
  '20/000000': 'match',
  '30/X31001': 'mismatch',
  '30/X31002': 'notFound',
});

/** What a `Head` permits to conclude. @throws Failure for everything that is no answer in the matter */
export function verdictOf(head: { code: string; message: string }): 'taken' | 'duplicate' | 'notFound' {
  const verdict = cpcnHeads.find(head.code);
  if (verdict === 'taken' || verdict === 'duplicate' || verdict === 'notFound') return verdict;
  if (!verdict) throw unmapped(cpcnHeads.name, head.code, undefined, head.message);
  throw new Failure(verdict, { detail: `${head.code} ${head.message}`.slice(0, 500), externalCode: head.code });
}
