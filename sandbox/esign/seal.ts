/**
 * Seals a PDF as a signing service does: an incremental update (ISO 32000-1, 7.5.6) behind the bytes as they were, with a
 * signature field, and a signature dictionary whose `/ByteRange` covers everything but its own `/Contents`: a CMS
 * (`adbe.pkcs7.detached`) that any reader of PDF verifies.
 */
import { createHash, createVerify, X509Certificate } from 'node:crypto';
import { detachedCms, type SigningKeys } from './signer.ts';

/** Hex digits that are kept free for the CMS: some 2.5 kB with its two certificates. */
const signatureDigits = 8192;
const blankRange = '/ByteRange [0 0000000000 0000000000 0000000000]';

/** Whether the service could read the file at all: its catalogue stands in clear, and forms in it are its own. */
export function isPdf(bytes: Buffer): boolean {
  return bytes.subarray(0, 5).toString('latin1') === '%PDF-' && structureOf(bytes) !== undefined;
}

export function seal(pdf: Buffer, keys: SigningKeys, signer: { name: string; reason: string; at: Date }): Buffer {
  const structure = structureOf(pdf);
  if (!structure) throw new Error('the file has no catalogue that can be read');
  const { size, root, startxref } = structure;
  const [field, value] = [size, size + 1];
  const objects = [
    ...changed(structure, field),
    ...signatureObjects({ field, value, page: structure.page?.no, signer }),
  ];
  let text = '\n';
  const entries = objects
    .sort((a, b) => a.no - b.no)
    .map(({ no, body }) => {
      const at = pdf.length + text.length;
      text += `${no} 0 obj\n${body}\nendobj\n`;
      return `${no} 1\n${String(at).padStart(10, '0')} 00000 n \n`;
    });
  const xrefAt = pdf.length + text.length;
  text += `xref\n${entries.join('')}trailer\n<< /Size ${size + 2} /Root ${root} 0 R /Prev ${startxref} >>\n`;
  text += `startxref\n${xrefAt}\n%%EOF\n`;
  return signed(Buffer.concat([pdf, Buffer.from(text, 'latin1')]), pdf.length, keys, signer);
}

/** Whether the last signature of a file covers it and is by a certificate of that authority: a reader's first look. */
export function isSealed(file: Buffer, authorityPem: string): boolean {
  const text = file.toString('latin1');
  const range = [...text.matchAll(/\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]/g)].at(-1)?.slice(1).map(Number);
  if (!range) return false;
  const [start = 0, head = 0, tail = 0, rest = 0] = range;
  if (tail + rest !== file.length) return false;
  const cms = Buffer.from(file.subarray(head + 1, tail - 1).toString('latin1'), 'hex');
  const digest = createHash('sha256').update(file.subarray(start, head)).update(file.subarray(tail)).digest();
  const at = cms.indexOf(Buffer.concat([Buffer.from(messageDigest, 'hex'), Buffer.of(0x31, 0x22, 0x04, 0x20), digest]));
  const certificate = new X509Certificate(elementAt(cms, cms.indexOf(Buffer.from('a082', 'hex'), 40) + 4));
  if (at < 0 || !certificate.verify(new X509Certificate(authorityPem).publicKey)) return false;
  const attributes = elementAt(cms, cms.lastIndexOf(0xa0, at));
  const signature = elementAt(cms, cms.indexOf(Buffer.from('04820100', 'hex'), at)).subarray(4);
  const verify = createVerify('sha256').update(Buffer.of(0x31)).update(attributes.subarray(1));
  return verify.verify(certificate.publicKey, signature);
}

const messageDigest = '2a864886f70d010904';

function signed(file: Buffer, from: number, keys: SigningKeys, signer: { name: string; at: Date }): Buffer {
  const head = file.indexOf('/Contents <', from, 'latin1') + '/Contents '.length;
  const tail = head + signatureDigits + 2;
  const digits = (value: number): string => String(value).padStart(10, '0');
  const range = `/ByteRange [0 ${digits(head)} ${digits(tail)} ${digits(file.length - tail)}]`;
  file.write(range, file.indexOf(blankRange, from, 'latin1'), 'latin1');
  const content = Buffer.concat([file.subarray(0, head), file.subarray(tail)]);
  const hex = detachedCms(content, keys, signer).toString('hex');
  if (hex.length > signatureDigits) throw new Error('the signature does not fit into its place');
  file.write(hex, head + 1, 'latin1');
  return file;
}

interface PdfObject {
  readonly no: number;
  /** Without `obj` and `endobj`. */
  readonly body: string;
}

interface Structure {
  readonly size: number;
  readonly root: number;
  readonly startxref: string;
  readonly catalogue: PdfObject;
  readonly page: PdfObject | undefined;
}

function structureOf(pdf: Buffer): Structure | undefined {
  const text = pdf.toString('latin1');
  const last = (pattern: RegExp): string | undefined => [...text.matchAll(pattern)].at(-1)?.[1];
  const root = last(/\/Root\s+(\d+)\s+0\s+R/g);
  const size = last(/\/Size\s+(\d+)/g);
  const startxref = last(/startxref\s+(\d+)\s+%%EOF/g);
  const catalogue = root === undefined ? undefined : objectIn(text, Number(root));
  if (!root || !size || !startxref || !catalogue) return undefined;
  if (/\/AcroForm(?!\s*<<\s*\/SigFlags 3 \/Fields \[)/.test(catalogue.body)) return undefined;
  return { size: Number(size), root: Number(root), startxref, catalogue, page: firstPage(text, catalogue) };
}

function firstPage(text: string, catalogue: PdfObject): PdfObject | undefined {
  let here: PdfObject | undefined = catalogue;
  let next = /\/Pages\s+(\d+)\s+0\s+R/.exec(catalogue.body);
  for (let depth = 0; next && depth < 20; depth += 1) {
    here = objectIn(text, Number(next[1]));
    next = /\/Kids\s*\[\s*(\d+)\s+0\s+R/.exec(here?.body ?? '');
  }
  return here !== catalogue && here && /\/Type\s*\/Page\b/.test(here.body) ? here : undefined;
}

/** As it was written last. */
function objectIn(text: string, no: number): PdfObject | undefined {
  const body = [...text.matchAll(new RegExp(`(?:^|[\\r\\n])${no} 0 obj\\s*([\\s\\S]*?)\\s*endobj`, 'g'))].at(-1)?.[1];
  return body?.startsWith('<<') ? { no, body } : undefined;
}

/** The catalogue learns of the field, and the page of its place, which shows nothing. */
function changed({ catalogue, page }: Structure, field: number): PdfObject[] {
  const form = '/AcroForm << /SigFlags 3 /Fields [';
  const known = catalogue.body.includes(form);
  const catalogueBody = known
    ? catalogue.body.replace(form, `${form}${field} 0 R `)
    : `<< ${form}${field} 0 R ] >> ${catalogue.body.slice(2)}`;
  const pageBody = page?.body.includes('/Annots [')
    ? page.body.replace('/Annots [', `/Annots [${field} 0 R `)
    : `<< /Annots [${field} 0 R ] ${page?.body.slice(2) ?? ''}`;
  return [{ no: catalogue.no, body: catalogueBody }, ...(page ? [{ no: page.no, body: pageBody }] : [])];
}

function signatureObjects(of: {
  field: number;
  value: number;
  page: number | undefined;
  signer: { name: string; reason: string; at: Date };
}): PdfObject[] {
  const { field, value, page, signer } = of;
  const place = page === undefined ? '' : ` /P ${page} 0 R`;
  return [
    {
      no: field,
      body: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature${field}) /V ${value} 0 R /Rect [0 0 0 0] /F 132${place} >>`,
    },
    {
      no: value,
      body: [
        '<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached',
        `/Name ${hexText(signer.name)} /Reason ${hexText(signer.reason)} /M (D:${dateOf(signer.at)}Z)`,
        blankRange,
        `/Contents <${'0'.repeat(signatureDigits)}> >>`,
      ].join('\n'),
    },
  ];
}

/** The DER element that begins there. */
function elementAt(der: Buffer, at: number): Buffer {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return der.subarray(at, at + 2 + first);
  const bytes = first & 0x7f;
  return der.subarray(at, at + 2 + bytes + der.readUIntBE(at + 2, bytes));
}

const hexText = (text: string): string => `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
const dateOf = (at: Date): string => at.toISOString().replace(/\D/g, '').slice(0, 14);
