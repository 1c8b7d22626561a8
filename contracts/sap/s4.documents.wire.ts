/**
 * SAP's messages about documents beside the sales order. As in `s4.wire.ts`: only the fields that the hub uses.
 *
 * Known from SAP's own dumps of its interfaces: the BAPIs and their structures, the entities of the OData services, the
 * segments of DELVRY07 and INVOIC02. Not confirmed by a source, hence to be looked at
 * in each installation: PO_UNIT_ISO and ORDERPR_UN of POITEM, TotalTaxAmount of A_BillingDocument, and that E1EDK02 with
 * QUALF 010 of INVOIC02 names the document that is cancelled.
 */
import { Type, type TProperties } from 'typebox';
import { Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { fieldCharsMax } from './s4.wire.ts';

const Field = Type.Optional(Type.String({ maxLength: fieldCharsMax }));
const many = <P extends TProperties>(properties: P) => Type.Array(strict(properties));

/** BAPI_PO_GETDETAIL1. */
export const PurchaseDetail = strict({
  POHEADER: strict({
    PO_NUMBER: Field,
    COMP_CODE: Field,
    VENDOR: Field,
    CURRENCY: Field,
    CURRENCY_ISO: Field,
    DOC_DATE: Field,
  }),
  POITEM: many({
    PO_ITEM: Field,
    DELETE_IND: Field,
    SHORT_TEXT: Field,
    MATERIAL: Field,
    MATERIAL_LONG: Field,
    QUANTITY: Field,
    PO_UNIT: Field,
    PO_UNIT_ISO: Field,
    NET_PRICE: Field,
    PRICE_UNIT: Field,
    ORDERPR_UN: Field,
    NO_MORE_GR: Field,
  }),
  POSCHEDULE: many({ PO_ITEM: Field, DELIVERY_DATE: Field }),
  POHISTORY_TOTALS: many({ PO_ITEM: Field, DELIV_QTY: Field, IV_QTY: Field }),
});

export const ReadPurchase = contract(
  'sap/s4/purchase-detail',
  strict({ purchaseOrderNo: ShortText, readAt: Instant, answer: PurchaseDetail }),
);

/** BAPI_SALESORDER_GETSTATUS, table STATUSINFO (BAPISDSTAT): one row for each item and delivery. NET_VALUE is CURR, not BAPICURR. */
export const StatusInfo = strict({
  STATUSINFO: many({
    DOC_NUMBER: Field,
    DLV_STAT_H: Field,
    DLV_BLOCK: Field,
    ITM_NUMBER: Field,
    MATERIAL: Field,
    MATERIAL_LONG: Field,
    SHORT_TEXT: Field,
    REQ_QTY: Field,
    SALES_UNIT: Field,
    NET_VALUE: Field,
    CURRENCY: Field,
    DLV_STAT_I: Field,
    DELIV_NUMB: Field,
    DELIV_ITEM: Field,
    DELIV_DATE: Field,
    DLV_QTY: Field,
    REA_FOR_RE: Field,
  }),
});

export const ReadStatus = contract(
  'sap/s4/status-info',
  strict({ orderNo: ShortText, readAt: Instant, answer: StatusInfo }),
);

/** OData V2, API_OUTBOUND_DELIVERY_SRV: A_OutbDeliveryHeader with its items expanded. */
export const DeliveryEntity = strict({
  DeliveryDocument: Field,
  ActualGoodsMovementDate: Field,
  OverallGoodsMovementStatus: Field,
  ShipToParty: Field,
  to_DeliveryDocumentItem: many({
    DeliveryDocumentItem: Field,
    Material: Field,
    DeliveryDocumentItemText: Field,
    ActualDeliveryQuantity: Field,
    DeliveryQuantityUnit: Field,
    Batch: Field,
    ReferenceSDDocument: Field,
    ReferenceSDDocumentItem: Field,
  }),
});

export const ReadDeliveryEntity = contract(
  'sap/s4/delivery-entity',
  strict({ readAt: Instant, delivery: DeliveryEntity }),
);

/** OData V2, API_BILLING_DOCUMENT_SRV: A_BillingDocument with its items expanded. */
export const BillingEntity = strict({
  BillingDocument: Field,
  BillingDocumentType: Field,
  BillingDocumentDate: Field,
  TotalNetAmount: Field,
  TotalTaxAmount: Field,
  TotalGrossAmount: Field,
  TransactionCurrency: Field,
  PayerParty: Field,
  AccountingDocument: Field,
  BillingDocumentIsCancelled: Field,
  CancelledBillingDocument: Field,
  to_Item: many({
    BillingDocumentItem: Field,
    Material: Field,
    BillingDocumentItemText: Field,
    BillingQuantity: Field,
    BillingQuantityUnit: Field,
    NetAmount: Field,
    SalesDocument: Field,
  }),
});

export const ReadBillingEntity = contract('sap/s4/billing-entity', strict({ readAt: Instant, billing: BillingEntity }));

/** One page of A_SalesOrder by LastChangeDateTime, with `__count` and `__next`. */
export const ChangedOrders = strict({
  results: many({ SalesOrder: Field, SalesOrganization: Field, LastChangeDateTime: Field }),
  count: Field,
  next: Field,
});

export const ReadChangedOrders = contract(
  'sap/s4/changed-orders',
  strict({
    salesOrganization: ShortText,
    /** The first instant that was asked for. */
    from: Instant,
    /** Where the last reading ended. */
    since: Instant,
    pages: Type.Array(ChangedOrders),
  }),
);

const control = strict({
  DOCNUM: Field,
  IDOCTYP: Field,
  CIMTYP: Field,
  MESTYP: Field,
  SNDPOR: Field,
  SNDPRN: Field,
  CREDAT: Field,
  CRETIM: Field,
});

/** IDoc basic type DELVRY01 to DELVRY07, message DESADV. */
export const Delvry07 = strict({
  EDI_DC40: control,
  E1EDL20: strict({
    VBELN: Field,
    E1ADRM1: many({ PARTNER_Q: Field, PARTNER_ID: Field, NAME1: Field }),
    E1EDT13: many({ QUALF: Field, NTANF: Field, ISDD: Field }),
    E1EDL24: many({
      POSNR: Field,
      MATNR: Field,
      ARKTX: Field,
      CHARG: Field,
      LFIMG: Field,
      VRKME: Field,
      VGBEL: Field,
      VGPOS: Field,
      E1EDL43: many({ QUALF: Field, BELNR: Field, POSNR: Field }),
    }),
  }),
});

/** One delivery of a message, for one of its orders. */
export const ReceivedDelivery = contract(
  'sap/s4/delvry07',
  strict({ receivedAt: Instant, path: ShortText, orderNo: ShortText, idoc: Delvry07 }),
);

/** IDoc basic type INVOIC01 or INVOIC02, message INVOIC. */
export const Invoic02 = strict({
  EDI_DC40: control,
  E1EDK01: strict({ CURCY: Field, BELNR: Field }),
  E1EDKA1: many({ PARVW: Field, PARTN: Field, NAME1: Field }),
  E1EDK02: many({ QUALF: Field, BELNR: Field }),
  E1EDK03: many({ IDDAT: Field, DATUM: Field }),
  E1EDK14: many({ QUALF: Field, ORGID: Field }),
  E1EDP01: many({
    POSEX: Field,
    MENGE: Field,
    MENEE: Field,
    E1EDP02: many({ QUALF: Field, BELNR: Field }),
    E1EDP19: many({ QUALF: Field, IDTNR: Field, KTEXT: Field }),
    E1EDP26: many({ QUALF: Field, BETRG: Field }),
  }),
  E1EDS01: many({ SUMID: Field, SUMME: Field }),
});

export const ReceivedBilling = contract(
  'sap/s4/invoic02',
  strict({ receivedAt: Instant, path: ShortText, idoc: Invoic02 }),
);

/** A CloudEvent of S/4HANA: the key of the order, and nothing of what it is. */
export const SalesOrderEvent = strict({
  specversion: Field,
  id: Field,
  type: Field,
  time: Field,
  data: strict({ SalesOrder: Field }),
});

export const ReceivedEvent = contract(
  'sap/s4/sales-order-event',
  strict({ receivedAt: Instant, path: ShortText, event: SalesOrderEvent }),
);
