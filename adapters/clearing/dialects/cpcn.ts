/** CPCN (中金支付), the direct interface (`InterfaceII`): account check 2310, payment 5011, its query 5016, its notice 5018. */
import type { clearing } from '../../../contracts/clearing/clearing.ts';
import { Cpcn2310Answer, Cpcn5011Answer, Cpcn5016, CpcnPayment } from '../../../contracts/clearing/cpcn.wire.ts';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { failures, Failure } from '../../../contracts/failures.ts';
import {
  accountCheckedOf,
  accountCheckOf,
  collectionEnquiryOf,
  isPending,
  paymentOf,
  settledOf,
  settlementEnquiryOf,
  takenOf,
  verdictOf,
} from '../../../mappings/clearing/cpcn.ts';
import { txSnOf } from '../../../mappings/clearing/cpcnTxSn.ts';
import type { TSchema } from 'typebox';
import type { Dialect, Inbound, Received, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { formOf, openAnswer, openNotice, xmlOf, type CpcnMessage } from './cpcnEnvelope.ts';

const gatewayPath = '/Gateway/InterfaceII';

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
      return accountCheckedOf(bodyOf(Cpcn2310Answer, answer.body));
    },

    async collect(request, wire) {
      const message = paymentOf(request);
      const answer = await ask(wire, numbered('5011', message, wire));
      if (answer.verdict === 'notFound') throw unexpected(answer.verdict);
      if (answer.verdict === 'taken') return takenOf(bodyOf(Cpcn5011Answer, answer.body));
      return takenBefore(message, wire);
    },

    async queryCollection(request, wire) {
      const payment = await paymentBy(txSnOf(request.no), wire);
      return payment ? collectionEnquiryOf(payment) : { outcome: 'notFound' };
    },

    async readCollection(request, wire) {
      const payment = await paymentBy(txSnOf(request.no), wire);
      return payment ? settlementEnquiryOf(payment) : { outcome: 'notFound' };
    },
  },

  async receive(inbound, wire): Promise<Received> {
    if (inbound.method !== 'POST' || inbound.path !== '/notice') throw new Failure('METHOD_UNKNOWN');
    const { head, body } = openNotice(inbound.body, wire.keys.publicKey('cpcn-public'));
    if (head['TxCode'] !== '5018')
      throw new Failure('METHOD_UNKNOWN', { detail: `notice ${head['TxCode'] ?? ''} is not one of ours` });
    if (body['InstitutionID'] !== institutionOf(wire))
      throw new Failure('NOT_ALLOWED', { detail: 'the notice is for another institution' });
    const payment = bodyOf(CpcnPayment, body);
    const notices = isPending(payment) ? [] : [{ notice: 'collectionSettled', message: settledOf(payment) }];
    return { notices, reply: replyWith(200, '2000', 'OK.') };
  },

  refuse: (failure: Failure, _inbound: Inbound) => replyWith(failures[failure.type].status, 'X001', failure.type),
};

interface Question {
  readonly head: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  /** What the answer must repeat. A signature says who speaks, not about what: another request's answer is signed as well. */
  readonly mine: Readonly<Record<string, string>>;
}

async function ask(wire: Wire, { head, body, mine }: Question) {
  const xml = xmlOf({ root: 'Request', head, body });
  const answer = await wire.send({
    method: 'POST',
    path: gatewayPath,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: formOf(xml, wire.keys.privateKey('institution-private')),
  });
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const message = openAnswer(answer.body, wire.keys.publicKey('cpcn-public'));
  if (Object.entries(mine).some(([name, value]) => message.body[name] !== value)) {
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: 'the answer does not name the request that it answers',
      externalCode: message.head['Code'] ?? '',
    });
  }
  return {
    verdict: verdictOf({ code: message.head['Code'] ?? '', message: message.head['Message'] ?? '' }),
    body: message.body,
  };
}

/** The codes of the 4600 and 5000 series carry the institution in the body, and answer with the TxSN. */
function numbered(txCode: string, message: { readonly TxSN: string }, wire: Wire): Question {
  const mine = { InstitutionID: institutionOf(wire), TxSN: message.TxSN };
  return { head: { TxCode: txCode }, body: { ...mine, ...message }, mine };
}

async function paymentBy(txSn: string, wire: Wire): Promise<Message<typeof CpcnPayment> | undefined> {
  const answer = await ask(wire, numbered('5016', Cpcn5016.check({ TxSN: txSn }), wire));
  if (answer.verdict === 'duplicate') throw unexpected(answer.verdict);
  return answer.verdict === 'taken' ? bodyOf(CpcnPayment, answer.body) : undefined;
}

/** "Duplicate" means that an earlier attempt was taken. Which payment that is, and what became of it, the gateway must say. */
async function takenBefore(message: ReturnType<typeof paymentOf>, wire: Wire): Promise<{ clearingNo: string }> {
  const payment = await paymentBy(message.TxSN, wire).catch((cause: unknown) => {
    // Whatever went wrong with asking ("not connected" too) is no longer a statement about the payment: it was taken.
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'a duplicate, and the query for it failed', cause });
  });
  if (!payment)
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: 'the gateway calls it a duplicate of a payment that it does not know',
    });
  if (payment.Amount !== message.Amount || payment.PayeeAccountNumber !== message.PayeeAccountNumber) {
    throw new Failure('IDEMPOTENCY_CONFLICT', { detail: 'the gateway holds another payment under this number' });
  }
  const enquiry = collectionEnquiryOf(payment);
  if (enquiry.outcome === 'confirmed') return enquiry.response;
  throw new Failure('SYSTEM_REFUSED', { detail: enquiry.outcome === 'refused' ? enquiry.detail : enquiry.outcome });
}

/** Only the fields that we know: the gateway may add others at any time. */
function bodyOf<S extends TSchema>(contract: Contract<S>, body: CpcnMessage['body']) {
  const known = (contract.schema as unknown as { properties: Record<string, unknown> }).properties;
  return contract.check(
    Object.fromEntries(Object.keys(known).flatMap((name) => (name in body ? [[name, body[name]]] : []))),
  );
}

function replyWith(status: number, code: string, message: string): Reply {
  const xml = xmlOf({ root: 'Response', head: { Code: code, Message: message }, body: {} });
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(xml.toString('base64')),
  };
}

function unexpected(verdict: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail: `"${verdict}" is no answer to this request` });
}

function institutionOf(wire: Wire): string {
  const institutionId = wire.system.settings['institutionId'];
  if (institutionId === undefined) throw new Error(`${wire.system.id} has no setting institutionId`);
  return institutionId;
}
