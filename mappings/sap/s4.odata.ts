/** A sales order as OData V2 tells it (API_SALES_ORDER_SRV) to the canonical order. Refusals name the field by JSON Pointer. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { mapping } from '../../contracts/mapping.ts';
import { ReceivedEntity, type SalesOrderEntity } from '../../contracts/sap/s4.wire.ts';
import { TradeOrder } from '../../contracts/sap/sap.ts';
import { currencyOf } from './s4.codes.ts';
import { lineValues } from './s4.line.ts';
import { alpha, dateOf, fixed, instantOf, isBlank, needed, number, wrong } from './s4.numbers.ts';

type Entity = Static<typeof SalesOrderEntity>;
type EntityItem = Entity['to_Item'][number];

const linesMax = 500;

export const tradeOrderOfEntity = mapping(
  'sap.s4.odata',
  ReceivedEntity,
  TradeOrder,
  ({ path, order, receivedAt, salesOrganization }) => {
    const orderNo = alpha(needed(order.SalesOrder, `${path}/SalesOrder`));
    const items = order.to_Item
      .map((item, index) => ({ item, pointer: `${path}/to_Item/results/${index}` }))
      .filter(({ item }) => isBlank(item.SalesDocumentRjcnReason)); // A rejected item is not part of the order's value.
    if (items.length === 0)
      wrong(`${path}/to_Item`, 'required', 'is missing: an order has at least one line ($expand=to_Item)');
    if (items.length > linesMax) wrong(`${path}/to_Item`, 'maxItems', `holds more than ${linesMax} lines`);
    const lines = items.map(({ item, pointer }) => lineOf(item, pointer));
    const seller = isBlank(order.SalesOrganization) ? salesOrganization : order.SalesOrganization;
    return {
      messageNo: orderNo,
      sentAt: instantOf(order.LastChangeDateTime) ?? receivedAt,
      orderNo,
      ...(isBlank(order.PurchaseOrderByCustomer)
        ? {}
        : { purchaseOrderNo: needed(order.PurchaseOrderByCustomer, `${path}/PurchaseOrderByCustomer`) }),
      orderDate: orderDateOf(order, path),
      currency: currencyOf(
        needed(order.TransactionCurrency, `${path}/TransactionCurrency`, 3),
        `${path}/TransactionCurrency`,
      ),
      total: totalOf(order, path, lines),
      buyer: { externalNo: alpha(needed(order.SoldToParty, `${path}/SoldToParty`)) },
      seller: { externalNo: alpha(needed(seller, `${path}/SalesOrganization`)) },
      lines,
    };
  },
);

/** `/Date(1471392000000)/` of OData V2, or a date as people write it in an example. */
function orderDateOf(order: Entity, path: string): string {
  const field = isBlank(order.SalesOrderDate) ? 'CreationDate' : 'SalesOrderDate';
  const text = needed(order[field], `${path}/${field}`);
  const instant = instantOf(text);
  return (
    dateOf(instant?.slice(0, 10) ?? text.slice(0, 10)) ??
    wrong(`${path}/${field}`, 'date', 'is not /Date(milliseconds)/')
  );
}

function totalOf(order: Entity, path: string, lines: readonly { amount: string }[]): string {
  const computed = yuanOf(lines.reduce((sum, line) => sum + fenOf(line.amount), 0n));
  if (isBlank(order.TotalNetAmount)) return computed;
  const pointer = `${path}/TotalNetAmount`;
  const total =
    fixed(number(order.TotalNetAmount, pointer), 2) ?? wrong(pointer, 'decimals', 'has more than two decimals');
  if (total !== computed) wrong(pointer, 'total', `is ${total} while the items add up to ${computed}`);
  return total;
}

function lineOf(item: EntityItem, pointer: string) {
  const at = (field: keyof EntityItem) => ({ text: item[field], pointer: `${pointer}/${field}` });
  return {
    lineNo: alpha(needed(item.SalesOrderItem, `${pointer}/SalesOrderItem`)),
    materialCode: alpha(needed(item.Material, `${pointer}/Material`)),
    ...(isBlank(item.SalesOrderItemText) ? {} : { description: item.SalesOrderItemText }),
    ...lineValues({
      quantity: at('RequestedQuantity'),
      unit: at('RequestedQuantityUnit'),
      price: at('NetPriceAmount'),
      pricePer: at('NetPriceQuantity'),
      priceUnit: at('NetPriceQuantityUnit'),
      amount: at('NetAmount'),
    }),
  };
}
