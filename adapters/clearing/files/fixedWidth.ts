/** Fixed width in GBK: widths are bytes, so fields are cut before anything is decoded. */
import iconv from 'iconv-lite';
import { detailFields, headerFields, lineMaxBytes, trailerFields } from '../../../contracts/clearing/files.wire.ts';
import { malformed, noCharacter, type Row } from './rows.ts';

type Fields = readonly (readonly [name: string, bytes: number])[];
interface Layout {
  readonly type: Row['type'];
  readonly bytes: number;
  readonly fields: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

const layouts: Readonly<Record<number, Layout>> = {
  [0x48]: layoutOf('header', headerFields),
  [0x44]: layoutOf('detail', detailFields),
  [0x54]: layoutOf('trailer', trailerFields),
};
const [lf, cr] = [0x0a, 0x0d];

/** @throws Failure CONTRACT_VIOLATED naming the line */
export async function* fixedWidthRows(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<readonly Row[]> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of bytes) {
    const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const rows: Row[] = [];
    let from = 0;
    for (let to = whole.indexOf(lf); to >= 0; to = whole.indexOf(lf, from)) {
      rows.push(rowOf(whole, from, to, (line += 1), name));
      from = to + 1;
    }
    rest = Buffer.from(whole.subarray(from)); // The chunk itself is used again for the next.
    if (rest.length > lineMaxBytes) throw malformed(name, line + 1, `is longer than ${lineMaxBytes} bytes`);
    if (rows.length > 0) yield rows;
  }
  if (rest.length > 0) yield [rowOf(rest, 0, rest.length, line + 1, name)];
}

function rowOf(whole: Buffer, from: number, to: number, line: number, name: string): Row {
  const end = to > from && whole[to - 1] === cr ? to - 1 : to;
  const layout = layouts[whole[from] ?? 0];
  if (!layout || end === from) throw malformed(name, line, 'is neither header nor detail nor trailer');
  if (end - from !== layout.bytes) throw malformed(name, line, `has ${end - from} bytes, not ${layout.bytes}`);
  // One character per byte: positions stay what they are, and only what is not ASCII is decoded.
  const text = whole.toString('latin1', from, end);
  const value: Record<string, string> = {};
  for (const { name: field, from: first, to: last } of layout.fields) {
    let cell = text.slice(first, last).trimEnd();
    if (!isAscii(cell)) {
      cell = iconv.decode(whole.subarray(from + first, from + last), 'gb18030').trimEnd();
      if (cell.includes(noCharacter)) throw malformed(name, line, `${field} is not GBK`);
    }
    if (cell !== '') value[field] = cell;
  }
  if (layout.type === 'detail') value['AmountUnit'] = 'fen';
  // Its contract is checked where it is used: here it is only cut.
  return { type: layout.type, line, value } as unknown as Row;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}

/** Without the record type, which is the layout. */
function layoutOf(type: Row['type'], fields: Fields): Layout {
  let from = 0;
  const placed = fields.map(([name, bytes]) => ({ name, from, to: (from += bytes) }));
  return { type, bytes: from, fields: placed.slice(1) };
}
