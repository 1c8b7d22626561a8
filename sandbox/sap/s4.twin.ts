/**
 * The trading unit's SAP: its books, its ports (SOAP-RFC, OData, IDoc), and the clerks who make its documents.
 */
import { randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinRequest } from '../twin.ts';
import { dealers, materials, unit } from '../world.ts';
import {
  isoUnitOf,
  netOf,
  ordersInIdoc,
  ordersInOData,
  padded,
  sum,
  type BookedItem,
  type BookedOrder,
} from './s4.book.ts';
import { clerks, orderNamed, postXml } from './s4.clerks.ts';
import { inSession, sessionOf } from './s4.finance.ts';
import { functionModules } from './s4.functions.ts';
import { idocOf, logicalSystem, port } from './s4.idoc.ts';
import { takeIdoc } from './s4.inbound.ts';
import { dayOf, firstMemory, localTime, newDocnum, textIn, type S4, type S4Memory } from './s4.memory.ts';
import { isOdata, odata } from './s4.odata.ts';
import { callIn, fault, functionModuleOf, logonPage, sessionGone } from './s4.soap.ts';

const client = '100';
const rfcUser = 'LIANSHU_RFC';
const hubUser = 'SAP_S4';

export const sapS4 = twin<S4Memory>({
  name: 'sap-s4',
  kind: 'sap',
  dialect: 's4',
  title: { zh: '经营单位 SAP S/4HANA', en: 'SAP S/4HANA of the trading unit' },
  // Any sender: a sandbox also takes the files that partners bring along. In production: the logical system and its port.
  settings: {
    transport: 'soap',
    client,
    rfcUser,
    inboundUser: hubUser,
    sndprn: '*',
    sndpor: '*',
    salesOrganization: unit.salesOrganization,
    partner: logicalSystem,
    port,
    ownPartner: 'LIANSHU',
    ownPort: 'LIANSHU',
    clearingAccount: '1002010000',
    clearingDocumentType: 'DZ',
  },
  magic: [
    { where: 'purchase order 采购订单', value: '4500009401', effect: 'logon page with HTTP 401' },
    { where: 'purchase order 采购订单', value: '4500009500', effect: 'short dump, HTTP 500' },
    { where: 'purchase order 采购订单', value: '4500009006', effect: 'open by somebody (`ME006`)' },
    { where: 'purchase order 采购订单', value: '4500009392', effect: 'in yen' },
    { where: 'purchase order 采购订单', value: '4500000101', effect: 'partly received' },
    { where: 'purchase order 采购订单', value: '4500000102', effect: 'open, nothing received' },
    {
      where: 'amount of a posting 过账金额',
      value: '9001.01',
      effect: 'the customer is open by somebody (`MC601`): later',
    },
    { where: 'amount of a posting 过账金额', value: '9002.02', effect: 'the period is closed (`F5201`): refused' },
    { where: 'amount of a posting 过账金额', value: '9003.03', effect: 'short dump while posting: nothing is posted' },
    {
      where: 'amount of a posting 过账金额',
      value: '9004.04',
      effect: 'the commit fails (`S&150`): nothing is posted',
    },
    {
      where: 'amount of a posting 过账金额',
      value: '9005.05',
      effect: 'posted, and a short dump instead of the answer',
    },
    { where: 'sales organization 销售组织', value: 'GAP1', effect: 'counts one changed order more than it shows' },
  ],
  enrol() {
    const rfc = randomBytes(18).toString('base64url');
    const hub = randomBytes(18).toString('base64url');
    const files = { 'rfc-password.txt': rfc, 'inbound-password.txt': hub };
    return { hub: files, twin: files };
  },
  memory: firstMemory,
  operationOf(request) {
    if (request.path === '/sap/bc/idoc_xml') return 'acknowledgeIdoc';
    const service = /\/(API_\w+?)(?:;|\/|$)/.exec(request.path)?.[1];
    const functionModule = service ?? functionModuleOf(request);
    return functionModule === undefined ? undefined : (operations[functionModule] ?? functionModule);
  },
  handle,
  acts: {
    ...clerks,
    /** A clerk books an order; SAP's output control then sends it. Args: dealer, material, quantity, price, lines, purchaseOrderNo, orderNo, currency, salesOrganization, changedAt, quiet (nothing is sent). */
    placeOrder(args, s4) {
      const order = orderFrom(args, s4);
      s4.memory.orders[order.vbeln] = order;
      s4.effect('order', order.vbeln, { customer: order.customer, net: order.net });
      if (args['quiet'] !== true) s4.later('sendIdoc', { orderNo: order.vbeln }, 0);
    },
    /** SAP sends the IDoc of an order: again and again with the same number until the port says 200. */
    async sendIdoc(args, s4) {
      const order = orderNamed(args, s4);
      await postXml(s4, idocOf(order, s4.memory.customers[order.customer] ?? '', localTime(s4)));
    },
    /** Books what is in a file, and sends nothing: whoever holds the file sends it. Args: idoc (XML) or order (OData). */
    book(args, s4) {
      for (const order of readable(args, dayOf(s4))) {
        s4.memory.orders[order.vbeln] = order;
        // No clerk can book an order without a customer master.
        s4.memory.customers[order.customer] ??= '';
        if (order.docnum !== '') s4.memory.idocs[order.docnum] ??= '03';
      }
    },
    /** A delivery block on the order. Args: orderNo, block (blank lifts it). */
    block(args, s4) {
      orderNamed(args, s4).deliveryBlock = typeof args['block'] === 'string' ? args['block'] : '01';
    },
  },
});

/** For faults: what the operation that a request belongs to is called. */
const operations: Readonly<Record<string, string>> = {
  BAPISDORDER_GETDETAILEDLIST: 'readOrder',
  BAPI_AR_ACC_GETOPENITEMS: 'readOpenItems',
  BAPI_PO_GETDETAIL1: 'readPurchaseOrder',
  BAPI_SALESORDER_GETSTATUS: 'readDeliveryStatus',
  API_OUTBOUND_DELIVERY_SRV: 'readDelivery',
  API_BILLING_DOCUMENT_SRV: 'readBilling',
  API_SALES_ORDER_SRV: 'readChanges',
  BAPI_TRANSACTION_COMMIT: 'postClearing',
};

function handle(request: TwinRequest, s4: S4): TwinAnswer {
  const isIdoc = request.path === '/sap/bc/idoc_xml';
  if (request.path !== '/sap/bc/soap/rfc' && !isIdoc && !isOdata(request))
    return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><body>Not found<br></body></html>' };
  const credentials = Buffer.from(`${rfcUser}:${s4.key('rfc-password.txt')}`).toString('base64');
  if (request.headers['authorization'] !== `Basic ${credentials}` || request.query['sap-client'] !== client)
    return logonPage();
  if (isOdata(request)) return odata(request, s4);
  if (request.method !== 'POST') return json({ error: 'POST only' }, 405);
  if (!request.headers['content-type']?.startsWith('text/xml')) return fault('wrong content type');
  return isIdoc ? takeIdoc(request, s4) : remoteCall(request, s4);
}

function remoteCall(request: TwinRequest, s4: S4): TwinAnswer {
  const session = sessionOf(request, s4);
  if (!session) return sessionGone();
  try {
    const call = callIn(request);
    const perform = functionModules[call.functionModule];
    const answer = perform ? perform(call, s4, session) : fault(`Function module ${call.functionModule} not found`);
    return inSession(answer, request, session, s4);
  } catch (thrown) {
    return fault(thrown instanceof Error ? thrown.message : 'error');
  }
}

/** What a clerk cannot read is not booked; the hub has its own word for such a file. */
function readable(args: Record<string, unknown>, today: string): BookedOrder[] {
  const idoc = args['idoc'];
  try {
    return typeof idoc === 'string' ? ordersInIdoc(idoc, today) : ordersInOData(args['order'], today);
  } catch {
    return [];
  }
}

function orderFrom(args: Record<string, unknown>, s4: S4): BookedOrder {
  const customer = padded(textIn(args, 'dealer', textIn(args, 'sapNo', dealers[0]?.sapNo ?? '')));
  if (!(customer in s4.memory.customers)) throw new Error(`SAP has no customer ${customer}`);
  const lines = Array.isArray(args['lines']) ? (args['lines'] as Record<string, unknown>[]) : [args];
  const items = lines.map((line, index) => itemFrom(line, index));
  const vbeln = padded(textIn(args, 'orderNo', String(s4.memory.nextOrder++)));
  return {
    vbeln,
    docnum: newDocnum(s4),
    date: dayOf(s4),
    purchaseOrderNo: textIn(args, 'purchaseOrderNo', `PO-${vbeln.slice(-6)}`),
    customer,
    salesOrganization: textIn(args, 'salesOrganization', unit.salesOrganization),
    currency: textIn(args, 'currency', 'CNY'),
    items,
    net: sum(items.map((item) => item.net)),
    deliveryBlock: '',
    deliveryStatus: 'A',
    changedAt: textIn(args, 'changedAt', s4.clock.now().toISOString()),
  };
}

function itemFrom(line: Record<string, unknown>, index: number): BookedItem {
  const code = textIn(line, 'material', materials[0].code);
  const material = materials.find((each) => each.code === code);
  if (!material) throw new Error(`SAP has no material ${code}`);
  const quantity = textIn(line, 'quantity', '100.000');
  const price = textIn(line, 'price', material.price);
  if (!/^\d{1,12}(\.\d{1,3})?$/.test(quantity) || !/^\d{1,12}(\.\d{1,4})?$/.test(price))
    throw new Error('quantity and price are decimals');
  const shown = quantity.includes('.') ? quantity : `${quantity}.`;
  return {
    posnr: String((index + 1) * 10).padStart(6, '0'),
    material: code,
    text: material.name,
    quantity: shown.replace(/\.(\d*)$/, (_, fraction: string) => `.${fraction.padEnd(3, '0')}`),
    unit: material.sapUnit,
    isoUnit: isoUnitOf(material.sapUnit),
    price,
    per: '1',
    priceUnit: material.sapUnit,
    net: netOf(quantity, price, '1'),
  };
}
