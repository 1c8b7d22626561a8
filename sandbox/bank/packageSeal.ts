/**
 * How the funder signs, verifies and opens: node-jose, with the header judged here before the library sees it. A key is named by the
 * fingerprint of its public half, as the two sides agreed.
 */
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import jose from 'node-jose';

export function kidOf(pem: string): string {
  const der = createPublicKey(pem).export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(der).digest('hex').slice(0, 32);
}

/** `header.payload.signature`, for one purpose. */
export async function signToken(pem: string, payload: string | Buffer, typ?: string): Promise<string> {
  const key = await jose.JWK.asKey(pem, 'pem', { kid: kidOf(pem), alg: 'PS256' });
  const how = { format: 'compact', alg: 'PS256', fields: typ === undefined ? {} : { typ } } as const;
  const signing = jose.JWS.createSign(how, { key, reference: 'kid' } as unknown as jose.JWK.Key);
  return (await signing.update(Buffer.from(payload)).final()) as unknown as string;
}

/** `header..signature` over bytes that travel in a file of their own. */
export async function signBeside(pem: string, bytes: Buffer): Promise<string> {
  const [header = '', , signature = ''] = (await signToken(pem, bytes)).split('.');
  return `${header}..${signature}`;
}

/** The payload of what this key signed for this purpose, otherwise nothing. */
export async function openToken(pem: string, token: string, typ: string): Promise<Buffer | undefined> {
  if (!hasExactly(headerOf(token, 3), { alg: 'PS256', kid: kidOf(pem), typ })) return undefined;
  try {
    const key = await jose.JWK.asKey(pem, 'pem', { kid: kidOf(pem), alg: 'PS256' });
    const options = { algorithms: 'PS256', allowEmbeddedKey: false } as unknown as jose.JWS.VerifyOptions;
    return (await jose.JWS.createVerify(key, options).verify(token)).payload;
  } catch {
    return undefined;
  }
}

/** Nothing else may stand in the header, `zip` above all: node-jose inflates without a limit. */
export async function decrypt(pem: string, token: string): Promise<Buffer | undefined> {
  const kid = kidOf(pem);
  if (!hasExactly(headerOf(token, 5), { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid, cty: 'zip' })) return undefined;
  try {
    const key = await jose.JWK.asKey(pem, 'pem', { kid, alg: 'RSA-OAEP-256' });
    return (await jose.JWE.createDecrypt(key, { algorithms: ['RSA-OAEP-256', 'A256GCM'] }).decrypt(token)).plaintext;
  } catch {
    return undefined;
  }
}

export function rsaPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function headerOf(token: string, parts: number): Record<string, unknown> | undefined {
  if (token.split('.').length !== parts || !/^[\w.-]+$/.test(token)) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
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
