/** CPCN: payment accounts, 4601 together with the binding; 4616 asks how far it has come, 4691 what is in one. */
import type { clearing } from '../../../contracts/clearing/clearing.ts';
import { Cpcn4616, Cpcn4691Answer, CpcnOpening } from '../../../contracts/clearing/cpcn.wire.ts';
import {
  balanceOf,
  balanceQuestionOf,
  openingEnquiryOf,
  openingOf,
  openingResultOf,
  openingTakenOf,
} from '../../../mappings/clearing/cpcnAccounts.ts';
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { ask, bodyOf, confirmedIn, held, heldBefore, question, unexpected } from './cpcnGateway.ts';

type Operations = Pick<
  Dialect<typeof clearing>['operations'],
  'openAccount' | 'queryOpening' | 'readOpening' | 'readBalance'
>;

export const accounts: Operations = {
  async openAccount(request, wire) {
    const message = openingOf(request);
    const answer = await ask(wire, question(wire, '4601', message, ['TxSN', 'UserID']));
    if (answer.verdict === 'notFound') throw unexpected(answer.verdict);
    if (answer.verdict === 'taken') {
      const { body } = answer.message;
      return openingTakenOf(bodyOf(CpcnOpening, { ...answer.message, body: { ...body, SourceTxSN: message.TxSN } }));
    }
    // The gateway does not say whose account it is that was asked for under this number: other content goes unseen.
    return confirmedIn(openingEnquiryOf(await heldBefore(openingBy(request.requestNo, wire))));
  },

  async queryOpening({ no }, wire) {
    const opening = await openingBy(no, wire);
    return opening ? openingEnquiryOf(opening) : { outcome: 'notFound' };
  },

  async readOpening({ no }, wire) {
    const opening = await openingBy(no, wire);
    return opening ? openingResultOf(opening) : { outcome: 'notFound' };
  },

  async readBalance(request, wire) {
    const answer = await ask(wire, question(wire, '4691', balanceQuestionOf(request), ['UserID']));
    if (answer.verdict !== 'taken') throw unexpected(answer.verdict);
    return balanceOf(bodyOf(Cpcn4691Answer, answer.message));
  },
};

function openingBy(no: string, wire: Wire) {
  const message = Cpcn4616.check({ SourceTxSN: txSnOf(no), SourceTxCode: '4601' });
  return held(wire, question(wire, '4616', message, ['SourceTxSN']), CpcnOpening);
}
