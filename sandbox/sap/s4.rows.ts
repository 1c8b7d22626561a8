/** How the sandbox's SAP shows its memory to a BAPI: rows of SAP's structures, a few of their many fields. */
import { unit } from '../world.ts';
import type { BookedItem, BookedOrder } from './s4.book.ts';
import type { SoapRow } from './s4.soap.ts';

export interface OpenItem {
  readonly docNo: string;
  readonly customer: string;
  /** YYYY-MM-DD, also the posting and the baseline date. */
  readonly date: string;
  readonly netDays: string;
  readonly amount: string;
  readonly side: 'S' | 'H';
}

export const returned = (type: string, code: string, message: string): SoapRow => ({
  TYPE: type,
  CODE: code,
  MESSAGE: message,
  LOG_NO: '',
  LOG_MSG_NO: '000000',
});
/** A BAPI amount: DEC 28.9. */
const bapiAmount = (amount: string) =>
  (amount.includes('.') ? amount : `${amount}.`).replace(
    /\.(\d*)$/,
    (_, fraction: string) => `.${fraction.padEnd(9, '0')}`,
  );

export function headerRow(order: BookedOrder): SoapRow {
  return {
    OPERATION: '',
    DOC_NUMBER: order.vbeln,
    REC_DATE: order.date,
    DOC_DATE: order.date,
    SD_DOC_CAT: 'C',
    DOC_TYPE: 'TA',
    DLV_BLOCK: order.deliveryBlock,
    NET_VAL_HD: bapiAmount(order.net),
    CURRENCY: order.currency,
    CURREN_ISO: order.currency,
    SALES_ORG: order.salesOrganization,
    REQ_DATE_H: '0000-00-00',
    PURCH_NO: order.purchaseOrderNo.slice(0, 20),
    SOLD_TO: order.customer,
  };
}

export function itemRow(order: BookedOrder, item: BookedItem): SoapRow {
  return {
    OPERATION: '',
    DOC_NUMBER: order.vbeln,
    ITM_NUMBER: item.posnr,
    MATERIAL: item.material.slice(0, 18),
    SHORT_TEXT: item.text,
    REA_FOR_RE: '',
    NET_VALUE: bapiAmount(item.net),
    CURRENCY: order.currency,
    REQ_QTY: item.quantity,
    SALES_UNIT: item.unit,
    ISOCODUNIT: item.isoUnit,
    NET_PRICE: bapiAmount(item.price),
    COND_P_UNT: item.per,
    COND_UNIT: item.priceUnit,
    MATERIAL_LONG: item.material,
  };
}

export function openItemRow(item: OpenItem): SoapRow {
  return {
    COMP_CODE: unit.companyCode,
    CUSTOMER: item.customer,
    CLEAR_DATE: '0000-00-00',
    FISC_YEAR: item.date.slice(0, 4),
    DOC_NO: item.docNo,
    ITEM_NUM: '001',
    PSTNG_DATE: item.date,
    DOC_DATE: item.date,
    CURRENCY: 'CNY',
    LOC_CURRCY: 'CNY',
    DOC_TYPE: item.side === 'S' ? 'RV' : 'DZ',
    DB_CR_IND: item.side,
    LC_AMOUNT: item.amount,
    AMT_DOCCUR: item.amount,
    BLINE_DATE: item.date,
    DSCT_DAYS1: '0',
    DSCT_DAYS2: '0',
    NETTERMS: item.netDays,
    INV_REF: '',
  };
}
