/**
 * SM2 keys. Node makes and takes keys on the SM2 curve under two faces: as type `ec`, with which it would silently sign
 * ECDSA, and, when read from PEM or DER, as SM2 proper (its `asymmetricKeyType` is then undefined). Only the second may
 * enter, so every key passes here, and its point is proven to lie on the curve.
 */
import { createECDH, createPrivateKey, createPublicKey, ECDH, generateKeyPairSync, KeyObject } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';

export interface Sm2PublicKey {
  readonly half: 'public';
  readonly key: KeyObject;
  /** 04 || x || y */
  readonly point: Buffer;
}

/** Its number stays inside the key object: printed or written as JSON, this shows a public point. */
export interface Sm2PrivateKey {
  readonly half: 'private';
  readonly key: KeyObject;
  readonly point: Buffer;
}

export type Sm2Key = Sm2PublicKey | Sm2PrivateKey;

/** The order of the curve. */
export const sm2Order = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

/** id-ecPublicKey with the named curve sm2p256v1 */
const algorithm = '301306072a8648ce3d020106082a811ccf5501822d';
const publicPrefix = Buffer.from(`3059${algorithm}034200`, 'hex');
const privatePrefix = Buffer.from(`308187020100${algorithm}046d306b0201010420`, 'hex');
const pointPrefix = Buffer.from('a144034200', 'hex');

/** From PEM, DER (PKCS#8 or SEC 1), the bare 32 bytes of d, or a key object that is SM2. @throws Failure KEY_NOT_ADMITTED */
export function sm2PrivateKey(from: string | Buffer | KeyObject): Sm2PrivateKey {
  const key = from instanceof KeyObject ? from : privateFrom(from);
  if (key.type !== 'private') throw unfit('a private SM2 key is expected');
  assertNotEcdsa(key);
  const point = pointOf(orUnfit(() => createPublicKey(key)));
  const d = numberOf(key);
  if (!pointOfNumber(d).equals(point)) throw unfit('the halves of the SM2 key do not belong together');
  return { half: 'private', key, point };
}

/** From PEM, DER (SPKI), the bare 65 bytes 04 || x || y, or a key object that is SM2. @throws Failure KEY_NOT_ADMITTED */
export function sm2PublicKey(from: string | Buffer | KeyObject): Sm2PublicKey {
  const key = from instanceof KeyObject ? from : publicFrom(from);
  if (key.type !== 'public') throw unfit('a public SM2 key is expected');
  assertNotEcdsa(key);
  return { half: 'public', key, point: pointOf(key) };
}

export function publicHalfOf(key: Sm2PrivateKey): Sm2PublicKey {
  return sm2PublicKey(key.point);
}

export function newSm2Key(): Sm2PrivateKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  return sm2PrivateKey(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

/** The 32 bytes of d, for the one library that wants them bare; to be kept nowhere. */
export function numberOf(key: KeyObject): Buffer {
  const der = orUnfit(() => key.export({ format: 'der', type: 'pkcs8' }));
  if (!der.subarray(0, privatePrefix.length).equals(privatePrefix)) throw unfit('the key is not one of the SM2 curve');
  return der.subarray(privatePrefix.length, privatePrefix.length + 32);
}

/** The point, uncompressed. @throws Failure KEY_NOT_ADMITTED when it is not on the curve */
export function onCurve(point: Buffer): Buffer {
  return orUnfit(() => ECDH.convertKey(point, 'SM2', undefined, undefined, 'uncompressed') as Buffer);
}

function privateFrom(from: string | Buffer): KeyObject {
  if (typeof from === 'string') return orUnfit(() => createPrivateKey(from));
  if (from.length !== 32) return privateFromDer(from);
  const d = BigInt(`0x${from.toString('hex')}`);
  if (d < 1n || d > sm2Order - 2n) throw unfit('the number of the SM2 key is outside 1..n-2');
  return privateFromDer(Buffer.concat([privatePrefix, from, pointPrefix, pointOfNumber(from)]));
}

function privateFromDer(key: Buffer): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } catch {
    return orUnfit(() => createPrivateKey({ key, format: 'der', type: 'sec1' }));
  }
}

function publicFrom(from: string | Buffer): KeyObject {
  if (typeof from === 'string') {
    // A private key read as a public one would hide that a secret lies where none should.
    if (from.includes('PRIVATE KEY')) throw unfit('a public SM2 key is expected');
    return orUnfit(() => createPublicKey(from));
  }
  const key = from.length === 65 ? Buffer.concat([publicPrefix, onCurve(from)]) : from;
  return orUnfit(() => createPublicKey({ key, format: 'der', type: 'spki' }));
}

function pointOf(key: KeyObject): Buffer {
  const der = orUnfit(() => key.export({ format: 'der', type: 'spki' }));
  const prefix = der.subarray(0, publicPrefix.length);
  if (der.length !== publicPrefix.length + 65 || !prefix.equals(publicPrefix))
    throw unfit('the key is not one of the SM2 curve');
  return onCurve(der.subarray(publicPrefix.length));
}

function pointOfNumber(d: Buffer): Buffer {
  const curve = createECDH('SM2');
  return orUnfit(() => {
    curve.setPrivateKey(d);
    return curve.getPublicKey();
  });
}

function assertNotEcdsa(key: KeyObject): void {
  if (key.asymmetricKeyType !== undefined)
    throw unfit(`a key of type ${key.asymmetricKeyType} would not sign SM2; read it from PEM, DER or bare bytes`);
}

/** What OpenSSL says of a key may quote it: only our own words leave. */
function orUnfit<T>(act: () => T): T {
  try {
    return act();
  } catch {
    throw unfit('the SM2 key cannot be read');
  }
}

function unfit(detail: string): Failure {
  return new Failure('KEY_NOT_ADMITTED', { detail });
}
