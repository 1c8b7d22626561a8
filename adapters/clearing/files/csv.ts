/** CSV in GBK or UTF-8: RFC 4180, no header line of names; the record type is the first column. */
import { Readable, Transform } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import iconv from 'iconv-lite';
import { csvColumns, headerFields, lineMaxBytes, trailerFields } from '../../../contracts/clearing/files.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { malformed, noCharacter, type Row } from './rows.ts';

export type Encoding = 'gbk' | 'utf8';

const names = (fields: readonly (readonly [string, number])[]) => fields.map(([name]) => name);
const layouts: Readonly<Record<string, { readonly type: Row['type']; readonly columns: readonly string[] }>> = {
  H: { type: 'header', columns: names(headerFields) },
  D: { type: 'detail', columns: csvColumns },
  T: { type: 'trailer', columns: names(trailerFields) },
};
const rowsAtOnce = 512;

/** @throws Failure CONTRACT_VIOLATED naming the line */
export async function* csvRows(
  bytes: AsyncIterable<Buffer>,
  name: string,
  encoding: Encoding,
): AsyncGenerator<readonly Row[]> {
  const parser = parse({
    bom: true,
    info: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: lineMaxBytes,
  });
  const source = Readable.from(bytes, { objectMode: false });
  const text = decoder(encoding);
  // Whatever goes wrong on the way is told where rows are taken.
  source.on('error', (error) => text.destroy(error));
  text.on('error', (error) => parser.destroy(error));
  parser.on('error', () => void source.destroy());
  source.pipe(text).pipe(parser);
  let rows: Row[] = [];
  let line = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = info.lines;
      rows.push(rowOf(record, line, name));
      if (rows.length < rowsAtOnce) continue;
      yield rows;
      rows = [];
    }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    throw malformed(name, line + 1, `is no CSV (${thrown.code})`);
  } finally {
    source.destroy();
    text.destroy();
    parser.destroy();
  }
  if (rows.length > 0) yield rows;
}

function rowOf(record: readonly string[], line: number, name: string): Row {
  const layout = Object.hasOwn(layouts, record[0] ?? '') ? layouts[record[0] ?? ''] : undefined;
  if (!layout) throw malformed(name, line, 'is neither header nor detail nor trailer');
  if (record.length !== layout.columns.length)
    throw malformed(name, line, `has ${record.length} columns, not ${layout.columns.length}`);
  const value: Record<string, string> = {};
  for (const [i, column] of layout.columns.entries()) {
    const cell = record[i] ?? '';
    if (cell.includes(noCharacter)) throw malformed(name, line, `${column} is not in the encoding agreed`);
    if (i > 0 && cell !== '') value[column] = cell;
  }
  if (layout.type === 'detail') value['AmountUnit'] = 'yuan';
  return { type: layout.type, line, value } as unknown as Row;
}

function decoder(encoding: Encoding): Transform {
  const decoding = iconv.getDecoder(encoding === 'gbk' ? 'gb18030' : 'utf8');
  return new Transform({
    readableObjectMode: false,
    decodeStrings: false,
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(decoding.write(chunk)));
    },
    flush(done) {
      done(null, Buffer.from(decoding.end() ?? ''));
    },
  });
}

/** @throws Failure when the operator has set something else */
export function encodingOf(setting: string | undefined): Encoding {
  if (setting === 'gbk' || setting === 'utf8') return setting;
  throw new Failure('CONTRACT_VIOLATED', { detail: 'the setting "encoding" is gbk or utf8' });
}
