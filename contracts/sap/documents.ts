/** Documents of an ERP beside its sales orders: what was bought, what has left, what was billed. */
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

const linesMax = 500;
const Partner = strict({ externalNo: ShortText, name: Type.Optional(CompanyName) });
const goods = { materialCode: ShortText, description: Type.Optional(Text), quantity: Quantity, unit: Unit };

/** Purchase order (采购订单) with what has arrived and what was invoiced of it. */
export const PurchaseOrder = contract(
  'sap/purchase-order',
  strict({
    purchaseOrderNo: ShortText,
    companyCode: ShortText,
    vendor: Partner,
    orderDate: BusinessDate,
    currency: Currency,
    /** Net value of the lines that are still part of it. */
    total: Yuan,
    status: Type.Union([Type.Literal('open'), Type.Literal('partlyReceived'), Type.Literal('received')]),
    lines: Type.Array(
      strict({
        lineNo: ShortText,
        ...goods,
        unitPrice: Yuan,
        amount: Yuan,
        /** In the unit of the line. */
        received: Quantity,
        invoiced: Quantity,
        dueOn: Type.Optional(BusinessDate),
      }),
      { minItems: 1, maxItems: linesMax },
    ),
    readAt: Instant,
  }),
);

const OrderStatus = Type.Union([
  Type.Literal('open'),
  Type.Literal('partlyDelivered'),
  Type.Literal('delivered'),
  Type.Literal('blocked'),
]);

/** How far an order is delivered (发货进度), item by item, with the deliveries of each. */
export const DeliveryStatus = contract(
  'sap/delivery-status',
  strict({
    orderNo: ShortText,
    status: OrderStatus,
    items: Type.Array(
      strict({
        lineNo: ShortText,
        ...goods,
        amount: Yuan,
        currency: Currency,
        status: OrderStatus,
        deliveries: Type.Array(
          strict({
            deliveryNo: ShortText,
            lineNo: ShortText,
            date: Type.Optional(BusinessDate),
            /** In the unit of the item. */
            quantity: Quantity,
          }),
          { maxItems: linesMax },
        ),
      }),
      { minItems: 1, maxItems: linesMax },
    ),
    readAt: Instant,
  }),
);

const DeliveryLines = Type.Array(
  strict({
    lineNo: ShortText,
    orderNo: Type.Optional(ShortText),
    orderLineNo: Type.Optional(ShortText),
    ...goods,
    /** Lot (批次) of the supplier. */
    batch: Type.Optional(ShortText),
  }),
  { minItems: 1, maxItems: linesMax },
);

/** Delivery (交货单) as the ERP holds it now. */
export const Delivery = contract(
  'sap/delivery',
  strict({
    deliveryNo: ShortText,
    status: Type.Union([Type.Literal('open'), Type.Literal('partlyIssued'), Type.Literal('issued')]),
    /** Goods issue (发货过账). */
    issuedOn: Type.Optional(BusinessDate),
    shipTo: Partner,
    lines: DeliveryLines,
    readAt: Instant,
  }),
);

/** What left for one order: a delivery of several orders is told once for each. */
export const DeliveryNotice = contract(
  'sap/delivery-notice',
  strict({
    orderNo: ShortText,
    deliveryNo: ShortText,
    messageNo: ShortText,
    sender: ShortText,
    sentAt: Instant,
    issuedOn: Type.Optional(BusinessDate),
    shipTo: Type.Optional(Partner),
    lines: DeliveryLines,
  }),
);

const billingFields = {
  billingNo: ShortText,
  type: Type.Union([
    Type.Literal('invoice'),
    Type.Literal('creditMemo'),
    Type.Literal('debitMemo'),
    Type.Literal('invoiceCancellation'),
    Type.Literal('creditMemoCancellation'),
  ]),
  billingDate: BusinessDate,
  currency: Currency,
  /** Amounts are never negative: the type says on which side they stand. */
  net: Yuan,
  tax: Yuan,
  gross: Yuan,
  payer: Partner,
  /** The billing document that this one cancels. */
  cancels: Type.Optional(ShortText),
  lines: Type.Array(strict({ lineNo: ShortText, orderNo: Type.Optional(ShortText), ...goods, net: Yuan }), {
    minItems: 1,
    maxItems: linesMax,
  }),
};

/** Billing document (开票凭证) as the ERP holds it now. */
export const Billing = contract(
  'sap/billing',
  strict({
    ...billingFields,
    /** Where finance keeps it; absent while it is not posted. */
    accountingDocumentNo: Type.Optional(ShortText),
    cancelled: Type.Boolean(),
    readAt: Instant,
  }),
);

export const BillingNotice = contract(
  'sap/billing-notice',
  strict({
    ...billingFields,
    dueDate: Type.Optional(BusinessDate),
    messageNo: ShortText,
    sender: ShortText,
    sentAt: Instant,
  }),
);
