/** What a check of an evidence export found, each in one sentence that a person who knows no hashes understands. */
export type FindingCode =
  | 'FORMAT_WRONG'
  | 'KEY_WRONG'
  | 'KEY_UNKNOWN'
  | 'RECORD_CHANGED'
  | 'RECORD_MISSING'
  | 'RECORD_REPEATED'
  | 'RECORDS_SWAPPED'
  | 'RECORD_FOREIGN'
  | 'TAIL_CUT'
  | 'TAIL_ADDED'
  | 'CHAIN_REBUILT'
  | 'PROOF_WRONG'
  | 'ANCHOR_MISMATCH'
  | 'HEAD_WRONG'
  | 'LOG_REWRITTEN'
  | 'STATEMENT_WRONG'
  | 'MANIFEST_WRONG'
  | 'SEAL_BROKEN';

export interface Finding {
  readonly code: FindingCode;
  /** The record that it is about. */
  readonly seq?: number;
  readonly zh: string;
  readonly en: string;
}

export function finding(code: FindingCode, zh: string, en: string, seq?: number): Finding {
  return seq === undefined ? { code, zh, en } : { code, seq, zh, en };
}

/** `3`, `3 to 5`, `3, 4`, `3, 4, 5 … 9 (7 in all)`. */
export function listed(numbers: readonly number[]): string {
  const shown = 5;
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return '';
  if (numbers.length > 2 && last - first + 1 === numbers.length) return `${first}–${last}`;
  if (numbers.length <= shown) return numbers.join(', ');
  return `${numbers.slice(0, shown - 1).join(', ')} … ${last} (${numbers.length})`;
}
