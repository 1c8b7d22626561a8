/** SAP's codes and ours. A code that is not here is unknown: no default, no guess. */
import { Failure } from '../../contracts/failures.ts';

/**
 * Units of measure, SAP internal (`TO`, `ST`) and ISO (`TNE`, `PCE`), to UN/ECE Recommendation 20.
 * `TON` is missing on purpose: it is the US ton in SAP's own table and a tonne in many Chinese systems.
 */
export const units = {
  TO: 'TNE',
  T: 'TNE',
  TNE: 'TNE',
  KG: 'KGM',
  KGM: 'KGM',
  G: 'GRM',
  GRM: 'GRM',
  LB: 'LBR',
  LBR: 'LBR',
  ST: 'C62',
  PCE: 'C62',
  PC: 'C62',
  EA: 'C62',
  C62: 'C62',
  H87: 'C62',
  M: 'MTR',
  MTR: 'MTR',
  M2: 'MTK',
  MTK: 'MTK',
  M3: 'MTQ',
  MTQ: 'MTQ',
  L: 'LTR',
  LTR: 'LTR',
  SET: 'SET',
} as const satisfies Record<string, string>;

/** DLV_STAT_H, the overall delivery status of an order; blank is "not relevant for delivery", nothing has left yet. */
export const deliveryStatuses = { '': 'open', A: 'open', B: 'partlyDelivered', C: 'delivered' } as const;

/** DB_CR_IND (SHKZG): Soll and Haben. */
export const sides = { S: 'debit', H: 'credit' } as const;

/** Currencies that some systems keep under an old name. */
const currencies = { RMB: 'CNY' } as const;

/** TYPE of a BAPI return message. An initial one is success; X never arrives, it dumps. */
export const returnTypes = { '': 'done', S: 'done', I: 'done', W: 'done', E: 'refused', A: 'refused' } as const;

/** @throws Failure EXT_CODE_UNMAPPED naming the table, the code and, where it is known, the place */
export function decode<T extends object>(table: T, name: string, code: string, pointer?: string): T[keyof T] {
  if (Object.hasOwn(table, code)) return table[code as keyof T];
  const shown = code.slice(0, 20).replace(/[^\w.-]/g, '?');
  const detail = `${name} ${shown} has no mapping`;
  throw new Failure('EXT_CODE_UNMAPPED', {
    detail: pointer === undefined ? detail : `${pointer} ${detail}`,
    externalCode: shown,
    errors: pointer === undefined ? [] : [{ pointer, code: 'unmapped', detail }],
  });
}

export function unitOf(code: string, pointer?: string): string {
  return decode(units, 'unit', code.toUpperCase(), pointer);
}

export function currencyOf(code: string): string {
  return Object.hasOwn(currencies, code) ? currencies[code as keyof typeof currencies] : code;
}
