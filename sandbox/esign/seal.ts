/**
 * Seals a PDF as a signing service does: an incremental update (ISO 32000-1, 7.5.6) behind the bytes as they were, with a
 * signature dictionary whose `/ByteRange` covers everything but its own `/Contents`.
 *
 * `/Contents` is a real RSA signature over that range, but bare: no CMS, no certificate, hence a `/SubFilter` of our own.
 */
import { createSign, createVerify } from 'node:crypto';

/** Hex digits of an RSA-2048 signature. */
const signatureDigits = 512;
const blankRange = '/ByteRange [0 0000000000 0000000000 0000000000]';

/** Whether the service could read the file at all. */
export function isPdf(bytes: Buffer): boolean {
  return bytes.subarray(0, 5).toString('latin1') === '%PDF-' && trailerOf(bytes) !== undefined;
}

export function seal(pdf: Buffer, privateKeyPem: string, signer: { name: string; reason: string; at: Date }): Buffer {
  const trailer = trailerOf(pdf);
  if (!trailer) throw new Error('the file has no trailer');
  const dictionary = [
    `${trailer.size} 0 obj`,
    `<< /Type /Sig /Filter /Tsign.Sandbox /SubFilter /sandbox.rsa_sha256`,
    `/Name ${hexText(signer.name)} /Reason ${hexText(signer.reason)} /M (D:${dateOf(signer.at)})`,
    blankRange,
    `/Contents <${'0'.repeat(signatureDigits)}> >>`,
    'endobj',
  ].join('\n');
  const objectAt = pdf.length + 1;
  const xrefAt = objectAt + dictionary.length + 1;
  const update = [
    '',
    dictionary,
    'xref',
    `${trailer.size} 1`,
    `${String(objectAt).padStart(10, '0')} 00000 n `,
    `trailer\n<< /Size ${trailer.size + 1} /Root ${trailer.root} /Prev ${trailer.startxref} >>`,
    `startxref\n${xrefAt}`,
    '%%EOF\n',
  ].join('\n');
  return signed(Buffer.concat([pdf, Buffer.from(update, 'latin1')]), pdf.length, privateKeyPem);
}

/** Whether the last signature of a file covers it and verifies: what a reader of the sandbox's files would check. */
export function isSealed(file: Buffer, publicKeyPem: string): boolean {
  const text = file.toString('latin1');
  const range = [...text.matchAll(/\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]/g)].at(-1)?.slice(1).map(Number);
  if (!range) return false;
  const [start = 0, head = 0, tail = 0, rest = 0] = range;
  if (tail + rest !== file.length) return false;
  const verify = createVerify('sha256').update(file.subarray(start, head)).update(file.subarray(tail));
  return verify.verify(publicKeyPem, file.subarray(head + 1, tail - 1).toString('latin1'), 'hex');
}

function signed(file: Buffer, from: number, privateKeyPem: string): Buffer {
  const head = file.indexOf('/Contents <', from, 'latin1') + '/Contents '.length;
  const tail = head + signatureDigits + 2;
  const digits = (value: number): string => String(value).padStart(10, '0');
  const range = `/ByteRange [0 ${digits(head)} ${digits(tail)} ${digits(file.length - tail)}]`;
  file.write(range, file.indexOf(blankRange, from, 'latin1'), 'latin1');
  const value = createSign('sha256')
    .update(file.subarray(0, head))
    .update(file.subarray(tail))
    .sign(privateKeyPem, 'hex');
  file.write(value, head + 1, 'latin1');
  return file;
}

function trailerOf(pdf: Buffer): { root: string; size: number; startxref: string } | undefined {
  const text = pdf.toString('latin1');
  const last = (pattern: RegExp): string | undefined => [...text.matchAll(pattern)].at(-1)?.[1];
  const root = last(/\/Root\s+(\d+\s+\d+\s+R)/g);
  const size = last(/\/Size\s+(\d+)/g);
  const startxref = last(/startxref\s+(\d+)\s+%%EOF/g);
  return root && size && startxref ? { root, size: Number(size), startxref } : undefined;
}

const hexText = (text: string): string => `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
const dateOf = (at: Date): string => at.toISOString().replace(/\D/g, '').slice(0, 14);
