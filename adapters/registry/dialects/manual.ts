/**
 * The `manual` dialect: a registrar's desk (登记专员工作台) whose people register at the registry's own pages. JSON over HTTP, requests,
 * answers and what it tells signed (manualSignature.ts). Results come hours or days later, typed by hand: a result with a
 * mistake is not acknowledged but answered with the fields that must be typed again.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Message } from '../../../contracts/contract.ts';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import {
  ManualAnswer,
  ManualNotice,
  type ManualOrder,
  ManualQuery,
  ManualTaken,
} from '../../../contracts/registry/manual.wire.ts';
import type { registry } from '../../../contracts/registry/registry.ts';
import {
  manualChangedEnquiryOf,
  manualNoticesOf,
  manualRegisteredEnquiryOf,
  manualSearchResultOf,
  manualTakenEnquiryOf,
  manualTakenOf,
  ticketIn,
} from '../../../mappings/registry/manual.ts';
import { mistakesIn } from '../../../mappings/registry/manual.mistakes.ts';
import {
  manualAmendmentOrderOf,
  manualCancellationOrderOf,
  manualRegistrationOrderOf,
  manualSearchOrderOf,
} from '../../../mappings/registry/manual.orders.ts';
import { type Dialect, type Inbound, problemReply, type Received, type Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { admitTold, deskSeal, sameSeal } from './manualSignature.ts';

/** A certificate of 1 MiB in base64, and what stands around it. */
const limits = { bytesMax: 1_500_000, depthMax: 8 } as const;
const json = { 'content-type': 'application/json; charset=utf-8' } as const;
const beijingOffsetMs = 8 * 3_600_000;

export const manualDialect: Dialect<typeof registry> = {
  operations: {
    search,
    register: (request, wire) => order(manualRegistrationOrderOf(request), wire),
    amend: (request, wire) => order(manualAmendmentOrderOf(request), wire),
    cancel: (request, wire) => order(manualCancellationOrderOf(request), wire),
    queryRequest: async ({ no }, wire) => manualTakenEnquiryOf(await query(no, wire)),
    readRegistration: async ({ no }, wire) => manualRegisteredEnquiryOf(await query(no, wire)),
    readChange: async ({ no }, wire) => manualChangedEnquiryOf(await query(no, wire)),
  },
  receive,
  refuse,
};

/** One search of a name each business day: who asks again gets its result, or hears that there is none yet. */
async function search({ debtorName }: { debtorName: string }, wire: Wire) {
  const day = new Date(wire.now().getTime() + beijingOffsetMs).toISOString().slice(0, 10).replaceAll('-', '');
  const orderNo = `CX-${day}-${createHash('sha256').update(debtorName).digest('hex').slice(0, 16)}`;
  const ticket = ticketIn(await query(orderNo, wire));
  if (!ticket) {
    await order(manualSearchOrderOf({ orderNo, debtorName }), wire);
    throw new Failure('SYSTEM_BUSY', { detail: 'ordered from the registrar: ask again later' });
  }
  const result = manualSearchResultOf(ticket);
  if (ticket.result?.searchedNames?.[0] !== debtorName)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the registrar searched another name' });
  return result;
}

async function order(message: Message<typeof ManualOrder>, wire: Wire) {
  return manualTakenOf(
    about(message.orderNo, checked(ManualTaken, await ask('POST', '/desk/v1/orders', wire, message))),
  );
}

async function query(no: string, wire: Wire) {
  const { orderNo } = ManualQuery.check({ orderNo: no });
  return about(orderNo, checked(ManualAnswer, await ask('GET', `/desk/v1/orders/${orderNo}`, wire)));
}

async function ask(method: 'GET' | 'POST', path: string, wire: Wire, message?: object): Promise<unknown> {
  const secret = wire.keys.secret('desk-secret');
  const body = message ? Buffer.from(JSON.stringify(message)) : Buffer.alloc(0);
  const part = { method, path, timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') };
  const answer = await wire.send({
    method,
    path,
    headers: {
      ...(message ? json : {}),
      'x-desk-office': wire.system.settings['office'] ?? '',
      'x-desk-timestamp': part.timestamp,
      'x-desk-nonce': part.nonce,
      'x-desk-seal': deskSeal(secret, 'ORDER', { ...part, body }),
    },
    ...(message ? { body } : {}),
  });
  if (answer.status >= 500)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  const due = deskSeal(secret, `ANSWER ${answer.status}`, { ...part, body: answer.body });
  if (!sameSeal(due, answer.headers['x-desk-seal'] ?? ''))
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: `HTTP ${answer.status}, and its seal is not one over this answer`,
    });
  try {
    return parseJson(answer.body, limits);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be parsed', cause });
  }
}

async function receive(inbound: Inbound, wire: Wire): Promise<Received> {
  const { method, path, headers, body } = inbound;
  if (method !== 'POST' || path !== '/results')
    throw new Failure('METHOD_UNKNOWN', { detail: 'results come as POST /results' });
  const { 'x-desk-timestamp': timestamp = '', 'x-desk-nonce': nonce = '', 'x-desk-seal': seal = '' } = headers;
  const part = { method, path, timestamp, nonce, body };
  const admitted = admitTold((holds) => wire.keys.secret('desk-secret', holds), part, seal, Date.now());
  const { noticeId, ...ticket } = ManualNotice.check(parseJson(body, limits));
  const mistakes = mistakesIn(ticket);
  if (mistakes.length > 0)
    throw new Failure('CONTRACT_VIOLATED', { detail: 'the registrar must type it again', errors: mistakes });
  const notices = manualNoticesOf(ticket);
  // Last, so that what could not be read may come again; told again it has a new nonce anyway.
  if (!(await wire.firstSeen(admitted))) throw new Failure('NONCE_REUSED');
  return {
    notices,
    reply: { status: 200, headers: json, body: Buffer.from(JSON.stringify({ code: 'TAKEN', noticeId })) },
  };
}

/** Mistakes of the registrar are told in his words, so that the desk can show them beside the fields. */
function refuse(failure: Failure): Reply {
  const fields = failure.errors.filter(({ code }) => code === 'retype');
  if (fields.length === 0) return problemReply(failure);
  const again = fields.map(({ pointer, detail }) => ({ field: pointer.slice('#/result/'.length), message: detail }));
  return { status: 422, headers: json, body: Buffer.from(JSON.stringify({ code: 'RETYPE', fields: again })) };
}

function about<T extends { orderNo: string }>(orderNo: string, answer: T): T {
  if (answer.orderNo !== orderNo)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about another order' });
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
