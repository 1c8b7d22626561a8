/** The provider port's signatures: one secret, three kinds of message, and no message that can pass for another kind. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';

export interface Signed {
  readonly method: string;
  /** As it stands in the request line, below the address of the port (or, for notices, of the system at the hub). */
  readonly path: string;
  /** Milliseconds of real time. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: Buffer;
}

/** Hex HMAC-SHA256 of these lines. */
export function signRequest(secret: string, part: Signed): string {
  return hmac(secret, ['REQUEST', ...linesOf(part)]);
}

/** An answer is bound to its request by the request's own timestamp and nonce. */
export function signAnswer(secret: string, part: Signed & { status: number }): string {
  return hmac(secret, ['ANSWER', String(part.status), ...linesOf(part)]);
}

export function signNotice(secret: string, part: Signed): string {
  return hmac(secret, ['NOTICE', ...linesOf(part)]);
}

/** Either way, real time. */
const windowMs = 5 * 60_000;

/** The nonce of a notice that is authentic and timely; whether it is new is for the hub to say. @throws Failure */
export function admitNotice(secret: string, part: Signed, signature: string, nowMs: number): string {
  if (!sameText(signNotice(secret, part), signature)) throw new Failure('SIGNATURE_MISMATCH');
  if (!/^\d{13}$/.test(part.timestamp) || Math.abs(nowMs - Number(part.timestamp)) > windowMs)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  if (!/^[0-9a-zA-Z-]{16,64}$/.test(part.nonce))
    throw new Failure('BODY_MALFORMED', { detail: 'the nonce has 16 to 64 letters or digits' });
  return part.nonce;
}

export function sameText(due: string, given: string): boolean {
  const [a, b] = [Buffer.from(due), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function linesOf({ method, path, timestamp, nonce, body }: Signed): string[] {
  return [method, path, timestamp, nonce, createHash('sha256').update(body).digest('hex')];
}

function hmac(secret: string, lines: readonly string[]): string {
  return createHmac('sha256', secret).update(lines.join('\n')).digest('hex');
}
