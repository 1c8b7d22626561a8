/** What the people of the sandbox's SAP do after an order is booked: they deliver, bill, change, lock, and clear. */
import { netOf, padded, sum, type BookedOrder } from './s4.book.ts';
import { clearItems } from './s4.finance.ts';
import { billingIdocOf, deliveryIdocOf } from './s4.idoc.ts';
import { dayOf, localTime, newDocnum, textIn, type Billing, type Delivery, type S4 } from './s4.memory.ts';
import { quantityOf, thousandths } from './s4.quantities.ts';

type Args = Record<string, unknown>;

const hubUser = 'SAP_S4';
const netDays = '60';
const minute = 60_000;
const vatRate = '0.13';

export async function postXml(s4: S4, body: string): Promise<void> {
  await post(s4, '/idoc', 'text/xml; charset=utf-8', body);
}

async function post(s4: S4, path: string, type: string, body: string): Promise<void> {
  const credentials = Buffer.from(`${hubUser}:${s4.key('inbound-password.txt')}`).toString('base64');
  const answer = await s4.post({
    path,
    headers: { 'content-type': type, authorization: `Basic ${credentials}` },
    body,
  });
  if (answer.status !== 200) throw new Error(`the hub answered ${answer.status}: an HTTP port wants 200`);
}

export function orderNamed(args: Args, s4: S4): BookedOrder {
  const order = s4.memory.orders[padded(textIn(args, 'orderNo', ''))];
  if (!order) throw new Error(`SAP has no order ${textIn(args, 'orderNo', '')}`);
  return order;
}

/** What is left of an order, or half of it, leaves. */
function deliver(order: BookedOrder, half: boolean, s4: S4): Delivery | undefined {
  const sent = (posnr: string) =>
    Object.values(s4.memory.deliveries)
      .flatMap(({ lines }) => lines)
      .filter((line) => line.vbelv === order.vbeln && line.posnv === posnr)
      .reduce((total, line) => total + thousandths(line.quantity), 0n);
  const vbeln = padded(String(s4.memory.nextDelivery));
  const lines = order.items.flatMap((item, index) => {
    const left = thousandths(item.quantity) - sent(item.posnr);
    const quantity = half ? left / 2n : left;
    const line = {
      posnr: padded(String((index + 1) * 10), 6),
      vbelv: order.vbeln,
      posnv: item.posnr,
      material: item.material,
      text: item.text,
      quantity: quantityOf(quantity),
      unit: item.unit,
      isoUnit: item.isoUnit,
      batch: `B${vbeln.slice(-6)}`,
    };
    return quantity > 0n ? [line] : [];
  });
  order.deliveryStatus = half ? 'B' : 'C';
  if (lines.length === 0) return undefined;
  s4.memory.nextDelivery += 1;
  const delivery: Delivery = {
    vbeln,
    docnum: newDocnum(s4),
    customer: order.customer,
    date: dayOf(s4),
    status: 'C',
    lines,
  };
  s4.memory.deliveries[vbeln] = delivery;
  return delivery;
}

function bill(order: BookedOrder, s4: S4, cancels?: Billing): Billing {
  const vbeln = padded(String(s4.memory.nextBilling++));
  const tax = netOf(order.net, vatRate, '1');
  const docNo = padded(String(1_800_100_000 + Number(vbeln) - 90_000_000));
  const billing: Billing = {
    vbeln,
    docnum: newDocnum(s4),
    type: cancels ? 'S1' : 'F2',
    date: dayOf(s4),
    netDays,
    customer: order.customer,
    order: order.vbeln,
    currency: order.currency,
    net: order.net,
    tax,
    gross: sum([order.net, tax]),
    cancels: cancels?.vbeln ?? '',
    cancelled: false,
    accounting: docNo,
  };
  s4.memory.billings[vbeln] = billing;
  s4.memory.openItems.push({
    docNo,
    customer: order.customer,
    date: billing.date,
    netDays,
    amount: billing.gross,
    side: cancels ? 'H' : 'S',
    ...(cancels ? { assignment: cancels.accounting } : {}),
  });
  s4.effect('billed', vbeln, { order: order.vbeln, gross: billing.gross });
  return billing;
}

export const clerks = {
  /** Args: orderNo, status (B half of what is left, C all of it). Tells nobody. */
  deliver(args: Args, s4: S4) {
    deliver(orderNamed(args, s4), args['status'] === 'B', s4);
  },
  /** The same, and output control sends the DESADV. */
  issueGoods(args: Args, s4: S4) {
    const delivery = deliver(orderNamed(args, s4), args['status'] === 'B', s4);
    if (!delivery) throw new Error('nothing is left to deliver');
    s4.effect('issued', delivery.vbeln, { lines: delivery.lines.length });
    s4.later('sendDelivery', { deliveryNo: delivery.vbeln }, 0);
  },
  async sendDelivery(args: Args, s4: S4) {
    const delivery = s4.memory.deliveries[padded(textIn(args, 'deliveryNo', ''))];
    if (!delivery) throw new Error('SAP has no such delivery');
    await postXml(s4, deliveryIdocOf(delivery, s4.memory.customers[delivery.customer] ?? '', localTime(s4)));
  },
  /** A billing document of the whole order, its receivable, and the INVOIC. Args: orderNo. */
  bill(args: Args, s4: S4) {
    const billing = bill(orderNamed(args, s4), s4);
    s4.later('sendBilling', { billingNo: billing.vbeln }, 0);
  },
  /** Args: billingNo. */
  cancelBilling(args: Args, s4: S4) {
    const cancelled = s4.memory.billings[padded(textIn(args, 'billingNo', ''))];
    if (!cancelled || cancelled.cancelled) throw new Error('SAP has no such billing document to cancel');
    cancelled.cancelled = true;
    const billing = bill(orderNamed({ orderNo: cancelled.order }, s4), s4, cancelled);
    clearItems(s4, dayOf(s4));
    s4.later('sendBilling', { billingNo: billing.vbeln }, 0);
  },
  async sendBilling(args: Args, s4: S4) {
    const billing = s4.memory.billings[padded(textIn(args, 'billingNo', ''))];
    if (!billing) throw new Error('SAP has no such billing document');
    const due = new Date(Date.parse(billing.date) + Number(billing.netDays) * 86_400_000).toISOString().slice(0, 10);
    const names = { customer: s4.memory.customers[billing.customer] ?? '', dueDate: due };
    const order = orderNamed({ orderNo: billing.order }, s4);
    await postXml(s4, billingIdocOf(billing, order, names, localTime(s4)));
  },
  /**
   * The first item gets another quantity or price; the event tells of it with the key alone. Args: orderNo, quantity,
   * price, event (`lost`: nobody hears of it), minutesLate (stamped so long before it is there).
   */
  changeOrder(args: Args, s4: S4) {
    const order = orderNamed(args, s4);
    order.items = order.items.map((item, index) => {
      if (index > 0) return item;
      const quantity = textIn(args, 'quantity', item.quantity);
      const price = textIn(args, 'price', item.price);
      return { ...item, quantity: quantityOf(thousandths(quantity)), price, net: netOf(quantity, price, item.per) };
    });
    order.net = sum(order.items.map((item) => item.net));
    const late = Number(textIn(args, 'minutesLate', '0')) * minute;
    order.changedAt = new Date(s4.clock.now().getTime() - late).toISOString();
    s4.effect('changed', order.vbeln, { net: order.net });
    if (args['event'] !== 'lost')
      s4.later(
        'sendEvent',
        { orderNo: order.vbeln, id: s4.chance.uuid('event', s4.memory.nextEvent++), time: order.changedAt },
        0,
      );
  },
  async sendEvent(args: Args, s4: S4) {
    const event = {
      specversion: '1.0',
      id: textIn(args, 'id', ''),
      source: '/default/sap.s4/S4HCLNT100',
      type: 'sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1',
      time: textIn(args, 'time', ''),
      datacontenttype: 'application/json',
      data: { SalesOrder: textIn(args, 'orderNo', '').replace(/^0+/, '') },
    };
    await post(s4, '/events', 'application/cloudevents+json', JSON.stringify(event));
  },
  /** Somebody opens an object, or leaves it. Args: object (`KNA1/0000017101`), user (blank leaves it). */
  lock(args: Args, s4: S4) {
    const user = textIn(args, 'user', '');
    if (user === '') delete s4.memory.locks[textIn(args, 'object', '')];
    else s4.memory.locks[textIn(args, 'object', '')] = user;
  },
  /** The automatic clearing run. */
  clear(_args: Args, s4: S4) {
    clearItems(s4, dayOf(s4));
  },
  /** Goods arrive for a purchase order. Args: purchaseOrderNo, item, quantity. */
  receiveGoods(args: Args, s4: S4) {
    const order = s4.memory.purchaseOrders[padded(textIn(args, 'purchaseOrderNo', ''))];
    const item = order?.items.find(({ ebelp }) => ebelp === padded(textIn(args, 'item', '10'), 5));
    if (!item) throw new Error('SAP has no such item of a purchase order');
    item.received = quantityOf(thousandths(item.received) + thousandths(textIn(args, 'quantity', item.quantity)));
  },
  /** Somebody reverses a posting (FB08). Args: reference (HEADER_TXT). */
  reverse(args: Args, s4: S4) {
    const document = s4.memory.documents.find(({ bktxt }) => bktxt === textIn(args, 'reference', ''));
    if (!document) throw new Error('SAP has no such document');
    document.stblg = String(s4.memory.nextDocument++);
    s4.memory.openItems = s4.memory.openItems.filter((item) => item.docNo !== document.belnr);
  },
  /** So many of the next lists of changed orders announce a row more than they hold. Args: times. */
  loseRows(args: Args, s4: S4) {
    s4.memory.gaps = Number(textIn(args, 'times', '1'));
  },
  /** Args: rows in a page of OData. */
  pageBy(args: Args, s4: S4) {
    s4.memory.pageRows = Math.max(1, Number(textIn(args, 'rows', '100')) || 100);
  },
};
