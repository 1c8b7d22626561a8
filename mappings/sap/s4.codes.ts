/** SAP's codes and ours. A code that is not here is unknown: no default, no guess. */
import { codeTable, twoWayTable } from '../codes/codeTable.ts';
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

/**
 * Messages (class and number) that say that a person has the document open: nothing was taken, and later it may be. Every
 * other message of type E or A is a refusal.
 */
export const locks = codeTable('sap.s4.lock', 'SAP S/4HANA: T100, message classes MC, ME and V1', {
  MC601: 'SYSTEM_BUSY',
  ME006: 'SYSTEM_BUSY',
  V1042: 'SYSTEM_BUSY',
});

/** DELETE_IND (ELOEK) of an item of a purchase order. */
export const itemStates = codeTable('sap.s4.item-state', 'SAP S/4HANA: data element ELOEK', {
  '': 'active',
  L: 'deleted',
  S: 'blocked',
});

/** OverallGoodsMovementStatus (WBSTK) of a delivery; blank is "not relevant", nothing has left. */
export const goodsIssues = codeTable('sap.s4.goods-issue', 'SAP S/4HANA: data element WBSTK', {
  '': 'open',
  A: 'open',
  B: 'partlyIssued',
  C: 'issued',
});

/** FKART, of standard customizing. Own billing types (Z...) are added per installation. */
export const billingTypes = codeTable('sap.s4.billing-type', 'SAP S/4HANA: TVFK as delivered', {
  F1: 'invoice',
  F2: 'invoice',
  G2: 'creditMemo',
  RE: 'creditMemo',
  L2: 'debitMemo',
  S1: 'invoiceCancellation',
  S2: 'creditMemoCancellation',
});

/** Type of a CloudEvent of S/4HANA. */
export const orderEvents = codeTable('sap.s4.order-event', 'SAP S/4HANA: events of the business object SalesOrder', {
  'sap.s4.beh.salesorder.v1.SalesOrder.Created.v1': 'created',
  'sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1': 'changed',
  'sap.s4.beh.salesorder.v1.SalesOrder.Deleted.v1': 'deleted',
});

/** MESTYP of what the hub confirms. */
export const messageTypes = twoWayTable('sap.s4.message-type', 'SAP S/4HANA: EDIMSG as delivered', {
  ORDERS: 'order',
  DESADV: 'delivery',
  INVOIC: 'billing',
});

/** STATUS in E1STATE: that of the IDoc in the system that received it. */
export const verdicts = twoWayTable('sap.s4.verdict', 'SAP S/4HANA: TEDS1, inbound statuses', {
  '53': 'accepted',
  '51': 'rejected',
});

/** STATUS of an outbound IDoc in EDIDC: what ALEAUD made of it, or that nothing was confirmed yet. */
export const idocStatuses = codeTable('sap.s4.idoc-status', 'SAP S/4HANA: TEDS1, outbound statuses', {
  '01': 'sent',
  '02': 'sent',
  '03': 'sent',
  '12': 'sent',
  '18': 'sent',
  '30': 'sent',
  '39': 'sent',
  '40': 'rejected',
  '41': 'accepted',
});

/** @throws Failure EXT_CODE_UNMAPPED */
export function unitOf(code: string, pointer?: string): string {
  return units.of(code.toUpperCase(), pointer);
}

/** @throws Failure EXT_CODE_UNMAPPED */
export function currencyOf(code: string, pointer?: string): string {
  return currencyNames.find(code) ?? isoCurrencyOf(code, pointer);
}
