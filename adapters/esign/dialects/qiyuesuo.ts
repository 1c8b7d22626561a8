/**
 * 契约锁 (Qiyuesuo) OpenAPI v2, public cloud.
 *
 * Starting an envelope is a draft under our number (`bizId`), each document as a file, a look at what the draft holds, and
 * `/v2/contract/send`. Only the last one does something to the world. A draft is written over by the next one of its number,
 * and a contract that was sent is not: so an attempt may be made again up to the last call, and what became of that is one
 * question by our number.
 *
 * Neither requests nor answers are covered by a signature (TLS only). A callback is opened, and then the detail decides.
 */
import type { Message } from '../../../contracts/contract.ts';
import type { Envelope, esign } from '../../../contracts/esign/esign.ts';
import * as qys from '../../../contracts/esign/qiyuesuo.wire.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import {
  contractMovedCode,
  contractStatuses,
  failureOf,
  isContractMissing,
  toEnvelopeFinished,
  toLocalTime,
  toQiyuesuoDraft,
} from '../../../mappings/esign/qiyuesuo.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { multipart } from '../multipart.ts';
import { answered, beforeStart, contentOf, jsonOf, proven, setting } from '../steps.ts';
import { receiveQiyuesuo } from './qiyuesuoCallback.ts';
import { qiyuesuoHeaders } from './qiyuesuoSignature.ts';

type Detail = Message<typeof qys.QiyuesuoDetail>;
type Document = Message<typeof Envelope>['documents'][number];

/** A contract's id at the vendor. Numbers of ours that look like it are looked up both ways. */
const contractIdPattern = /^\d{19}$/;
const bizIdCharsMax = 50;

export const qiyuesuoDialect: Dialect<typeof esign> = {
  operations: {
    async startEnvelope(envelope, wire) {
      const contents = envelope.documents.map(contentOf);
      const draft = toQiyuesuoDraft({ envelope, notifyUrl: setting(wire, 'notifyUrl') });
      const contractId = await beforeStart(() => drafted(wire, draft), contractMovedCode);
      const added = new Map<string, string>();
      for (const [index, { fileName }] of envelope.documents.entries())
        added.set(await beforeStart(() => add(wire, contractId, fileName, contents[index])), fileName);
      await beforeStart(() => mustHold(wire, contractId, envelope.envelopeNo, added));
      await call(wire, 'POST', '/v2/contract/send', qys.QiyuesuoSend.check({ contractId }));
      return { vendorFlowId: contractId };
    },

    async queryEnvelope({ no }, wire) {
      const detail = await readByNumber(wire, no);
      if (!detail || contractStatuses.of(detail.status, '#/status') === 'draft') return { outcome: 'notFound' };
      return { outcome: 'confirmed', response: { vendorFlowId: detail.id } };
    },

    async readEnvelope({ no }, wire) {
      const detail =
        (contractIdPattern.test(no) ? await readById(wire, no) : undefined) ?? (await readByNumber(wire, no));
      const status = detail && contractStatuses.of(detail.status, '#/status');
      if (!detail || status === undefined || status === 'draft') return { outcome: 'notFound' };
      if (status === 'signing') return { outcome: 'pending' };
      return { outcome: 'confirmed', response: finishedOf(detail, status, wire) };
    },

    async fetchDocuments({ vendorFlowId, documents }, wire) {
      const detail = await readById(wire, vendorFlowId);
      if (!detail) throw new Failure('NOT_FOUND', { detail: `there is no contract ${vendorFlowId}` });
      if (contractStatuses.of(detail.status, '#/status') !== 'completed')
        throw new Failure('SIGNATURES_INCOMPLETE', { detail: `the contract is ${detail.status}` });
      const verified = [];
      for (const wanted of documents) verified.push(await fetched(wire, detail, wanted));
      return { vendorFlowId, documents: verified };
    },
  },

  receive: (inbound, wire) =>
    receiveQiyuesuo(inbound, wire, {
      read: (contractId) => readById(wire, contractId),
      finished: (detail, status) => finishedOf(detail, status, wire),
    }),
};

/** @returns the contract's id */
async function drafted(wire: Wire, draft: Message<typeof qys.QiyuesuoDraft>): Promise<string> {
  const { id, bizId } = answered(qys.QiyuesuoDrafted, await call(wire, 'POST', '/v2/contract/draft', draft));
  if (bizId !== draft.bizId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the draft is another than was asked for' });
  return id;
}

/** @returns the document's id */
async function add(wire: Wire, contractId: string, fileName: string, bytes: Buffer = Buffer.alloc(0)): Promise<string> {
  const file = { name: 'file', fileName, contentType: 'application/pdf', bytes };
  const { type, body } = multipart({ contractId, title: fileName, fileSuffix: 'pdf' }, file);
  const answer = await wire.send({
    method: 'POST',
    path: '/v2/document/addbyfile',
    headers: { ...ownHeaders(wire), 'Content-Type': type },
    body,
  });
  return answered(qys.QiyuesuoDocumentAdded, resultOf(answer.status, jsonOf(answer))).documentId;
}

/** What is about to be sent is what was asked for: no answer so far was bound to its request. */
async function mustHold(wire: Wire, contractId: string, no: string, added: ReadonlyMap<string, string>): Promise<void> {
  const detail = await readById(wire, contractId);
  const held = detail?.documents ?? [];
  const isWhole = held.length === added.size && held.every(({ id, title }) => added.get(id) === title);
  if (detail?.bizId !== no || !isWhole)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `the draft ${contractId} does not hold what was given to it` });
}

async function fetched(wire: Wire, { documents }: Detail, wanted: Pick<Document, 'fileName' | 'sha256'>) {
  const held = (documents ?? []).filter(({ title }) => title === wanted.fileName);
  const [document] = held;
  if (!document || held.length !== 1)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `the contract holds ${held.length} files ${wanted.fileName}` });
  const path = `/v2/document/download?${new URLSearchParams({ documentId: document.id }).toString()}`;
  const answer = await wire.send({ method: 'GET', path, headers: ownHeaders(wire) });
  // Where there is no file there is an answer in JSON, under whatever status.
  if (answer.headers['content-type']?.startsWith('application/json')) resultOf(answer.status, jsonOf(answer));
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the signed file came with HTTP ${answer.status}` });
  return proven(wire, wanted, answer.body);
}

function finishedOf(detail: Detail, status: 'completed' | 'revoked' | 'expired' | 'refused', wire: Wire) {
  if (!detail.bizId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `contract ${detail.id} carries no number of ours` });
  const at = detail.completeTime ?? toLocalTime(wire.now().toISOString());
  return toEnvelopeFinished({ envelopeNo: detail.bizId, vendorFlowId: detail.id, status, at });
}

async function readByNumber(wire: Wire, bizId: string): Promise<Detail | undefined> {
  if (bizId.length > bizIdCharsMax) return undefined; // No contract of ours has such a number: it would not have been sent.
  const detail = await read(wire, { bizId });
  if (detail && detail.bizId !== bizId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `asked about ${bizId}, and another contract was shown` });
  return detail;
}

async function readById(wire: Wire, contractId: string): Promise<Detail | undefined> {
  const detail = await read(wire, { contractId });
  if (detail && detail.id !== contractId)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `asked about contract ${contractId}, and another one was shown` });
  return detail;
}

async function read(wire: Wire, by: Record<string, string>): Promise<Detail | undefined> {
  try {
    const path = `/v2/contract/detail?${new URLSearchParams(by).toString()}`;
    return answered(qys.QiyuesuoDetail, await call(wire, 'GET', path));
  } catch (thrown) {
    if (isFailure(thrown) && isContractMissing(thrown.externalCode)) return undefined;
    throw thrown;
  }
}

/** Sends, and returns `result` of an answer that says success. @throws Failure */
async function call(wire: Wire, method: 'GET' | 'POST', path: string, message?: unknown): Promise<unknown> {
  const body = message === undefined ? {} : { body: Buffer.from(JSON.stringify(message)) };
  const type = message === undefined ? {} : { 'Content-Type': 'application/json;charset=UTF-8' };
  const answer = await wire.send({ method, path, headers: { ...ownHeaders(wire), ...type }, ...body });
  return resultOf(answer.status, jsonOf(answer));
}

function resultOf(status: number, value: unknown): unknown {
  const { code, responseCode, message, result } = answered(qys.QiyuesuoAnswer, value);
  if (code !== 0) throw failureOf(code, message);
  if (status !== 200 || (responseCode ?? success) !== success)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `success with HTTP ${status} and ${responseCode ?? 'no code'}` });
  return result;
}
const success = '00000000';

function ownHeaders(wire: Wire): Record<string, string> {
  return qiyuesuoHeaders(setting(wire, 'appToken'), wire.keys.secret('appSecret'));
}
