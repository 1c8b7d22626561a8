/**
 * SM2 encryption, which node:crypto does not have: the mathematics is that of sm-crypto-v2, the door around it is ours.
 * The library answers a wrong C3 with an empty text, takes a ciphertext of any length and does not look whether its key
 * stream is all zeros (one short text in 256 would travel in clear): all three are looked at here.
 */
import { sm2 } from 'sm-crypto-v2';
import { Failure } from '../../contracts/failures.ts';
import { integer, octets, readCiphertext, sequence } from './der.ts';
import { numberOf, onCurve, type Sm2Key, type Sm2PrivateKey } from './sm2Key.ts';

/**
 * `C1C3C2`: 04 || x || y || C3 || C2, as GM/T 0003 has it now. `C1C2C3`: the order of old Bouncy Castle.
 * `asn1`: SEQUENCE { x, y, C3, C2 } of GM/T 0009, what OpenSSL speaks.
 */
export type Sm2CipherLayout = 'C1C3C2' | 'C1C2C3' | 'asn1';

const POINT_BYTES = 65;
const HASH_BYTES = 32;
/** SM2 seals keys, not documents. */
const TEXT_BYTES_MAX = 16_384;

export function encrypt(key: Sm2Key, text: Buffer, layout: Sm2CipherLayout): Buffer {
  if (text.length === 0 || text.length > TEXT_BYTES_MAX)
    throw new RangeError(`SM2 encrypts 1..${TEXT_BYTES_MAX} bytes, not ${text.length}`);
  for (;;) {
    const whole = Buffer.from(sm2.doEncrypt(text, key.point.toString('hex'), 1), 'hex');
    const c1 = whole.subarray(0, POINT_BYTES - 1);
    const c3 = whole.subarray(POINT_BYTES - 1, POINT_BYTES - 1 + HASH_BYTES);
    const c2 = whole.subarray(POINT_BYTES - 1 + HASH_BYTES);
    if (!c2.equals(text)) return laidOut(c1, c3, c2, layout);
  }
}

/** `bare`: the counterparty leaves the 04 before C1 out. @throws Failure SIGNATURE_MISMATCH, whatever is wrong */
export function decrypt(key: Sm2PrivateKey, sealed: Buffer, layout: Sm2CipherLayout | 'bareC1C3C2'): Buffer {
  const parts = layout === 'asn1' ? fromAsn1(sealed) : fromRaw(sealed, layout);
  if (parts === undefined || parts.c2.length > TEXT_BYTES_MAX) throw mismatch();
  const { c1, c3, c2 } = parts;
  let text: ArrayLike<number>;
  try {
    const c1c3c2 = Buffer.concat([onCurve(c1).subarray(1), c3, c2]).toString('hex');
    text = sm2.doDecrypt(c1c3c2, numberOf(key.key).toString('hex'), 1, { output: 'array' });
  } catch {
    throw mismatch();
  }
  // An empty answer is how the library says that C3 is wrong; an empty text is never sealed.
  if (text.length !== c2.length) throw mismatch();
  return Buffer.from(text);
}

interface Parts {
  readonly c1: Buffer;
  readonly c3: Buffer;
  readonly c2: Buffer;
}

function laidOut(c1: Buffer, c3: Buffer, c2: Buffer, layout: Sm2CipherLayout): Buffer {
  const point = Buffer.concat([Buffer.from([4]), c1]);
  if (layout === 'C1C3C2') return Buffer.concat([point, c3, c2]);
  if (layout === 'C1C2C3') return Buffer.concat([point, c2, c3]);
  const [x, y] = [c1.subarray(0, 32), c1.subarray(32)].map((half) => BigInt(`0x${half.toString('hex')}`));
  return sequence([integer(x ?? 0n), integer(y ?? 0n), octets(c3), octets(c2)]);
}

function fromRaw(sealed: Buffer, layout: Exclude<Sm2CipherLayout, 'asn1'> | 'bareC1C3C2'): Parts | undefined {
  const whole = layout === 'bareC1C3C2' ? Buffer.concat([Buffer.from([4]), sealed]) : sealed;
  if (whole.length <= POINT_BYTES + HASH_BYTES || whole[0] !== 4) return undefined;
  const c1 = whole.subarray(0, POINT_BYTES);
  if (layout === 'C1C2C3') return { c1, c2: whole.subarray(POINT_BYTES, -HASH_BYTES), c3: whole.subarray(-HASH_BYTES) };
  const split = POINT_BYTES + HASH_BYTES;
  return { c1, c3: whole.subarray(POINT_BYTES, split), c2: whole.subarray(split) };
}

function fromAsn1(sealed: Buffer): Parts | undefined {
  const read = readCiphertext(sealed);
  if (read === undefined || read.first.length !== HASH_BYTES || read.second.length === 0) return undefined;
  const [x, y] = [read.x, read.y].map((each) => each.toString(16).padStart(64, '0'));
  return { c1: Buffer.from(`04${x}${y}`, 'hex'), c3: read.first, c2: read.second };
}

function mismatch(): Failure {
  return new Failure('SIGNATURE_MISMATCH');
}
