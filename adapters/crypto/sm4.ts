/**
 * SM4: CBC and ECB by node:crypto, GCM by sm-crypto-v2 (Node 24 does not hand through the GCM that its OpenSSL has).
 * Whatever does not open is one and the same failure: which byte of the padding was wrong is nobody's business.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { sm4 } from 'sm-crypto-v2';
import { Failure } from '../../contracts/failures.ts';

export interface Sm4Gcm {
  readonly key: Buffer;
  /** 12 bytes, never twice with one key. */
  readonly nonce: Buffer;
  /** What is signed with it and stays readable. */
  readonly aad?: Buffer;
}

const BLOCK_BYTES = 16;
const NONCE_BYTES = 12;

/** PKCS#7 padding. Says nothing of who wrote the text: it needs a signature around or inside it. */
export function sm4CbcEncrypt(key: Buffer, iv: Buffer, text: Uint8Array): Buffer {
  const cipher = createCipheriv('sm4-cbc', sm4Key(key), iv);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

/** @throws Failure SIGNATURE_MISMATCH */
export function sm4CbcDecrypt(key: Buffer, iv: Buffer, sealed: Uint8Array): Buffer {
  const cipher = createDecipheriv('sm4-cbc', sm4Key(key), iv);
  return orMismatch(() => Buffer.concat([cipher.update(sealed), cipher.final()]));
}

/** Only where a vendor insists: equal blocks give equal blocks. */
export function sm4EcbEncrypt(key: Buffer, text: Uint8Array): Buffer {
  const cipher = createCipheriv('sm4-ecb', sm4Key(key), null);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

/** @throws Failure SIGNATURE_MISMATCH */
export function sm4EcbDecrypt(key: Buffer, sealed: Uint8Array): Buffer {
  const cipher = createDecipheriv('sm4-ecb', sm4Key(key), null);
  return orMismatch(() => Buffer.concat([cipher.update(sealed), cipher.final()]));
}

/** The ciphertext with its tag of 16 bytes behind it. */
export function sm4GcmSeal(gcm: Sm4Gcm, text: Buffer): Buffer {
  const options = { ...optionsOf(gcm), outputTag: true } as const;
  const { output, tag } = sm4.encrypt(text, sm4Key(gcm.key), options) as unknown as {
    output: Uint8Array;
    tag: Uint8Array;
  };
  return Buffer.concat([output, tag]);
}

/** @throws Failure SIGNATURE_MISMATCH */
export function sm4GcmOpen(gcm: Sm4Gcm, sealed: Buffer): Buffer {
  // Without a tag the library opens anything at all.
  if (sealed.length < BLOCK_BYTES) throw new Failure('SIGNATURE_MISMATCH');
  const options = { ...optionsOf(gcm), tag: sealed.subarray(-BLOCK_BYTES) };
  const key = sm4Key(gcm.key);
  return orMismatch(() => Buffer.from(sm4.decrypt(sealed.subarray(0, -BLOCK_BYTES), key, options)));
}

function optionsOf({ nonce, aad }: Sm4Gcm) {
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`a GCM nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`);
  return { mode: 'gcm', output: 'array', iv: nonce, padding: 'none', associatedData: aad ?? Buffer.alloc(0) } as const;
}

function sm4Key(key: Buffer): Buffer {
  if (key.length === BLOCK_BYTES) return key;
  throw new Failure('KEY_NOT_ADMITTED', { detail: `an SM4 key has ${BLOCK_BYTES} bytes, not ${key.length}` });
}

function orMismatch<T>(act: () => T): T {
  try {
    return act();
  } catch {
    throw new Failure('SIGNATURE_MISMATCH');
  }
}
