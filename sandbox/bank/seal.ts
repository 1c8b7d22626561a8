/**
 * The bank's signatures and seals. A signature is a detached JWS (PS256) over a few lines of text that name the call it
 * belongs to, so that it is worth nothing anywhere else. node-jose keeps the options of a verifier in one object for the
 * whole process, hence each call gives them all, as plain strings, and the header is judged here before it sees it.
 */
import { createHash } from 'node:crypto';
import jose from 'node-jose';

/** Who the two sides are, and under which names their keys are registered with each other. */
export const identity = {
  participantNo: 'LS000001',
  bankNo: 'BKOPEN01',
  hubSignKid: 'hub-sign-1',
  bankSignKid: 'bank-sign-1',
  bankEncryptKid: 'bank-encrypt-1',
} as const;

export interface Signed {
  readonly participantNo: string;
  /** `POST /v1/releases` of a call or a notice, `200` of an answer. */
  readonly subject: readonly string[];
  readonly timestamp: string;
  readonly requestId: string;
  readonly body: Buffer | string;
}

/** The exact text under the signature. */
export function signedText(kind: 'REQUEST' | 'ANSWER' | 'NOTICE', what: Signed): string {
  const bodyHash = createHash('sha256').update(what.body).digest('hex');
  return [`BANK-OPEN-1 ${kind}`, what.participantNo, ...what.subject, what.timestamp, what.requestId, bodyHash].join(
    '\n',
  );
}

/** `header..signature`: the payload is the text that both sides put together for themselves. */
export async function signDetached(pem: string, kid: string, text: string): Promise<string> {
  const key = await jose.JWK.asKey(pem, 'pem', { kid, alg: 'PS256' });
  const signing = jose.JWS.createSign({ format: 'compact', alg: 'PS256' }, {
    key,
    reference: 'kid',
  } as unknown as jose.JWK.Key);
  const compact = (await signing.update(Buffer.from(text)).final()) as unknown as string;
  const [header = '', , signature = ''] = compact.split('.');
  return `${header}..${signature}`;
}

export async function holdsDetached(pem: string, kid: string, detached: string, text: string): Promise<boolean> {
  const parts = detached.split('.');
  if (parts.length !== 3 || parts[1] !== '') return false;
  return (
    (await openJws(pem, kid, `${parts[0]}.${Buffer.from(text).toString('base64url')}.${parts[2]}`, {})) !== undefined
  );
}

/** The payload of a compact JWS that this key made for this purpose, otherwise nothing. */
async function openJws(
  pem: string,
  kid: string,
  compact: string,
  purpose: { typ?: string },
): Promise<Buffer | undefined> {
  if (!hasExactly(headerOf(compact, 3), { alg: 'PS256', kid, ...purpose })) return undefined;
  try {
    const key = await jose.JWK.asKey(pem, 'pem', { kid, alg: 'PS256' });
    const options = { algorithms: 'PS256', allowEmbeddedKey: false } as unknown as jose.JWS.VerifyOptions;
    return (await jose.JWS.createVerify(key, options).verify(compact)).payload;
  } catch {
    return undefined;
  }
}

interface PackageKeys {
  readonly decryptPem: string;
  readonly decryptKid: string;
  readonly senderPem: string;
  readonly senderKid: string;
}

/** Decrypts, then verifies what was inside. Nothing when either fails: the caller is not told which. */
export async function openPackage(
  keys: PackageKeys,
  compact: string,
  typ = 'credit-package',
): Promise<Buffer | undefined> {
  // Nothing else may stand in the header, `zip` above all: node-jose inflates without a limit.
  const expected = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: keys.decryptKid, cty: 'JOSE' };
  if (!hasExactly(headerOf(compact, 5), expected)) return undefined;
  try {
    const key = await jose.JWK.asKey(keys.decryptPem, 'pem', { kid: keys.decryptKid, alg: 'RSA-OAEP-256' });
    const inner = await jose.JWE.createDecrypt(key, { algorithms: ['RSA-OAEP-256', 'A256GCM'] }).decrypt(compact);
    return await openJws(keys.senderPem, keys.senderKid, inner.plaintext.toString(), { typ });
  } catch {
    return undefined;
  }
}

function headerOf(compact: string, parts: number): Record<string, unknown> | undefined {
  if (compact.split('.').length !== parts) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(compact.slice(0, compact.indexOf('.')), 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function hasExactly(header: Record<string, unknown> | undefined, expected: Record<string, string>): boolean {
  const names = Object.keys(header ?? {});
  return (
    names.length === Object.keys(expected).length &&
    names.every((name) => Object.hasOwn(expected, name) && header?.[name] === expected[name])
  );
}
