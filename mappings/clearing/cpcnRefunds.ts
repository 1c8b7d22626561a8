/** Refunds (退款) to and from CPCN: 5021, and what became of it. */
import type { Static } from 'typebox';
import { yuanOf } from '../../contracts/canonical/money.ts';
import { clearing, Refund, RefundSettled, RefundTaken } from '../../contracts/clearing/clearing.ts';
import { Cpcn5021, CpcnRefund, CpcnTaken } from '../../contracts/clearing/cpcn.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { cpcnRefundStatuses } from './cpcn.codes.ts';
import { amountFenOf, endedAt, failedDetail, statusIn } from './cpcnParts.ts';
import { instructionNoOf, txSnOf } from './cpcnTxSn.ts';

const words = 'told when it failed at once, and then shown';
const notFound = 'the dialect answers it: head code X004 comes without a body';

export const refundOf = mapping(
  'clearing.cpcn.refund',
  Refund,
  Cpcn5021,
  ({ instructionNo, collectionNo, amount, currency, reason }) => {
    const payment = txSnOf(collectionNo);
    return {
      TxSN: txSnOf(instructionNo),
      PaymentTxSN: payment,
      SourceTxTime: payment.slice(0, 8),
      RefundWay: '20' as const,
      Amount: amountFenOf(amount, currency),
      Remark: reason,
      Extension: instructionNo,
    };
  },
);

export const refundTakenOf = mapping(
  'clearing.cpcn.refundTaken',
  CpcnTaken,
  RefundTaken,
  (answer) => {
    if (statusOf(answer) === 'failed') throw new Failure('SYSTEM_REFUSED', failedDetail(answer));
    return { clearingNo: answer.TxSN };
  },
  { drops: { '/ResponseCode': words, '/ResponseMessage': words } },
);

export const refundEnquiryOf = mapping(
  'clearing.cpcn.refundEnquiry',
  CpcnRefund,
  clearing.operations.queryRefund.response,
  (refund): Static<typeof clearing.operations.queryRefund.response.schema> =>
    statusOf(refund) === 'failed'
      ? { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: failedDetail(refund).detail }
      : { outcome: 'confirmed', response: { clearingNo: refund.TxSN } },
  {
    drops: {
      '/Amount': 'the dialect holds it against what was ordered',
      '/ResponseTime': 'whether it was taken, not when it ended',
      '/RefundTraceNo': 'the number of the result',
    },
    leaves: {
      '/<outcome=pending>': 'what was taken is confirmed, however it goes on',
      '/<outcome=notFound>': notFound,
    },
  },
);

/** @throws Failure OUTCOME_UNKNOWN while it is under way: ask `isRefundPending` first */
export const refundSettledOf = mapping('clearing.cpcn.refundSettled', CpcnRefund, RefundSettled, (refund) => {
  const status = statusOf(refund);
  if (status === 'pending') throw new Failure('OUTCOME_UNKNOWN', { detail: 'it is under way' });
  return {
    instructionNo: instructionNoOf(refund.TxSN),
    status,
    amount: yuanOf(BigInt(refund.Amount)),
    settledAt: endedAt({ Status: refund.Status, time: refund.ResponseTime }),
    serialNo: refund.RefundTraceNo ?? refund.TxSN, // A refund that failed has none at the bank.
    ...(status === 'succeeded' ? {} : { reason: failedDetail(refund).detail }),
  };
});

export const refundSettlementOf = mapping(
  'clearing.cpcn.refundSettlement',
  CpcnRefund,
  clearing.operations.readRefund.response,
  (refund): Static<typeof clearing.operations.readRefund.response.schema> =>
    isRefundPending(refund) ? { outcome: 'pending' } : { outcome: 'confirmed', response: refundSettledOf(refund) },
  {
    leaves: {
      '/<outcome=refused>': 'a refund that failed is a result, hence confirmed',
      '/<outcome=notFound>': notFound,
    },
  },
);

export function isRefundPending(refund: Message<typeof CpcnRefund>): boolean {
  return statusOf(refund) === 'pending';
}

const statusOf = (answer: { Status: string; ResponseMessage?: string }) => statusIn(cpcnRefundStatuses, answer);
