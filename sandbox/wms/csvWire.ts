/** Files as the warehouse's import and export write and read them: lines with names, in CSV or Excel. */
import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import writeSheet from 'write-excel-file/node';
import { Refusal } from './floor.ts';

export type Lines = (string | number)[][];
export type Form = 'csv' | 'gbk' | 'xlsx';

export interface Order {
  readonly head: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, string>>[];
}

const mark = '\ufeff';

/** @throws Refusal when it is no order, or not whole */
export function readOrder(bytes: Buffer): Order {
  const text = isUtf8(bytes) ? bytes.toString('utf8').replace(mark, '') : iconv.decode(bytes, 'gbk');
  let lines: string[][];
  try {
    lines = parse(text, { relax_column_count: true });
  } catch {
    throw new Refusal('invalid', '文件不是 CSV');
  }
  const head: Record<string, string> = {};
  for (const [kind, name = '', value = ''] of lines) if (kind === 'HDR') head[name] = value;
  const columns = lines.find(([kind]) => kind === 'COL')?.slice(1) ?? [];
  const rows = lines
    .filter(([kind]) => kind === 'ROW')
    .map((line) => Object.fromEntries(columns.map((column, index) => [column, line[index + 1] ?? ''])));
  const trailer = Object.fromEntries(lines.filter(([kind]) => kind === 'TRL').map(([, name, value]) => [name, value]));
  if (trailer['rows'] !== String(rows.length)) throw new Refusal('invalid', '行数与结尾不符');
  const sum = rows.reduce((total, { quantity = '' }) => total + gramsOf(quantity), 0n);
  if (gramsOf(trailer['quantity'] ?? '') !== sum) throw new Refusal('invalid', '数量合计与结尾不符');
  return { head, rows };
}

/** Thousandths. */
function gramsOf(figure: string): bigint {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d{1,3}))?$/.exec(figure) ?? [];
  if (whole === undefined) throw new Refusal('invalid', '数量不是数字');
  return BigInt(whole + fraction.padEnd(3, '0'));
}

const units: Readonly<Record<string, { uom: string; decimals: 0 | 3 }>> = {
  吨: { uom: 'KGM', decimals: 3 },
  千克: { uom: 'GRM', decimals: 3 },
  立方米: { uom: 'DMQ', decimals: 3 },
  件: { uom: 'C62', decimals: 0 },
};

/** In the unit in which the floor counts. @throws Refusal */
export function countedOf(quantity: string, unit: string): { qty: number; uom: string } {
  const known = units[unit];
  if (!known) throw new Refusal('unknownPlace', '计量单位不存在');
  const thousandths = gramsOf(quantity);
  if (known.decimals === 0 && thousandths % 1000n !== 0n) throw new Refusal('invalid', '件数必须是整数');
  return { qty: Number(known.decimals === 0 ? thousandths / 1000n : thousandths), uom: known.uom };
}

export function measured(qty: number, uom: string): { figure: string; unit: string } {
  const [unit, known] = Object.entries(units).find(([, each]) => each.uom === uom) ?? ['件', { decimals: 0 }];
  if (known.decimals === 0) return { figure: String(qty), unit };
  const digits = String(qty).padStart(4, '0');
  return { figure: `${digits.slice(0, -3)}.${digits.slice(-3)}`, unit };
}

/** Head, columns, rows, and the trailer that counts and sums them. */
export function linesOf(
  head: Readonly<Record<string, string>>,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  sums: readonly (readonly [string, string])[],
): Lines {
  return [
    ...Object.entries(head).map(([name, value]) => ['HDR', name, value]),
    ['COL', ...columns],
    ...rows.map((row) => ['ROW', ...row]),
    ['TRL', 'rows', String(rows.length)],
    ...sums.map(([name, sum]) => ['TRL', name, sum]),
  ];
}

/** In Excel figures are numbers and times are dates, as people keep them there. */
export async function bytesOf(lines: Lines, form: Form): Promise<Buffer> {
  if (form === 'xlsx') return writeSheet(lines.map((line) => line.map(cellOf))).toBuffer();
  const text = `${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
  return form === 'gbk' ? iconv.encode(text, 'gbk') : Buffer.from(mark + text);
}

const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

function cellOf(cell: string | number) {
  const text = String(cell);
  if (time.test(text))
    return { value: new Date(`${text.replace(' ', 'T')}Z`), type: Date, format: 'yyyy-mm-dd hh:mm:ss' } as const;
  if (/^\d{1,9}\.\d{3}$/.test(text)) return { value: Number(text), type: Number } as const;
  return { value: text, type: String } as const;
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function sumOf(figures: readonly string[]): string {
  const total = figures
    .reduce((sum, figure) => sum + gramsOf(figure), 0n)
    .toString()
    .padStart(4, '0');
  return `${total.slice(0, -3)}.${total.slice(-3)}`;
}
