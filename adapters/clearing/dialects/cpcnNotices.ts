/** What CPCN tells: 5018 of a payment, 5038 of a split, 5028 of a refund, 4618 of an account. All by one road. */
import { CpcnOpening, CpcnPayment, CpcnRefund, CpcnSplit } from '../../../contracts/clearing/cpcn.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { accountChangedOf, isOpeningPending } from '../../../mappings/clearing/cpcnAccounts.ts';
import { isPending, settledOf } from '../../../mappings/clearing/cpcn.ts';
import { isRefundPending, refundSettledOf } from '../../../mappings/clearing/cpcnRefunds.ts';
import { isSplitPending, splitSettledOf } from '../../../mappings/clearing/cpcnSplits.ts';
import type { Inbound, Received, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { openNotice, xmlOf, type CpcnMessage } from './cpcnEnvelope.ts';
import { bodyOf, institutionOf } from './cpcnGateway.ts';

type Told = Received['notices'];

/** By transaction code. What is still under way is heard and is no fact. */
const readers: Readonly<Record<string, (message: CpcnMessage) => Told>> = {
  '5018': (message) => {
    const payment = bodyOf(CpcnPayment, message);
    return isPending(payment) ? [] : [{ notice: 'collectionSettled', message: settledOf(payment) }];
  },
  '5038': (message) => {
    const split = bodyOf(CpcnSplit, message);
    return isSplitPending(split) ? [] : [{ notice: 'splitSettled', message: splitSettledOf(split) }];
  },
  '5028': (message) => {
    const refund = bodyOf(CpcnRefund, message);
    return isRefundPending(refund) ? [] : [{ notice: 'refundSettled', message: refundSettledOf(refund) }];
  },
  '4618': (message) => {
    if (message.body['SourceTxCode'] !== '4601')
      throw new Failure('METHOD_UNKNOWN', { detail: 'only accounts that were opened with 4601 are ours' });
    const opening = bodyOf(CpcnOpening, message);
    return isOpeningPending(opening) ? [] : [{ notice: 'accountChanged', message: accountChangedOf(opening) }];
  },
};

export async function receive(inbound: Inbound, wire: Wire): Promise<Received> {
  if (inbound.method !== 'POST' || inbound.path !== '/notice') throw new Failure('METHOD_UNKNOWN');
  const message = openNotice(inbound.body, (holds) => wire.keys.publicKey('cpcn-public', holds));
  const txCode = message.head['TxCode'] ?? '';
  const read = Object.hasOwn(readers, txCode) ? readers[txCode] : undefined;
  if (!read) throw new Failure('METHOD_UNKNOWN', { detail: `notice ${txCode} is not one of ours` });
  if (message.body['InstitutionID'] !== institutionOf(wire))
    throw new Failure('NOT_ALLOWED', { detail: 'the notice is for another institution' });
  return { notices: read(message), reply: replyWith(200, '2000', 'OK.') };
}

export function replyWith(status: number, code: string, message: string): Reply {
  const xml = xmlOf({ root: 'Response', head: { Code: code, Message: message }, body: {} });
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(xml.toString('base64')),
  };
}
