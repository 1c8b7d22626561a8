/** The seal of all signing services of the sandbox, as readers of PDF see it. */
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isPdf, isSealed, seal } from './seal.ts';
import { enrolSigning, signingKeys } from './signer.ts';

const enrolled = enrolSigning('测试 sandbox');
const authority = enrolled.hub['signing-ca.pem'] ?? '';
const keys = signingKeys((name) => enrolled.twin[name] ?? '');
const who = { name: '福建闽江钢材有限公司', reason: 'pledge', at: new Date('2026-11-23T01:00:00Z') };

/** The smallest file that a reader opens. */
function pdf(): Buffer {
  let text = '%PDF-1.4\n';
  const offsets = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', page].map(
    (object, index) => {
      const at = String(text.length).padStart(10, '0');
      text += `${index + 1} 0 obj\n${object}\nendobj\n`;
      return `${at} 00000 n \n`;
    },
  );
  const startxref = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${offsets.join('')}trailer\n<< /Size 4 /Root 1 0 R >>\n`;
  return Buffer.from(`${text}startxref\n${startxref}\n%%EOF\n`);
}
const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>';

test('a seal is an incremental update with a signature that verifies', () => {
  const original = pdf();
  const once = seal(original, keys, who);
  const twice = seal(once, keys, who);
  expect(once.subarray(0, original.length).equals(original)).toBe(true);
  expect(twice.subarray(0, once.length).equals(once)).toBe(true);
  expect([original, once, twice].map((file) => isSealed(file, authority))).toEqual([false, true, true]);
  expect(isSealed(twice, enrolSigning('another').hub['signing-ca.pem'] ?? '')).toBe(false);
  twice[20] = 0x58;
  expect(isSealed(twice, authority)).toBe(false);
  // The cross-reference points at the new objects, and the chain leads back to the original.
  const text = once.toString('latin1');
  const startxref = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1]);
  const entries = [...text.slice(startxref).matchAll(/(\d+) 1\n(\d{10}) 00000 n /g)];
  expect(entries.map(([, no]) => Number(no))).toEqual([1, 3, 4, 5]);
  for (const [, no = '', at] of entries) expect(text.slice(Number(at))).toMatch(new RegExp(`^${no} 0 obj\n`));
  expect(text).toContain(`/Prev ${/startxref\s+(\d+)/.exec(original.toString())?.[1]} `);
});

test('only what the service can read is taken for a PDF', () => {
  const form = Buffer.from(pdf().toString().replace('/Catalog', '/Catalog /AcroForm 9 0 R'));
  expect([pdf(), seal(pdf(), keys, who), Buffer.from('%PDF-1.4'), form].map(isPdf)).toEqual([true, true, false, false]);
});

test('the authority is one, and what it is for stands in its certificate', () => {
  const certificate = new X509Certificate(authority);
  expect([certificate.ca, certificate.subject]).toEqual([true, 'CN=测试 sandbox CA']);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
});

test('pdfsig, another reader of PDF, finds each signature valid', () => {
  const has = (() => {
    try {
      execFileSync('pdfsig', ['-v'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  if (!has) throw new Error('this test asks pdfsig: install poppler-utils');
  const folder = mkdtempSync(join(tmpdir(), 'seal-'));
  try {
    const file = join(folder, 'signed.pdf');
    writeFileSync(file, seal(seal(pdf(), keys, who), keys, { ...who, name: '厦门链枢金控有限公司' }));
    const told = execFileSync('pdfsig', [file], { encoding: 'utf8', env: { ...process.env, HOME: folder } });
    expect(told.match(/Signature Validation: Signature is Valid\./g)).toHaveLength(2);
    expect(told).toContain('Signature Type: adbe.pkcs7.detached');
    expect(told).toContain('Total document signed');
    expect(told).toContain('Signer Certificate Common Name: 厦门链枢金控有限公司');
    const broken = seal(pdf(), keys, who);
    broken[30] = 0x58;
    writeFileSync(file, broken);
    expect(execFileSync('pdfsig', [file], { encoding: 'utf8' })).not.toContain('Signature is Valid');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
