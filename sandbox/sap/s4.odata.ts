/** OData V2 of the sandbox's SAP: deliveries, billing documents, and orders by their last change, page by page. */
import type { TwinAnswer, TwinRequest } from '../twin.ts';
import { json } from '../twin.ts';
import { unit } from '../world.ts';
import { padded, type BookedOrder } from './s4.book.ts';
import type { Billing, Delivery, S4 } from './s4.memory.ts';

const root = '/sap/opu/odata/sap/';
/** Counts one row more than it has: an order slipped between two pages. */
const gapOrganization = 'GAP1';

export function isOdata(request: TwinRequest): boolean {
  return request.path.startsWith(root);
}

export function odata(request: TwinRequest, s4: S4): TwinAnswer {
  if (request.method !== 'GET') return refused(405, '/IWFND/CM_MGW/096', 'GET only');
  const path = decodeURIComponent(request.path).slice(root.length);
  const delivery = /^API_OUTBOUND_DELIVERY_SRV\/A_OutbDeliveryHeader\('([^']+)'\)$/.exec(path)?.[1];
  const billing = /^API_BILLING_DOCUMENT_SRV\/A_BillingDocument\('([^']+)'\)$/.exec(path)?.[1];
  if (delivery !== undefined) return entity(s4.memory.deliveries[padded(delivery)], deliveryEntity);
  if (billing !== undefined) return entity(s4.memory.billings[padded(billing)], billingEntity(s4));
  if (path === 'API_SALES_ORDER_SRV/A_SalesOrder') return changedOrders(request, s4);
  return refused(404, '/IWFND/MED/170', `No service found for ${path.slice(0, 60)}`);
}

function entity<T>(found: T | undefined, shown: (found: T) => object): TwinAnswer {
  return found ? json({ d: shown(found) }) : refused(404, 'SY/530', 'Resource not found');
}

function refused(status: number, code: string, value: string): TwinAnswer {
  return json({ error: { code, message: { lang: 'en', value } } }, status);
}

const plain = (no: string) => no.replace(/^0+(?=\d)/, '');
const dayOfOdata = (day: string) => `/Date(${Date.parse(`${day}T00:00:00Z`)})/`;
const metadata = (service: string, type: string, key: string) => ({
  __metadata: { id: `${root}${service}/${key}`, uri: `${root}${service}/${key}`, type: `${service}.${type}` },
});

function deliveryEntity(delivery: Delivery): object {
  const key = `A_OutbDeliveryHeader('${plain(delivery.vbeln)}')`;
  return {
    ...metadata('API_OUTBOUND_DELIVERY_SRV', 'A_OutbDeliveryHeaderType', key),
    DeliveryDocument: plain(delivery.vbeln),
    ActualGoodsMovementDate: delivery.status === 'C' ? dayOfOdata(delivery.date) : null,
    OverallGoodsMovementStatus: delivery.status,
    ShipToParty: plain(delivery.customer),
    to_DeliveryDocumentItem: {
      results: delivery.lines.map((line) => ({
        DeliveryDocumentItem: plain(line.posnr),
        Material: line.material,
        DeliveryDocumentItemText: line.text,
        ActualDeliveryQuantity: line.quantity,
        DeliveryQuantityUnit: line.unit,
        Batch: line.batch,
        ReferenceSDDocument: plain(line.vbelv),
        ReferenceSDDocumentItem: line.posnv,
      })),
    },
  };
}

const billingEntity = (s4: S4) => (billing: Billing) => ({
  ...metadata('API_BILLING_DOCUMENT_SRV', 'A_BillingDocumentType', `A_BillingDocument('${plain(billing.vbeln)}')`),
  BillingDocument: plain(billing.vbeln),
  BillingDocumentType: billing.type,
  BillingDocumentDate: dayOfOdata(billing.date),
  TotalNetAmount: billing.net,
  TotalTaxAmount: billing.tax,
  TotalGrossAmount: billing.gross,
  TransactionCurrency: billing.currency,
  PayerParty: plain(billing.customer),
  CompanyCode: unit.companyCode,
  AccountingDocument: billing.accounting,
  BillingDocumentIsCancelled: billing.cancelled,
  CancelledBillingDocument: plain(billing.cancels),
  to_Item: {
    results: (s4.memory.orders[billing.order]?.items ?? []).map((item) => ({
      BillingDocumentItem: plain(item.posnr),
      Material: item.material,
      BillingDocumentItemText: item.text,
      BillingQuantity: item.quantity,
      BillingQuantityUnit: item.unit,
      NetAmount: item.net,
      SalesDocument: plain(billing.order),
    })),
  },
});

function changedOrders(request: TwinRequest, s4: S4): TwinAnswer {
  const filter = /^SalesOrganization eq '([^']*)' and LastChangeDateTime ge datetimeoffset'([^']+)'$/.exec(
    request.query['$filter'] ?? '',
  );
  const from = Date.parse(filter?.[2] ?? '');
  if (!filter || Number.isNaN(from)) return refused(400, '/IWBEP/CM_MGW_RT/021', 'Filter is not supported');
  const organization = filter[1] ?? '';
  const changed = (order: BookedOrder) => Date.parse(order.changedAt ?? '');
  const found = Object.values(s4.memory.orders)
    .filter((order) => order.salesOrganization === organization && changed(order) >= from)
    .sort((a, b) => changed(a) - changed(b));
  const skipped = Number.parseInt(request.query['$skiptoken'] ?? '0', 10) || 0;
  const rows = found.slice(skipped, skipped + s4.memory.pageRows);
  const next = skipped + s4.memory.pageRows;
  const isShort = organization === gapOrganization || s4.memory.gaps > 0;
  if (s4.memory.gaps > 0 && next >= found.length) s4.memory.gaps -= 1;
  const address = `http://${request.headers['host'] ?? 's4'}${request.path}?${request.rawQuery.replace(/&?(%24|\$)skiptoken=\d+/, '')}`;
  return json({
    d: {
      results: rows.map((order) => ({
        ...metadata('API_SALES_ORDER_SRV', 'A_SalesOrderType', `A_SalesOrder('${plain(order.vbeln)}')`),
        SalesOrder: plain(order.vbeln),
        SalesOrganization: order.salesOrganization,
        LastChangeDateTime: `/Date(${changed(order)}+0000)/`,
      })),
      __count: String(found.length + (isShort ? 1 : 0)),
      ...(next < found.length ? { __next: `${address}&$skiptoken=${next}` } : {}),
    },
  });
}
