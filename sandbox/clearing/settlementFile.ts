/**
 * Settlement files (结算文件) as the clearing house writes them: fixed width in GBK, or CSV in a zip, with their companion. And all
 * the ways in which a night's batch goes wrong.
 */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { ZipFile } from 'yazl';

export interface Movement {
  readonly serial: string;
  readonly instructionNo: string;
  readonly direction: 'D' | 'C';
  readonly fen: string;
  readonly day: string;
  readonly time: string;
  readonly status: string;
  readonly counterparty: string;
}

export const forms = ['fixed-gbk', 'csv-gbk-zip', 'csv-utf8-zip'] as const;
export type Form = (typeof forms)[number];

export const fileFaults = [
  'no-file',
  'no-ok',
  'truncated',
  'wrong-count',
  'wrong-sum',
  'wrong-hash',
  'wrong-ok-count',
  'wrong-date',
  'wrong-sequence',
  'wrong-institution',
  'no-trailer',
  'after-trailer',
  'duplicate-line',
  'malformed-line',
  'not-gbk',
  'garbage-ok',
  'zip-bomb',
  'zip-lying',
  'zip-traversal',
  'zip-several',
  'zip-encrypted',
  'zip-link',
  'zip-none',
] as const;
export type FileFault = (typeof fileFaults)[number];

export interface Issue {
  readonly folder: string;
  readonly institution: string;
  /** yyyy-MM-dd. */
  readonly on: string;
  readonly sequence: number;
  readonly form: Form;
  readonly movements: Iterable<Movement>;
  readonly fault?: FileFault | undefined;
}

export interface Issued {
  readonly name: string;
  readonly count: number;
  readonly sumFen: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Memory stays small however many lines there are. */
export async function issueFile(issue: Issue): Promise<Issued> {
  const stem = `JS_${issue.institution}_${issue.on.replaceAll('-', '')}_${two(issue.sequence)}`;
  const zipped = issue.form !== 'fixed-gbk';
  const name = `${stem}.${zipped ? 'zip' : 'txt'}`;
  const path = join(issue.folder, name);
  const sum = { count: 0, fen: 0n };
  if (zipped) await writeZip(path, stem, issue, sum);
  else await writeText(path, linesOf(issue, sum));
  const digest = await digestOf(path);
  const sha256 = issue.fault === 'wrong-hash' ? '0'.repeat(64) : digest.sha256;
  const told = issue.fault === 'wrong-ok-count' ? sum.count + 1 : sum.count;
  if (issue.fault === 'truncated') truncateSync(path, Math.floor(digest.bytes / 2));
  const companion = issue.fault === 'garbage-ok' ? 'OK\n' : `${name}|${digest.bytes}|${sha256}|${told}\n`;
  if (issue.fault !== 'no-ok') writeFileSync(`${path}.ok`, companion);
  if (issue.fault === 'no-file') rmSync(path);
  return { name, count: sum.count, sumFen: String(sum.fen), bytes: digest.bytes, sha256: digest.sha256 };
}

/** Lines that differ with the seed and repeat with it; `no` is what the institution's own books are made by. */
export function* generated(seed: number, count: number, on: string): Generator<Movement> {
  const day = on.replaceAll('-', '');
  for (let no = 1; no <= count; no += 1) {
    const mixed = Math.imul((no + seed) ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    yield {
      serial: `CP${day}${String(no).padStart(9, '0')}`,
      instructionNo: `RP${day}-${String(no).padStart(7, '0')}`,
      direction: 'D',
      fen: String((mixed % 99_999_999) + 1),
      day,
      time: `${two(9 + (no % 8))}${two(no % 60)}${two((no >> 3) % 60)}`,
      status: '00',
      counterparty: names[no % names.length] ?? '',
    };
  }
}

const names = ['厦门链枢金控有限公司', '福建闽江钢材有限公司', '泉州晋工物资有限公司', 'Lianshu Trading Ltd'];
type Kind = 'H' | 'D' | 'T';

function* linesOf(issue: Issue, sum: { count: number; fen: bigint }): Generator<Buffer> {
  const { fault } = issue;
  const fixed = issue.form === 'fixed-gbk';
  const encode = (fields: readonly string[], widths: readonly number[], kind: Kind) =>
    fixed ? fixedLine([kind, ...fields], widths) : csvLine([kind, ...fields], issue.form);
  const on = fault === 'wrong-date' ? '20200101' : issue.on.replaceAll('-', '');
  const institution = fault === 'wrong-institution' ? '999999' : issue.institution;
  yield encode([institution, on, two(fault === 'wrong-sequence' ? 98 : issue.sequence)], [1, 12, 8, 2], 'H');
  let last: Buffer | undefined;
  for (const movement of issue.movements) {
    sum.count += 1;
    sum.fen += BigInt(movement.fen);
    last = encode(detailOf(movement, fixed), [1, 20, 30, 1, -15, 3, 8, 6, 2, 60], 'D');
    if (fault === 'malformed-line' && sum.count === 3) last = Buffer.concat([last.subarray(0, 20), Buffer.from('\n')]);
    if (fault === 'not-gbk' && sum.count === 3)
      last = Buffer.concat([last.subarray(0, -6), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x20, 0x0a])]);
    yield last;
    if (fault === 'duplicate-line' && sum.count === 1) {
      sum.count += 1;
      sum.fen += BigInt(movement.fen);
      yield last;
    }
  }
  if (fault === 'no-trailer') return;
  const count = String(sum.count + (fault === 'wrong-count' ? 1 : 0));
  const total = sum.fen + (fault === 'wrong-sum' ? 1n : 0n);
  yield encode([count, fixed ? String(total) : yuan(total)], [1, -8, -17], 'T');
  if (fault === 'after-trailer' && last) yield last;
}

function detailOf(m: Movement, fixed: boolean): string[] {
  const amount = fixed ? m.fen : yuan(BigInt(m.fen));
  return [m.serial, m.instructionNo, m.direction, amount, 'CNY', m.day, m.time, m.status, m.counterparty];
}

/** A negative width is a number: zeros before it. Widths are bytes. */
function fixedLine(fields: readonly string[], widths: readonly number[]): Buffer {
  const cells = fields.map((field, i) => {
    const width = widths[i] ?? 0;
    if (width < 0) return Buffer.from(field.padStart(-width, '0'));
    const bytes = iconv.encode(field, 'gbk');
    if (bytes.length > width) throw new Error(`${field} is longer than ${width} bytes`);
    return Buffer.concat([bytes, Buffer.alloc(width - bytes.length, 0x20)]);
  });
  return Buffer.concat([...cells, Buffer.from('\n')]);
}

function csvLine(fields: readonly string[], form: Form): Buffer {
  const line = fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
  return iconv.encode(`${line}\r\n`, form === 'csv-gbk-zip' ? 'gbk' : 'utf8');
}

async function writeText(path: string, lines: Iterable<Buffer>): Promise<void> {
  const file = createWriteStream(path);
  for (const part of gathered(lines)) if (!file.write(part)) await once(file, 'drain');
  file.end();
  await finished(file);
}

function* gathered(lines: Iterable<Buffer>): Generator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for (const line of lines) {
    parts.push(line);
    if ((size += line.length) < 65_536) continue;
    yield Buffer.concat(parts);
    [parts, size] = [[], 0];
  }
  yield Buffer.concat(parts);
}

const bombBytes = 64 * 1024 * 1024;

async function writeZip(path: string, stem: string, issue: Issue, sum: { count: number; fen: bigint }): Promise<void> {
  const zip = new ZipFile();
  const add = (name: string, mode = 0o100644) =>
    zip.addReadStream(Readable.from(gathered(linesOf(issue, sum))), name, { mode });
  const { fault } = issue;
  if (fault === 'zip-none') zip.addEmptyDirectory('empty');
  else if (fault === 'zip-bomb' || fault === 'zip-lying') zip.addBuffer(Buffer.alloc(bombBytes, 0x20), `${stem}.csv`);
  else add(fault === 'zip-traversal' ? 'xx/xx/evil.csv' : `${stem}.csv`, fault === 'zip-link' ? 0o120777 : 0o100644);
  if (fault === 'zip-several') zip.addBuffer(Buffer.from('D'), 'second.csv');
  zip.end();
  const file = createWriteStream(path);
  zip.outputStream.pipe(file);
  await finished(file);
  if (fault === 'zip-traversal') patch(path, Buffer.from('xx/xx/evil.csv'), Buffer.from('../../evil.csv'));
  if (fault === 'zip-encrypted') flagEncrypted(path);
  if (fault === 'zip-lying') lie(path);
}

/** yazl does not write what no honest program writes. */
function patch(path: string, from: Buffer, to: Buffer): void {
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) to.copy(bytes, at);
  writeFileSync(path, bytes);
}

function flagEncrypted(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt16LE(bytes.readUInt16LE(6) | 1, 6);
  const central = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt16LE(bytes.readUInt16LE(central + 8) | 1, central + 8);
  writeFileSync(path, bytes);
}

/** Says that it is as small as an honest file, and is not. */
function lie(path: string): void {
  const bytes = readFileSync(path);
  const central = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt32LE(1_000, central + 24);
  writeFileSync(path, bytes);
}

async function digestOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return { bytes: statSync(path).size, sha256: hash.digest('hex') };
}

function yuan(fen: bigint): string {
  const digits = fen.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
