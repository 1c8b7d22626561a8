/**
 * Excel as a grid of texts. An xlsx is a zip of XML: what it holds is looked at before the library may open it, and a cell is
 * taken as it is written in the file, never as a binary float. A cell with a formula is refused: what Excel last computed is
 * nobody's word.
 */
import { readSheet } from 'read-excel-file/node';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import type { Grid } from './csvSheet.ts';

const bytesMax = 4 * 1024 * 1024;
const entriesMax = 40;
const unpackedBytesMax = 16 * 1024 * 1024;
/** XML of cells deflates to a twentieth; what shrinks further is no sheet. */
const ratioMax = 100;
const ratioFromBytes = 64 * 1024;
const cellsMax = 60_000;

/** @throws Failure BODY_MALFORMED, BODY_TOO_LARGE */
export async function gridFromXlsx(file: string, bytes: Buffer): Promise<Grid> {
  if (bytes.length > bytesMax) throw tooLarge(file);
  await assertPlain(file, bytes);
  let rows: readonly (readonly unknown[])[];
  try {
    rows = await readSheet(bytes, 1, { trim: false, parseNumber: (text: string) => text });
  } catch (thrown) {
    throw malformed(file, `is no Excel file that can be read: ${wordsOf(thrown)}`);
  }
  return rows.map((row, line) =>
    row.map((cell, column) => textOf(cell, `${file} line ${line + 1} column ${column + 1}`)),
  );
}

/** A date is a number of days that Excel shows as one: without a zone, as a clock in the warehouse has it. */
function textOf(cell: unknown, place: string): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  if (cell instanceof Date && !Number.isNaN(cell.getTime())) {
    const nearestSecond = new Date(Math.round(cell.getTime() / 1000) * 1000);
    return nearestSecond.toISOString().slice(0, 19).replace('T', ' ');
  }
  throw malformed(place, 'holds neither a text nor a figure nor a date');
}

/** Every part, as it is and not as the zip says that it is. */
async function assertPlain(file: string, bytes: Buffer): Promise<void> {
  const zip = await opened(file, bytes);
  try {
    if (zip.entryCount > entriesMax) throw malformed(file, `holds more than ${entriesMax} parts`);
    let unpacked = 0;
    for (let entry = await nextOf(zip); entry; entry = await nextOf(zip)) {
      if (entry.isEncrypted()) throw malformed(file, 'is encrypted');
      if (/vbaProject|externalLinks|embeddings|activeX|connections\.xml/i.test(entry.fileName))
        throw malformed(file, 'holds macros, links or other files');
      const part = await unpackedOf(file, zip, entry, unpackedBytesMax - unpacked);
      unpacked += part.length;
      assertPart(file, entry.fileName, part);
    }
  } catch (thrown) {
    throw isFailure(thrown) ? thrown : malformed(file, `the zip is damaged: ${wordsOf(thrown)}`);
  } finally {
    zip.close();
  }
}

function assertPart(file: string, name: string, part: Buffer): void {
  const text = part.toString('latin1');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw malformed(file, 'holds a document type');
  // UTF-16 would hide what is looked for.
  if (/\.(?:xml|rels)$/i.test(name) && part.includes(0)) throw malformed(file, 'holds a part that is no UTF-8');
  if (!/^xl\/worksheets\//i.test(name)) return;
  if ((text.match(/<(?:\w+:)?c[\s>/]/g) ?? []).length > cellsMax) throw tooLarge(file);
  const [before] = text.split(/<(?:\w+:)?f[\s>/]/);
  if (before === undefined || before.length === text.length) return;
  const cell = [...before.matchAll(/<(?:\w+:)?c\s[^>]*\br="([A-Z]{1,3}\d{1,7})"/g)].at(-1)?.[1] ?? '';
  throw malformed(file, `cell ${cell}: a formula is not taken; paste it as a value`);
}

async function unpackedOf(file: string, zip: ZipFile, entry: Entry, max: number): Promise<Buffer> {
  const least = Math.max(entry.compressedSize * ratioMax, ratioFromBytes);
  if (entry.uncompressedSize > max || entry.uncompressedSize > least) throw tooLarge(file);
  const stream = await new Promise<NodeJS.ReadableStream>((done, fail) => {
    zip.openReadStream(entry, (error, opening) => (error ? fail(error) : done(opening)));
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max || size > entry.uncompressedSize) throw tooLarge(file);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function opened(file: string, bytes: Buffer): Promise<ZipFile> {
  return new Promise((done, fail) => {
    // It checks that no name leads out, and that each part has the size that it says.
    fromBuffer(bytes, { lazyEntries: true, validateEntrySizes: true, autoClose: false }, (error, zip) =>
      error ? fail(malformed(file, `is no zip: ${wordsOf(error)}`)) : done(zip),
    );
  });
}

function nextOf(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((done, fail) => {
    const end = () => done(undefined);
    zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
    zip.once('entry', done);
    zip.once('end', end);
    zip.once('error', fail);
    zip.readEntry();
  });
}

function malformed(place: string, detail: string): Failure {
  return new Failure('BODY_MALFORMED', { detail: `${place}: ${detail}` });
}

function tooLarge(file: string): Failure {
  return new Failure('BODY_TOO_LARGE', { detail: `${file}: holds more than a sheet of a warehouse` });
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.slice(0, 100) : 'unreadable';
}
