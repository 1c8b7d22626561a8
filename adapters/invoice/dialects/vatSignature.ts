/** The signatures of the `vat` dialect: one secret, three kinds of message, and no message that can pass for another kind. */
import { Failure } from '../../../contracts/failures.ts';
import { isSigned, signed } from '../../crypto/recipes.ts';

interface Signed {
  readonly method: string;
  /** As it stands in the request line, below the address of the checker (or, for notices, of the system at the hub). */
  readonly path: string;
  /** Milliseconds of real time. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: Buffer;
}

export function signRequest(secret: string, part: Signed): string {
  return signed('vatRequest', secret, part);
}

/** An answer is bound to its request by the request's own timestamp and nonce. */
export function isAnswer(secret: string, part: Signed & { status: number }, shown: string): boolean {
  return isSigned('vatAnswer', secret, { ...part, status: String(part.status) }, shown);
}

/** Gives the secret under which a signature holds, of those that are valid; else any. */
type SecretThat = (holds: (secret: string) => boolean) => string;

/** Either way, real time. */
const windowMs = 5 * 60_000;

/** The nonce of a notice that is authentic and timely; whether it is new is for the hub to say. @throws Failure */
export function admitNotice(secretThat: SecretThat, part: Signed, signature: string, nowMs: number): string {
  const holds = (secret: string) => isSigned('vatNotice', secret, part, signature);
  if (!holds(secretThat(holds))) throw new Failure('SIGNATURE_MISMATCH');
  if (!/^\d{13}$/.test(part.timestamp) || Math.abs(nowMs - Number(part.timestamp)) > windowMs)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  if (!/^[0-9a-f]{32}$/.test(part.nonce))
    throw new Failure('BODY_MALFORMED', { detail: 'the nonce has 32 hex digits' });
  return part.nonce;
}
