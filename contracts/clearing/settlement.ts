/**
 * Settlement files (结算文件) in the hub's own words. A file is no operation of a kind: a million lines fit neither one answer nor
 * a journal. It is a head, a stream of lines in batches, and at the end its own totals; what a reader of files promises is
 * `SettlementFeed`, whatever the format or the road.
 */
import { Type, type Static } from 'typebox';
import { BusinessDate, Currency, Instant, Sha256Hex, ShortText, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** How many lines a file may have at most: what a day of the busiest institution has, ten times over. */
const settlementLinesMax = 10_000_000;

/** `unknown` is a state: a code without a row is never a success. */
const SettlementStatus = Type.Union([
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('returned'),
  Type.Literal('unknown'),
]);

export const SettlementLine = contract(
  'clearing/settlement-line',
  strict({
    /** The counterparty's own number of the movement (银行流水号). */
    serialNo: ShortText,
    /** The number under which the hub ordered it. */
    instructionNo: ShortText,
    direction: Type.Union([Type.Literal('debit'), Type.Literal('credit')]),
    amount: Yuan,
    currency: Currency,
    settledAt: Instant,
    status: SettlementStatus,
    /** The counterparty's code for the status; shown in a case. */
    externalCode: ShortText,
    counterparty: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  }),
);
export type SettlementLine = Static<typeof SettlementLine.schema>;

/** What is known of a file before its first line: from its name and its companion. */
export const SettlementFile = contract(
  'clearing/settlement-file',
  strict({
    name: ShortText,
    /** The business day that it is about. */
    on: BusinessDate,
    /** 1 is the first; a re-issued one (重出文件) has the next number and replaces the one before. */
    sequence: Type.Integer({ minimum: 1, maximum: 99 }),
    sizeBytes: Type.Integer({ minimum: 0 }),
    sha256: Sha256Hex,
    count: Type.Integer({ minimum: 0, maximum: settlementLinesMax }),
  }),
);
export type SettlementFile = Static<typeof SettlementFile.schema>;

/** What a whole file says of itself at its end; given out only when it is so. */
export interface SettlementTotals {
  readonly count: number;
  readonly sum: string;
}

export interface SettlementReading {
  readonly file: SettlementFile;
  /**
   * In the file's order; the reader reads on when a batch is asked for, not before. Ends when everything agreed: lines, totals, size
   * and hash. Whoever applies a line before it ended applies lines of a file that may be none.
   * @throws Failure FILE_NOT_WHOLE, CONTRACT_VIOLATED naming the line: the file is parked whole; `later`: read it again
   */
  readonly batches: AsyncIterable<readonly SettlementLine[]>;
  /** @throws Error before the last batch was taken */
  totals(): SettlementTotals;
}

/** A file that is there without its companion (or the other way round) is one that is still being written. */
export interface SettlementListing {
  /** Ascending by day and sequence. */
  readonly ready: readonly SettlementFile[];
  readonly unfinished: readonly string[];
  /** What is wrong with it before it is read: a companion that is none, a name twice. */
  readonly refused: readonly { readonly name: string; readonly detail: string }[];
}

export interface SettlementFeed {
  /** Of one day, where it is named. */
  list(on?: string): Promise<SettlementListing>;
  /** One at a time. */
  open(file: SettlementFile): SettlementReading;
  close(): Promise<void>;
}
