/** Trade data of an ERP: orders as they are placed, read back, and what a dealer still owes. */
import { Type } from 'typebox';
import {
  BusinessDate,
  CompanyName,
  Currency,
  Instant,
  Quantity,
  ShortText,
  Text,
  Unit,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';
import { Billing, BillingNotice, Delivery, DeliveryNotice, DeliveryStatus, PurchaseOrder } from './documents.ts';
import {
  Acknowledged,
  Acknowledgement,
  Changes,
  Clearing,
  ClearingPosted,
  OrderChange,
  ReadChanges,
} from './postings.ts';

const OrderLine = strict({
  lineNo: ShortText,
  materialCode: ShortText,
  description: Type.Optional(Text),
  quantity: Quantity,
  unit: Unit,
  /** Net price of one unit. */
  unitPrice: Yuan,
  amount: Yuan,
});

const orderFields = {
  orderNo: ShortText,
  /** The customer's own purchase order number, when the ERP carries it. */
  purchaseOrderNo: Type.Optional(ShortText),
  orderDate: BusinessDate,
  currency: Currency,
  /** Net value of the order. */
  total: Yuan,
  /** The buyer under the seller's ERP number; the hub knows which company that is. */
  buyer: strict({ externalNo: ShortText, name: Type.Optional(CompanyName) }),
  /** The selling organisation (经营单位). */
  seller: strict({ externalNo: ShortText, name: Type.Optional(CompanyName) }),
  lines: Type.Array(OrderLine, { minItems: 1, maxItems: 500 }),
};

/** Sales order (销售订单) as the trading unit pushed it. */
export const TradeOrder = contract(
  'sap/trade-order',
  strict({ ...orderFields, messageNo: ShortText, sentAt: Instant }),
);

/** The same order as the ERP itself holds it now. */
export const OrderSnapshot = contract(
  'sap/order-snapshot',
  strict({
    ...orderFields,
    status: Type.Union([
      Type.Literal('open'),
      Type.Literal('partlyDelivered'),
      Type.Literal('delivered'),
      Type.Literal('blocked'),
    ]),
    readAt: Instant,
  }),
);

export const OpenItems = contract(
  'sap/open-items',
  strict({
    customerNo: ShortText,
    keyDate: BusinessDate,
    /** Debits less credits. */
    total: Type.String({ pattern: '^-?(0|[1-9]\\d{0,14})\\.\\d{2}$', maxLength: 19, 'x-unit': 'CNY' }),
    items: Type.Array(
      strict({
        documentNo: ShortText,
        documentDate: BusinessDate,
        dueDate: BusinessDate,
        amount: Yuan,
        currency: Currency,
        side: Type.Union([Type.Literal('debit'), Type.Literal('credit')]),
      }),
      { maxItems: 5000 },
    ),
  }),
);

export const sap = kind(
  'sap',
  {
    readOrder: operation({
      request: contract('sap/read-order', strict({ orderNo: ShortText })),
      response: OrderSnapshot,
      effect: 'read',
      label: { zh: '回读订单', en: 'read the order back' },
    }),
    readOpenItems: operation({
      request: contract(
        'sap/read-open-items',
        strict({ companyCode: ShortText, customerNo: ShortText, keyDate: BusinessDate }),
      ),
      response: OpenItems,
      effect: 'read',
      label: { zh: '读取未清项', en: 'read open items' },
    }),
    readPurchaseOrder: operation({
      request: contract('sap/read-purchase-order', strict({ purchaseOrderNo: ShortText })),
      response: PurchaseOrder,
      effect: 'read',
      label: { zh: '读取采购订单', en: 'read a purchase order' },
    }),
    readDeliveryStatus: operation({
      request: contract('sap/read-delivery-status', strict({ orderNo: ShortText })),
      response: DeliveryStatus,
      effect: 'read',
      label: { zh: '读取发货进度', en: 'read how far an order is delivered' },
    }),
    readDelivery: operation({
      request: contract('sap/read-delivery', strict({ deliveryNo: ShortText })),
      response: Delivery,
      effect: 'read',
      label: { zh: '读取交货单', en: 'read a delivery' },
    }),
    readBilling: operation({
      request: contract('sap/read-billing', strict({ billingNo: ShortText })),
      response: Billing,
      effect: 'read',
      label: { zh: '读取开票凭证', en: 'read a billing document' },
    }),
    readChanges: operation({
      request: ReadChanges,
      response: Changes,
      effect: 'read',
      label: { zh: '读取变更订单', en: 'read what changed' },
    }),
    /** An ERP does not look at the reference: the same number twice would be two documents. */
    postClearing: operation({
      request: Clearing,
      response: ClearingPosted,
      effect: 'write',
      query: 'queryClearing',
      numberOf: (clearing) => clearing.clearingNo,
      label: { zh: '回写收款过账', en: 'post a cleared receivable' },
    }),
    queryClearing: operation({
      request: QueryByNumber,
      response: enquiry(ClearingPosted),
      effect: 'read',
      label: { zh: '查询收款过账', en: 'query a posting' },
    }),
    acknowledgeIdoc: operation({
      request: Acknowledgement,
      response: Acknowledged,
      effect: 'write',
      idempotent: true,
      query: 'queryAcknowledgement',
      numberOf: (acknowledgement) => acknowledgement.messageNo,
      label: { zh: '回执报文', en: 'acknowledge a message' },
    }),
    queryAcknowledgement: operation({
      request: QueryByNumber,
      response: enquiry(Acknowledged),
      effect: 'read',
      label: { zh: '查询报文回执', en: 'query an acknowledgement' },
    }),
  },
  {
    orderPlaced: notice({
      contract: TradeOrder,
      label: { zh: '推送订单', en: 'order pushed' },
      keyOf: (order) => order.orderNo,
      idOf: (order) => order.orderNo,
    }),
    delivered: notice({
      contract: DeliveryNotice,
      label: { zh: '发货通知', en: 'delivery notified' },
      keyOf: (delivery) => delivery.orderNo,
      // A delivery may be told again with other quantities, under another number of message.
      idOf: (delivery) => `${delivery.sender}/${delivery.messageNo}/${delivery.orderNo}`,
    }),
    billed: notice({
      contract: BillingNotice,
      label: { zh: '开票通知', en: 'billing notified' },
      keyOf: (billing) => billing.billingNo,
      // A billing document never changes: whatever is wrong with it is another document.
      idOf: (billing) => billing.billingNo,
    }),
    orderChanged: notice({
      contract: OrderChange,
      label: { zh: '订单变更事件', en: 'order changed' },
      keyOf: (change) => change.orderNo,
      idOf: (change) => change.eventId,
    }),
  },
);
