/** The trading unit's SAP: its sales orders and open items, its SOAP-RFC port, and the clerks who book orders and let it send them. */
import { randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
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
import { idocOf } from './s4.idoc.ts';
import { headerRow, itemRow, openItemRow, returned, type OpenItem } from './s4.rows.ts';
import { callIn, fault, functionModuleOf, logonPage, response, type SoapCall } from './s4.soap.ts';

interface S4Memory {
  nextOrder: number;
  nextIdoc: number;
  orders: Record<string, BookedOrder>;
  customers: Record<string, string>;
  openItems: OpenItem[];
}

type S4 = TwinContext<S4Memory>;

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
  },
  enrol() {
    const rfc = randomBytes(18).toString('base64url');
    const hub = randomBytes(18).toString('base64url');
    const files = { 'rfc-password.txt': rfc, 'inbound-password.txt': hub };
    return { hub: files, twin: files };
  },
  memory: () => ({
    nextOrder: 4_500_017_001,
    nextIdoc: 1_001,
    orders: {},
    customers: Object.fromEntries(dealers.map((dealer) => [dealer.sapNo, dealer.name])),
    openItems: dealers.flatMap((dealer, index) => [
      {
        docNo: `18000${index}0001`,
        customer: dealer.sapNo,
        date: '2026-09-15',
        netDays: '90',
        amount: '850000.00',
        side: 'S' as const,
      },
      {
        docNo: `18000${index}0002`,
        customer: dealer.sapNo,
        date: '2026-10-20',
        netDays: '60',
        amount: '126000.50',
        side: 'S' as const,
      },
      {
        docNo: `16000${index}0001`,
        customer: dealer.sapNo,
        date: '2026-11-02',
        netDays: '0',
        amount: '26000.50',
        side: 'H' as const,
      },
    ]),
  }),
  operationOf(request) {
    const names: Record<string, string> = {
      BAPISDORDER_GETDETAILEDLIST: 'readOrder',
      BAPI_AR_ACC_GETOPENITEMS: 'readOpenItems',
    };
    const functionModule = functionModuleOf(request);
    return functionModule === undefined ? undefined : (names[functionModule] ?? functionModule);
  },
  handle,
  acts: {
    /** A clerk books an order; SAP's output control then sends it. Args: dealer, material, quantity, price, lines, purchaseOrderNo, orderNo. */
    placeOrder(args, s4) {
      const order = orderFrom(args, s4);
      s4.memory.orders[order.vbeln] = order;
      s4.effect('order', order.vbeln, { customer: order.customer, net: order.net });
      s4.later('sendIdoc', { orderNo: order.vbeln }, 0);
    },
    /** SAP sends the IDoc of an order: again and again with the same number until the port says 200. */
    async sendIdoc(args, s4) {
      const order = orderNamed(args, s4);
      const credentials = Buffer.from(`${hubUser}:${s4.key('inbound-password.txt')}`).toString('base64');
      const headers = { 'content-type': 'text/xml; charset=utf-8', authorization: `Basic ${credentials}` };
      const answer = await s4.post({
        path: '/idoc',
        headers,
        body: idocOf(order, s4.memory.customers[order.customer] ?? '', localTime(s4)),
      });
      if (answer.status !== 200) throw new Error(`the port answered ${answer.status}: an XML-HTTP port wants 200`);
    },
    /** Books what is in a file, and sends nothing: whoever holds the file sends it. Args: idoc (XML) or order (OData). */
    book(args, s4) {
      for (const order of readable(args, dayOf(s4))) {
        s4.memory.orders[order.vbeln] = order;
        // No clerk can book an order without a customer master.
        s4.memory.customers[order.customer] ??= '';
      }
    },
    /** Args: orderNo, status (B partly, C complete). */
    deliver(args, s4) {
      orderNamed(args, s4).deliveryStatus = args['status'] === 'B' ? 'B' : 'C';
    },
    /** A delivery block on the order. Args: orderNo, block (blank lifts it). */
    block(args, s4) {
      orderNamed(args, s4).deliveryBlock = typeof args['block'] === 'string' ? args['block'] : '01';
    },
  },
});

function handle(request: TwinRequest, s4: S4): TwinAnswer {
  if (request.path !== '/sap/bc/soap/rfc')
    return { status: 404, headers: { 'content-type': 'text/html' }, body: '<html><body>Not found<br></body></html>' };
  const credentials = Buffer.from(`${rfcUser}:${s4.key('rfc-password.txt')}`).toString('base64');
  if (request.headers['authorization'] !== `Basic ${credentials}` || request.query['sap-client'] !== client)
    return logonPage();
  if (request.method !== 'POST') return json({ error: 'POST only' }, 405);
  if (!request.headers['content-type']?.startsWith('text/xml')) return fault('wrong content type');
  try {
    const call = callIn(request);
    const perform = functionModules[call.functionModule];
    return perform ? perform(call, s4) : fault(`Function module ${call.functionModule} not found`);
  } catch (thrown) {
    return fault(thrown instanceof Error ? thrown.message : 'error');
  }
}

const functionModules: Record<string, (call: SoapCall, s4: S4) => TwinAnswer> = {
  RFC_PING: (call) => response(call, {}),
  STFC_CONNECTION: (call) =>
    response(call, { ECHOTEXT: call.text('REQUTEXT'), RESPTEXT: 'SAP R/3 Rel. 756   Sysid: S4H' }),
  RFC_RAISE_ERROR: (call) => fault('RAISE_EXCEPTION', call.functionModule, 'RAISE_EXCEPTION'),
  BAPISDORDER_GETDETAILEDLIST(call, s4) {
    // No ALPHA conversion on this road: 4711 is not 0000004711.
    const orders = call.rows('SALES_DOCUMENTS').flatMap((row) => s4.memory.orders[row['VBELN'] ?? ''] ?? []);
    return response(
      call,
      {},
      {
        ORDER_HEADERS_OUT: orders.map(headerRow),
        ORDER_ITEMS_OUT: orders.flatMap((order) => order.items.map((item) => itemRow(order, item))),
        ORDER_STATUSHEADERS_OUT: orders.map((order) => ({
          OPERATION: '',
          SD_DOC: order.vbeln,
          DLV_STAT_H: order.deliveryStatus,
          PRC_STAT_H: order.deliveryStatus,
        })),
      },
    );
  },
  BAPI_AR_ACC_GETOPENITEMS(call, s4) {
    const customer = call.text('CUSTOMER');
    const keyDate = call.text('KEYDATE');
    if (!/^\d{4}-\d\d-\d\d$/.test(keyDate)) return fault('KEYDATE: CX_SY_CONVERSION_NO_DATE');
    const known = customer in s4.memory.customers && call.text('COMPANYCODE') === unit.companyCode;
    const rows = s4.memory.openItems.filter((item) => item.customer === customer && item.date <= keyDate);
    return response(
      call,
      { RETURN: known ? returned('', '', '') : returned('E', 'FN021', `Customer ${customer} does not exist`) },
      { LINEITEMS: known ? rows.map(openItemRow) : [] },
    );
  },
};

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
    docnum: String(s4.memory.nextIdoc++).padStart(16, '0'),
    date: dayOf(s4),
    purchaseOrderNo: textIn(args, 'purchaseOrderNo', `PO-${vbeln.slice(-6)}`),
    customer,
    salesOrganization: unit.salesOrganization,
    currency: 'CNY',
    items,
    net: sum(items.map((item) => item.net)),
    deliveryBlock: '',
    deliveryStatus: 'A',
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

function orderNamed(args: Record<string, unknown>, s4: S4): BookedOrder {
  const order = s4.memory.orders[padded(textIn(args, 'orderNo', ''))];
  if (!order) throw new Error(`SAP has no order ${textIn(args, 'orderNo', '')}`);
  return order;
}

function textIn(args: Record<string, unknown>, name: string, otherwise: string): string {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : otherwise;
}

/** SAP's clock stands on Shanghai time. */
const localTime = (s4: S4) => new Date(s4.clock.now().getTime() + 8 * 3_600_000).toISOString();
const dayOf = (s4: S4) => localTime(s4).slice(0, 10);
