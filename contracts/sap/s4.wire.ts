/**
 * What the hub reads of SAP's own messages, as plain objects. Only the fields that the hub uses: SAP may send any other
 * field beside them, and every text is what SAP sent, without the blanks around it.
 */
import { Type, type TProperties, type TSchema } from 'typebox';
import { Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

export const fieldCharsMax = 500;
export const idocsPerMessageMax = 100;

const Field = Type.Optional(Type.String({ maxLength: fieldCharsMax }));
const many = <P extends TProperties>(properties: P) => Type.Array(strict(properties));

/** IDoc basic type ORDERS05, nested as in the XML. */
export const Orders05 = strict({
  EDI_DC40: strict({
    DOCNUM: Field,
    IDOCTYP: Field,
    CIMTYP: Field,
    MESTYP: Field,
    SNDPOR: Field,
    SNDPRN: Field,
    CREDAT: Field,
    CRETIM: Field,
  }),
  E1EDK01: strict({ CURCY: Field, BELNR: Field }),
  E1EDK14: many({ QUALF: Field, ORGID: Field }),
  E1EDK03: many({ IDDAT: Field, DATUM: Field }),
  E1EDKA1: many({ PARVW: Field, PARTN: Field, LIFNR: Field, NAME1: Field }),
  E1EDK02: many({ QUALF: Field, BELNR: Field, DATUM: Field }),
  E1EDP01: many({
    POSEX: Field,
    MENGE: Field,
    MENEE: Field,
    PMENE: Field,
    VPREI: Field,
    PEINH: Field,
    NETWR: Field,
    MATNR: Field,
    ARKTX: Field,
    E1EDP19: many({ QUALF: Field, IDTNR: Field, IDTNR_LONG: Field, KTEXT: Field }),
  }),
  E1EDS01: many({ SUMID: Field, SUMME: Field, SUNIT: Field }),
});

const arrival = { receivedAt: Instant, salesOrganization: Type.Optional(ShortText) };

/** One IDoc of a message, and where it stands there: `/ORDERS05/IDOC[1]`. */
export const ReceivedIdoc = contract('sap/s4/orders05', strict({ ...arrival, path: ShortText, idoc: Orders05 }));

/** OData V2, API_SALES_ORDER_SRV: A_SalesOrder with its items expanded. */
export const SalesOrderEntity = strict({
  SalesOrder: Field,
  SalesOrganization: Field,
  SoldToParty: Field,
  PurchaseOrderByCustomer: Field,
  SalesOrderDate: Field,
  CreationDate: Field,
  LastChangeDateTime: Field,
  TotalNetAmount: Field,
  TransactionCurrency: Field,
  to_Item: many({
    SalesOrderItem: Field,
    Material: Field,
    SalesOrderItemText: Field,
    RequestedQuantity: Field,
    RequestedQuantityUnit: Field,
    NetAmount: Field,
    NetPriceAmount: Field,
    NetPriceQuantity: Field,
    NetPriceQuantityUnit: Field,
    SalesDocumentRjcnReason: Field,
  }),
});

export const ReceivedEntity = contract(
  'sap/s4/sales-order',
  strict({ ...arrival, path: ShortText, order: SalesOrderEntity }),
);

/** BAPIRET2, BAPIRETURN and BAPIRETURN1 at once: the hub reads what they share, and the code where it stands. */
export const BapiReturn = strict({
  RETURN: many({ TYPE: Field, ID: Field, NUMBER: Field, CODE: Field, MESSAGE: Field }),
});

/** BAPISDORDER_GETDETAILEDLIST. It has no RETURN: an order that is not there is not in the tables. */
export const OrderDetail = strict({
  ORDER_HEADERS_OUT: many({
    DOC_NUMBER: Field,
    DOC_DATE: Field,
    PURCH_NO: Field,
    NET_VAL_HD: Field,
    CURRENCY: Field,
    CURREN_ISO: Field,
    SALES_ORG: Field,
    SOLD_TO: Field,
    DLV_BLOCK: Field,
  }),
  ORDER_ITEMS_OUT: many({
    DOC_NUMBER: Field,
    ITM_NUMBER: Field,
    MATERIAL: Field,
    MATERIAL_LONG: Field,
    SHORT_TEXT: Field,
    REQ_QTY: Field,
    SALES_UNIT: Field,
    ISOCODUNIT: Field,
    NET_PRICE: Field,
    COND_P_UNT: Field,
    COND_UNIT: Field,
    NET_VALUE: Field,
    REA_FOR_RE: Field,
  }),
  ORDER_STATUSHEADERS_OUT: many({ SD_DOC: Field, DLV_STAT_H: Field }),
});

export const ReadOrder = contract(
  'sap/s4/order-detail',
  strict({ orderNo: ShortText, readAt: Instant, answer: OrderDetail }),
);

/** BAPI_AR_ACC_GETOPENITEMS, table LINEITEMS (BAPI3007_2). */
export const OpenLineItems = strict({
  LINEITEMS: many({
    DOC_NO: Field,
    DOC_DATE: Field,
    PSTNG_DATE: Field,
    BLINE_DATE: Field,
    DSCT_DAYS1: Field,
    DSCT_DAYS2: Field,
    NETTERMS: Field,
    INV_REF: Field,
    DB_CR_IND: Field,
    LC_AMOUNT: Field,
    LOC_CURRCY: Field,
  }),
});

export const ReadOpenItems = contract(
  'sap/s4/open-items',
  strict({ customerNo: ShortText, keyDate: ShortText, answer: OpenLineItems }),
);

/** The schemas that `pick` can fill: objects of texts, objects and arrays of objects. */
export type WireShape = TSchema & { readonly properties: Readonly<Record<string, TSchema>> };
