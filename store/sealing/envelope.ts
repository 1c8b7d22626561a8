/**
 * A sealed value: what it is sealed with stands in front of it, so that keys and algorithms can change while it lies there.
 *
 *     F5 | algorithm (1 = AES-256-GCM) | key id, 4 bytes big-endian | nonce, 12 bytes | ciphertext | tag, 16 bytes
 *
 * F5 is no byte of UTF-8. The nonce is 8 random bytes of this process and a counter (NIST SP 800-38D 8.2.1): no two are
 * the same under a key, whatever the number of processes. Where a value lies is authenticated with it, so that one that
 * was moved to another row or column does not open.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, type KeyObject } from 'node:crypto';

const sealedMark = 0xf5;
const algorithms = { aes256Gcm: 1 } as const;
const cipherName = 'aes-256-gcm';
const headBytes = 18;
const nonceAt = 6;
const nonceBytes = 12;
const tagBytes = 16;
const counterMax = 0xffff_ffff;

/** What sealing adds to a value. */
export const overheadBytes = headBytes + tagBytes;

const nonce = Buffer.alloc(nonceBytes);
let counter = counterMax;

function nextNonce(): Buffer {
  if (counter === counterMax) {
    randomBytes(8).copy(nonce);
    counter = 0;
  }
  counter += 1;
  nonce.writeUInt32BE(counter, 8);
  return nonce;
}

export function seal(key: KeyObject, keyId: number, where: string, plain: string | Uint8Array): Buffer {
  const cipher = createCipheriv(cipherName, key, nextNonce());
  cipher.setAAD(Buffer.from(where));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  const sealed = Buffer.allocUnsafe(overheadBytes + body.length);
  sealed[0] = sealedMark;
  sealed[1] = algorithms.aes256Gcm;
  sealed.writeUInt32BE(keyId, 2);
  nonce.copy(sealed, nonceAt);
  body.copy(sealed, headBytes);
  cipher.getAuthTag().copy(sealed, headBytes + body.length);
  return sealed;
}

/** The id of the key that opens it; undefined for what is no sealed value. */
export function keyIdOf(sealed: Buffer): number | undefined {
  const isSealed = sealed.length >= overheadBytes && sealed[0] === sealedMark && sealed[1] === algorithms.aes256Gcm;
  return isSealed ? sealed.readUInt32BE(2) : undefined;
}

/** Undefined: it was changed, or does not belong there. */
export function unseal(key: KeyObject, where: string, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(cipherName, key, sealed.subarray(nonceAt, headBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(where));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(headBytes, sealed.length - tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

/** Tells one root key from another and nothing else of it. */
export function rootIdOf(root: Uint8Array): string {
  return createHash('sha256').update('lianshu root key\0').update(root).digest('hex').slice(0, 16);
}
