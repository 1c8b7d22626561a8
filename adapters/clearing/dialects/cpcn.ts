/** CPCN (中金支付), the direct interface: account check 2310, payments 5011, and what stands in the files beside this one. */
import type { clearing } from '../../../contracts/clearing/clearing.ts';
import { Cpcn2310Answer, CpcnByTxSN, CpcnPayment, CpcnTaken } from '../../../contracts/clearing/cpcn.wire.ts';
import { failures, type Failure } from '../../../contracts/failures.ts';
import {
  accountCheckedOf,
  accountCheckOf,
  collectionEnquiryOf,
  paymentOf,
  settlementEnquiryOf,
  takenOf,
} from '../../../mappings/clearing/cpcn.ts';
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import type { Dialect, Inbound } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { accounts } from './cpcnAccounts.ts';
import {
  ask,
  bodyOf,
  confirmedIn,
  held,
  heldBefore,
  institutionOf,
  otherUnderThisNumber,
  question,
  unexpected,
} from './cpcnGateway.ts';
import { receive, replyWith } from './cpcnNotices.ts';
import { refunds } from './cpcnRefunds.ts';
import { splits } from './cpcnSplits.ts';

export const cpcnDialect: Dialect<typeof clearing> = {
  operations: {
    async checkAccount(request, wire) {
      const message = accountCheckOf(request);
      // The classic codes carry the institution in the head.
      const answer = await ask(wire, {
        head: { InstitutionID: institutionOf(wire), TxCode: '2310' },
        body: message,
        mine: { Note: message.Note },
      });
      if (answer.verdict !== 'taken') throw unexpected(answer.verdict);
      return accountCheckedOf(bodyOf(Cpcn2310Answer, answer.message));
    },

    async collect(request, wire) {
      const message = paymentOf(request);
      const answer = await ask(wire, question(wire, '5011', message, ['TxSN']));
      if (answer.verdict === 'notFound') throw unexpected(answer.verdict);
      if (answer.verdict === 'taken') return takenOf(bodyOf(CpcnTaken, answer.message));
      const payment = await heldBefore(paymentBy(request.instructionNo, wire));
      if (payment.Amount !== message.Amount || payment.PayeeAccountNumber !== message.PayeeAccountNumber)
        throw otherUnderThisNumber();
      return confirmedIn(collectionEnquiryOf(payment));
    },

    async queryCollection({ no }, wire) {
      const payment = await paymentBy(no, wire);
      return payment ? collectionEnquiryOf(payment) : { outcome: 'notFound' };
    },

    async readCollection({ no }, wire) {
      const payment = await paymentBy(no, wire);
      return payment ? settlementEnquiryOf(payment) : { outcome: 'notFound' };
    },

    ...splits,
    ...refunds,
    ...accounts,
  },

  receive,
  refuse: (failure: Failure, _inbound: Inbound) => replyWith(failures[failure.type].status, 'X001', failure.type),
};

function paymentBy(no: string, wire: Wire) {
  return held(wire, question(wire, '5016', CpcnByTxSN.check({ TxSN: txSnOf(no) }), ['TxSN']), CpcnPayment);
}
