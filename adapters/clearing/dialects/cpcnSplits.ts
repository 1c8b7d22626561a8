/** CPCN: a collection that goes to several, 5011 with its parts; 5036 asks about them. */
import type { clearing } from '../../../contracts/clearing/clearing.ts';
import { Cpcn5036, CpcnSplit, CpcnTaken } from '../../../contracts/clearing/cpcn.wire.ts';
import {
  isSameSplit,
  splitEnquiryOf,
  splitOf,
  splitSettlementOf,
  splitTakenOf,
} from '../../../mappings/clearing/cpcnSplits.ts';
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

type Operations = Pick<Dialect<typeof clearing>['operations'], 'split' | 'querySplit' | 'readSplit'>;

export const splits: Operations = {
  async split(request, wire) {
    const message = splitOf(request);
    const answer = await ask(wire, question(wire, '5011', message, ['TxSN']));
    if (answer.verdict === 'notFound') throw unexpected(answer.verdict);
    if (answer.verdict === 'taken') return splitTakenOf(bodyOf(CpcnTaken, answer.message));
    const before = await heldBefore(splitBy(request.instructionNo, wire));
    if (!isSameSplit(before, message)) throw otherUnderThisNumber();
    return confirmedIn(splitEnquiryOf(before));
  },

  async querySplit({ no }, wire) {
    const split = await splitBy(no, wire);
    return split ? splitEnquiryOf(split) : { outcome: 'notFound' };
  },

  async readSplit({ no }, wire) {
    const split = await splitBy(no, wire);
    return split ? splitSettlementOf(split) : { outcome: 'notFound' };
  },
};

function splitBy(no: string, wire: Wire) {
  const TxSN = txSnOf(no);
  const message = Cpcn5036.check({ TxSN, SourceTxCode: '5011', SourceTxTime: TxSN.slice(0, 8) });
  return held(wire, question(wire, '5036', message, ['TxSN']), CpcnSplit);
}
