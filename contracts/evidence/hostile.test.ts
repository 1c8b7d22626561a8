/** Files that nobody's hub wrote, and every way in which one byte of a true one may change. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EvidenceHub, exampleExport } from './fixture.ts';
import { readPublicKey } from './signing.ts';
import { verifyExport, type ExportVerdict } from './verify.ts';

const hub = new EvidenceHub();
const trusted = [readPublicKey(hub.signer.publicKey)].filter((key) => key !== undefined);
const whole = exampleExport(hub);
const text = JSON.stringify(whole, null, 1);

test.each([
  ['nothing', ''],
  ['no JSON', 'lianshu'],
  ['a key twice', text.replace('"format"', '"format": "x", "format"')],
  ['a nest', '['.repeat(100_000)],
  ['a nest in a payload', text.replace('"amount": "3.00"', `"amount": ${'['.repeat(80)}${']'.repeat(80)}`)],
  ['a number that has two spellings', text.replace('"amount": "3.00"', '"amount": 12345678901234567890')],
  ['another version', text.replace('lianshu-evidence/1', 'lianshu-evidence/2')],
  ['a field that nobody knows', text.replace('"format"', '"note": "", "format"')],
  ['half a character', text.replace('CASE-1', '\\ud83d')],
  ['a prototype', text.replace('"amount"', '"__proto__"')],
  ['an array', '[]'],
  ['a word', 'null'],
  ['a key with nothing in it', text.replace(/-----BEGIN PUBLIC KEY-----[^"]*/, '')],
  ['sizes beyond all logs', text.replace(/"treeSize": \d+/g, '"treeSize": 9007199254740991')],
])('a hostile file is refused in a sentence: %s', (_what, hostile) => {
  const verdict = verify(hostile);
  expect(verdict.proven).toBe(false);
  expect(verdict.findings[0]?.en.length).toBeGreaterThan(10);
  expect(verdict.findings[0]?.zh.length).toBeGreaterThan(5);
});

test('a file larger than the limit is refused before it is read', () => {
  expect(sentences(Buffer.alloc(67_108_865, 0x20))).toEqual([expect.stringContaining('67108865 bytes, at most')]);
});

test('any one changed byte is noticed, unless it only stands between the values', () => {
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ mask;
      if (verifyExport(copy, trusted).proven) expect(JSON.parse(copy.toString())).toEqual(whole);
    }),
    { numRuns: Number(process.env['LIANSHU_CASES'] ?? 400) },
  );
});

test('spaces and the order of the keys mean nothing', () => {
  const turned = Object.fromEntries(Object.entries(whole).toReversed());
  expect(sentences(JSON.stringify(turned))).toEqual([]);
  expect(sentences(`\n ${text}\n\n`)).toEqual([]);
});

function verify(file: string | Buffer): ExportVerdict {
  return verifyExport(Buffer.from(file), trusted);
}

function sentences(file: string | Buffer): string[] {
  return verify(file).findings.map(({ en }) => en);
}
