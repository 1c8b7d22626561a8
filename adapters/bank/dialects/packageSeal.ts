/**
 * Signatures and encryption of data packages. A key is named by its fingerprint, so that a file says itself which key made it, and
 * a key can be changed while files of the earlier one still lie there.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { purposes } from '../../../contracts/bank/package.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { admitKey, encryptJwe, signJws, verifyDetached, verifyJws, type VerifyKeys } from '../../crypto/jose.ts';
import type { Wire } from '../../wire.ts';

const tokenBytesMax = 262_144;
const detachedBytesMax = 2_000;
const bodyBytesMax = 8 * 1024 * 1024;

/** The first 32 hex digits of SHA-256 over the public key (SPKI, DER). */
function kidOf(key: KeyObject): string {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(open.export({ format: 'der', type: 'spki' }))
    .digest('hex')
    .slice(0, 32);
}

export interface Sealing {
  sign(payload: object, purpose: keyof typeof purposes): Promise<string>;
  encrypt(zip: Buffer): Promise<Buffer>;
}

/** Our keys, seen to be fit before anything is asked of anybody. @throws Failure KEY_NOT_ADMITTED */
export function sealingOf(wire: Wire): Sealing {
  const own = admitKey(wire.keys.privateKey('sign'), 'PS256', 'private');
  const theirs = admitKey(wire.keys.publicKey('funder-encrypt'), 'RSA-OAEP-256');
  return {
    sign: (payload, purpose) =>
      signJws(
        Buffer.from(JSON.stringify(payload)),
        { kid: kidOf(own), alg: 'PS256', key: own },
        { typ: purposes[purpose] },
      ),
    encrypt: async (zip) =>
      Buffer.from(await encryptJwe(zip, { kid: kidOf(theirs), alg: 'RSA-OAEP-256', key: theirs }, { cty: 'zip' })),
  };
}

/** The payload of what the funder signed. @throws Failure SIGNATURE_MISMATCH, BODY_MALFORMED, BODY_TOO_LARGE */
export function openedOf(bytes: Buffer, purpose: keyof typeof purposes, wire: Wire): Promise<unknown> {
  const token = textOf(bytes);
  return opened(
    token,
    purpose,
    keysFor(token, 'PS256', (fits) => wire.keys.publicKey('funder-sign', fits)),
  );
}

/** What we signed ourselves, some time ago. */
export function ownOf(bytes: Buffer, purpose: keyof typeof purposes, wire: Wire): Promise<unknown> {
  const token = textOf(bytes);
  return opened(
    token,
    purpose,
    keysFor(token, 'PS256', (fits) => createPublicKey(wire.keys.privateKey('sign', fits))),
  );
}

/** @throws Failure SIGNATURE_MISMATCH */
export async function verifyDetachedOf(signature: Buffer, body: Buffer, wire: Wire): Promise<void> {
  if (signature.length > detachedBytesMax) throw new Failure('SIGNATURE_MISMATCH');
  const token = textOf(signature);
  const keys = keysFor(token, 'PS256', (fits) => wire.keys.publicKey('funder-sign', fits));
  await verifyDetached(token, body, keys, { maxBytes: bodyBytesMax });
}

async function opened(token: string, purpose: keyof typeof purposes, keys: VerifyKeys): Promise<unknown> {
  const { payload } = await verifyJws(token, keys, { typ: purposes[purpose], maxBytes: tokenBytesMax });
  return parseJson(Buffer.from(payload));
}

/** The one key that the token names, if it is registered; else the newest, under which it does not verify. */
function keysFor(token: string, alg: 'PS256', find: (fits: (key: KeyObject) => boolean) => KeyObject): VerifyKeys {
  const named = kidIn(token);
  const key = admitKey(
    find((each) => kidOf(each) === named),
    alg,
  );
  return [{ kid: kidOf(key), alg, key }];
}

function kidIn(token: string): unknown {
  const head = /^[\w-]{1,1000}(?=\.)/.exec(token)?.[0] ?? '';
  try {
    return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid?: unknown } | null)?.kid;
  } catch {
    return undefined; // Then no key is named.
  }
}

/** A text file may end with a line break; a token has none. */
function textOf(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/\r?\n$/, '');
}
