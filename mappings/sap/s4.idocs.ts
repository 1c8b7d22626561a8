/** IDocs DELVRY07 and INVOIC02 and events of sales orders to canonical notices. Refusals name the field by XPath. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { mapping } from '../../contracts/mapping.ts';
import { BillingNotice, DeliveryNotice } from '../../contracts/sap/documents.ts';
import { OrderChange } from '../../contracts/sap/postings.ts';
import {
  ReceivedBilling,
  ReceivedDelivery,
  ReceivedEvent,
  type Delvry07,
  type Invoic02,
} from '../../contracts/sap/s4.documents.wire.ts';
import { billingTypes, currencyOf, orderEvents } from './s4.codes.ts';
import { quantitiesOf } from './s4.line.ts';
import { alpha, dateOf, dayAt, isBlank, localInstant, money, needed, wrong } from './s4.numbers.ts';

type Delivered = Static<typeof Delvry07>['E1EDL20']['E1EDL24'][number];
type Billed = Static<typeof Invoic02>;

const kindOfMessage = 'the dialect decided by it what this message is';
const sender = 'the dialect held it against the sender that was agreed';
const control = {
  '/idoc/EDI_DC40/IDOCTYP': kindOfMessage,
  '/idoc/EDI_DC40/CIMTYP': kindOfMessage,
  '/idoc/EDI_DC40/MESTYP': kindOfMessage,
  '/idoc/EDI_DC40/SNDPOR': sender,
};
/** E1EDT13: goods issue, and the planned one, whose ISDD is the day on which it came about. */
const issued = '015';
const planned = '006';
/** E1EDL43: the order from which it is delivered. */
const orderQualifier = 'C';

/** Orders that a delivery is for, each once, in its order. */
export function ordersIn(idoc: Static<typeof Delvry07>, path: string): string[] {
  const found = idoc.E1EDL20.E1EDL24.map((item, index) => {
    const no = orderOf(item).orderNo;
    return no ?? wrong(`${path}/E1EDL20/E1EDL24[${index + 1}]/VGBEL`, 'required', 'is missing: for which order is it');
  });
  if (found.length === 0) wrong(`${path}/E1EDL20/E1EDL24`, 'required', 'is missing: a delivery has at least one line');
  return [...new Set(found)];
}

export const deliveryNoticeOf = mapping(
  'sap.s4.delivered',
  ReceivedDelivery,
  DeliveryNotice,
  ({ receivedAt, path, orderNo, idoc: { EDI_DC40: head, E1EDL20: delivery } }) => {
    const shipTo = delivery.E1ADRM1.find((each) => each.PARTNER_Q === 'WE' && !isBlank(each.PARTNER_ID));
    const date = (qualifier: string) => delivery.E1EDT13.find((each) => each.QUALF === qualifier);
    const issuedOn = dateOf(date(issued)?.ISDD) ?? dateOf(date(issued)?.NTANF) ?? dateOf(date(planned)?.ISDD);
    return {
      orderNo,
      deliveryNo: alpha(needed(delivery.VBELN, `${path}/E1EDL20/VBELN`)),
      messageNo: needed(head.DOCNUM, `${path}/EDI_DC40/DOCNUM`),
      sender: needed(head.SNDPRN, `${path}/EDI_DC40/SNDPRN`, 20),
      sentAt: localInstant(head.CREDAT, head.CRETIM) ?? receivedAt,
      ...(issuedOn === undefined ? {} : { issuedOn }),
      ...(shipTo ? { shipTo: partnerOf(shipTo.PARTNER_ID, shipTo.NAME1, `${path}/E1EDL20/E1ADRM1`) } : {}),
      lines: delivery.E1EDL24.map((item, index) => ({ item, at: `${path}/E1EDL20/E1EDL24[${index + 1}]` }))
        .filter(({ item }) => orderOf(item).orderNo === orderNo)
        .map(({ item, at }) => deliveredLine(item, at)),
    };
  },
  { drops: control },
);

function orderOf(item: Delivered): { orderNo?: string; orderLineNo?: string } {
  const reference = item.E1EDL43.find((each) => each.QUALF === orderQualifier);
  const [no, line] = isBlank(item.VGBEL) ? [reference?.BELNR, reference?.POSNR] : [item.VGBEL, item.VGPOS];
  return {
    ...(isBlank(no) ? {} : { orderNo: alpha(no) }),
    ...(isBlank(line) ? {} : { orderLineNo: alpha(line) }),
  };
}

function deliveredLine(item: Delivered, path: string) {
  const { unit, quantities } = quantitiesOf({ text: item.VRKME, pointer: `${path}/VRKME` }, [
    { text: item.LFIMG, pointer: `${path}/LFIMG` },
  ]);
  return {
    lineNo: alpha(needed(item.POSNR, `${path}/POSNR`)),
    ...orderOf(item),
    materialCode: alpha(needed(item.MATNR, `${path}/MATNR`)),
    ...(isBlank(item.ARKTX) ? {} : { description: item.ARKTX }),
    quantity: quantities[0] ?? '',
    unit,
    ...(isBlank(item.CHARG) ? {} : { batch: item.CHARG }),
  };
}

export const billingNoticeOf = mapping(
  'sap.s4.billed',
  ReceivedBilling,
  BillingNotice,
  ({ receivedAt, path, idoc }) => {
    const { EDI_DC40: head, E1EDK01: first } = idoc;
    const type = idoc.E1EDK14.find((each) => each.QUALF === '015')?.ORGID;
    const dueDate = dateOf(dayOf(idoc, '028'));
    const cancels = idoc.E1EDK02.find((each) => each.QUALF === '010')?.BELNR;
    const number = isBlank(first.BELNR) ? idoc.E1EDK02.find((each) => each.QUALF === '009')?.BELNR : first.BELNR;
    const lines = idoc.E1EDP01.map((item, index) => billedLine(item, `${path}/E1EDP01[${index + 1}]`));
    return {
      billingNo: alpha(needed(number, `${path}/E1EDK01/BELNR`)),
      type: billingTypes.of(type ?? '', `${path}/E1EDK14/ORGID`),
      billingDate: dayAt(dayOf(idoc, '026') ?? dayOf(idoc, '012'), `${path}/E1EDK03/DATUM`),
      ...(dueDate === undefined ? {} : { dueDate }),
      currency: currencyOf(needed(first.CURCY, `${path}/E1EDK01/CURCY`, 3), `${path}/E1EDK01/CURCY`),
      ...amountsOf(idoc, path, lines),
      payer: payerOf(idoc, path),
      ...(isBlank(cancels) ? {} : { cancels: alpha(cancels) }),
      messageNo: needed(head.DOCNUM, `${path}/EDI_DC40/DOCNUM`),
      sender: needed(head.SNDPRN, `${path}/EDI_DC40/SNDPRN`, 20),
      sentAt: localInstant(head.CREDAT, head.CRETIM) ?? receivedAt,
      lines,
    };
  },
  { drops: control },
);

function dayOf(idoc: Billed, qualifier: string): string | undefined {
  return idoc.E1EDK03.find((each) => each.IDDAT === qualifier)?.DATUM;
}

/** What SAP says they are, provided that the lines and the three of them agree. */
function amountsOf(idoc: Billed, path: string, lines: readonly { net: string }[]) {
  const sum = (id: string) => {
    const index = idoc.E1EDS01.findIndex((each) => each.SUMID === id);
    const pointer = `${path}/E1EDS01[${index + 1}]/SUMME`;
    return index < 0 ? undefined : { pointer, amount: money(idoc.E1EDS01[index]?.SUMME, pointer) };
  };
  const gross = sum('011') ?? wrong(`${path}/E1EDS01/SUMME`, 'required', 'is missing: no total (SUMID 011)');
  const computed = yuanOf(lines.reduce((total, { net }) => total + fenOf(net), 0n));
  const net = sum('010');
  if (net && net.amount !== computed)
    wrong(net.pointer, 'total', `is ${net.amount} while the lines add up to ${computed}`);
  const tax = sum('005')?.amount ?? yuanOf(fenOf(gross.amount) - fenOf(computed));
  if (fenOf(computed) + fenOf(tax) !== fenOf(gross.amount))
    wrong(gross.pointer, 'total', `is ${gross.amount} while ${computed} and ${tax} add up to another`);
  return { net: computed, tax, gross: gross.amount };
}

function payerOf(idoc: Billed, path: string) {
  for (const role of ['RG', 'RE', 'AG']) {
    const index = idoc.E1EDKA1.findIndex((each) => each.PARVW === role && !isBlank(each.PARTN));
    const partner = idoc.E1EDKA1[index];
    if (partner) return partnerOf(partner.PARTN, partner.NAME1, `${path}/E1EDKA1[${index + 1}]/PARTN`);
  }
  return wrong(`${path}/E1EDKA1/PARTN`, 'required', 'is missing: no partner with PARVW RG (payer)');
}

function partnerOf(no: string | undefined, name: string | undefined, pointer: string) {
  const shown = name === undefined || name.length < 2 || name.length > 100 ? {} : { name };
  return { externalNo: alpha(needed(no, pointer)), ...shown };
}

function billedLine(item: Billed['E1EDP01'][number], path: string) {
  const order = item.E1EDP02.find((each) => each.QUALF === '002' && !isBlank(each.BELNR))?.BELNR;
  const object = item.E1EDP19.find((each) => each.QUALF === '002') ?? item.E1EDP19.find((each) => each.QUALF === '001');
  const amount = item.E1EDP26.find((each) => each.QUALF === '003')?.BETRG;
  const { unit, quantities } = quantitiesOf({ text: item.MENEE, pointer: `${path}/MENEE` }, [
    { text: item.MENGE, pointer: `${path}/MENGE` },
  ]);
  return {
    lineNo: alpha(needed(item.POSEX, `${path}/POSEX`)),
    ...(isBlank(order) ? {} : { orderNo: alpha(order) }),
    materialCode: alpha(needed(object?.IDTNR, `${path}/E1EDP19/IDTNR`)),
    ...(object === undefined || isBlank(object.KTEXT) ? {} : { description: object.KTEXT }),
    quantity: quantities[0] ?? '',
    unit,
    net: money(amount, `${path}/E1EDP26/BETRG`),
  };
}

/** The key alone: what the order is by then must be read. */
export const orderChangeOf = mapping(
  'sap.s4.order-changed',
  ReceivedEvent,
  OrderChange,
  ({ receivedAt, path, event }) => {
    if (event.specversion !== '1.0') wrong(`${path}/specversion`, 'version', 'is not 1.0');
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(event.time ?? '')
      ? event.time
      : undefined;
    return {
      orderNo: alpha(needed(event.data.SalesOrder, `${path}/data/SalesOrder`)),
      eventId: needed(event.id, `${path}/id`),
      change: orderEvents.of(event.type ?? '', `${path}/type`),
      at: time ?? receivedAt,
    };
  },
);
