/**
 * Files of a warehouse that has only these: orders that the hub puts, results and stock that the warehouse writes, as CSV or
 * Excel. All of it is chosen: there is no standard. A file is read by the names in it: `HDR,<field>,<value>` lines, one `COL` line
 * that names the columns, `ROW` lines, and `TRL` lines with the number of rows and the sum of each column of quantities. The
 * order of the fields here is the order in the files.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

export const csvFolders = { orders: '/out', answers: '/in' } as const;
/** Columns that are summed up in the trailer. */
export const csvSums: readonly string[] = ['quantity', 'onHand', 'locked'];
/** Where a text may begin with anything: it is shown to people and never looked into. */
export const csvFreeText: readonly string[] = ['remark'];
export const csvRowsMax = 5000;

/** A number or code that becomes part of a file's name. */
export const CsvNumber = contract(
  'wms/csv-number',
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,49}$', maxLength: 50 }),
);

export const csvOrderFile = (message: CsvOrder, no: string): string => `${message}_${no}.csv`;

/** `RESULT_LOCK_ZY-1_02.xlsx`, `STOCK_XM01_91350100MA32000B1T_20261123_003.csv`. */
export function csvAnswerOf(name: string): { about: string; sequence: number; form: 'csv' | 'xlsx' } | undefined {
  const [, about, sequence, form] = /^((?:RESULT|STOCK)_[\w.-]{1,140})_(\d{2,4})\.(csv|xlsx)$/.exec(name) ?? [];
  if (about === undefined || (form !== 'csv' && form !== 'xlsx')) return undefined;
  return { about, sequence: Number(sequence), form };
}

export type CsvOrder = 'ASN' | 'LOCK' | 'UNLOCK' | 'OUT';

const Code = Type.String({ minLength: 1, maxLength: 50, pattern: '^\\P{Cc}+$' });
const Words = Type.String({ minLength: 1, maxLength: 500, pattern: '^\\P{Cc}+$' });
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '^\\P{Cc}+$' });
const Uscc = Type.String({ minLength: 18, maxLength: 18 });
/** People write `12`, `12.5` and `12.500`; Excel writes what it was given, or a figure with more digits than it had. */
const Quantity = Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,18})?$', maxLength: 31 });
const Unit = Type.String({ minLength: 1, maxLength: 10 });
/** GMT+8. */
const LocalTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const Sequence = Type.String({ pattern: '^(0|[1-9]\\d{0,17})$', maxLength: 18 });
const version = Type.Literal('1');
const place = { warehouse: Code, owner: Code };
const some = { minItems: 1, maxItems: 500 };

/** Inbound notice (入库通知). */
export const CsvAsn = contract(
  'wms/csv-asn',
  strict({
    message: Type.Literal('ASN'),
    version,
    no: Code,
    ...place,
    orderNo: Code,
    rows: Type.Array(strict({ lineNo: Code, material: Code, name: Name, quantity: Quantity, unit: Unit }), some),
  }),
);

const Lots = Type.Array(strict({ lot: Code, material: Code, quantity: Quantity, unit: Unit }), some);

/** Lock for a pledgee (质押锁定): all rows or none. */
export const CsvLock = contract(
  'wms/csv-lock',
  strict({ message: Type.Literal('LOCK'), version, no: Code, ...place, pledgee: Name, pledgeeUscc: Uscc, rows: Lots }),
);
export const CsvUnlock = contract(
  'wms/csv-unlock',
  strict({ message: Type.Literal('UNLOCK'), version, no: Code, ...place, reason: Words, rows: Lots }),
);

/** Outbound order (出库通知): the goods leave only with the token, by the named picker, before `validTo`. */
export const CsvOut = contract(
  'wms/csv-out',
  strict({
    message: Type.Literal('OUT'),
    version,
    no: Code,
    ...place,
    pledgeNo: Code,
    token: Type.String({ minLength: 16, maxLength: 64, 'x-pii': 'secret' }),
    validTo: LocalTime,
    pickerName: Type.String({ minLength: 1, maxLength: 50, 'x-pii': 'name' }),
    pickerIdNo: Type.String({ minLength: 18, maxLength: 18, 'x-pii': 'idNo' }),
    vehicle: Code,
    rows: Lots,
  }),
);

/** What became of one order; it has no rows. A later file about the same order stands in place of an earlier one. */
export const CsvResult = contract(
  'wms/csv-result',
  strict({
    message: Type.Literal('RESULT'),
    version,
    of: Type.Enum(['ASN', 'LOCK', 'UNLOCK', 'OUT']),
    no: Code,
    status: Code,
    warehouseNo: Type.Optional(Code),
    reason: Type.Optional(Code),
    at: LocalTime,
    remark: Type.Optional(Words),
    rows: Type.Array(strict({}), { maxItems: 0 }),
  }),
);

/** Lots at one instant (批次快照). */
export const CsvStock = contract(
  'wms/csv-stock',
  strict({
    message: Type.Literal('STOCK'),
    version,
    ...place,
    asOf: LocalTime,
    sequence: Sequence,
    rows: Type.Array(strict({ lot: Code, material: Code, onHand: Quantity, locked: Quantity, unit: Unit }), {
      maxItems: csvRowsMax,
    }),
  }),
);
