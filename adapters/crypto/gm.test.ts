/** The vectors of the standards, of what was measured with other implementations, and what must never be accepted. */
import { createCipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sm2 } from 'sm-crypto-v2';
import * as gm from './gm.ts';
import { numberOf } from './sm2Key.ts';
import { za } from './sm2Signature.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const annexNumber = hex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8');
const key = gm.sm2PrivateKey(annexNumber);
const theirs = gm.sm2PublicHalfOf(key);
const annexSignature = hex(
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
);
const block = hex('0123456789abcdeffedcba9876543210');

test('the self-test passes, as often as it is asked', () => {
  gm.selfTest();
  expect(() => gm.selfTest()).not.toThrow();
});

describe('the vectors of the standards', () => {
  test('SM3: both examples of GB/T 32905, and HMAC of the same', () => {
    expect(gm.sm3('abc').toString('hex')).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    expect(gm.sm3('abcd'.repeat(8), Buffer.from('abcd'.repeat(8))).toString('hex')).toBe(
      'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
    );
    // GM/T 0042 has none of HMAC in print; RFC 2104 written out.
    const inner = gm.sm3(Buffer.alloc(64, 0x36 ^ 1), 'text');
    expect(gm.sm3Hmac(Buffer.alloc(64, 1), 'te', 'xt')).toEqual(gm.sm3(Buffer.alloc(64, 0x5c ^ 1), inner));
  });

  test('SM4: GB/T 32907, one block and a million times', () => {
    expect(gm.sm4EcbEncrypt(block, block).subarray(0, 16)).toEqual(hex('681edf34d206965e86b3e94f536e4246'));
    expect(gm.sm4EcbDecrypt(block, gm.sm4EcbEncrypt(block, block))).toEqual(block);
    // Each block is the key stream of the one before: CBC over zeros is the cipher applied again and again.
    const often = createCipheriv('sm4-cbc', block, block).setAutoPadding(false).update(Buffer.alloc(16_000_000));
    expect(often.subarray(-16)).toEqual(hex('595298c7c6fd271f0402f804c33d3f66'));
  });

  test('SM2: the key, ZA, e and the signature of GB/T 32918.5', () => {
    expect(key.point.toString('hex')).toBe(
      '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
    );
    const message = Buffer.from('message digest');
    expect(za(key).toString('hex')).toBe('b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3');
    expect(gm.sm3(za(key), message).toString('hex')).toBe(
      'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640',
    );
    expect(gm.sm2Verify(theirs, message, annexSignature, { form: 'raw' })).toBe(true);
  });

  test('SM4-GCM: RFC 8998 A.1', () => {
    const text = hex(['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'ee', 'aa'].map((each) => each.repeat(8)).join(''));
    const gcm = {
      key: block,
      nonce: hex('00001234567800000000abcd'),
      aad: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
    };
    const sealed = gm.sm4GcmSeal(gcm, text);
    expect(sealed.toString('hex')).toBe(
      '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec',
    );
    expect(gm.sm4GcmOpen(gcm, sealed)).toEqual(text);
  });

  test('CMB: the canonical source, ZA under a padded UID, e, and the SM4-CBC of it', () => {
    const id = 'U001000000000000';
    const source =
      '{"request":{"body":{"ntqacinfx":[{"accnbr":"755900000000001","bbknbr":"75"}]},"head":{"funcode":"NTQACINF","reqid":"2026010203040512300001","userid":"U001"}},"signature":{"sigdat":"__signature_sigdat__","sigtim":"20260102030405"}}';
    expect(za(key, id).toString('hex')).toBe('b2f3baf4796a3b46ac183292442dc316e24500ca1de747d984a277052d21e188');
    expect(gm.sm3(za(key, id), source).toString('hex')).toBe(
      '33c344673340100777fa9f2569c2b6beb3131416a7515a855a7b0b168f18e85e',
    );
    const sealed = gm.sm4CbcEncrypt(Buffer.from('0123456789abcdef'), Buffer.from(id), Buffer.from(source));
    expect(sealed.toString('base64').slice(0, 32)).toBe('eb+rqqHF8Qq8oFoGWY2emLuF6Oahknbt');
    const signature = gm.sm2Sign(key, Buffer.from(source), { form: 'raw', userId: id });
    expect(signature).toHaveLength(64);
    expect(gm.sm2Verify(theirs, Buffer.from(source), signature, { form: 'raw', userId: id })).toBe(true);
  });
});

describe('sm-crypto-v2 and we understand each other', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));

  test('signatures, both ways, in both forms, under any user id', () => {
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 1, maxLength: 40 }), fc.boolean(), (message, userId, der) => {
        const pair = sm2.generateKeyPairHex();
        const ours = gm.sm2PrivateKey(hex(pair.privateKey.padStart(64, '0')));
        const form = der ? 'der' : 'raw';
        const made = gm.sm2Sign(ours, message, { form, userId }).toString('hex');
        expect(sm2.doVerifySignature(message, made, pair.publicKey, { hash: true, der, userId })).toBe(true);
        const got = sm2.doSignature(message, pair.privateKey, { hash: true, der, userId, publicKey: pair.publicKey });
        expect(gm.sm2Verify(gm.sm2PublicKey(ours.point), message, hex(got), { form, userId })).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('encryption in all layouts, for texts of any length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }).map((each) => Buffer.from(each)),
        fc.constantFrom('C1C3C2' as const, 'C1C2C3' as const, 'asn1' as const),
        (text, layout) => expect(gm.sm2Decrypt(key, gm.sm2Encrypt(theirs, text, layout), layout)).toEqual(text),
      ),
      { numRuns: 30 },
    );
    const bare = hex(sm2.doEncrypt('sealed', theirs.point.toString('hex'), 1));
    expect(gm.sm2Decrypt(key, bare, 'bareC1C3C2').toString()).toBe('sealed');
    const open = sm2.doDecrypt(bare.toString('hex'), numberOf(key.key).toString('hex'), 1);
    expect(open).toBe('sealed');
  });

  test('no text of one byte travels in clear, which the library alone lets happen once in 256', () => {
    for (let run = 0; run < 300; run += 1)
      expect(gm.sm2Encrypt(theirs, Buffer.from('J'), 'C1C3C2').at(-1)).not.toBe(0x4a);
  });
});

describe('SM4-GCM', () => {
  test('is the GCM of the books, computed here from single blocks, for any lengths', () => {
    const lengths = fc.nat({ max: 70 });
    fc.assert(
      fc.property(lengths, lengths, (textBytes, aadBytes) => {
        const gcm = { key: randomBytes(16), nonce: randomBytes(12), aad: randomBytes(aadBytes) };
        const text = randomBytes(textBytes);
        const sealed = gm.sm4GcmSeal(gcm, text);
        expect(sealed).toEqual(gcmOfTheBooks(gcm, text));
        expect(gm.sm4GcmOpen(gcm, sealed)).toEqual(text);
      }),
      { numRuns: 60 },
    );
  });

  test('opens nothing with a byte changed, another nonce, another AAD, or without its tag', () => {
    const gcm = { key: randomBytes(16), nonce: randomBytes(12), aad: Buffer.from('row 1') };
    const sealed = gm.sm4GcmSeal(gcm, Buffer.from('an amount of 100.00'));
    for (let at = 0; at < sealed.length; at += 1) {
      const other = Buffer.from(sealed);
      other[at] = (other[at] ?? 0) ^ 1;
      expectMismatch(() => gm.sm4GcmOpen(gcm, other));
    }
    expectMismatch(() => gm.sm4GcmOpen({ ...gcm, nonce: randomBytes(12) }, sealed));
    expectMismatch(() => gm.sm4GcmOpen({ ...gcm, aad: Buffer.from('row 2') }, sealed));
    for (const bytes of [0, 15, 16, sealed.length - 1]) {
      expectMismatch(() => gm.sm4GcmOpen(gcm, sealed.subarray(0, bytes)));
    }
    expect(() => gm.sm4GcmSeal({ ...gcm, nonce: randomBytes(16) }, sealed)).toThrow(RangeError);
    expect(() => gm.sm4GcmSeal({ ...gcm, key: randomBytes(32) }, sealed)).toThrow(notAdmitted(/16 bytes/));
  });
});

test('SM4-CBC and ECB that do not open are one failure, whatever is wrong', () => {
  const sealed = gm.sm4CbcEncrypt(block, block, Buffer.from('text'));
  for (const other of [Buffer.alloc(0), sealed.subarray(1), Buffer.alloc(16, 7)]) {
    expectMismatch(() => gm.sm4CbcDecrypt(block, block, other));
    expectMismatch(() => gm.sm4EcbDecrypt(block, other));
  }
  expect(gm.sm4CbcDecrypt(block, block, sealed).toString()).toBe('text');
});

describe('an SM2 key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (of: typeof privateKey, type: 'pkcs8' | 'sec1' | 'spki') => of.export({ format: 'pem', type }).toString();

  test('is the same from PEM, DER, bare bytes or a key object made of those', () => {
    const one = gm.sm2PrivateKey(pem(privateKey, 'pkcs8'));
    for (const from of [
      pem(privateKey, 'sec1'),
      privateKey.export({ format: 'der', type: 'pkcs8' }),
      privateKey.export({ format: 'der', type: 'sec1' }),
      numberOf(one.key),
      one.key,
    ]) {
      expect(gm.sm2PrivateKey(from).point).toEqual(one.point);
    }
    const half = gm.sm2PublicHalfOf(one);
    for (const from of [
      pem(publicKey, 'spki'),
      publicKey.export({ format: 'der', type: 'spki' }),
      half.point,
      half.key,
    ]) {
      expect(gm.sm2PublicKey(from).point).toEqual(one.point);
    }
  });

  test('shows its point and nothing else, however it is printed', () => {
    const made = gm.newSm2Key();
    const number = numberOf(made.key);
    for (const shown of [
      inspect(made, { depth: 9, showHidden: true }),
      JSON.stringify(made),
      JSON.stringify({ ...made }),
    ]) {
      expect(shown).not.toContain(number.toString('hex'));
      expect(shown).not.toContain(number.subarray(0, 4).join(','));
      expect(shown).not.toContain(number.toString('base64').slice(0, 12));
    }
  });

  const order = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123';
  const lessOne = hex(`${order.slice(0, -1)}2`);
  test.each<[string, () => unknown, RegExp]>([
    ['a pair fresh from Node, which would sign ECDSA', () => gm.sm2PrivateKey(privateKey), /would not sign SM2/],
    ['its public half', () => gm.sm2PublicKey(publicKey), /would not sign SM2/],
    ['P-256', () => gm.sm2PrivateKey(pem(p256.privateKey, 'pkcs8')), /would not sign SM2/],
    ['P-256 public', () => gm.sm2PublicKey(pem(p256.publicKey, 'spki')), /would not sign SM2/],
    ['d = 0', () => gm.sm2PrivateKey(Buffer.alloc(32)), /outside/],
    ['d = n - 1', () => gm.sm2PrivateKey(lessOne), /outside/],
    ['d = n', () => gm.sm2PrivateKey(hex(order)), /outside/],
    ['31 bytes', () => gm.sm2PrivateKey(annexNumber.subarray(1)), /cannot be read/],
    ['a point beside the curve', () => gm.sm2PublicKey(Buffer.concat([hex('04'), Buffer.alloc(64, 7)])), /read/],
    ['the point at infinity', () => gm.sm2PublicKey(hex('00')), /read/],
    ['a private key where a public one is due', () => gm.sm2PublicKey(pem(privateKey, 'pkcs8')), /public/],
    ['a private key object there', () => gm.sm2PublicKey(key.key), /public/],
    ['a public key where a private one is due', () => gm.sm2PrivateKey(theirs.key), /private/],
    ['nonsense', () => gm.sm2PrivateKey('nonsense'), /cannot be read/],
    [
      'a number with the point of another',
      () => {
        const der = Buffer.from(privateKey.export({ format: 'der', type: 'pkcs8' }));
        annexNumber.copy(der, der.length - 65 - 5 - 32);
        return gm.sm2PrivateKey(der);
      },
      /belong together|read/,
    ],
  ])('is not %s', (_name, act, why) => expect(act).toThrow(notAdmitted(why)));
});

function expectMismatch(act: () => unknown): void {
  expect(act).toThrow(expect.objectContaining({ type: 'SIGNATURE_MISMATCH', cause: undefined }));
}

function notAdmitted(why: RegExp) {
  return expect.objectContaining({ type: 'KEY_NOT_ADMITTED', message: expect.stringMatching(why) });
}

/** NIST SP 800-38D with 12 bytes of nonce, over SM4-ECB. */
function gcmOfTheBooks({ key: k, nonce, aad }: { key: Buffer; nonce: Buffer; aad: Buffer }, text: Buffer): Buffer {
  const sm4 = (from: Buffer) => createCipheriv('sm4-ecb', k, null).setAutoPadding(false).update(from);
  const counter = (at: number) => sm4(Buffer.concat([nonce, Buffer.from([0, 0, at >> 8, at & 255])]));
  const sealed = Buffer.from(text.map((byte, at) => byte ^ (counter(2 + (at >> 4))[at & 15] ?? 0)));
  const padded = (from: Buffer) => Buffer.concat([from, Buffer.alloc((16 - (from.length % 16)) % 16)]);
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32BE(aad.length * 8, 4);
  lengths.writeUInt32BE(sealed.length * 8, 12);
  const all = Buffer.concat([padded(aad), padded(sealed), lengths]);
  const h = BigInt(`0x${sm4(Buffer.alloc(16)).toString('hex')}`);
  let y = 0n;
  for (let at = 0; at < all.length; at += 16)
    y = times(y ^ BigInt(`0x${all.subarray(at, at + 16).toString('hex')}`), h);
  const hash = hex(y.toString(16).padStart(32, '0'));
  return Buffer.concat([sealed, Buffer.from(counter(1).map((byte, at) => byte ^ (hash[at] ?? 0)))]);
}

/** In GF(2^128), where the first bit is the lowest power. */
function times(x: bigint, y: bigint): bigint {
  let [product, shifted] = [0n, y];
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((x >> bit) & 1n) product ^= shifted;
    shifted = (shifted >> 1n) ^ (shifted & 1n ? 0xe1n << 120n : 0n);
  }
  return product;
}
