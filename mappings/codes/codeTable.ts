/**
 * A code table: what each code of a counterparty means to us, as data that can be reviewed row by row. There is one form
 * for all of them, so that one test walks every row of every table, and so that no table has a default: a code without a
 * row is `EXT_CODE_UNMAPPED`, an outcome that is not known, never success and never a plain no.
 */
import { Failure } from '../../contracts/failures.ts';

export interface CodeTable<Row = unknown> {
  /** `<kind>.<vendor>.<what>`, unique. */
  readonly name: string;
  /** Where its rows come from: a document, a standard, or an agreement. */
  readonly source: string;
  /** By the counterparty's code, spelled as it is sent. */
  readonly rows: Readonly<Record<string, Row>>;
  /** @throws Failure EXT_CODE_UNMAPPED naming the table, the code and, where it is known, the place */
  of(code: string | number, pointer?: string): Row;
  /** For codes whose absence is handled by the caller. */
  find(code: string | number): Row | undefined;
}

/** A table that is also read backwards, for what we send. */
export interface TwoWayTable<Row = unknown, Code extends string = string> extends CodeTable<Row> {
  /** The counterparty's code. @throws Failure CONTRACT_VIOLATED: it has none, so nothing is sent */
  codeOf(ours: string, pointer?: string): Code;
}

const shownCharsMax = 64;

export function codeTable<const R extends Readonly<Record<string, unknown>>>(
  name: string,
  source: string,
  rows: R,
): CodeTable<R[keyof R]> {
  const find = (code: string | number): R[keyof R] | undefined =>
    Object.hasOwn(rows, code) ? rows[code as keyof R] : undefined;
  return {
    name,
    source,
    rows: Object.freeze(rows) as Readonly<Record<string, R[keyof R]>>,
    find,
    of: (code, pointer) => {
      const row = find(code);
      if (row === undefined) throw unmapped(name, code, pointer);
      return row;
    },
  };
}

/** One to one: two codes of one meaning would make the way back a guess. */
export function twoWayTable<const R extends Readonly<Record<string, string>>>(
  name: string,
  source: string,
  rows: R,
): TwoWayTable<R[keyof R], keyof R & string> {
  const back = new Map(Object.entries(rows).map(([code, ours]) => [ours, code as keyof R & string]));
  if (back.size !== Object.keys(rows).length) throw new Error(`${name}: two codes have one meaning`);
  return {
    ...codeTable(name, source, rows),
    codeOf: (ours, pointer = '#') => {
      const code = back.get(ours);
      if (code !== undefined) return code;
      const detail = `${shown(ours)} has no code in ${name}`;
      throw new Failure('CONTRACT_VIOLATED', {
        detail: `${pointer} ${detail}`,
        errors: [{ pointer, code: 'not_supported', detail }],
      });
    },
  };
}

export function isCodeTable(value: unknown): value is CodeTable {
  return typeof value === 'object' && value !== null && 'rows' in value && 'of' in value && 'find' in value;
}

/** @param words what the counterparty said beside the code; shown, shortened */
export function unmapped(table: string, code: string | number, pointer?: string, words = ''): Failure {
  const externalCode = shown(String(code));
  const detail = `${table} ${externalCode} has no mapping`;
  return new Failure('EXT_CODE_UNMAPPED', {
    detail: [pointer, detail, plain(words)].filter(Boolean).join(' '),
    externalCode,
    errors: pointer === undefined ? [] : [{ pointer, code: 'unmapped', detail }],
  });
}

function plain(words: string): string {
  return words.slice(0, 400).replaceAll(/\p{Cc}/gu, ' ');
}

/** A code is short and plain; what stands in its place may be anything, personal data included. */
function shown(code: string): string {
  return code.slice(0, shownCharsMax).replaceAll(/[^\w./-]/g, '?');
}
