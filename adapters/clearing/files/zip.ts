/**
 * The one file in a zip. A zip is a program for whoever opens it: it says where its files belong, how large they are and whose they
 * are. Here it may say nothing: one entry, of the expected name, a plain file, not encrypted, no larger than a file may be.
 */
import iconv from 'iconv-lite';
import { open as openZip, type Entry, type ZipFile } from 'yauzl';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { notWhole } from './rows.ts';

/** Text of numbers deflates to a tenth; what shrinks further is no list of payments. */
const ratioMax = 100;
const linkMode = 0o120000;
const modeMask = 0o170000;

/** @throws Failure FILE_NOT_WHOLE, BODY_TOO_LARGE */
export async function* onlyEntry(
  path: string,
  { name, entry: wanted, bytesMax }: { name: string; entry: string; bytesMax: number },
): AsyncGenerator<Buffer> {
  const zip = await opened(path, name);
  try {
    const entry = await admitted(zip, name, wanted, bytesMax);
    let bytes = 0;
    for await (const chunk of (await streamOf(zip, entry, name)) as AsyncIterable<Buffer>) {
      bytes += chunk.length; // What it says of its size is only what it says.
      if (bytes > bytesMax || bytes > entry.uncompressedSize) throw tooLarge(name);
      yield chunk;
    }
  } catch (thrown) {
    throw isFailure(thrown) ? thrown : notWhole(name, `the zip is damaged: ${wordsOf(thrown)}`);
  } finally {
    zip.close();
  }
}

async function admitted(zip: ZipFile, name: string, wanted: string, bytesMax: number): Promise<Entry> {
  if (zip.entryCount !== 1) throw notWhole(name, `the zip holds ${zip.entryCount} entries, not one`);
  const entry = await new Promise<Entry>((done, fail) => {
    zip.once('entry', done);
    zip.once('error', fail);
    zip.once('end', () => fail(new Error('it holds nothing')));
    zip.readEntry();
  });
  const shown = nameOf(entry);
  if (shown.includes('..') || /[\\/:]/.test(shown)) throw notWhole(name, 'the entry of the zip names another place');
  if (entry.isEncrypted()) throw notWhole(name, 'the entry of the zip is encrypted');
  if (shown !== wanted) throw notWhole(name, `the entry of the zip is not ${wanted}`);
  if (((entry.externalFileAttributes >>> 16) & modeMask) === linkMode)
    throw notWhole(name, 'the entry of the zip is a link');
  if (entry.uncompressedSize > bytesMax || entry.uncompressedSize > Math.max(entry.compressedSize, 1_024) * ratioMax)
    throw tooLarge(name);
  return entry;
}

/** UTF-8 when the zip says so, else what Chinese systems write: GBK. */
function nameOf(entry: Entry): string {
  const raw = entry.fileName as unknown as Buffer;
  return iconv.decode(raw, (entry.generalPurposeBitFlag & 0x800) === 0 ? 'gb18030' : 'utf8');
}

function opened(path: string, name: string): Promise<ZipFile> {
  return new Promise((done, fail) => {
    // Names as bytes: the library would take them for CP437.
    openZip(
      path,
      { lazyEntries: true, decodeStrings: false, validateEntrySizes: true, autoClose: false },
      (error, zip) => (error ? fail(notWhole(name, `is no zip: ${wordsOf(error)}`)) : done(zip)),
    );
  });
}

function streamOf(zip: ZipFile, entry: Entry, name: string): Promise<NodeJS.ReadableStream> {
  return new Promise((done, fail) => {
    zip.openReadStream(entry, (error, stream) =>
      error ? fail(notWhole(name, `the zip is damaged: ${wordsOf(error)}`)) : done(stream),
    );
  });
}

function tooLarge(name: string): Failure {
  return new Failure('BODY_TOO_LARGE', { detail: `${name}: what is in the zip is larger than a file may be` });
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.slice(0, 200) : 'unreadable';
}
