import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { paper } from './papers.ts';

const lines = ['申请编号 AP20261123-000001', '金额 2857190.00 元　年利率 0.052000', '借款人 客户甲有限公司 (A)\\'];
const one = paper('loan-contract.pdf', '借款合同', lines);
const bytesOf = (made: { contentBase64: string }) => Buffer.from(made.contentBase64, 'base64');

test('the same words make the same bytes, other words make others', () => {
  expect(paper('loan-contract.pdf', '借款合同', [...lines])).toEqual(one);
  expect(paper('loan-contract.pdf', '借款合同', [...lines, '']).sha256).not.toBe(one.sha256);
});

test('the bytes of a paper are those that were hashed years ago', () => {
  // A change of this hash is a new version of the form: a replay of an old run would make another file.
  expect(one.sha256).toBe('ce54f1f80bb56c48915bc5106945dcb44e7f16420924eadef9473afc51a695da');
});

test('the hash is that of the file', () => {
  expect(one.sha256).toBe(createHash('sha256').update(bytesOf(one)).digest('hex'));
});

test('every offset of the table points at its object, and the length of the page is right', () => {
  const text = bytesOf(one).toString('latin1');
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  expect(text.slice(start, start + 5)).toBe('xref\n');
  const entries = [...text.slice(start).matchAll(/^(\d{10}) (\d{5}) ([nf]) $/gm)];
  expect(entries).toHaveLength(8);
  for (const [i, entry] of entries.slice(1).entries())
    expect(text.slice(Number(entry[1])).startsWith(`${i + 1} 0 obj\n`)).toBe(true);
  const stream = /<< \/Length (\d+) >>\nstream\n([^]*?)\nendstream/.exec(text);
  expect(stream?.[2]).toHaveLength(Number(stream?.[1]));
});

test('what it says can be read back from the page', () => {
  const text = bytesOf(one).toString('latin1');
  const shown = [...text.matchAll(/<([0-9A-F]*)> Tj T\*/g)].map((match) =>
    Buffer.from(match[1] ?? '', 'hex')
      .swap16()
      .toString('utf16le'),
  );
  expect(shown).toEqual(['借款合同', '', ...lines]);
});

const reader = (() => {
  try {
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
    return test;
  } catch {
    // Without one there is nothing to show here; in CI that is a failure, not an excuse.
    return process.env['CI'] === undefined ? test.skip : test;
  }
})();

reader('a PDF reader that is not ours (poppler-utils) opens it without complaint', () => {
  const read = execFileSync('pdfinfo', ['-'], {
    input: bytesOf(one),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  expect(read).toMatch(/Pages: +1\n/);
  expect(read).toMatch(/PDF version: +1\.4\n/);
});
