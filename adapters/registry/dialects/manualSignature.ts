/** Signatures of the registrar's desk: one secret, three kinds of message, and no message that can pass for another kind. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';

export interface Stamped {
  readonly method: string;
  /** Below the address of the desk or, for what it tells, of the system at the hub. */
  readonly path: string;
  /** Milliseconds of real time. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: Buffer;
}

/** Hex HMAC-SHA256. An answer is bound to its request by the request's own time and nonce, and to its HTTP status. */
export function deskSeal(secret: string, what: 'ORDER' | 'TOLD' | `ANSWER ${number}`, part: Stamped): string {
  const digest = createHash('sha256').update(part.body).digest('hex');
  const lines = ['DESK-1', what, part.method, part.path, part.timestamp, part.nonce, digest];
  return createHmac('sha256', secret).update(lines.join('\n')).digest('hex');
}

/** Gives the secret under which a seal holds, of those that are valid; else any. */
type SecretThat = (holds: (secret: string) => boolean) => string;

/** Either way, real time. */
const windowMs = 5 * 60_000;

/** The nonce of something told that is authentic and timely; whether it is new is for the hub to say. @throws Failure */
export function admitTold(secretThat: SecretThat, part: Stamped, seal: string, nowMs: number): string {
  const holds = (secret: string) => sameSeal(deskSeal(secret, 'TOLD', part), seal);
  if (!holds(secretThat(holds))) throw new Failure('SIGNATURE_MISMATCH');
  if (!/^\d{13}$/.test(part.timestamp) || Math.abs(nowMs - Number(part.timestamp)) > windowMs)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  if (!/^[0-9a-f]{32}$/.test(part.nonce))
    throw new Failure('BODY_MALFORMED', { detail: 'the nonce has 32 hex digits' });
  return part.nonce;
}

export function sameSeal(due: string, given: string): boolean {
  const [a, b] = [Buffer.from(due), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
