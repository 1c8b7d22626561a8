/**
 * Settlement files of a clearing house as they lie on its SFTP server. CPCN itself has none (wire.md 6); this is the form in which
 * such files are met: fixed width measured in bytes of GBK, or CSV in a zip, a header, a trailer with count and sum, and a
 * companion `.ok` that is written last. [X] marks what was chosen here.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

/** Name [X]: `JS_<institution>_<yyyyMMdd>_<sequence>.txt|zip`; the companion has `.ok` behind it. */
export const fileName = /^JS_([0-9A-Z]{4,12})_(\d{8})_(\d{2})\.(txt|zip)$/;

/** The companion [X], one line: `<name>|<bytes>|<SHA-256, hex>|<lines>`. */
export const companionLine = /^([^|]{1,64})\|(\d{1,12})\|([0-9a-f]{64})\|(\d{1,8})\r?\n?$/;
export const companionMaxBytes = 256;

/** Longer than any line may be, in bytes: what is longer is no line. */
export const lineMaxBytes = 1_024;

/** Fixed width [X]: field, and how many bytes of GBK it takes; text is padded with blanks behind, numbers with zeros before. */
export const detailFields = [
  ['RecordType', 1],
  ['BankSerial', 20],
  ['InstructionNo', 30],
  ['Direction', 1],
  ['Amount', 15],
  ['Currency', 3],
  ['ValueDate', 8],
  ['ValueTime', 6],
  ['Status', 2],
  ['Counterparty', 60],
] as const;
export const headerFields = [
  ['RecordType', 1],
  ['Institution', 12],
  ['SettleDate', 8],
  ['Sequence', 2],
] as const;
export const trailerFields = [
  ['RecordType', 1],
  ['Count', 8],
  ['Sum', 17],
] as const;

/** CSV [X]: the first column is the record type; header and trailer have the columns above. Amounts are yuan here, fen there. */
export const csvColumns = detailFields.map(([name]) => name);

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

/** One detail, whatever the file's form: in fixed width `Amount` is fen, in CSV yuan; `AmountUnit` says which. */
export const FilesDetail = contract(
  'clearing/files-detail',
  strict({
    BankSerial: text(20),
    InstructionNo: text(30),
    Direction: text(1),
    Amount: Type.String({ pattern: '^\\d{1,15}(\\.\\d{2})?$', maxLength: 18 }),
    AmountUnit: Type.Union([Type.Literal('fen'), Type.Literal('yuan')]),
    Currency: text(3),
    ValueDate: Type.String({ pattern: '^\\d{8}$', maxLength: 8 }),
    ValueTime: Type.String({ pattern: '^\\d{6}$', maxLength: 6 }),
    Status: text(2),
    Counterparty: Type.Optional(text(60)),
  }),
);

export const FilesHeader = contract(
  'clearing/files-header',
  strict({
    Institution: Type.String({ pattern: '^[0-9A-Z]{4,12}$', maxLength: 12 }),
    SettleDate: Type.String({ pattern: '^\\d{8}$', maxLength: 8 }),
    Sequence: Type.String({ pattern: '^\\d{2}$', maxLength: 2 }),
  }),
);

export const FilesTrailer = contract(
  'clearing/files-trailer',
  strict({
    Count: Type.String({ pattern: '^\\d{1,8}$', maxLength: 8 }),
    /** Of all amounts, whichever way the money went; in the unit of the file's amounts. */
    Sum: Type.String({ pattern: '^\\d{1,17}(\\.\\d{2})?$', maxLength: 20 }),
  }),
);
