/**
 * From rows to settlement lines, and the guards of a whole file (F10): institution, day, sequence, count, sum. One that does not
 * hold fails the reading as a whole; whoever took lines before throws them away.
 */
import { fenOf, yuanOf } from '../../../contracts/canonical/money.ts';
import { FilesHeader, FilesTrailer } from '../../../contracts/clearing/files.wire.ts';
import type { SettlementFile, SettlementLine, SettlementTotals } from '../../../contracts/clearing/settlement.ts';
import type { Contract } from '../../../contracts/contract.ts';
import { isFailure } from '../../../contracts/failures.ts';
import { settlementLineOf } from '../../../mappings/clearing/files.ts';
import type { Static, TSchema } from 'typebox';
import { malformed, notWhole, type Row, type Rows } from './rows.ts';

/** Small enough to be garbage young: of a thousand so much survives that the young generation grows by 60 MB. */
const batchLines = 250;

export interface Told {
  totals: SettlementTotals | undefined;
}

/** Totals are told when all agreed, not before. @throws Failure FILE_NOT_WHOLE, CONTRACT_VIOLATED */
export async function* settlementLines(
  rows: Rows,
  file: SettlementFile,
  institution: string,
  told: Told,
): AsyncGenerator<readonly SettlementLine[]> {
  const guard = new FileGuard(file, institution);
  let batch: SettlementLine[] = [];
  for await (const some of rows) {
    for (const row of some) {
      const line = guard.take(row);
      if (line) batch.push(line);
    }
    if (batch.length < batchLines) continue;
    yield batch;
    batch = [];
  }
  told.totals = guard.end();
  if (batch.length > 0) yield batch;
}

class FileGuard {
  readonly #file: SettlementFile;
  readonly #institution: string;
  #headed = false;
  #trailer: { count: number; fen: bigint } | undefined;
  #unit: 'fen' | 'yuan' | undefined;
  #count = 0;
  #fen = 0n;

  constructor(file: SettlementFile, institution: string) {
    this.#file = file;
    this.#institution = institution;
  }

  take(row: Row): SettlementLine | undefined {
    const { name } = this.#file;
    if (this.#trailer) throw notWhole(name, `line ${row.line} stands behind the trailer`);
    if ((row.type === 'header') !== !this.#headed)
      throw notWhole(name, this.#headed ? `line ${row.line} is a second header` : 'it does not begin with a header');
    if (row.type === 'header') return this.#head(row);
    if (row.type === 'trailer') return this.#end(row);
    this.#unit = row.value.AmountUnit;
    this.#count += 1;
    if (this.#count > this.#file.count)
      throw notWhole(name, `more lines than the ${this.#file.count} of its companion`);
    const line = at(name, row.line, () => settlementLineOf(row.value));
    this.#fen += fenOf(line.amount);
    return line;
  }

  end(): SettlementTotals {
    const { name, count } = this.#file;
    const trailer = this.#trailer;
    if (!trailer) throw notWhole(name, 'it ends without a trailer');
    if (trailer.count !== this.#count) throw notWhole(name, `${this.#count} lines, ${trailer.count} by its trailer`);
    if (count !== this.#count) throw notWhole(name, `${this.#count} lines, ${count} by its companion`);
    if (trailer.fen !== this.#fen) throw notWhole(name, 'the sum of its lines is not that of its trailer');
    return { count: this.#count, sum: yuanOf(this.#fen) };
  }

  #head(row: Row): undefined {
    const { name, on, sequence } = this.#file;
    const header = checked(FilesHeader, row, name);
    if (header.Institution !== this.#institution) throw notWhole(name, 'it is for another institution');
    if (header.SettleDate !== on.replaceAll('-', '')) throw notWhole(name, 'its header names another day');
    if (Number(header.Sequence) !== sequence) throw notWhole(name, 'its header names another sequence');
    this.#headed = true;
  }

  #end(row: Row): undefined {
    const { Count, Sum } = checked(FilesTrailer, row, this.#file.name);
    // A file without lines says nothing of its unit; nothing is nothing in both.
    const fen = Sum.includes('.') && this.#unit !== 'fen' ? BigInt(Sum.replace('.', '')) : sumOf(Sum, this.#unit);
    if (fen === undefined) throw malformed(this.#file.name, row.line, 'the sum is in another unit than the amounts');
    this.#trailer = { count: Number(Count), fen };
  }
}

/** Of a whole number: fen, or nothing at all. */
function sumOf(sum: string, unit: 'fen' | 'yuan' | undefined): bigint | undefined {
  const whole = sum.includes('.') ? undefined : BigInt(sum);
  return unit === 'fen' || whole === 0n ? whole : undefined;
}

function checked<S extends TSchema>(contract: Contract<S>, row: Row, name: string): Static<S> {
  return at(name, row.line, () => contract.check(row.value));
}

/** Whatever is wrong in a line is told with its number. */
function at<T>(name: string, line: number, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    throw malformed(name, line, thrown.errors.map((e) => `${e.pointer} ${e.detail}`).join('; ') || thrown.message);
  }
}
