/**
 * What a funder puts into the folder. A receipt (回执) is believed when it is signed and read the very bytes that lie there; a file
 * of approvals (审批文件) when it is signed, is that of its name, and holds as many lines and as much money as its trailer says. Before
 * that no line of it is looked at. A line about something that we do not know is not an error of the file.
 */
import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import {
  approvalColumns,
  ApprovalHeader,
  ApprovalTrailer,
  type PackageState,
} from '../../../contracts/bank/package.approvals.wire.ts';
import {
  approvalName,
  folders,
  packageNameOf,
  packageNoOf,
  PackageParts,
  PackageReceipt,
  partsSuffix,
  receiptAbout,
  wholeSuffix,
  type PackageName,
} from '../../../contracts/bank/package.wire.ts';
import { fenOf, yuanOf } from '../../../contracts/canonical/money.ts';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { isAgain } from '../../../mappings/bank/package.codes.ts';
import type { FileEntry, Files } from '../../sftpFiles.ts';
import type { Wire } from '../../wire.ts';
import { sha256Of, type Encoding } from './packageContent.ts';
import { openedOf, ownOf, verifyDetachedOf } from './packageSeal.ts';

export type About = Pick<PackageName, 'institution' | 'kind' | 'no'>;
type Found = NonNullable<ReturnType<typeof packageNameOf>>;
type Receipt = Message<typeof PackageReceipt>;

const approvalDays = 31;
const linesMax = 100_000;
const cellBytesMax = 4_000;
const dayMs = 86_400_000;
const beijingMs = 8 * 3_600_000;

/** The package of the highest sequence that lies there whole: in one file, or in parts whose list has its companion. */
export function newestPackage(entries: readonly FileEntry[], about: About): Found | undefined {
  const names = new Set(entries.map(({ name }) => name));
  const found = [...names].flatMap((name) => {
    const read = packageNameOf(name);
    const whole = read && (!read.inParts || names.has(`${name}.ok`));
    return whole && read.institution === about.institution && read.kind === about.kind && read.no === about.no
      ? [read]
      : [];
  });
  found.sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  const newest = found.at(-1);
  if (found.some(({ sequence, stem }) => sequence === newest?.sequence && stem !== newest.stem))
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `two packages lie there as the ${newest?.sequence} of ${about.no}`,
    });
  return newest;
}

/** The package is looked for first: who answers it leaves it there. */
export async function stateOf(files: Files, wire: Wire, about: About): Promise<Message<typeof PackageState>> {
  const found = newestPackage(await files.list(folders.packages), about);
  const receipt = await receiptOf(files, wire, about, found);
  return { packageNo: packageNoOf(about.no), there: found !== undefined, ...(receipt ? { receipt } : {}) };
}

/** The newest receipt about this package. @throws Failure ANSWER_UNVERIFIED */
export async function receiptOf(
  files: Files,
  wire: Wire,
  about: About,
  found: Found | undefined,
): Promise<Receipt | undefined> {
  if (!found) return undefined;
  const pattern = receiptAbout({ ...about, sequence: found.sequence });
  const name = (await files.list(folders.answers))
    .map((entry) => entry.name)
    .filter((each) => pattern.test(each))
    .sort()
    .at(-1);
  if (name === undefined) return undefined;
  return believed(name, async () => {
    const receipt = PackageReceipt.check(await openedOf(await files.get(folders.answers, name), 'receipt', wire));
    const same = (field: 'institution' | 'kind' | 'sequence') => receipt[field] === found[field];
    if (receipt.packageNo !== packageNoOf(about.no) || !same('institution') || !same('kind') || !same('sequence'))
      throw wrong('it is about another package');
    const clean = receipt.files.every(({ code }) => code === '00');
    if (receipt.code === '00' && !clean) throw wrong('it takes the package and refuses a file of it');
    // Who asks for it again has read something else, and says so.
    if (!isAgain(receipt.code)) assertRead(receipt, await bytesThere(files, wire, found));
    return receipt;
  });
}

interface There {
  readonly name: string;
  readonly sha256: string;
}

/** What was read must be what lies there: a receipt for other bytes, or for some of the parts, says nothing about ours. */
function assertRead({ read }: Receipt, there: readonly There[]): void {
  const shown = (all: readonly There[]) => all.map(({ name, sha256 }) => `${name} ${sha256}`).sort();
  const [said, due] = [shown(read), shown(there)];
  if (said.length !== due.length || said.some((line, i) => line !== due[i]))
    throw wrong('the bytes that it is about are not those that lie there');
}

async function bytesThere(files: Files, wire: Wire, { stem, inParts }: Found): Promise<There[]> {
  const name = `${stem}${inParts ? partsSuffix : wholeSuffix}`;
  const bytes = await files.get(folders.packages, name);
  if (!inParts) return [{ name, sha256: sha256Of(bytes) }];
  return PackageParts.check(await ownOf(bytes, 'parts', wire)).parts;
}

/** The newest line about this number in the files of the last days: a decision that is told again is the later word. */
export async function lineAbout<C extends Contract>(
  { files, wire, institution }: { files: Files; wire: Wire; institution: string },
  { type, no, contract }: { type: 'C' | 'R' | 'P' | 'F'; no: string; contract: C },
): Promise<Message<C> | undefined> {
  const names = (await files.list(folders.answers)).map(({ name }) => name);
  let doubt: Failure | undefined;
  for (const name of newestOfDays(names, institution, wire.now())) {
    const found = await believed(name, async () => {
      const csv = await files.get(folders.answers, name);
      await verifyDetachedOf(await files.get(folders.answers, `${name}.sig`), csv, wire);
      return lineIn(csv, { name, type, no, encoding: encodingOf(wire) });
    }).catch((thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'ANSWER_UNVERIFIED') throw thrown;
      doubt ??= thrown;
      return undefined;
    });
    if (found) return contract.check(found) as Message<C>;
  }
  // What is looked for may stand in the file that is not believed.
  if (doubt) throw doubt;
  return undefined;
}

/** Of each of the last days the highest sequence that has its signature; the newest day first. */
function newestOfDays(names: readonly string[], institution: string, now: Date): string[] {
  const there = new Set(names);
  const oldest = new Date(now.getTime() + beijingMs - approvalDays * dayMs).toISOString().slice(0, 10);
  const newest = new Map<string, string>();
  for (const name of names.toSorted()) {
    const [, of, day = ''] = approvalName.exec(name) ?? [];
    if (of === institution && day >= oldest.replaceAll('-', '') && there.has(`${name}.sig`)) newest.set(day, name);
  }
  return [...newest.values()].toSorted().toReversed();
}

interface Wanted {
  readonly name: string;
  readonly type: 'C' | 'R' | 'P' | 'F';
  readonly no: string;
  readonly encoding: Encoding;
}

/** @throws Failure when the file as a whole is not what it says of itself */
export function lineIn(csv: Buffer, { name, type, no, encoding }: Wanted): Record<string, string> | undefined {
  const rows = rowsOf(textOf(csv, encoding));
  const [first, last, lines] = [rows[0], rows.at(-1), rows.slice(1, -1)];
  if (rows.length < 2 || first?.type !== 'H' || last?.type !== 'T') throw wrong('it has no header or no trailer');
  const header = ApprovalHeader.check(first.fields);
  const [, institution, date, sequence] = approvalName.exec(name) ?? [];
  if (header.institution !== institution || header.date !== date || header.sequence !== sequence)
    throw wrong('its header is that of another file');
  const trailer = ApprovalTrailer.check(last.fields);
  if (lines.some((row) => row.type === 'H' || row.type === 'T')) throw wrong('it has a header or trailer too many');
  const amount = lines.reduce((sum, { fields }) => sum + fenOf(fields['amount'] ?? '0.00'), 0n);
  if (trailer.lines !== String(lines.length) || trailer.amount !== yuanOf(amount))
    throw wrong(
      `its trailer says ${trailer.lines} lines and ${trailer.amount}: it has ${lines.length} and ${yuanOf(amount)}`,
    );
  const numberField = approvalColumns[type][0];
  const ours = lines.filter((row) => row.type === type && row.fields[numberField] === no);
  if (new Set(ours.map(({ fields }) => JSON.stringify(fields))).size > 1) throw wrong(`it says two things about ${no}`);
  return ours[0]?.fields;
}

interface Row {
  readonly type: keyof typeof approvalColumns;
  readonly fields: Readonly<Record<string, string>>;
}

function rowsOf(text: string): Row[] {
  let records: string[][];
  try {
    records = parse(text, {
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: false,
      max_record_size: cellBytesMax,
      to: linesMax,
    });
  } catch (thrown) {
    throw wrong(`it is no CSV: ${thrown instanceof Error ? thrown.message.slice(0, 100) : ''}`);
  }
  if (records.length >= linesMax) throw wrong(`it has ${linesMax} lines or more`);
  return records.map(([type = '', ...cells], i) => {
    if (!Object.hasOwn(approvalColumns, type)) throw wrong(`line ${i + 1} is of no known type`);
    const columns = approvalColumns[type as Row['type']];
    if (cells.length !== columns.length) throw wrong(`line ${i + 1} has ${cells.length} cells, not ${columns.length}`);
    const filled = columns.map((column, at) => [column, cells[at] ?? '']).filter(([, cell]) => cell !== '');
    return { type: type as Row['type'], fields: Object.fromEntries(filled) as Record<string, string> };
  });
}

function textOf(bytes: Buffer, encoding: Encoding): string {
  if (encoding === 'UTF-8' && !isUtf8(bytes)) throw wrong('it is no UTF-8');
  const text = encoding === 'GBK' ? iconv.decode(bytes, 'gb18030') : bytes.toString();
  if (text.includes('\ufffd')) throw wrong(`it is not in ${encoding}`);
  return text;
}

/** Setting `encoding`: of lists that we send and of approvals that we read. */
export function encodingOf(wire: Wire): Encoding {
  const encoding = wire.system.settings['encoding'];
  if (encoding !== 'UTF-8' && encoding !== 'GBK') throw new Error(`${wire.system.id}: encoding is UTF-8 or GBK`);
  return encoding;
}

/** A file that is not what it should be tells nothing; a line that broke is no property of the file. */
async function believed<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.type === 'OUTCOME_UNKNOWN' || thrown.type === 'SYSTEM_UNREACHABLE') throw thrown;
    throw new Failure('ANSWER_UNVERIFIED', { detail: `${name} is not believed: ${thrown.message}`, cause: thrown });
  }
}

function wrong(detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail });
}
