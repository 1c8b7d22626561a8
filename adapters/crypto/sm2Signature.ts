/**
 * SM2 signatures on node:crypto. One-shot `sign('sm3', …)` would compute ZA with an empty user id, which no counterparty
 * expects; the older Sign and Verify classes hash what they are fed and hand the digest on, so ZA goes in first. Node
 * ignores `dsaEncoding` for SM2: both spellings of a signature are converted here, and only the canonical one is read.
 */
import { createHash, createSign, createVerify } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import { integer, readTwoIntegers, sequence } from './der.ts';
import { sm2Order, type Sm2Key, type Sm2PrivateKey } from './sm2Key.ts';

/** `der`: SEQUENCE of two INTEGER (GM/T 0009). `raw`: r || s, 64 bytes (banks, CFCA P1). */
export type Sm2SignatureForm = 'der' | 'raw';

export interface Sm2SignatureOptions {
  /** What the two sides agreed on; the sixteen bytes of GM/T 0009 when they said nothing. */
  readonly userId?: string | Buffer;
  readonly form: Sm2SignatureForm;
}

/** The id that GM/T 0009 names for when none was agreed. */
const defaultUserId = '1234567812345678';
/** ENTL holds the length in bits in two bytes. */
const USER_ID_BYTES_MAX = 8191;

/** a || b || Gx || Gy */
const curve = Buffer.from(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  'hex',
);

export function sign(key: Sm2PrivateKey, message: Uint8Array, options: Sm2SignatureOptions): Buffer {
  const der = createSign('sm3').update(za(key, options.userId)).update(message).sign(key.key);
  const numbers = readTwoIntegers(der);
  if (numbers === undefined) throw new Error('OpenSSL made a signature that is not two numbers');
  return options.form === 'der' ? sequence(numbers.map(integer)) : Buffer.concat(numbers.map(bytes32));
}

/** False for whatever is not the one canonical spelling of a right signature. */
export function verify(key: Sm2Key, message: Uint8Array, signature: Buffer, options: Sm2SignatureOptions): boolean {
  const [r, s] = (options.form === 'der' ? readTwoIntegers(signature) : readRaw(signature)) ?? [];
  if (r === undefined || s === undefined || !inRange(r) || !inRange(s) || (r + s) % sm2Order === 0n) return false;
  const verifier = createVerify('sm3').update(za(key, options.userId)).update(message);
  try {
    return verifier.verify(key.key, sequence([integer(r), integer(s)]));
  } catch {
    return false; // So Node tells of what OpenSSL cannot take.
  }
}

/** SM3(ENTL || id || a || b || G || P) */
export function za(key: Sm2Key, userId: string | Buffer = defaultUserId): Buffer {
  const id = typeof userId === 'string' ? Buffer.from(userId) : userId;
  if (id.length > USER_ID_BYTES_MAX)
    throw new Failure('KEY_NOT_ADMITTED', { detail: `an SM2 user id has at most ${USER_ID_BYTES_MAX} bytes` });
  const bits = Buffer.from([id.length >> 5, (id.length << 3) & 0xff]);
  return createHash('sm3').update(bits).update(id).update(curve).update(key.point.subarray(1)).digest();
}

function readRaw(signature: Buffer): bigint[] | undefined {
  if (signature.length !== 64) return undefined;
  return [signature.subarray(0, 32), signature.subarray(32)].map((half) => BigInt(`0x${half.toString('hex')}`));
}

function bytes32(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
}

function inRange(number: bigint): boolean {
  return number >= 1n && number < sm2Order;
}
