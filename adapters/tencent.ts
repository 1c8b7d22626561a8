/**
 * How every service of Tencent Cloud is asked (API 3.0): one JSON body, an action in a header, TC3-HMAC-SHA256 over both. The
 * signing key is derived in four steps, which a recipe (crypto/recipe.ts) cannot say; that is why this stands by itself.
 *
 * Answers are not signed: TLS proves whose they are, and what in them repeats the request proves to which they belong.
 */
import { createHash, createHmac } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import type { Wire } from './wire.ts';

const answerLimits = { bytesMax: 1_900_000, depthMax: 12 } as const;
const contentType = 'application/json; charset=utf-8';

export interface TencentCall {
  readonly service: 'faceid' | 'sms';
  readonly version: string;
  readonly action: string;
  /** Where the service has regions. */
  readonly region?: string | undefined;
  readonly body: object;
  /** What of the answer may stay on record, where not all of it may. */
  readonly kept?: (answer: Buffer) => Buffer;
}

/** What stands under `Response`: an error, or else whatever the action answers, without nulls and empty texts. */
export type TencentAnswer =
  | { readonly error: { readonly code: string; readonly words: string } }
  | { readonly error?: never; readonly fields: Readonly<Record<string, unknown>> };

/** Settings: `secretId`. Key: `tc3-secret.txt`. @throws Failure OUTCOME_UNKNOWN, SYSTEM_UNREACHABLE */
export async function askTencent(call: TencentCall, wire: Wire): Promise<TencentAnswer> {
  const body = Buffer.from(JSON.stringify(call.body));
  const timestamp = String(Math.floor(Date.now() / 1_000)); // Real time: the vendor judges its window by its own clock.
  const { host } = new URL(wire.system.url);
  const authorization = tc3Authorization({
    secretId: wire.system.settings['secretId'] ?? '',
    secret: wire.keys.secret('tc3-secret'),
    service: call.service,
    timestamp,
    headers: { 'content-type': contentType, host, 'x-tc-action': call.action.toLowerCase() },
    body,
  });
  const answer = await wire.send({
    method: 'POST',
    path: '/',
    headers: {
      'content-type': contentType,
      'x-tc-action': call.action,
      'x-tc-version': call.version,
      'x-tc-timestamp': timestamp,
      ...(call.region === undefined ? {} : { 'x-tc-region': call.region }),
      authorization,
    },
    body,
    ...(call.kept ? { kept: call.kept } : {}),
  });
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status} after the request was sent` });
  return readAnswer(answer.body);
}

export interface Tc3Signed {
  readonly secretId: string;
  readonly secret: string;
  readonly service: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  /** Those that are signed: names in lower case and in their order. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export function tc3Authorization({ secretId, secret, service, timestamp, headers, body }: Tc3Signed): string {
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n');
  const date = new Date(Number(timestamp) * 1_000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const key = [date, service, 'tc3_request'].reduce<string | Buffer>(hmac, `TC3${secret}`);
  const signature = hmac(key, ['TC3-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n')).toString('hex');
  return `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Not what an answer of this vendor looks like: what was done is not known. */
function readAnswer(body: Buffer): TencentAnswer {
  const response = fieldsOf(fieldsOf(parsed(body))?.['Response']);
  if (typeof response?.['RequestId'] !== 'string')
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer has no Response, or no RequestId in it' });
  if (response['Error'] === undefined) return { fields: withoutNulls(response) as Record<string, unknown> };
  const { Code: code, Message: words = '' } = fieldsOf(response['Error']) ?? {};
  if (typeof code !== 'string' || typeof words !== 'string')
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer has an error without a code' });
  return { error: { code, words } };
}

function parsed(body: Buffer): unknown {
  try {
    return parseJson(body, answerLimits);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer cannot be parsed', cause });
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** "May be null: there is no valid value." An empty text says as little. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  const fields = fieldsOf(value);
  if (!fields) return value;
  const entries = Object.entries(fields).filter(([, each]) => each !== null && each !== '');
  return Object.fromEntries(entries.map(([name, each]) => [name, withoutNulls(each)]));
}
