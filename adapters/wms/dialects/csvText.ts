/** CSV as bytes (RFC 4180), in the one charset that was agreed: never a guess, never a replacement. */
import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { Failure } from '../../../contracts/failures.ts';
import { type Grid, linesMax } from './csvSheet.ts';

export type Charset = 'utf-8' | 'gbk';

const lineCharsMax = 20_000;
const bytesMax = 4 * 1024 * 1024;
const utf8Mark = Buffer.of(0xef, 0xbb, 0xbf);

/** @throws Failure BODY_MALFORMED, BODY_TOO_LARGE */
export function gridFromCsv(file: string, bytes: Buffer, charset: Charset): Grid {
  if (bytes.length > bytesMax) throw new Failure('BODY_TOO_LARGE', { detail: `${file}: at most ${bytesMax} bytes` });
  try {
    return parse(textOf(file, bytes, charset), {
      relaxColumnCount: true,
      recordDelimiter: ['\r\n', '\n'],
      skipEmptyLines: false,
      max_record_size: lineCharsMax,
      to: linesMax + 1,
    });
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    // Its words quote the file.
    const line = typeof thrown['lines'] === 'number' ? ` line ${thrown['lines']}` : '';
    throw new Failure('BODY_MALFORMED', { detail: `${file}${line}: is no CSV (${thrown.code})` });
  }
}

/** With a mark in UTF-8, so that Excel takes it for that. @throws Failure CONTRACT_VIOLATED for what GBK has no character for */
export function csvFrom(grid: Grid, charset: Charset): Buffer {
  const text = grid.map((line) => `${line.map(cellOf).join(',')}\r\n`).join('');
  if (charset === 'utf-8') return Buffer.concat([utf8Mark, Buffer.from(text)]);
  const bytes = iconv.encode(text, 'gbk');
  if (iconv.decode(bytes, 'gbk') !== text)
    throw new Failure('CONTRACT_VIOLATED', { detail: 'a character that GBK does not have' });
  return bytes;
}

function cellOf(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function textOf(file: string, bytes: Buffer, charset: Charset): string {
  const isMarked = bytes.subarray(0, utf8Mark.length).equals(utf8Mark);
  if (charset === 'utf-8' || isMarked) {
    if (!isUtf8(bytes)) throw new Failure('BODY_MALFORMED', { detail: `${file}: is no UTF-8` });
    return bytes.subarray(isMarked ? utf8Mark.length : 0).toString();
  }
  const text = iconv.decode(bytes, 'gb18030');
  if (text.includes('\ufffd')) throw new Failure('BODY_MALFORMED', { detail: `${file}: is no GBK` });
  return text;
}
