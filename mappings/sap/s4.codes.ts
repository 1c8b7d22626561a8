/** SAP's codes and ours. A code that is not here is unknown: no default, no guess. */
import { codeTable } from '../codes/codeTable.ts';
import { currencyOf as isoCurrencyOf } from '../codes/currencies.ts';

const source = 'SAP S/4HANA: tables T006, T006A (ISOCODE), data elements SHKZG, LFGSK, BAPI_MTYPE';

/**
 * Units of measure, SAP internal (`TO`, `ST`) and ISO (`TNE`, `PCE`), to UN/ECE Recommendation 20.
 * `TON` is missing on purpose: it is the US ton in SAP's own table and a tonne in many Chinese systems.
 */
export const units = codeTable('sap.s4.unit', source, {
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
});

/** DLV_STAT_H, the overall delivery status of an order; blank is "not relevant for delivery", nothing has left yet. */
export const deliveryStatuses = codeTable('sap.s4.delivery-status', source, {
  '': 'open',
  A: 'open',
  B: 'partlyDelivered',
  C: 'delivered',
});

/** DB_CR_IND (SHKZG): Soll and Haben. */
export const sides = codeTable('sap.s4.side', source, { S: 'debit', H: 'credit' });

/** Currencies that some systems keep under an old name. */
export const currencyNames = codeTable('sap.s4.currency', 'TCURC of systems older than ISO 4217 in China', {
  RMB: 'CNY',
});

/** TYPE of a BAPI return message. An initial one is success; X never arrives, it dumps. */
export const returnTypes = codeTable('sap.s4.return-type', source, {
  '': 'done',
  S: 'done',
  I: 'done',
  W: 'done',
  E: 'refused',
  A: 'refused',
});

/** @throws Failure EXT_CODE_UNMAPPED */
export function unitOf(code: string, pointer?: string): string {
  return units.of(code.toUpperCase(), pointer);
}

/** @throws Failure EXT_CODE_UNMAPPED */
export function currencyOf(code: string, pointer?: string): string {
  return currencyNames.find(code) ?? isoCurrencyOf(code, pointer);
}
