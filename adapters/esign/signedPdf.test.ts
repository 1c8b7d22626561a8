import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { proveSignedPdf } from './signedPdf.ts';

const original = Buffer.from(
  '%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R /Size 2 >>\nstartxref\n9\n%%EOF\n',
);
const sha256 = hashOf(original);

test('the original is proven inside a file with one signature and with several', () => {
  const once = sign(original);
  expect(proveSignedPdf(once, sha256)).toBe(original.length);
  expect(proveSignedPdf(sign(sign(once)), sha256)).toBe(original.length);
});

test.each(['%%EOF', '%%EOF\n', '%%EOF\r\n', '%%EOF \n'])('an original that ends in %j is found', (end) => {
  const other = Buffer.from(`%PDF-1.7\n%%EOF\nan earlier update\n${end}`);
  expect(proveSignedPdf(sign(other), hashOf(other))).toBe(other.length);
});

describe('refused is', () => {
  test.each([
    ['a file whose beginning differs by one byte', changed(sign(original), 20), 'DOC_HASH_CHANGED'],
    ['another file', sign(Buffer.from('%PDF-1.4 other %%EOF\n')), 'DOC_HASH_CHANGED'],
    ['the original without a signature', original, 'SIGNATURES_INCOMPLETE'],
    [
      'an update that is no signature',
      Buffer.concat([original, Buffer.from('2 0 obj\nendobj\n%%EOF\n')]),
      'SIGNATURES_INCOMPLETE',
    ],
    [
      'something behind the last signature',
      Buffer.concat([sign(original), Buffer.from('9 0 obj\nendobj\n%%EOF\n')]),
      'ANSWER_UNVERIFIED',
    ],
    ['a signature that leaves out the original', sign(original, { start: 1 }), 'ANSWER_UNVERIFIED'],
    ['a signature that points behind the file', sign(original, { rest: 9_999 }), 'ANSWER_UNVERIFIED'],
    ['a web page', Buffer.from('<html></html>'), 'ANSWER_UNVERIFIED'],
    ['nothing', Buffer.alloc(0), 'ANSWER_UNVERIFIED'],
    ['a file of marks', Buffer.from(`%PDF-${'%%EOF'.repeat(2_000)}`), 'ANSWER_UNVERIFIED'],
  ])('%s', (_what, file, type) => {
    expect(() => proveSignedPdf(file, sha256)).toThrow(expect.objectContaining({ type }));
  });
});

/** An incremental update with a signature over everything around its contents. */
function sign(pdf: Buffer, wrong: { start?: number; rest?: number } = {}): Buffer {
  const pad = (value: number): string => String(value).padStart(10, '0');
  const before = (range: string): string => `7 0 obj\n<< /Type /Sig /ByteRange [${range}] /Contents `;
  const gap = `<${'0a'.repeat(64)}>`;
  const after = ' >>\nendobj\n%%EOF\n';
  const head = pdf.length + before(`0 ${pad(0)} ${pad(0)} ${pad(0)}`).length;
  const tail = head + gap.length;
  const range = `${wrong.start ?? 0} ${pad(head)} ${pad(tail)} ${pad(wrong.rest ?? after.length)}`;
  return Buffer.concat([pdf, Buffer.from(before(range) + gap + after)]);
}

function changed(file: Buffer, at: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
