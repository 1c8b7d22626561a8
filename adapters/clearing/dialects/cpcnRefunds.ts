/** CPCN: refunds, 5021; 5026 asks about them. */
import type { clearing } from '../../../contracts/clearing/clearing.ts';
import { CpcnByTxSN, CpcnRefund, CpcnTaken } from '../../../contracts/clearing/cpcn.wire.ts';
import {
  refundEnquiryOf,
  refundOf,
  refundSettlementOf,
  refundTakenOf,
} from '../../../mappings/clearing/cpcnRefunds.ts';
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import {
  ask,
  bodyOf,
  confirmedIn,
  held,
  heldBefore,
  otherUnderThisNumber,
  question,
  unexpected,
} from './cpcnGateway.ts';

type Operations = Pick<Dialect<typeof clearing>['operations'], 'refund' | 'queryRefund' | 'readRefund'>;

export const refunds: Operations = {
  async refund(request, wire) {
    const message = refundOf(request);
    const answer = await ask(wire, question(wire, '5021', message, ['TxSN']));
    if (answer.verdict === 'notFound') throw unexpected(answer.verdict);
    if (answer.verdict === 'taken') return refundTakenOf(bodyOf(CpcnTaken, answer.message));
    const before = await heldBefore(refundBy(request.instructionNo, wire));
    if (before.Amount !== message.Amount) throw otherUnderThisNumber();
    return confirmedIn(refundEnquiryOf(before));
  },

  async queryRefund({ no }, wire) {
    const refund = await refundBy(no, wire);
    return refund ? refundEnquiryOf(refund) : { outcome: 'notFound' };
  },

  async readRefund({ no }, wire) {
    const refund = await refundBy(no, wire);
    return refund ? refundSettlementOf(refund) : { outcome: 'notFound' };
  },
};

function refundBy(no: string, wire: Wire) {
  return held(wire, question(wire, '5026', CpcnByTxSN.check({ TxSN: txSnOf(no) }), ['TxSN']), CpcnRefund);
}
