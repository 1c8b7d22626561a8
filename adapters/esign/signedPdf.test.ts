import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { enrolSigning, seal, signingKeys } from '../../test/twins.ts';
import { verifyDetachedCms } from './detachedCms.ts';
import { contract } from './envelope.fixture.ts';
import { proveSignedPdf } from './signedPdf.ts';

const enrolled = enrolSigning('A vendor');
const stranger = enrolSigning('A vendor');
const cas = [caOf(enrolled)];
const keys = signingKeys((name) => enrolled.twin[name] ?? '');
const strangersKeys = signingKeys((name) => stranger.twin[name] ?? '');
const who = { name: '福建闽江钢材有限公司', reason: 'pledge', at: new Date('2026-11-23T09:00:00+08:00') };
const original = contract;
const sha256 = hashOf(original);
const once = sign(original);

test('the original is proven inside a file with one signature and with several', () => {
  expect(proveSignedPdf(once, sha256, cas)).toBe(original.length);
  expect(proveSignedPdf(sign(sign(once)), sha256, cas)).toBe(original.length);
});

test('the authorities may be several: one of them is enough', () => {
  expect(proveSignedPdf(once, sha256, [caOf(stranger), ...cas])).toBe(original.length);
});

test.each(['', '\n', '\r\n', ' \n'])('an original that ends in %%%%EOF and %j is found', (end) => {
  const other = Buffer.from(original.toString('latin1').trimEnd() + end, 'latin1');
  expect(proveSignedPdf(sign(other), hashOf(other), cas)).toBe(other.length);
});

describe('refused is', () => {
  test.each([
    ['a file whose beginning differs by one byte', flipped(once, 20), 'DOC_HASH_CHANGED'],
    [
      'another file',
      sign(Buffer.from(original.toString('latin1').replace('% pledge', '% other!'))),
      'DOC_HASH_CHANGED',
    ],
    ['the original without a signature', original, 'SIGNATURES_INCOMPLETE'],
    ['an update that is no signature', appended(original), 'SIGNATURES_INCOMPLETE'],
    ['something behind the last signature', appended(once), 'ANSWER_UNVERIFIED'],
    ['a signature that leaves out the original', edited(once, '[0 ', '[1 '), 'ANSWER_UNVERIFIED'],
    ['a signature that points behind the file', edited(once, /(?<= )0{7}(?=\d{3}\])/, '0090000'), 'ANSWER_UNVERIFIED'],
    ['a signature of which one bit is another', flipped(once, contentsOf(once) + 4_000), 'ANSWER_UNVERIFIED'],
    ['a signature over other bytes of the update', edited(once, '/Reason <FEFF', '/Reason <FEFE'), 'ANSWER_UNVERIFIED'],
    [
      'a CMS of zeros',
      edited(once, /(?<=\/Contents <)[0-9a-f]+/, (hex) => '0'.repeat(hex.length)),
      'ANSWER_UNVERIFIED',
    ],
    ['a CMS by an authority of the same name', seal(original, strangersKeys, who), 'ANSWER_UNVERIFIED'],
    ['a good signature behind a bad one', sign(flipped(once, contentsOf(once) + 4_000)), 'ANSWER_UNVERIFIED'],
    ['a web page', Buffer.from('<html></html>'), 'ANSWER_UNVERIFIED'],
    ['nothing', Buffer.alloc(0), 'ANSWER_UNVERIFIED'],
    ['a file of marks', Buffer.from(`%PDF-${'%%EOF'.repeat(2_000)}`), 'ANSWER_UNVERIFIED'],
  ])('%s', (_what, file, type) => {
    expect(() => proveSignedPdf(file, sha256, cas)).toThrow(expect.objectContaining({ type }));
  });

  test('one that an authority with a small key vouches for', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    expect(() => proveSignedPdf(once, sha256, [weak])).toThrow(expect.objectContaining({ type: 'ANSWER_UNVERIFIED' }));
  });
});

test('a certificate of one day is believed for what it signed on that day', () => {
  const later = seal(original, keys, { ...who, at: new Date('2039-01-01T00:00:00Z') });
  expect(proveSignedPdf(later, sha256, cas)).toBe(original.length);
});

describe('a CMS', () => {
  const content = Buffer.concat([once.subarray(0, contentsOf(once) - 1), once.subarray(endOf(once))]);
  const cms = Buffer.from(once.subarray(contentsOf(once), endOf(once) - 1).toString('latin1'), 'hex');
  const length = 4 + cms.readUInt16BE(2);
  const refused = (der: Buffer, over = content) =>
    expect(() => verifyDetachedCms(der, over, cas)).toThrow(expect.objectContaining({ type: 'SIGNATURE_MISMATCH' }));

  test('names its signer and when it signed', () => {
    const { certificate, signedAt } = verifyDetachedCms(cms, content, cas);
    expect([certificate.subject, signedAt.toISOString()]).toEqual([`CN=${who.name}`, who.at.toISOString()]);
  });

  test('is refused with any bit turned in what it says: signer, attributes, signature', () => {
    const authority = new X509Certificate(enrolled.hub['signing-ca.pem'] ?? '').raw;
    const certificate = cms.subarray(certificateAt(cms), cms.indexOf(authority));
    const attributes = cms.indexOf(Buffer.from('2a864886f70d010903', 'hex'), cms.indexOf(authority)) - 6;
    const places = [
      [cms.indexOf(certificate), certificate.length],
      [attributes, length - attributes],
    ] as const;
    for (const [from, many] of places)
      for (let at = from; at < from + many; at += 13) {
        const isTagOrLength = [0x30, 0x31, 0x05].includes(cms[at] ?? 0); // Of an algorithm: read and not needed.
        if (!isTagOrLength) refused(flipped(cms, at));
      }
  });

  test('is refused over other content, cut short, with something behind it, too long, and as noise', () => {
    refused(cms, Buffer.concat([content, Buffer.of(0)]));
    refused(cms, Buffer.alloc(0));
    refused(cms.subarray(0, length - 1));
    refused(Buffer.concat([cms.subarray(0, length), Buffer.from('00000001', 'hex')]));
    refused(Buffer.alloc(70_000, 0x30));
    for (const noise of ['', '30', '3000', '0500', '30800000', '3082ffff', '30'.repeat(20_000)])
      refused(Buffer.from(noise, 'hex'));
  });

  function certificateAt(der: Buffer): number {
    return der.indexOf(Buffer.from('a0', 'hex'), 50) + 4;
  }
});

function caOf({ hub }: { hub: Record<string, string> }): KeyObject {
  return createPublicKey(hub['signing-ca.pem'] ?? '');
}

function sign(pdf: Buffer): Buffer {
  return seal(pdf, keys, who);
}

function appended(file: Buffer): Buffer {
  return Buffer.concat([file, Buffer.from('9 0 obj\nendobj\n%%EOF\n')]);
}

/** Behind the original only; the lengths stay. */
function edited(file: Buffer, from: string | RegExp, to: string | ((found: string) => string)): Buffer {
  const update = file.subarray(original.length).toString('latin1');
  const changed = update.replace(from, to as string);
  expect(changed).not.toBe(update);
  expect(changed).toHaveLength(update.length);
  return Buffer.concat([original, Buffer.from(changed, 'latin1')]);
}

function contentsOf(file: Buffer): number {
  return file.lastIndexOf('/Contents <', undefined, 'latin1') + '/Contents <'.length;
}

function endOf(file: Buffer): number {
  return file.indexOf('>', contentsOf(file), 'latin1') + 1;
}

function flipped(file: Buffer, at: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
