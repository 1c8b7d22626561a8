/**
 * Signatures of the open bank API: a detached JWS (PS256) over a text that names the one exchange it belongs to. A
 * signature is therefore worth nothing on another path, at another time, for another request or before another status.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { admitKey, encryptJwe, signDetached, signJws, verifyDetached } from '../../crypto/jose.ts';
import type { Wire } from '../../wire.ts';

/** Real minutes: signatures do not age with the sandbox's clock. */
export const windowMs = 5 * 60_000;

export interface Sealed {
  readonly kind: 'REQUEST' | 'ANSWER' | 'NOTICE';
  /** Method and path of a request or notice; the status of an answer. */
  readonly subject: readonly string[];
  readonly timestamp: string;
  readonly requestId: string;
  readonly body: Buffer;
}

/** The exact bytes under a signature: lines joined by `\n`, none of which can hold one. */
export function sealedText(participantNo: string, sealed: Sealed): Buffer {
  const bodyHash = createHash('sha256').update(sealed.body).digest('hex');
  const { kind, subject, timestamp, requestId } = sealed;
  return Buffer.from([`BANK-OPEN-1 ${kind}`, participantNo, ...subject, timestamp, requestId, bodyHash].join('\n'));
}

export function seal(sealed: Sealed, wire: Wire): Promise<string> {
  return signDetached(sealedText(setting(wire, 'participantNo'), sealed), ourKey(wire));
}

/** @throws Failure SIGNATURE_MISMATCH */
export async function verifySeal(signature: string, sealed: Sealed, wire: Wire): Promise<void> {
  const shapely = isTimestamp(sealed.timestamp) && isRequestId(sealed.requestId);
  if (!shapely) throw new Failure('SIGNATURE_MISMATCH');
  const key = {
    kid: setting(wire, 'bankSignKid'),
    alg: 'PS256',
    key: admitKey(wire.keys.publicKey('bank-sign'), 'PS256'),
  } as const;
  await verifyDetached(signature, sealedText(setting(wire, 'participantNo'), sealed), [key]);
}

/** A data package: signed by us, then encrypted to the bank. It names both, so that it cannot be passed on as if meant for others. */
export function sealPackage(application: object, wire: Wire): Promise<string> {
  return sealed({ application }, 'credit-package', wire);
}

/** The same for feedback: by its purpose, one is never read as the other. */
export function sealFeedback(feedback: object, wire: Wire): Promise<string> {
  return sealed({ feedback }, 'feedback-package', wire);
}

async function sealed(content: object, typ: string, wire: Wire): Promise<string> {
  const plain = { participantNo: setting(wire, 'participantNo'), bankNo: setting(wire, 'bankNo'), ...content };
  const signed = await signJws(Buffer.from(JSON.stringify(plain)), ourKey(wire), { typ });
  const key = admitKey(wire.keys.publicKey('bank-encrypt'), 'RSA-OAEP-256');
  return encryptJwe(
    Buffer.from(signed),
    { kid: setting(wire, 'bankEncryptKid'), alg: 'RSA-OAEP-256', key },
    { cty: 'JOSE' },
  );
}

export function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`the setting ${name} is missing`);
  return value;
}

function ourKey(wire: Wire) {
  const key = admitKey(wire.keys.privateKey('sign'), 'PS256', 'private');
  return { kid: setting(wire, 'hubSignKid'), alg: 'PS256', key } as const;
}

function isTimestamp(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isRequestId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
