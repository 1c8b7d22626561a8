/** What is in a data package: a record as JSON, lists as CSV, and a manifest that counts, sums and hashes each of them. */
import { createHash, createHmac } from 'node:crypto';
import {
  controls,
  listColumns,
  packageNoOf,
  PackageManifest,
  type PackageName,
} from '../../../contracts/bank/package.wire.ts';
import type { Message } from '../../../contracts/contract.ts';
import { gbkOf } from './gbkXml.ts';
import type { ZipFile } from './packageZip.ts';

export type Encoding = 'UTF-8' | 'GBK';
type ListName = keyof typeof listColumns;
type Row = Readonly<Record<string, string>>;
type Record_ = Readonly<Record<string, unknown>>;

export interface Content {
  readonly record: Record_;
  readonly goods?: readonly Row[];
  readonly documents?: readonly Row[];
  readonly lots?: readonly Row[];
  readonly amounts?: readonly Row[];
  readonly quantities?: readonly Row[];
}

export interface DataFile extends ZipFile {
  readonly records: number;
  readonly controlTotal: string | undefined;
}

const listNames = ['goods', 'documents', 'lots', 'amounts', 'quantities'] as const satisfies readonly ListName[];

/** @throws Failure CONTRACT_VIOLATED for a character that the funder's encoding has not */
export function dataFilesOf(kind: PackageName['kind'], content: Content, encoding: Encoding): DataFile[] {
  const name = `${kind.toLowerCase()}.json`;
  const record: DataFile = {
    name,
    bytes: Buffer.from(JSON.stringify(content.record)),
    records: 1,
    controlTotal: controlOf(name, [content.record]),
  };
  const lists = listNames.flatMap((list): DataFile[] => {
    const rows = content[list];
    if (!rows) return [];
    const text = csvOf(listColumns[list], rows);
    const bytes = encoding === 'GBK' ? gbkOf(text) : Buffer.from(text);
    return [{ name: `${list}.csv`, bytes, records: rows.length, controlTotal: controlOf(`${list}.csv`, rows) }];
  });
  return [record, ...lists];
}

export function manifestOf(
  name: PackageName,
  files: readonly DataFile[],
  { createdAt, encoding }: { createdAt: string; encoding: Encoding },
): Message<typeof PackageManifest> {
  const { institution, kind, no, sequence } = name;
  const sum = (of: (file: DataFile) => number) => files.reduce((total, file) => total + of(file), 0);
  return PackageManifest.check({
    format: 'LIANSHU-PACKAGE-1',
    packageNo: packageNoOf(no),
    institution,
    kind,
    sequence,
    createdAt,
    encoding,
    files: files.map((file) => ({
      name: file.name,
      bytes: file.bytes.length,
      sha256: sha256Of(file.bytes),
      records: file.records,
      ...(file.controlTotal === undefined ? {} : { controlTotal: file.controlTotal }),
    })),
    totals: { files: files.length, bytes: sum(({ bytes }) => bytes.length), records: sum(({ records }) => records) },
  });
}

/**
 * The same for the same content and for nothing else: it stands in the name of the file, so that what lies there can be told to be
 * ours without being opened. Keyed, because a plain digest of so few fields could be guessed.
 */
export function markOf(secret: string, content: Content): string {
  return createHmac('sha256', secret).update(ordered(content)).digest('hex').slice(0, 16);
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Fields in the order of their names: a store may give them back in another. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** A line of names, then each cell in quotes: a number stays the text that it is. */
function csvOf(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`).join('');
}

/** An exact sum of one field, with the decimals that all of them have. */
function controlOf(file: string, rows: readonly Record_[]): string | undefined {
  const field = Object.hasOwn(controls, file) ? controls[file as keyof typeof controls] : undefined;
  if (field === undefined) return undefined;
  const texts = rows.map((row) => String(row[field]));
  const decimals = (texts[0]?.split('.')[1] ?? '').length;
  const sum = texts.reduce((total, text) => total + BigInt(text.replace('.', '')), 0n);
  const digits = sum.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
