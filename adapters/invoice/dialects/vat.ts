/** The `vat` dialect: JSON over HTTP, requests, answers and notices signed (vatSignature.ts). Results come later. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import type { invoice } from '../../../contracts/invoice/invoice.ts';
import {
  VatChangeAnswer,
  VatNotice,
  VatQuestion,
  VatTaken,
  VatTaskAnswer,
} from '../../../contracts/invoice/vat.wire.ts';
import { vatEvents } from '../../../mappings/invoice/vat.codes.ts';
import {
  changedOf,
  changeEnquiryOf,
  checkedEnquiryOf,
  checkedOf,
  checkOf,
  isChecked,
  takenEnquiryOf,
  takenOf,
} from '../../../mappings/invoice/vat.ts';
import type { Dialect, Inbound, Received } from '../../adapter.ts';
import { turnOn } from '../../pace.ts';
import type { Wire } from '../../wire.ts';
import { admitNotice, isAnswer, signRequest } from './vatSignature.ts';

/** Two thousand lines. */
const limits = { bytesMax: 2_000_000, depthMax: 8 } as const;
/** Ten are taken. */
const checksPerSecondMax = 8;

export const vatDialect: Dialect<typeof invoice> = {
  operations: {
    async checkInvoice(request, wire) {
      const body = checkOf(request);
      await turnOn(wire.system.id, checksPerSecondMax);
      return takenOf(about(body.serialNo, checked(VatTaken, await ask('POST', '/v2/invoice/checks', wire, body))));
    },
    queryCheck: async ({ no }, wire) => takenEnquiryOf(await task(no, wire)),
    readCheck: async ({ no }, wire) => checkedEnquiryOf(await task(no, wire)),
    async readChange({ no }, wire) {
      const { serialNo } = VatQuestion.check({ serialNo: no });
      const answer = await ask('GET', `/v2/invoice/checks/${serialNo}/change`, wire);
      return changeEnquiryOf(about(serialNo, checked(VatChangeAnswer, answer)));
    },
  },
  receive,
};

async function task(no: string, wire: Wire) {
  const { serialNo } = VatQuestion.check({ serialNo: no });
  return about(serialNo, checked(VatTaskAnswer, await ask('GET', `/v2/invoice/checks/${serialNo}`, wire)));
}

async function ask(method: 'GET' | 'POST', path: string, wire: Wire, message?: object): Promise<unknown> {
  const secret = wire.keys.secret('vat-secret');
  const body = message ? Buffer.from(JSON.stringify(message)) : Buffer.alloc(0);
  const part = { method, path, timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') };
  const answer = await wire.send({
    method,
    path,
    headers: {
      ...(message ? { 'content-type': 'application/json; charset=utf-8' } : {}),
      'x-vat-app': wire.system.settings['appId'] ?? '',
      'x-vat-timestamp': part.timestamp,
      'x-vat-nonce': part.nonce,
      'x-vat-signature': signRequest(secret, { ...part, body }),
    },
    ...(message ? { body } : {}),
  });
  if (answer.status >= 500)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const shown = answer.headers['x-vat-signature'] ?? '';
  if (!isAnswer(secret, { ...part, status: answer.status, body: answer.body }, shown)) {
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: `HTTP ${answer.status}, and its signature is not one over this answer`,
    });
  }
  try {
    return parseJson(answer.body, limits);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be parsed', cause });
  }
}

async function receive({ method, path, headers, body }: Inbound, wire: Wire): Promise<Received> {
  if (method !== 'POST' || path !== '/notices')
    throw new Failure('METHOD_UNKNOWN', { detail: 'notices come as POST /notices' });
  const { 'x-vat-timestamp': timestamp = '', 'x-vat-nonce': nonce = '', 'x-vat-signature': signature = '' } = headers;
  const admitted = admitNotice(
    (holds) => wire.keys.secret('vat-secret', holds),
    { method, path, timestamp, nonce, body },
    signature,
    Date.now(),
  );
  const told = VatNotice.check(parseJson(body, limits));
  const notices = noticesIn(told);
  // Last, so that a notice that could not be read may come again; a genuine retry carries a new nonce anyway.
  if (!(await wire.firstSeen(admitted))) throw new Failure('NONCE_REUSED');
  return {
    notices,
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: Buffer.from(JSON.stringify({ code: '0000', noticeId: told.noticeId })),
    },
  };
}

/** A check that has not ended, or came to nothing, is heard and is no fact: `readCheck` tells it. */
function noticesIn({ event, task: found, change }: ReturnType<typeof VatNotice.check>): Received['notices'] {
  const notice = vatEvents.of(event, '#/event');
  if (notice === 'invoiceChanged' && change) return [{ notice, message: changedOf(change) }];
  if (notice === 'invoiceChecked' && found) return isChecked(found) ? [{ notice, message: checkedOf(found) }] : [];
  throw new Failure('CONTRACT_VIOLATED', { detail: `a notice ${event} without what it is about` });
}

function about<T extends { serialNo: string }>(serialNo: string, answer: T): T {
  if (answer.serialNo !== serialNo)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about another request' });
  return answer;
}

/** Signed, yet not what an answer looks like: what was done is not known. */
function checked<T>(shape: { readonly name: string; check(value: unknown): T }, value: unknown): T {
  try {
    return shape.check(value);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer is no ${shape.name}`, cause });
  }
}
