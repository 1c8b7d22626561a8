/**
 * Requests of trading units and dealers, signed as Standard Webhooks 1.0.0 says: HMAC-SHA256 over `id.timestamp.body`.
 * The id is the idempotency key as well. The window is judged on real time: a sandbox's business time runs fast.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '../contracts/failures.ts';

export interface Signed {
  readonly caller: string;
  readonly id: string;
}

const windowSeconds = 300;
const signaturesMax = 10;
const secretBytesMin = 16;

/** @throws Failure SIGNATURE_MISMATCH or TIMESTAMP_OUTSIDE_WINDOW */
export function verifySigned(
  headers: IncomingHttpHeaders,
  body: Buffer,
  secretOf: (caller: string) => string | undefined,
  realNowMs: number = Date.now(),
): Signed {
  const caller = header(headers, 'x-lianshu-caller', /^[\w.-]{1,64}$/);
  // No full stop in the id: `a.1` + `2` and `a` + `1.2` would be signed alike.
  const id = header(headers, 'webhook-id', /^[\w:-]{1,128}$/);
  const timestamp = header(headers, 'webhook-timestamp', /^\d{1,12}$/);
  const signatures = header(headers, 'webhook-signature', /^[\w,+/= ]{1,2000}$/).split(' ', signaturesMax);
  const skewSeconds = Math.round(realNowMs / 1000 - Number(timestamp));
  if (Math.abs(skewSeconds) > windowSeconds) {
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW', {
      detail: `webhook-timestamp is ${skewSeconds} s behind the hub's clock, at most ${windowSeconds} s either way are taken`,
      errors: [{ pointer: 'header:webhook-timestamp', code: 'window', detail: `${skewSeconds} s behind` }],
    });
  }
  const secret = secretOf(caller);
  const expected = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest();
  // All are compared, and an unknown caller costs the same time as a wrong signature.
  const matches = signatures.map((signature) => isSame(signature, expected));
  if (secret !== undefined && matches.includes(true)) return { caller, id };
  const hash = createHash('sha256').update(body).digest('hex');
  throw new Failure('SIGNATURE_MISMATCH', {
    detail:
      `no signature of caller ${caller} fits: HMAC-SHA256 over "${id}.${timestamp}." and the body ` +
      `(${body.length} bytes, sha256 ${hash}); clock skew ${skewSeconds} s`,
    errors: [{ pointer: 'header:webhook-signature', code: 'mismatch', detail: 'v1,<base64> is expected' }],
  });
}

/** The value of the `webhook-signature` header. */
export function signatureOf(secret: string, id: string, timestamp: string, body: Uint8Array): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

function header(headers: IncomingHttpHeaders, name: string, pattern: RegExp): string {
  const value = headers[name];
  if (typeof value === 'string' && pattern.test(value)) return value;
  const detail = value === undefined ? 'is missing' : 'is not well formed';
  throw new Failure('SIGNATURE_MISMATCH', {
    detail: `the header ${name} ${detail}`,
    errors: [{ pointer: `header:${name}`, code: value === undefined ? 'required' : 'format', detail }],
  });
}

function keyOf(secret: string | undefined): Buffer {
  const key = Buffer.from((secret ?? '').replace(/^whsec_/, ''), 'base64');
  if (secret !== undefined && key.length < secretBytesMin) {
    throw new Error(`a caller's secret must have at least ${secretBytesMin} bytes`);
  }
  return key;
}

function isSame(signature: string, expected: Buffer): boolean {
  const [version, text = ''] = signature.split(',');
  const given = Buffer.from(text, 'base64');
  // Base64 has several spellings of the same bytes; only the plain one is taken.
  if (version !== 'v1' || given.length !== expected.length || given.toString('base64') !== text) return false;
  return timingSafeEqual(given, expected);
}
