/** What the hub reads of SAP: by BAPI over either transport, and by OData. */
import { changesOf, billingOfEntity, deliveryOfEntity } from '../../../mappings/sap/s4.entities.ts';
import { deliveryStatusOf, purchaseOrderOf } from '../../../mappings/sap/s4.documents.ts';
import { alphaIn } from '../../../mappings/sap/s4.numbers.ts';
import { openItemsOf, refuseBapiErrors, snapshotOf } from '../../../mappings/sap/s4.bapi.ts';
import { Failure } from '../../../contracts/failures.ts';
import {
  BillingEntity,
  ChangedOrders,
  DeliveryEntity,
  PurchaseDetail,
  StatusInfo,
} from '../../../contracts/sap/s4.documents.wire.ts';
import { BapiReturn, OpenLineItems, OrderDetail } from '../../../contracts/sap/s4.wire.ts';
import type { sap } from '../../../contracts/sap/sap.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { quoted, readOdata } from '../odata.ts';
import { isTree, pick } from '../pick.ts';
import type { RfcTransport } from '../rfc.ts';

type Operations = Dialect<typeof sap>['operations'];

const documentNoDigits = 10;
const customerNoDigits = 10;
const pagesMax = 50;
/** SAP stamps a change before it commits it: what was late is still seen within this time. */
const overlapMs = 5 * 60_000;

export function documentReads(transportTo: (wire: Wire) => RfcTransport) {
  return {
    async readOrder({ orderNo }, wire) {
      const imports = {
        I_BAPI_VIEW: { HEADER: 'X', ITEM: 'X', STATUS_H: 'X' },
        SALES_DOCUMENTS: [{ VBELN: alphaIn(orderNo, documentNoDigits) }],
      };
      const answer = await transportTo(wire).call(
        'BAPISDORDER_GETDETAILEDLIST',
        imports,
        Object.keys(OrderDetail.properties),
      );
      const detail = pick(OrderDetail, answer);
      // No order at all is an answer; another order than was asked for is not the answer to this.
      const numbers = detail.ORDER_HEADERS_OUT.map((header) => header.DOC_NUMBER);
      confirmAsked(numbers, alphaIn(orderNo, documentNoDigits), documentNoDigits);
      return snapshotOf({ orderNo, readAt: wire.now().toISOString(), answer: detail });
    },
    async readOpenItems({ companyCode, customerNo, keyDate }, wire) {
      const transport = transportTo(wire);
      const imports = {
        COMPANYCODE: companyCode,
        CUSTOMER: alphaIn(customerNo, customerNoDigits),
        KEYDATE: transport.date(keyDate),
      };
      const answer = await transport.call('BAPI_AR_ACC_GETOPENITEMS', imports, ['LINEITEMS']);
      refuseBapiErrors(pick(BapiReturn, answer));
      confirmAsked(customersIn(answer), imports.CUSTOMER, customerNoDigits);
      return openItemsOf({ customerNo, keyDate, answer: pick(OpenLineItems, answer) });
    },
    async readPurchaseOrder({ purchaseOrderNo }, wire) {
      const asked = alphaIn(purchaseOrderNo, documentNoDigits);
      const tables = ['POITEM', 'POSCHEDULE', 'POHISTORY_TOTALS', 'RETURN'];
      const answer = await transportTo(wire).call('BAPI_PO_GETDETAIL1', { PURCHASEORDER: asked }, tables);
      refuseBapiErrors(pick(BapiReturn, answer));
      const detail = pick(PurchaseDetail, answer);
      confirmAsked([detail.POHEADER.PO_NUMBER ?? 'none'], asked, documentNoDigits);
      return purchaseOrderOf({ purchaseOrderNo, readAt: wire.now().toISOString(), answer: detail });
    },
    async readDeliveryStatus({ orderNo }, wire) {
      const asked = alphaIn(orderNo, documentNoDigits);
      const imports = { SALESDOCUMENT: asked };
      const answer = await transportTo(wire).call('BAPI_SALESORDER_GETSTATUS', imports, ['STATUSINFO']);
      refuseBapiErrors(pick(BapiReturn, answer));
      const info = pick(StatusInfo, answer);
      const numbers = info.STATUSINFO.map((row) => row.DOC_NUMBER);
      confirmAsked(numbers, asked, documentNoDigits);
      return deliveryStatusOf({ orderNo, readAt: wire.now().toISOString(), answer: info });
    },
    readDelivery: async ({ deliveryNo }, wire) => {
      const document = await readOdata(wire, 'API_OUTBOUND_DELIVERY_SRV', keyed('A_OutbDeliveryHeader', deliveryNo), {
        $expand: 'to_DeliveryDocumentItem',
      });
      const delivery = pick(DeliveryEntity, document);
      confirmAsked([delivery.DeliveryDocument ?? 'none'], alphaIn(deliveryNo, documentNoDigits), documentNoDigits);
      return deliveryOfEntity({ readAt: wire.now().toISOString(), delivery });
    },
    readBilling: async ({ billingNo }, wire) => {
      const document = await readOdata(wire, 'API_BILLING_DOCUMENT_SRV', keyed('A_BillingDocument', billingNo), {
        $expand: 'to_Item',
      });
      const billing = pick(BillingEntity, document);
      confirmAsked([billing.BillingDocument ?? 'none'], alphaIn(billingNo, documentNoDigits), documentNoDigits);
      return billingOfEntity({ readAt: wire.now().toISOString(), billing });
    },
    readChanges,
  } satisfies Operations;
}

/** OData wants numbers as people see them: without leading zeros. */
function keyed(entity: string, no: string): string {
  return `${entity}(${encodeURIComponent(quoted(no.replace(/^0+(?=\d+$)/, '')))})`;
}

const readChanges: NonNullable<Operations['readChanges']> = async ({ salesOrganization, since, token }, wire) => {
  const start = token === undefined ? instant(since, '#/since') : instant(token, '#/token');
  const from = token === undefined ? start : new Date(start.getTime() - overlapMs);
  const asked = {
    $filter: `SalesOrganization eq ${quoted(salesOrganization)} and LastChangeDateTime ge datetimeoffset'${from.toISOString()}'`,
    $orderby: 'LastChangeDateTime',
    $select: 'SalesOrder,SalesOrganization,LastChangeDateTime',
    $inlinecount: 'allpages',
  };
  const pages: ReturnType<typeof pageIn>[] = [];
  let next: string | undefined = '';
  while (next !== undefined && pages.length < pagesMax) {
    const more: Record<string, string> = next === '' ? {} : { $skiptoken: next };
    const page = pageIn(await readOdata(wire, 'API_SALES_ORDER_SRV', 'A_SalesOrder', { ...asked, ...more }));
    const strange = page.results.find((row) => row.SalesOrganization !== salesOrganization);
    if (strange) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about another sales organization' });
    pages.push(page);
    next = skipTokenIn(page.next);
  }
  return changesOf({ salesOrganization, from: from.toISOString(), since: start.toISOString(), pages });
};

function pageIn(document: Record<string, unknown>) {
  if (!Array.isArray(document['results']))
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer holds no list of orders' });
  const { results, ['__count']: count, ['__next']: next } = document;
  return pick(ChangedOrders, { results, count, next });
}

/** Of the link to the next page only its token is believed: where to ask is ours. */
function skipTokenIn(link: string | undefined): string | undefined {
  if (link === undefined || link === '') return undefined;
  const found = /[?&](?:\$|%24)skiptoken=([^&#]{1,200})/.exec(link)?.[1];
  if (found === undefined)
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'a link to the next page without $skiptoken' });
  return decodeURIComponent(found);
}

function instant(text: string, pointer: string): Date {
  const at = new Date(/^\d{4}-\d\d-\d\dT/.test(text) ? text : Number.NaN);
  if (Number.isNaN(at.getTime()))
    throw new Failure('CONTRACT_VIOLATED', {
      detail: `${pointer} is not what was answered before`,
      errors: [{ pointer, code: 'token', detail: 'is not what was answered before' }],
    });
  return at;
}

/** SAP writes into each row whose it is: an answer about another is none. */
function confirmAsked(found: readonly (string | undefined)[], asked: string, digits: number): void {
  if (found.some((each) => each !== undefined && each !== '' && alphaIn(each, digits) !== asked))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is about something else than was asked for' });
}

function customersIn(answer: unknown): string[] {
  const rows: unknown = isTree(answer) ? answer['LINEITEMS'] : undefined;
  return (Array.isArray(rows) ? rows : []).flatMap((row: unknown) => {
    const customer = isTree(row) ? row['CUSTOMER'] : undefined;
    return typeof customer === 'string' ? [customer.trim()] : [];
  });
}
