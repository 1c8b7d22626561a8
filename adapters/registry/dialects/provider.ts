/** The `provider` dialect: JSON over HTTP, requests, answers and notices signed (providerSignature.ts). The result comes hours later. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import {
  ProviderNotice,
  ProviderRequestAnswer,
  ProviderRequestQuery,
  ProviderSearchAnswer,
  ProviderTaken,
} from '../../../contracts/registry/provider.wire.ts';
import type { registry } from '../../../contracts/registry/registry.ts';
import {
  changedEnquiryOf,
  noticesOf,
  providerAmendmentOf,
  providerCancellationOf,
  providerRegistrationOf,
  providerSearchOf,
  registeredEnquiryOf,
  searchResultOf,
  takenEnquiryOf,
  takenOf,
} from '../../../mappings/registry/provider.ts';
import type { Dialect, Inbound, Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { admitNotice, isAnswer, signRequest } from './providerSignature.ts';

/** A thousand hits with descriptions of 4000 Chinese characters would be more; such a debtor is for people. */
const answerLimits = { bytesMax: 2_000_000, depthMax: 8 } as const;
const noticeLimits = { bytesMax: 524_288, depthMax: 8 } as const;

export const providerDialect: Dialect<typeof registry> = {
  operations: {
    search: async (request, wire) =>
      searchResultOf(checked(ProviderSearchAnswer, await ask('POST', '/v1/search', wire, providerSearchOf(request)))),
    register: async (request, wire) => {
      const body = providerRegistrationOf(request);
      return takenOf(about(body.requestNo, checked(ProviderTaken, await ask('POST', '/v1/registrations', wire, body))));
    },
    amend: async (request, wire) => {
      const { registrationNo, body } = providerAmendmentOf(request);
      const answer = await ask('POST', `/v1/registrations/${registrationNo}/amendments`, wire, body);
      return takenOf(about(body.requestNo, checked(ProviderTaken, answer)));
    },
    cancel: async (request, wire) => {
      const { registrationNo, body } = providerCancellationOf(request);
      const answer = await ask('POST', `/v1/registrations/${registrationNo}/cancellations`, wire, body);
      return takenOf(about(body.requestNo, checked(ProviderTaken, answer)));
    },
    queryRequest: async ({ no }, wire) => takenEnquiryOf(await query(no, wire)),
    readRegistration: async ({ no }, wire) => registeredEnquiryOf(await query(no, wire)),
    readChange: async ({ no }, wire) => changedEnquiryOf(await query(no, wire)),
  },
  receive,
};

async function query(no: string, wire: Wire) {
  const { requestNo } = ProviderRequestQuery.check({ requestNo: no });
  return about(requestNo, checked(ProviderRequestAnswer, await ask('GET', `/v1/requests/${requestNo}`, wire)));
}

async function ask(method: 'GET' | 'POST', path: string, wire: Wire, message?: object): Promise<unknown> {
  const secret = wire.keys.secret('registry-secret');
  const body = message ? Buffer.from(JSON.stringify(message)) : Buffer.alloc(0);
  const part = { method, path, timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') };
  const answer = await wire.send({
    method,
    path,
    headers: {
      ...(message ? { 'content-type': 'application/json; charset=utf-8' } : {}),
      'x-registry-member': wire.system.settings['memberId'] ?? '',
      'x-registry-timestamp': part.timestamp,
      'x-registry-nonce': part.nonce,
      'x-registry-signature': signRequest(secret, { ...part, body }),
    },
    ...(message ? { body } : {}),
  });
  if (answer.status >= 500)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const shown = answer.headers['x-registry-signature'] ?? '';
  if (!isAnswer(secret, { ...part, status: answer.status, body: answer.body }, shown)) {
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: `HTTP ${answer.status}, and its signature is not one over this answer`,
    });
  }
  try {
    return parseJson(answer.body, answerLimits);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be parsed', cause });
  }
}

async function receive(inbound: Inbound, wire: Wire): Promise<Received> {
  const { method, path, headers, body } = inbound;
  if (method !== 'POST' || path !== '/notices')
    throw new Failure('METHOD_UNKNOWN', { detail: 'notices come as POST /notices' });
  const {
    'x-registry-timestamp': timestamp = '',
    'x-registry-nonce': nonce = '',
    'x-registry-signature': signature = '',
  } = headers;
  const admitted = admitNotice(
    (holds) => wire.keys.secret('registry-secret', holds),
    { method, path, timestamp, nonce, body },
    signature,
    Date.now(),
  );
  const { noticeId, ...progress } = ProviderNotice.check(parseJson(body, noticeLimits));
  const notices = noticesOf(progress);
  // Last, so that a notice that could not be read may come again; a genuine retry carries a new nonce anyway.
  if (!(await wire.firstSeen(admitted))) throw new Failure('NONCE_REUSED');
  return {
    notices,
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: Buffer.from(JSON.stringify({ code: '0000', noticeId })),
    },
  };
}

function about<T extends { requestNo: string }>(requestNo: string, answer: T): T {
  if (answer.requestNo !== requestNo)
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
