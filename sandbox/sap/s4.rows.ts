/** How the sandbox's SAP shows its memory to a BAPI: rows of SAP's structures, a few of their many fields. */
import { unit } from '../world.ts';
import type { BookedItem, BookedOrder } from './s4.book.ts';
import type { Delivery, OpenItem, PurchaseItem, PurchaseOrder } from './s4.memory.ts';
import { currOf } from './s4.quantities.ts';
import type { SoapRow } from './s4.soap.ts';

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
    // A field that the customer added, with a name that XML cannot have: it travels as _-BIC_-ZREGION.
    '/BIC/ZREGION': 'FJ',
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
    CLEAR_DATE: item.clearDate ?? '0000-00-00',
    CLR_DOC_NO: item.clearDoc ?? '',
    ALLOC_NMBR: item.assignment ?? '',
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

/** One row for each item and delivery; an item of which nothing left has one too. Amounts are CURR here. */
export function statusRows(order: BookedOrder, deliveries: Readonly<Record<string, Delivery>>): SoapRow[] {
  const left = Object.values(deliveries).flatMap((delivery) => delivery.lines.map((line) => ({ delivery, line })));
  return order.items.flatMap((item) => {
    const own = left.filter(({ line }) => line.vbelv === order.vbeln && line.posnv === item.posnr);
    const row: SoapRow = {
      DOC_NUMBER: order.vbeln,
      DOC_DATE: order.date,
      PURCH_NO: order.purchaseOrderNo.slice(0, 20),
      PRC_STAT_H: order.deliveryStatus,
      DLV_STAT_H: order.deliveryStatus,
      DLV_BLOCK: order.deliveryBlock,
      ITM_NUMBER: item.posnr,
      MATERIAL: item.material.slice(0, 18),
      MATERIAL_LONG: item.material,
      SHORT_TEXT: item.text,
      REQ_QTY: item.quantity,
      SALES_UNIT: item.unit,
      NET_VALUE: currOf(item.net, order.currency),
      CURRENCY: order.currency,
      DLV_STAT_I: order.deliveryStatus,
      REA_FOR_RE: '',
    };
    if (own.length === 0)
      return [{ ...row, DELIV_NUMB: '', DELIV_ITEM: '000000', DELIV_DATE: '0000-00-00', DLV_QTY: '0.000' }];
    return own.map(({ delivery, line }) => ({
      ...row,
      DELIV_NUMB: delivery.vbeln,
      DELIV_ITEM: line.posnr,
      DELIV_DATE: delivery.date,
      DLV_QTY: line.quantity,
    }));
  });
}

export function purchaseHeader(order: PurchaseOrder): SoapRow {
  return {
    PO_NUMBER: order.ebeln,
    COMP_CODE: unit.companyCode,
    DOC_TYPE: 'NB',
    VENDOR: order.vendor,
    PURCH_ORG: '1000',
    CURRENCY: order.currency,
    CURRENCY_ISO: order.currency,
    DOC_DATE: order.date,
  };
}

export function purchaseRow(item: PurchaseItem): SoapRow {
  return {
    PO_ITEM: item.ebelp,
    DELETE_IND: item.deleted,
    SHORT_TEXT: item.text,
    MATERIAL: item.material.slice(0, 18),
    MATERIAL_LONG: item.material,
    PLANT: '1000',
    QUANTITY: item.quantity,
    PO_UNIT: item.unit,
    PO_UNIT_ISO: item.isoUnit,
    NET_PRICE: bapiAmount(item.price),
    PRICE_UNIT: item.per,
    ORDERPR_UN: item.unit,
    NO_MORE_GR: item.complete,
  };
}

export function totalsRow(item: PurchaseItem): SoapRow {
  return { PO_ITEM: item.ebelp, DELIV_QTY: item.received, IV_QTY: item.invoiced };
}
