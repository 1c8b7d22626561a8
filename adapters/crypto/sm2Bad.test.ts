/**
 * No public suite of bad SM2 vectors exists, so this makes its own: each case is a right signature or ciphertext of the
 * same run with one thing wrong, and none may be accepted. The counts stand in the titles and are checked.
 */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../../contracts/failures.ts';
import * as gm from './gm.ts';
import { sm2Order as n } from './sm2Key.ts';

interface Case {
  readonly what: string;
  accepted(): boolean;
}

const rounds = 8;
const bytes32 = (number: bigint) => Buffer.from((number % (1n << 256n)).toString(16).padStart(64, '0'), 'hex');
const numberIn = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
const minimal = (number: bigint) => {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
};
const tlv = (tag: number, content: Buffer) => Buffer.concat([Buffer.from([tag, content.length]), content]);
const der = (r: Buffer, s: Buffer) => tlv(0x30, Buffer.concat([tlv(2, r), tlv(2, s)]));

function signatureCases(): Case[] {
  const key = gm.newSm2Key();
  const theirs = gm.sm2PublicHalfOf(key);
  const message = randomBytes(40);
  const userId = 'U001000000000000';
  const raw = signatureOfLargeNumbers(() => gm.sm2Sign(key, message, { form: 'raw', userId }));
  const [r, s] = [numberIn(raw.subarray(0, 32)), numberIn(raw.subarray(32))];
  const right = der(minimal(r), minimal(s));
  if (!gm.sm2Verify(theirs, message, right, { form: 'der', userId })) throw new Error('the right one must pass');
  const check = (what: string, signature: Buffer, form: 'raw' | 'der', more: Partial<Judged> = {}): Case => ({
    what,
    accepted: () => {
      const judged = { key: theirs, message, userId, ...more };
      return gm.sm2Verify(judged.key, judged.message, signature, { form, userId: judged.userId });
    },
  });
  return [
    ...numberCases(r, s).flatMap(([what, a, b]) => [
      check(`${what}, raw`, Buffer.concat([bytes32(a), bytes32(b)]), 'raw'),
      check(`${what}, DER`, der(minimal(a), minimal(b)), 'der'),
    ]),
    ...spellings(r, s, right).map(([what, signature]) => check(what, signature, 'der')),
    ...otherLengths(raw).map((signature) => check(`raw of ${signature.length} bytes`, signature, 'raw')),
    ...['', '1234567812345678', 'U001', 'u001000000000000', `${userId} `].map((other) =>
      check(`user id «${other}»`, raw, 'raw', { userId: other }),
    ),
    check('another message', raw, 'raw', { message: randomBytes(40) }),
    check('a longer message', raw, 'raw', { message: Buffer.concat([message, Buffer.alloc(1)]) }),
    check('another key', raw, 'raw', { key: gm.newSm2Key() }),
    check('DER read as raw', right, 'raw'),
    check('raw read as DER', raw, 'der'),
    check('a bit of r', Buffer.concat([bytes32(r ^ 1n), bytes32(s)]), 'raw'),
    check('a bit of s', Buffer.concat([bytes32(r), bytes32(s ^ 1n)]), 'raw'),
  ];
}

/** With the first bit of both numbers set, so that their DER needs a zero before each. */
function signatureOfLargeNumbers(make: () => Buffer): Buffer {
  for (;;) {
    const raw = make();
    if ((raw[0] ?? 0) >= 0x80 && (raw[32] ?? 0) >= 0x80) return raw;
  }
}

interface Judged {
  readonly key: gm.Sm2Key;
  readonly message: Buffer;
  readonly userId: string;
}

function numberCases(r: bigint, s: bigint): [string, bigint, bigint][] {
  return [
    ['r = s = 0', 0n, 0n],
    ['r = 0', 0n, s],
    ['s = 0', r, 0n],
    ['r = n', n, s],
    ['s = n', r, n],
    ['r + n', r + n, s],
    ['s + n', r, s + n],
    ['r = 2^256 - 1', (1n << 256n) - 1n, s],
    ['s = 2^256 - 1', r, (1n << 256n) - 1n],
    ['n - r', n - r, s],
    ['n - s', r, n - s],
    ['r + s = n', r, (n - r) % n],
    ['exchanged', s, r],
    ['r = s = 1', 1n, 1n],
    ['1, n - 1', 1n, n - 1n],
  ];
}

/** Of right numbers, in every way that is not the canonical one. */
function spellings(r: bigint, s: bigint, right: Buffer): [string, Buffer][] {
  const [a, b] = [minimal(r), minimal(s)];
  const inner = right.subarray(2);
  return [
    ['a zero before r', der(Buffer.concat([Buffer.alloc(1), a]), b)],
    ['a zero before s', der(a, Buffer.concat([Buffer.alloc(1), b]))],
    ['nothing for r', der(Buffer.alloc(0), b)],
    ['nothing for s', der(a, Buffer.alloc(0))],
    ['negative: the zero before both left out', der(bytes32(r), bytes32(s))],
    ['a long length', Buffer.concat([Buffer.from([0x30, 0x81, inner.length]), inner])],
    ['a longer length', Buffer.concat([Buffer.from([0x30, 0x82, 0, inner.length]), inner])],
    ['no length', Buffer.concat([Buffer.from([0x30, 0x80]), inner, Buffer.alloc(2)])],
    ['a byte behind', Buffer.concat([right, Buffer.alloc(1)])],
    ['a byte behind, inside', tlv(0x30, Buffer.concat([inner, Buffer.from([5])]))],
    ['a NULL behind, inside', tlv(0x30, Buffer.concat([inner, Buffer.from([5, 0])]))],
    ['three numbers', tlv(0x30, Buffer.concat([inner, tlv(2, Buffer.from([1]))]))],
    ['one number', tlv(0x30, tlv(2, a))],
    ['a SET', Buffer.concat([Buffer.from([0x31]), right.subarray(1)])],
    ['OCTET STRINGs', tlv(0x30, Buffer.concat([tlv(4, a), tlv(4, b)]))],
    ['a long length of r', tlv(0x30, Buffer.concat([Buffer.from([2, 0x81, a.length]), a, tlv(2, b)]))],
    ['cut short', right.subarray(0, -1)],
    ['the first byte only', right.subarray(0, 1)],
    ['nothing', Buffer.alloc(0)],
    ['twice', Buffer.concat([right, right])],
    ['hex text', Buffer.from(right.toString('hex'))],
  ];
}

function otherLengths(raw: Buffer): Buffer[] {
  return [
    raw.subarray(0, 63),
    raw.subarray(1),
    Buffer.concat([raw, Buffer.alloc(1)]),
    Buffer.concat([Buffer.alloc(1), raw]),
    Buffer.alloc(0),
    raw.subarray(0, 32),
    Buffer.from(raw.toString('hex')),
  ];
}

function cipherCases(): Case[] {
  const key = gm.newSm2Key();
  const text = randomBytes(24);
  const sealed = gm.sm2Encrypt(key, text, 'C1C3C2');
  const asn1 = gm.sm2Encrypt(key, text, 'asn1');
  const old = Buffer.concat([sealed.subarray(0, 65), sealed.subarray(97), sealed.subarray(65, 97)]);
  const opened = (what: string, bytes: Buffer, layout: Parameters<typeof gm.sm2Decrypt>[2], by = key): Case => ({
    what,
    accepted: () => {
      try {
        gm.sm2Decrypt(by, bytes, layout);
        return true;
      } catch (thrown) {
        if (isFailure(thrown) && thrown.type === 'SIGNATURE_MISMATCH') return false;
        throw thrown;
      }
    },
  });
  const flippedAt = (from: Buffer, at: number) => {
    const other = Buffer.from(from);
    other[at] = (other[at] ?? 0) ^ 1;
    return other;
  };
  return [
    opened('C1C2C3 read as C1C3C2', old, 'C1C3C2'),
    opened('C1C3C2 read as C1C2C3', sealed, 'C1C2C3'),
    opened('another key', sealed, 'C1C3C2', gm.newSm2Key()),
    opened('bare read as whole', sealed.subarray(1), 'C1C3C2'),
    opened('whole read as bare', sealed, 'bareC1C3C2'),
    opened('without text', sealed.subarray(0, 97), 'C1C3C2'),
    opened('without C3', sealed.subarray(0, 65), 'C1C3C2'),
    opened('nothing', Buffer.alloc(0), 'C1C3C2'),
    opened('nothing, ASN.1', Buffer.alloc(0), 'asn1'),
    opened('one byte less', sealed.subarray(0, -1), 'C1C3C2'),
    opened('one byte more', Buffer.concat([sealed, Buffer.alloc(1)]), 'C1C3C2'),
    opened('one byte more, ASN.1', Buffer.concat([asn1, Buffer.alloc(1)]), 'asn1'),
    opened('raw read as ASN.1', sealed, 'asn1'),
    opened('ASN.1 read as raw', asn1, 'C1C3C2'),
    opened('a compressed C1', Buffer.concat([Buffer.from([2]), sealed.subarray(1)]), 'C1C3C2'),
    opened('C1 at infinity', Buffer.concat([Buffer.alloc(65), sealed.subarray(65)]), 'C1C3C2'),
    opened('C1 of zeros', Buffer.concat([Buffer.from([4]), Buffer.alloc(64), sealed.subarray(65)]), 'C1C3C2'),
    opened('C1 beside the curve', flippedAt(sealed, 64), 'C1C3C2'),
    ...[1, 40, 65, 80, 96, 97, 110, sealed.length - 1].map((at) =>
      opened(`a bit of byte ${at}`, flippedAt(sealed, at), 'C1C3C2'),
    ),
    ...[0, 1, 3, 30, 75, asn1.length - 1].map((at) =>
      opened(`a bit of byte ${at}, ASN.1`, flippedAt(asn1, at), 'asn1'),
    ),
  ];
}

test(`of ${rounds * 70} bad signatures, 0 are accepted`, () => {
  const cases = Array.from({ length: rounds }, signatureCases).flat();
  expect(cases.filter((each) => each.accepted()).map(({ what }) => what)).toEqual([]);
  expect(cases).toHaveLength(rounds * 70);
});

test(`of ${rounds * 32} bad ciphertexts, 0 are opened`, () => {
  const cases = Array.from({ length: rounds }, cipherCases).flat();
  expect(cases.filter((each) => each.accepted()).map(({ what }) => what)).toEqual([]);
  expect(cases).toHaveLength(rounds * 32);
});

test('any bytes at all are a bad signature, a bad ciphertext or a bad key, and nothing worse', () => {
  const key = gm.newSm2Key();
  const bytes = fc
    .oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 64, maxLength: 65 }))
    .map((each) => Buffer.from(each));
  fc.assert(
    fc.property(bytes, fc.constantFrom('C1C3C2' as const, 'C1C2C3' as const, 'asn1' as const), (any, layout) => {
      for (const form of ['der', 'raw'] as const)
        expect(gm.sm2Verify(key, Buffer.from('a'), any, { form })).toBe(false);
      expect(typeIn(() => gm.sm2Decrypt(key, any, layout))).toBe('SIGNATURE_MISMATCH');
      expect(typeIn(() => gm.sm2PublicKey(any))).toBe('KEY_NOT_ADMITTED');
      if (any.length !== 32) expect(typeIn(() => gm.sm2PrivateKey(any))).toBe('KEY_NOT_ADMITTED');
    }),
    { numRuns: 300 },
  );
});

function typeIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}
