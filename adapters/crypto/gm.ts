/**
 * The Chinese national algorithms (国密): SM2, SM3 and SM4, for every dialect that needs them. Nothing here works before
 * the self-test has passed in this process; the hub runs it at start, so that a wrong one never waits for a payment.
 */
import { createHash, createHmac } from 'node:crypto';
import { selfTest } from './gmSelfTest.ts';
import { decrypt, encrypt, type Sm2CipherLayout } from './sm2Encryption.ts';
import * as keys from './sm2Key.ts';
import { sign, verify, type Sm2SignatureOptions } from './sm2Signature.ts';
import * as sm4 from './sm4.ts';

export type { Sm2Key, Sm2PrivateKey } from './sm2Key.ts';
export { selfTest };

/** Gives each door the self-test before it. */
function tested<A extends unknown[], R>(act: (...of: A) => R): (...of: A) => R {
  return (...of) => {
    selfTest();
    return act(...of);
  };
}

export function sm3(...parts: (string | Uint8Array)[]): Buffer {
  selfTest();
  const hash = createHash('sm3');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function sm3Hmac(key: string | Buffer, ...parts: (string | Uint8Array)[]): Buffer {
  selfTest();
  const hmac = createHmac('sm3', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** PKCS#7 padding. */
export const sm4CbcEncrypt = tested(sm4.sm4CbcEncrypt);
/** @throws Failure SIGNATURE_MISMATCH */
export const sm4CbcDecrypt = tested(sm4.sm4CbcDecrypt);
/** Only where a vendor insists: equal blocks give equal blocks. */
export const sm4EcbEncrypt = tested(sm4.sm4EcbEncrypt);
/** @throws Failure SIGNATURE_MISMATCH */
export const sm4EcbDecrypt = tested(sm4.sm4EcbDecrypt);
/** The ciphertext with its tag of 16 bytes behind it. */
export const sm4GcmSeal = tested(sm4.sm4GcmSeal);
/** @throws Failure SIGNATURE_MISMATCH */
export const sm4GcmOpen = tested(sm4.sm4GcmOpen);

/** From PEM, DER, the bare 32 bytes of d, or a key object that is SM2. @throws Failure KEY_NOT_ADMITTED */
export const sm2PrivateKey = tested(keys.sm2PrivateKey);
/** From PEM, DER, the bare 65 bytes 04 || x || y, or a key object that is SM2. @throws Failure KEY_NOT_ADMITTED */
export const sm2PublicKey = tested(keys.sm2PublicKey);
export const sm2PublicHalfOf = tested(keys.publicHalfOf);
export const newSm2Key = tested(keys.newSm2Key);

/** SM2 with SM3 and ZA. Without a user id that of GM/T 0009 is taken: `1234567812345678`. */
export const sm2Sign: (key: keys.Sm2PrivateKey, message: Uint8Array, options: Sm2SignatureOptions) => Buffer =
  tested(sign);
/** False for whatever is not the one canonical spelling of a right signature. */
export const sm2Verify: (
  key: keys.Sm2Key,
  message: Uint8Array,
  signature: Buffer,
  options: Sm2SignatureOptions,
) => boolean = tested(verify);

/** 1..16384 bytes. `C1C3C2` and `C1C2C3` begin with the byte 04. */
export const sm2Encrypt: (key: keys.Sm2Key, text: Buffer, layout: Sm2CipherLayout) => Buffer = tested(encrypt);
/** `bareC1C3C2` is without the byte 04. @throws Failure SIGNATURE_MISMATCH */
export const sm2Decrypt: (key: keys.Sm2PrivateKey, sealed: Buffer, layout: Sm2CipherLayout | 'bareC1C3C2') => Buffer =
  tested(decrypt);
