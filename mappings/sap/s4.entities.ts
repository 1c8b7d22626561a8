/** Deliveries, billing documents and changed orders as OData V2 tells them, to canonical documents. */
import type { Static } from 'typebox';
import { fenOf } from '../../contracts/canonical/money.ts';
import { mapping } from '../../contracts/mapping.ts';
import { Billing, Delivery } from '../../contracts/sap/documents.ts';
import { Changes } from '../../contracts/sap/postings.ts';
import {
  ReadBillingEntity,
  ReadChangedOrders,
  ReadDeliveryEntity,
  type BillingEntity,
  type DeliveryEntity,
} from '../../contracts/sap/s4.documents.wire.ts';
import { billingTypes, currencyOf, goodsIssues } from './s4.codes.ts';
import { quantitiesOf } from './s4.line.ts';
import { alpha, dateOf, instantOf, isBlank, money, needed, wrong } from './s4.numbers.ts';

export const deliveryOfEntity = mapping('sap.s4.delivery', ReadDeliveryEntity, Delivery, ({ readAt, delivery }) => {
  const issuedOn = dayIn(delivery.ActualGoodsMovementDate);
  return {
    deliveryNo: alpha(needed(delivery.DeliveryDocument, '#/d/DeliveryDocument')),
    status: goodsIssues.of(delivery.OverallGoodsMovementStatus ?? '', '#/d/OverallGoodsMovementStatus'),
    ...(issuedOn === undefined ? {} : { issuedOn }),
    shipTo: { externalNo: alpha(needed(delivery.ShipToParty, '#/d/ShipToParty')) },
    lines: delivery.to_DeliveryDocumentItem.map(deliveryLineOf),
    readAt,
  };
});

function deliveryLineOf(item: Static<typeof DeliveryEntity>['to_DeliveryDocumentItem'][number], index: number) {
  const path = `#/d/to_DeliveryDocumentItem/results/${index}`;
  return {
    lineNo: alpha(needed(item.DeliveryDocumentItem, `${path}/DeliveryDocumentItem`)),
    ...(isBlank(item.ReferenceSDDocument) ? {} : { orderNo: alpha(item.ReferenceSDDocument) }),
    ...(isBlank(item.ReferenceSDDocumentItem) ? {} : { orderLineNo: alpha(item.ReferenceSDDocumentItem) }),
    materialCode: alpha(needed(item.Material, `${path}/Material`)),
    ...(isBlank(item.DeliveryDocumentItemText) ? {} : { description: item.DeliveryDocumentItemText }),
    ...oneQuantity(item, 'ActualDeliveryQuantity', 'DeliveryQuantityUnit', path),
    ...(isBlank(item.Batch) ? {} : { batch: item.Batch }),
  };
}

export const billingOfEntity = mapping('sap.s4.billing', ReadBillingEntity, Billing, ({ readAt, billing }) => {
  const at = (field: keyof typeof billing) => `#/d/${field}`;
  const [net, tax, gross] = [
    money(billing.TotalNetAmount, at('TotalNetAmount')),
    money(billing.TotalTaxAmount, at('TotalTaxAmount')),
    money(billing.TotalGrossAmount, at('TotalGrossAmount')),
  ];
  if (fenOf(net) + fenOf(tax) !== fenOf(gross))
    wrong(at('TotalGrossAmount'), 'total', `is ${gross} while ${net} and ${tax} add up to another`);
  const cancels = billing.CancelledBillingDocument;
  return {
    billingNo: alpha(needed(billing.BillingDocument, at('BillingDocument'))),
    type: billingTypes.of(billing.BillingDocumentType ?? '', at('BillingDocumentType')),
    billingDate:
      dayIn(billing.BillingDocumentDate) ?? wrong(at('BillingDocumentDate'), 'date', 'is not /Date(milliseconds)/'),
    currency: currencyOf(needed(billing.TransactionCurrency, at('TransactionCurrency'), 5), at('TransactionCurrency')),
    net,
    tax,
    gross,
    payer: { externalNo: alpha(needed(billing.PayerParty, at('PayerParty'))) },
    ...(isBlank(cancels) ? {} : { cancels: alpha(cancels) }),
    ...(isBlank(billing.AccountingDocument) ? {} : { accountingDocumentNo: alpha(billing.AccountingDocument) }),
    cancelled: billing.BillingDocumentIsCancelled === 'true',
    lines: billing.to_Item.map(billingLineOf),
    readAt,
  };
});

function billingLineOf(item: Static<typeof BillingEntity>['to_Item'][number], index: number) {
  const path = `#/d/to_Item/results/${index}`;
  return {
    lineNo: alpha(needed(item.BillingDocumentItem, `${path}/BillingDocumentItem`)),
    ...(isBlank(item.SalesDocument) ? {} : { orderNo: alpha(item.SalesDocument) }),
    materialCode: alpha(needed(item.Material, `${path}/Material`)),
    ...(isBlank(item.BillingDocumentItemText) ? {} : { description: item.BillingDocumentItemText }),
    ...oneQuantity(item, 'BillingQuantity', 'BillingQuantityUnit', path),
    net: money(item.NetAmount, `${path}/NetAmount`),
  };
}

function oneQuantity<K extends string>(item: { [F in K]?: string | undefined }, quantity: K, unit: K, path: string) {
  const read = quantitiesOf({ text: item[unit], pointer: `${path}/${unit}` }, [
    { text: item[quantity], pointer: `${path}/${quantity}` },
  ]);
  return { quantity: read.quantities[0] ?? '', unit: read.unit };
}

function dayIn(text: string | undefined): string | undefined {
  return dateOf(instantOf(text)?.slice(0, 10));
}

/**
 * Pages of what changed, to what is told. A row is told once, by its latest change. While something is known to be missing
 * the token stays where it was, so that the next reading covers the same again.
 */
export const changesOf = mapping(
  'sap.s4.changes',
  ReadChangedOrders,
  Changes,
  ({ salesOrganization, since, from, pages }) => {
    const start = new Date(since).toISOString(); // Texts of one form are in the order of their times.
    const rows = pages.flatMap(({ results }) => results);
    const told = new Map<string, string>();
    let repeated = 0;
    rows.forEach((row, index) => {
      const path = `#/d/results/${index}`;
      const orderNo = alpha(needed(row.SalesOrder, `${path}/SalesOrder`));
      const changedAt =
        instantOf(row.LastChangeDateTime) ?? wrong(`${path}/LastChangeDateTime`, 'date', 'is no instant');
      if (Date.parse(changedAt) < Date.parse(from))
        wrong(`${path}/LastChangeDateTime`, 'range', 'is before what was asked');
      repeated += told.has(orderNo) ? 1 : 0;
      if (changedAt > (told.get(orderNo) ?? '')) told.set(orderNo, changedAt);
    });
    const announced = pages[0]?.count;
    const gap = gapIn(announced, rows.length, repeated, !isBlank(pages.at(-1)?.next));
    const changes = [...told].map(([orderNo, changedAt]) => ({ orderNo, changedAt }));
    const latest = changes.reduce((last, { changedAt }) => (changedAt > last ? changedAt : last), start);
    return {
      salesOrganization,
      changes,
      token: gap === undefined ? latest : start,
      ...(gap === undefined ? {} : { gap }),
    };
  },
  { drops: { '/pages/[]/results/[]/SalesOrganization': 'the dialect held it against the one that was asked for' } },
);

/** The order of pages is no snapshot: while one reads, documents move to the end, and others slip between two pages. */
function gapIn(announced: string | undefined, read: number, repeated: number, more: boolean): string | undefined {
  if (more) return 'there are more pages than are read at once';
  if (!isBlank(announced) && announced !== String(read)) return `${announced} rows announced, ${read} read`;
  return repeated > 0 ? `${repeated} rows twice: pages moved while they were read` : undefined;
}
