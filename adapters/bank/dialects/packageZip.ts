/** A zip of a few small files, stored as they are: what travels is encrypted afterwards, and the same files are the same bytes. */
import { crc32 } from 'node:zlib';

export interface ZipFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const version = 20;
const utf8Names = 0x0800;
/** 1980-01-01, the first day that a zip knows: when it was made stands in the manifest. */
const firstDay = 0x0021;

export function zipOf(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const named = Buffer.from(name);
    const local = Buffer.concat([head(0x04034b50, 30, 4, named, bytes), named, bytes]);
    const entry = head(0x02014b50, 46, 6, named, bytes);
    entry.writeUInt16LE(version, 4);
    entry.writeUInt32LE(at, 42);
    locals.push(local);
    entries.push(entry, named);
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** What both headers of a file have, from its version on. */
function head(signature: number, length: number, from: number, name: Buffer, bytes: Buffer): Buffer {
  const header = Buffer.alloc(length);
  header.writeUInt32LE(signature, 0);
  header.writeUInt16LE(version, from);
  header.writeUInt16LE(utf8Names, from + 2);
  header.writeUInt16LE(firstDay, from + 8);
  header.writeUInt32LE(crc32(bytes), from + 10);
  header.writeUInt32LE(bytes.length, from + 14);
  header.writeUInt32LE(bytes.length, from + 18);
  header.writeUInt16LE(name.length, from + 22);
  return header;
}
