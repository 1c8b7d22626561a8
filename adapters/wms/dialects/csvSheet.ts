/**
 * A file as a grid of texts, and the message in it. A file is taken whole or not at all, and what is wrong is named by line and
 * column, so that whoever keeps it in Excel finds it.
 */
import type { TSchema } from 'typebox';
import type { Contract, Message } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { csvFreeText, csvRowsMax, csvSums } from '../../../contracts/wms/csv.wire.ts';

export type Grid = readonly (readonly string[])[];

const headLinesMax = 30;
const trailerLinesMax = 4;
export const linesMax = csvRowsMax + headLinesMax + trailerLinesMax;
const cellCharsMax = 500;
/** A spreadsheet would take it for a formula. */
const formula = /^[=+@\t\r]|^-(?!\d)/;

/** @throws Failure CONTRACT_VIOLATED that names file, line and column */
export function messageIn<C extends Contract>(file: string, grid: Grid, contract: C): Message<C> {
  const { fields, columns } = shapeOf(contract);
  const reader = new Reader(file, grid.map(withoutEmptyEnd));
  const head = reader.head(fields);
  const first = reader.columns(columns);
  const rows = reader.rows(columns);
  let message: Message<C>;
  try {
    message = contract.check({ ...head.values, rows }) as Message<C>;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    const [error] = thrown.errors;
    const [, index, column] = /^#\/rows\/(\d+)(?:\/(\w+))?/.exec(error?.pointer ?? '') ?? [];
    const field = /^#\/(\w+)/.exec(error?.pointer ?? '')?.[1] ?? '';
    const line = index === undefined ? (head.lines.get(field) ?? 1) : first + 1 + Number(index);
    const at = index === undefined ? 3 : columns.indexOf(column ?? '') + 2;
    throw wrong(file, line, at, `${column ?? field}: ${error?.detail ?? 'is not as agreed'}`);
  }
  // Behind what it sums up: a figure that is none is named where it stands.
  reader.trailer(columns, rows);
  return message;
}

/** The lines of a message. @throws Failure CONTRACT_VIOLATED for a text that a spreadsheet would take for a formula */
export function gridOf(contract: Contract, message: object): Grid {
  const { fields, columns } = shapeOf(contract);
  const { rows, ...head } = message as { rows: Record<string, string>[] } & Record<string, unknown>;
  const values = head as Record<string, string | undefined>;
  const lines = [
    ...fields.flatMap((field) => (values[field] === undefined ? [] : [['HDR', field, values[field]]])),
    ['COL', ...columns],
    ...rows.map((row) => ['ROW', ...columns.map((column) => row[column] ?? '')]),
    ['TRL', 'rows', String(rows.length)],
    ...sumsOf(columns, rows).map(([column, sum]) => ['TRL', column, sum]),
  ];
  for (const line of lines)
    for (const cell of line)
      if (formula.test(cell))
        throw new Failure('CONTRACT_VIOLATED', { detail: `${line[1] ?? ''} begins like a formula: it is not sent` });
  return lines;
}

interface Shape {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema & Shape;
}

function shapeOf({ schema }: Contract): { fields: readonly string[]; columns: readonly string[] } {
  const { properties = {} } = schema as Shape;
  const rows: Shape | undefined = properties['rows'];
  return {
    fields: Object.keys(properties).filter((name) => name !== 'rows'),
    columns: Object.keys(rows?.items?.properties ?? {}),
  };
}

/** From line to line; a line is one more than its index. */
class Reader {
  readonly #file: string;
  readonly #grid: Grid;
  #at = 0;

  constructor(file: string, grid: Grid) {
    this.#file = file;
    // What a spreadsheet leaves behind the last line is nothing.
    this.#grid = grid.slice(0, grid.findLastIndex((line) => line.length > 0) + 1);
    if (this.#grid.length > linesMax) throw wrong(file, linesMax, 1, `at most ${linesMax} lines are taken`);
  }

  head(fields: readonly string[]): { values: Record<string, string>; lines: Map<string, number> } {
    const values: Record<string, string> = {};
    const lines = new Map<string, number>();
    while (this.#kind() === 'HDR') {
      const [, field = '', value = '', ...more] = this.#next();
      if (!fields.includes(field)) throw this.#wrong(2, 'a field that this message does not have');
      if (lines.has(field)) throw this.#wrong(2, `${field} is there twice`);
      if (more.length > 0) throw this.#wrong(4, 'nothing stands behind a value');
      lines.set(field, this.#at);
      if (value !== '') values[field] = this.#cell(value, 3, field);
    }
    return { values, lines };
  }

  /** The line they stand in. */
  columns(columns: readonly string[]): number {
    const [kind, ...named] = this.#next();
    if (kind !== 'COL') throw this.#wrong(1, 'HDR or COL was expected');
    const at = Math.max(named.length, columns.length);
    for (let index = 0; index < at; index += 1)
      if (named[index] !== columns[index])
        throw this.#wrong(index + 2, `the column ${columns[index] ?? '(none)'} was expected`);
    return this.#at;
  }

  rows(columns: readonly string[]): Record<string, string>[] {
    const rows: Record<string, string>[] = [];
    while (this.#kind() === 'ROW') {
      const [, ...cells] = this.#next();
      if (cells.length > columns.length) throw this.#wrong(columns.length + 2, 'more cells than columns');
      const row: Record<string, string> = {};
      for (const [index, column] of columns.entries()) {
        const cell = cells[index] ?? '';
        if (cell !== '') row[column] = this.#cell(cell, index + 2, column);
      }
      rows.push(row);
    }
    return rows;
  }

  trailer(columns: readonly string[], rows: readonly Record<string, string>[]): void {
    this.#told('rows', String(rows.length));
    for (const [column, sum] of sumsOf(columns, rows)) this.#told(column, sum);
    if (this.#at < this.#grid.length) throw wrong(this.#file, this.#at + 1, 1, 'nothing stands behind the trailer');
  }

  #told(name: string, due: string): void {
    if (this.#kind() !== 'TRL') throw wrong(this.#file, this.#at + 1, 1, `the trailer TRL,${name} is missing`);
    const [, told, value = '', ...more] = this.#next();
    if (told !== name || more.length > 0) throw this.#wrong(2, `TRL,${name} was expected`);
    if (!isSame(value, due)) throw this.#wrong(3, `${name}: the file says another than it holds`);
  }

  #cell(text: string, column: number, name: string): string {
    if (text.length > cellCharsMax) throw this.#wrong(column, `${name}: more than ${cellCharsMax} characters`);
    if (/[\p{Cc}]/u.test(text)) throw this.#wrong(column, `${name}: control characters are not taken`);
    if (formula.test(text) && !csvFreeText.includes(name)) throw this.#wrong(column, `${name}: begins like a formula`);
    return text;
  }

  #kind(): string | undefined {
    return this.#grid[this.#at]?.[0];
  }

  #next(): readonly string[] {
    const line = this.#grid[this.#at] ?? [];
    this.#at += 1;
    return line;
  }

  #wrong(column: number, detail: string): Failure {
    return wrong(this.#file, this.#at, column, detail);
  }
}

/** In billionths, so that what is summed up is what is written. */
const places = 18;

function sumsOf(columns: readonly string[], rows: readonly Readonly<Record<string, string>>[]): [string, string][] {
  return columns
    .filter((column) => csvSums.includes(column))
    .map((column) => [column, shown(rows.reduce((sum, row) => sum + (scaled(row[column] ?? '') ?? 0n), 0n))]);
}

function isSame(told: string, due: string): boolean {
  return told === due || (scaled(told) !== undefined && scaled(told) === scaled(due));
}

function scaled(text: string): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d{1,20})(?:\.(\d{1,18}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : BigInt(whole + fraction.padEnd(places, '0'));
}

function shown(sum: bigint): string {
  const digits = sum.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '').padEnd(3, '0');
  return `${digits.slice(0, -places)}.${fraction}`;
}

function withoutEmptyEnd(line: readonly string[]): readonly string[] {
  return line.slice(0, line.findLastIndex((cell) => cell !== '') + 1);
}

function wrong(file: string, line: number, column: number, detail: string): Failure {
  const pointer = `${file} line ${line} column ${column}`;
  return new Failure('CONTRACT_VIOLATED', {
    detail: `${pointer}: ${detail}`,
    errors: [{ pointer, code: 'content', detail }],
  });
}
