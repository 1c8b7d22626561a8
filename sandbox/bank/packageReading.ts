/**
 * The funder's clerk of data packages: is it whole, can it be opened, is it signed, and does each file hold what the manifest says.
 * The parts are hashed before they are laid together, and the manifest is believed before any file of it is read.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { decrypt, openToken } from './packageSeal.ts';

export interface Named {
  readonly file: string;
  readonly stem: string;
  readonly institution: string;
  readonly kind: string;
  readonly no: string;
  readonly sequence: string;
}

/** What was read, byte by byte as it was read. */
interface Read {
  readonly name: string;
  readonly sha256: string;
}

/** Why a package is not taken: a code of the receipt, for the package and for the file that it is about. */
export class NotTaken extends Error {
  readonly code: string;
  readonly file: string | undefined;

  constructor(code: string, words: string, file?: string) {
    super(words);
    this.code = code;
    this.file = file;
  }
}

export interface Opened {
  readonly record: Record<string, unknown>;
  readonly lists: Readonly<Record<string, Record<string, string>[]>>;
  readonly files: readonly string[];
}

const namePattern = /^((PKG)_([A-Za-z0-9]+)_([A-Z]+)_([A-Za-z0-9.-]+)_(\d{2})_[0-9a-f]{16})(\.zip\.jwe|\.parts\.jws)$/;
const controlled: Readonly<Record<string, string>> = {
  'credit.json': 'amount',
  'collateral.json': 'value',
  'repayment.json': 'amount',
  'release.json': 'exposureAfter',
  'goods.csv': 'unitPrice',
  'lots.csv': 'quantity',
  'feedback.json': 'totalAmount',
  'amounts.csv': 'amount',
  'quantities.csv': 'quantity',
};
const entriesMax = 10;
const inflatedBytesMax = 8 * 1024 * 1024;

/** A package is there when its one file is, or the companion of the list of its parts. */
export function namedIn(names: readonly string[]): Named[] {
  const there = new Set(names);
  return names.flatMap((file) => {
    const [, stem = '', , institution = '', kind = '', no = '', sequence = '', suffix] = namePattern.exec(file) ?? [];
    const whole = suffix === '.zip.jwe' || (suffix === '.parts.jws' && there.has(`${file}.ok`));
    return whole ? [{ file, stem, institution, kind, no, sequence }] : [];
  });
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The cipher text. @throws NotTaken; `read` is filled on the way, for the receipt */
export async function bytesOf(folder: string, named: Named, hubPem: string, read: Read[]): Promise<Buffer> {
  const whole = take(folder, named.file);
  if (named.file.endsWith('.zip.jwe')) {
    read.push({ name: named.file, sha256: sha256(whole) });
    return whole;
  }
  const companion = /^([^|]+)\|(\d+)\|([0-9a-f]{64})\n?$/.exec(take(folder, `${named.file}.ok`).toString());
  if (companion?.[1] !== named.file || Number(companion[2]) !== whole.length || companion[3] !== sha256(whole))
    throw new NotTaken('11', '分卷清单与伴生文件不符');
  const payload = await openToken(hubPem, whole.toString(), 'package-parts');
  if (!payload) throw new NotTaken('17', '分卷清单验签不符');
  const list = JSON.parse(payload.toString()) as { sha256: string; sequence: string; parts: Read[] };
  const bytes = list.parts.map(({ name, sha256: due }) => {
    const part = take(folder, name);
    read.push({ name, sha256: sha256(part) });
    if (sha256(part) !== due) throw new NotTaken('11', `${name} 摘要不符`);
    return part;
  });
  const together = Buffer.concat(bytes);
  if (sha256(together) !== list.sha256 || list.sequence !== named.sequence) throw new NotTaken('11', '分卷摘要不符');
  return together;
}

/** @throws NotTaken */
export async function openPackage(
  bytes: Buffer,
  named: Named,
  keys: { decryptPem: string; hubPem: string },
): Promise<Opened> {
  const zip = await decrypt(keys.decryptPem, bytes.toString());
  if (!zip) throw new NotTaken('14', '无法解密');
  const entries = await unzipped(zip);
  const token = entries.get('manifest.jws')?.toString() ?? '';
  const payload = await openToken(keys.hubPem, token, 'package-manifest');
  if (!payload) throw new NotTaken('17', '清单验签不符');
  const manifest = JSON.parse(payload.toString()) as Manifest;
  if (
    manifest.institution !== named.institution ||
    manifest.kind !== named.kind ||
    manifest.packageNo !== `PKG-${named.no}` ||
    manifest.sequence !== named.sequence
  )
    throw new NotTaken('18', '清单与文件名不符');
  if (manifest.files.length !== entries.size - 1 || manifest.totals.files !== manifest.files.length)
    throw new NotTaken('12', '文件数不符');
  return checked(manifest, entries);
}

interface Manifest {
  readonly institution: string;
  readonly kind: string;
  readonly packageNo: string;
  readonly sequence: string;
  readonly encoding: string;
  readonly files: readonly { name: string; bytes: number; sha256: string; records: number; controlTotal?: string }[];
  readonly totals: { readonly files: number; readonly bytes: number; readonly records: number };
}

function checked(manifest: Manifest, entries: ReadonlyMap<string, Buffer>): Opened {
  const lists: Record<string, Record<string, string>[]> = {};
  let record: Record<string, unknown> | undefined;
  let [bytes, records] = [0, 0];
  for (const { name, ...due } of manifest.files) {
    const file = entries.get(name);
    if (!file) throw new NotTaken('12', `${name} 缺失`, name);
    if (file.length !== due.bytes || sha256(file) !== due.sha256) throw new NotTaken('11', `${name} 摘要不符`, name);
    const rows = name.endsWith('.json') ? [jsonOf(file, name)] : rowsOf(file, name, manifest.encoding);
    if (rows.length !== due.records) throw new NotTaken('12', `${name} 笔数不符`, name);
    if (controlOf(name, rows) !== due.controlTotal) throw new NotTaken('13', `${name} 总额不符`, name);
    if (name.endsWith('.json')) record = rows[0];
    else lists[name.replace('.csv', '')] = rows as Record<string, string>[];
    bytes += file.length;
    records += rows.length;
  }
  if (bytes !== manifest.totals.bytes || records !== manifest.totals.records) throw new NotTaken('13', '清单合计不符');
  if (!record) throw new NotTaken('18', '缺少主记录');
  return { record, lists, files: manifest.files.map(({ name }) => name) };
}

function controlOf(name: string, rows: readonly Record<string, unknown>[]): string | undefined {
  const field = controlled[name];
  if (field === undefined) return undefined;
  const texts = rows.map((row) => String(row[field]));
  if (!texts.every((text) => /^\d+\.\d{2,3}$/.test(text))) throw new NotTaken('18', `${name} 金额格式不符`, name);
  const places = (texts[0] ?? '').length - (texts[0] ?? '').indexOf('.') - 1;
  const sum = texts.reduce((total, text) => total + BigInt(text.replace('.', '')), 0n);
  const digits = String(sum).padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function rowsOf(file: Buffer, name: string, encoding: string): Record<string, string>[] {
  const text = iconv.decode(file, encoding === 'GBK' ? 'gbk' : 'utf8');
  try {
    return parse(text, { columns: true });
  } catch {
    throw new NotTaken('18', `${name} 无法读取`, name);
  }
}

function jsonOf(file: Buffer, name: string): Record<string, unknown> {
  try {
    return JSON.parse(file.toString()) as Record<string, unknown>;
  } catch {
    throw new NotTaken('18', `${name} 无法读取`, name);
  }
}

function take(folder: string, name: string): Buffer {
  if (!/^[\w.-]+$/.test(name)) throw new NotTaken('18', '文件名不符');
  try {
    return readFileSync(join(folder, name));
  } catch {
    throw new NotTaken('16', `${name} 缺失`);
  }
}

/** Names and sizes are only what the zip says of itself. */
async function unzipped(bytes: Buffer): Promise<Map<string, Buffer>> {
  try {
    const zip = await new Promise<ZipFile>((done, fail) =>
      fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? fail(error) : done(opened))),
    );
    if (zip.entryCount > entriesMax) throw new Error('too many files');
    const files = new Map<string, Buffer>();
    for (let i = 0; i < zip.entryCount; i += 1) {
      const entry = await new Promise<Entry>((done, fail) => {
        zip.once('entry', done);
        zip.once('error', fail);
        zip.readEntry();
      });
      if (entry.uncompressedSize > inflatedBytesMax || files.has(entry.fileName)) throw new Error('not as agreed');
      files.set(entry.fileName, await contentOf(zip, entry));
    }
    return files;
  } catch {
    throw new NotTaken('14', '压缩包无法读取');
  }
}

async function contentOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const stream = await new Promise<NodeJS.ReadableStream>((done, fail) =>
    zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened))),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
