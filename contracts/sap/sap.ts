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
import { kind, notice, operation } from '../kind.ts';

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
  },
  {
    orderPlaced: notice({
      contract: TradeOrder,
      label: { zh: '推送订单', en: 'order pushed' },
      keyOf: (order) => order.orderNo,
      idOf: (order) => order.orderNo,
    }),
  },
);
