/** What the steps of all signing vendors have in common: answers, links, files, and what a failure before the start means. */
import { createHash, type KeyObject } from 'node:crypto';
import type { TSchema } from 'typebox';
import type { Contract, Message } from '../../contracts/contract.ts';
import type { Envelope } from '../../contracts/esign/esign.ts';
import { Failure, isFailure } from '../../contracts/failures.ts';
import { parseJson } from '../../contracts/gate/json.ts';
import type { Wire, WireAnswer } from '../wire.ts';
import { proveSignedPdf } from './signedPdf.ts';

export function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`${wire.system.id} has no setting ${name}`);
  return value;
}

export function contentOf({ fileName, sha256, contentBase64 }: Message<typeof Envelope>['documents'][number]): Buffer {
  const bytes = Buffer.from(contentBase64, 'base64');
  if (sha256Of(bytes) !== sha256)
    throw new Failure('DOC_HASH_CHANGED', { detail: `${fileName} is not what its hash says` });
  return bytes;
}

/**
 * What comes before the start moves nothing: what became of it need not be known, a new attempt does it again.
 *
 * @param telling the vendor's code for "this was started before": that is about the envelope, not about the step
 */
export async function beforeStart<T>(step: () => Promise<T>, telling?: string): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    if (!isFailure(thrown) || !(thrown.type === 'OUTCOME_UNKNOWN' || thrown.type === 'ANSWER_UNVERIFIED')) throw thrown;
    if (telling !== undefined && thrown.externalCode === telling) throw thrown;
    throw new Failure('SYSTEM_BUSY', { detail: `before the start: ${thrown.message}; nothing began`, cause: thrown });
  }
}

/** @throws Failure SYSTEM_BUSY or OUTCOME_UNKNOWN for what is no answer of the application behind the address */
export function jsonOf(answer: WireAnswer): unknown {
  if (answer.status === 429) throw new Failure('SYSTEM_BUSY', { detail: 'too many requests', externalCode: '429' });
  if (answer.status >= 500)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status}`, externalCode: String(answer.status) });
  try {
    return parseJson(answer.body);
  } catch (thrown) {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `HTTP ${answer.status} with an answer that is no JSON`,
      cause: thrown,
    });
  }
}

/** Of an answer, a violated contract is no refusal: the vendor may have acted. */
export function answered<S extends TSchema>(contract: Contract<S>, value: unknown): Message<Contract<S>> {
  try {
    return contract.check(value);
  } catch (thrown) {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `the answer is not as agreed: ${(thrown as Error).message}`,
      cause: thrown,
    });
  }
}

/** @throws Failure SYSTEM_REFUSED: only links to the system's own host are followed */
export function ownLink(wire: Wire, link: string): URL {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url?.origin !== new URL(wire.system.url).origin) {
    throw new Failure('SYSTEM_REFUSED', { detail: 'the link leads to another host and is not followed' });
  }
  return url;
}

export async function download(wire: Wire, link: string): Promise<Buffer> {
  const url = ownLink(wire, link);
  const { status, body } = await wire.send({ method: 'GET', path: url.pathname, url: url.href, headers: {} });
  if (status !== 200) throw new Failure('OUTCOME_UNKNOWN', { detail: `the signed file came with HTTP ${status}` });
  return body;
}

/** The signed file as the hub believes it: it holds what was sent, signed under the vendor's authority. */
export function proven(wire: Wire, { fileName, sha256 }: { fileName: string; sha256: string }, bytes: Buffer) {
  proveSignedPdf(bytes, sha256, authoritiesOf(wire));
  return { fileName, originalSha256: sha256, sha256: sha256Of(bytes), bytes: bytes.length };
}

const base64CharsMax = 4_000_000;

/** A file that the vendor made and nobody signed yet, as an envelope takes it. @throws Failure */
export function asDocument(fileName: string, bytes: Buffer) {
  if (bytes.subarray(0, 5).toString('latin1') !== '%PDF-')
    throw new Failure('OUTCOME_UNKNOWN', { detail: `${fileName} came as something that is no PDF` });
  const contentBase64 = bytes.toString('base64');
  if (contentBase64.length > base64CharsMax)
    throw new Failure('SYSTEM_REFUSED', {
      detail: `${fileName} is larger than an envelope takes: ${bytes.length} bytes`,
    });
  return { fileName, sha256: sha256Of(bytes), contentBase64 };
}

/** All that are valid: what was signed under the authority of yesterday stays signed. */
function authoritiesOf({ keys }: Wire): KeyObject[] {
  const all: KeyObject[] = [];
  keys.publicKey('signing-ca', (key) => all.push(key) < 0);
  return all;
}

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
