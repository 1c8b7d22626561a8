/**
 * Signed and encrypted tokens (JWS, JWE), with `jose` inside and our own door around it.
 *
 * A token must be spelled in the one canonical way and its header may hold only what we write ourselves; `jose` alone
 * takes spaces, line breaks and other spellings of the last character. The key is found by `kid` among those that are
 * registered, the algorithm is a property of that key. Whatever is wrong is the same SIGNATURE_MISMATCH: an attacker
 * learns nothing from the difference.
 */
import type { KeyObject } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, CompactSign, compactVerify } from 'jose';
import { Failure } from '../../contracts/failures.ts';
import { parseJson } from '../../contracts/gate/json.ts';
import type { SigningAlgorithm, WrappingAlgorithm } from './joseKey.ts';

export { admitKey, type SigningAlgorithm, type WrappingAlgorithm } from './joseKey.ts';

export interface SigningKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly key: KeyObject;
}
export type VerifyKey = SigningKey;
export type VerifyKeys = readonly VerifyKey[];

/** Public where it encrypts, private where it decrypts. */
export interface WrappingKey {
  readonly kid: string;
  readonly alg: WrappingAlgorithm;
  readonly key: KeyObject;
}

export interface Opened {
  readonly payload: Uint8Array;
  readonly kid: string;
}

/** Of a token as it travels, in bytes. Data packages may ask for more, up to the second. */
const TOKEN_BYTES_MAX = 16_384;
const PACKAGE_BYTES_MAX = 8_388_608;

export async function signJws(payload: Uint8Array, key: SigningKey, header: { typ?: string } = {}): Promise<string> {
  const typ = header.typ === undefined ? {} : { typ: header.typ };
  return new CompactSign(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, ...typ }).sign(key.key);
}

/** @throws Failure BODY_TOO_LARGE or SIGNATURE_MISMATCH. `typ` must be what is expected here: a token for one purpose is none for another. */
export async function verifyJws(
  token: string,
  keys: VerifyKeys,
  options: { typ?: string; maxBytes?: number } = {},
): Promise<Opened> {
  const header = headerOf(token, 3, options.maxBytes);
  if (!hasExactly(header, ['alg', 'kid', 'typ']) || header['typ'] !== options.typ) throw mismatch();
  const key = registered(keys, header);
  const { payload } = await orMismatch(() => compactVerify(token, key.key, { algorithms: [key.alg] }));
  return { payload, kid: key.kid };
}

/** For the body of an HTTP message: `protected..signature` (RFC 7515, appendix F); the body travels as it is. */
export async function signDetached(body: Uint8Array, key: SigningKey): Promise<string> {
  const [head, , signature] = (await signJws(body, key)).split('.');
  return `${head}..${signature}`;
}

export async function verifyDetached(
  token: string,
  body: Uint8Array,
  keys: VerifyKeys,
  options: { maxBytes?: number } = {},
): Promise<{ kid: string }> {
  if (token.length > TOKEN_BYTES_MAX) throw tooLarge(token.length, TOKEN_BYTES_MAX);
  const [head, between, signature, ...rest] = token.split('.');
  if (between !== '' || rest.length > 0) throw mismatch();
  const payload = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64url');
  const { kid } = await verifyJws(`${head}.${payload}.${signature}`, keys, {
    maxBytes: options.maxBytes ?? PACKAGE_BYTES_MAX,
  });
  return { kid };
}

export async function encryptJwe(
  plaintext: Uint8Array,
  recipient: WrappingKey,
  header: { cty?: string } = {},
): Promise<string> {
  const cty = header.cty === undefined ? {} : { cty: header.cty };
  return new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: recipient.alg, enc: 'A256GCM', kid: recipient.kid, ...cty })
    .encrypt(recipient.key);
}

/** @throws Failure BODY_TOO_LARGE or SIGNATURE_MISMATCH. Never inflates: `zip` is not a header that we know. */
export async function decryptJwe(
  token: string,
  keys: readonly WrappingKey[],
  options: { cty?: string; maxBytes?: number } = {},
): Promise<Opened> {
  const header = headerOf(token, 5, options.maxBytes);
  const key = registered(keys, header);
  const agrees = key.alg === 'ECDH-ES+A256KW';
  const known = agrees ? ['alg', 'enc', 'kid', 'cty', 'epk'] : ['alg', 'enc', 'kid', 'cty'];
  if (!hasExactly(header, known) || header['enc'] !== 'A256GCM' || header['cty'] !== options.cty) throw mismatch();
  if (agrees && !isEphemeralKey(header['epk'])) throw mismatch();
  const { plaintext } = await orMismatch(() =>
    compactDecrypt(token, key.key, {
      keyManagementAlgorithms: [key.alg],
      contentEncryptionAlgorithms: ['A256GCM'],
    }),
  );
  return { payload: plaintext, kid: key.kid };
}

type Header = Readonly<Record<string, unknown>>;

/** The protected header, once the token is seen to be spelled canonically. */
function headerOf(token: string, parts: 3 | 5, maxBytes = TOKEN_BYTES_MAX): Header {
  const limit = Math.min(maxBytes, PACKAGE_BYTES_MAX);
  if (token.length > limit) throw tooLarge(token.length, limit);
  const segments = token.split('.', parts + 1);
  if (segments.length !== parts || !segments.every(isCanonical)) throw mismatch();
  let header: unknown;
  try {
    header = parseJson(Buffer.from(segments[0] ?? '', 'base64url'), {
      bytesMax: 4_096,
      depthMax: 3,
      nodesMax: 16,
    });
  } catch {
    throw mismatch();
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw mismatch();
  return header as Header;
}

/** Node's decoder is lenient, so what it understood is written again and must be what was sent. */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function hasExactly(header: Header, known: readonly string[]): boolean {
  return Object.keys(header).every((name) => known.includes(name));
}

/** Two keys under one `kid` are no answer to the question which one it is. */
function registered<K extends SigningKey | WrappingKey>(keys: readonly K[], header: Header): K {
  const [key, another] = keys.filter((each) => each.kid === header['kid']);
  if (!key || another || header['alg'] !== key.alg) throw mismatch();
  return key;
}

function isEphemeralKey(epk: unknown): boolean {
  if (typeof epk !== 'object' || epk === null) return false;
  const { kty, crv, x, y, ...rest } = epk as Record<string, unknown>;
  return (
    kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string' && Object.keys(rest).length === 0
  );
}

async function orMismatch<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch {
    throw mismatch();
  }
}

function mismatch(): Failure {
  return new Failure('SIGNATURE_MISMATCH');
}

function tooLarge(bytes: number, limit: number): Failure {
  return new Failure('BODY_TOO_LARGE', {
    detail: `a token of ${bytes} bytes, at most ${limit} are taken`,
  });
}
