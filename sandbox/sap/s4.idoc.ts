/** The IDocs that the sandbox's SAP makes of its documents, as its XML-HTTP port writes them. */
import { unit } from '../world.ts';
import { isoUnitOf, type BookedOrder } from './s4.book.ts';
import type { Billing, Delivery } from './s4.memory.ts';
import { escaped } from './s4.soap.ts';

/** Its own name as a partner and a port. */
export const logicalSystem = 'S4HCLNT100';
export const port = 'SAPS4H';

const segment = (tag: string, fields: Record<string, string>, inner = '') =>
  `<${tag} SEGMENT="1">${Object.entries(fields)
    .map(([field, value]) => `<${field}>${escaped(value)}</${field}>`)
    .join('')}${inner}</${tag}>`;

const compact = (day: string) => day.replaceAll('-', '');

/** `at` is SAP's local time: `2026-11-23T09:00:00`. */
function idoc(type: string, message: string, docnum: string, at: string, parts: readonly string[]): string {
  const control = segment('EDI_DC40', {
    TABNAM: 'EDI_DC40',
    MANDT: '100',
    DOCNUM: docnum,
    DOCREL: '756',
    STATUS: '30',
    DIRECT: '1',
    OUTMOD: '2',
    IDOCTYP: type,
    MESTYP: message,
    SNDPOR: port,
    SNDPRT: 'LS',
    SNDPRN: logicalSystem,
    RCVPOR: 'LIANSHU',
    RCVPRT: 'LS',
    RCVPRN: 'LIANSHU',
    CREDAT: compact(at.slice(0, 10)),
    CRETIM: at.slice(11, 19).replaceAll(':', ''),
  });
  return `<?xml version="1.0" encoding="UTF-8"?><${type}><IDOC BEGIN="1">${control}${parts.join('')}</IDOC></${type}>`;
}

export function idocOf(order: BookedOrder, customerName: string, at: string): string {
  const day = compact(order.date);
  const items = order.items.map((item) => {
    const fields = {
      POSEX: item.posnr,
      ACTION: '001',
      MENGE: item.quantity,
      MENEE: item.isoUnit,
      PMENE: isoUnitOf(item.priceUnit),
      VPREI: item.price,
      PEINH: item.per,
      NETWR: item.net,
      WERKS: '1000',
    };
    return segment('E1EDP01', fields, segment('E1EDP19', { QUALF: '002', IDTNR: item.material, KTEXT: item.text }));
  });
  return idoc('ORDERS05', 'ORDERS', order.docnum, at, [
    segment('E1EDK01', {
      CURCY: order.currency,
      HWAER: order.currency,
      WKURS: '1.00000',
      ZTERM: 'NT30',
      BSART: 'TA',
      BELNR: order.vbeln,
    }),
    segment('E1EDK14', { QUALF: '008', ORGID: order.salesOrganization }),
    segment('E1EDK03', { IDDAT: '012', DATUM: day }),
    segment('E1EDKA1', { PARVW: 'AG', PARTN: order.customer, NAME1: customerName }),
    segment('E1EDKA1', { PARVW: 'LF', PARTN: order.salesOrganization, NAME1: unit.name }),
    segment('E1EDK02', { QUALF: '001', BELNR: order.purchaseOrderNo, DATUM: day }),
    ...items,
    segment('E1EDS01', { SUMID: '002', SUMME: order.net, SUNIT: order.currency }),
  ]);
}

/** DESADV in DELVRY07, at goods issue. */
export function deliveryIdocOf(delivery: Delivery, customerName: string, at: string): string {
  const lines = delivery.lines.map((line) =>
    segment('E1EDL24', {
      POSNR: line.posnr,
      MATNR: line.material,
      ARKTX: line.text,
      WERKS: '1000',
      CHARG: line.batch,
      LFIMG: line.quantity,
      VRKME: line.isoUnit,
      VGBEL: line.vbelv,
      VGPOS: line.posnv,
    }),
  );
  const day = compact(delivery.date);
  const inner = [
    segment('E1EDL21', { LFART: 'LF' }),
    segment('E1ADRM1', { PARTNER_Q: 'WE', PARTNER_ID: delivery.customer, NAME1: customerName }),
    segment('E1EDT13', { QUALF: '015', NTANF: day, ISDD: day }),
    ...lines,
  ];
  const head = segment('E1EDL20', { VBELN: delivery.vbeln, VSTEL: '1000', GEWEI: 'KGM' }, inner.join(''));
  return idoc('DELVRY07', 'DESADV', delivery.docnum, at, [head]);
}

/** INVOIC in INVOIC02. */
export function billingIdocOf(
  billing: Billing,
  order: BookedOrder,
  names: { customer: string; dueDate: string },
  at: string,
): string {
  const items = order.items.map((item) =>
    segment(
      'E1EDP01',
      { POSEX: item.posnr, MENGE: item.quantity, MENEE: item.isoUnit },
      [
        segment('E1EDP02', { QUALF: '002', BELNR: order.vbeln, ZEILE: item.posnr }),
        segment('E1EDP19', { QUALF: '002', IDTNR: item.material, KTEXT: item.text }),
        segment('E1EDP26', { QUALF: '003', BETRG: item.net }),
      ].join(''),
    ),
  );
  const partner = (role: string) => segment('E1EDKA1', { PARVW: role, PARTN: billing.customer, NAME1: names.customer });
  return idoc('INVOIC02', 'INVOIC', billing.docnum, at, [
    segment('E1EDK01', { CURCY: billing.currency, BSART: 'INVO', BELNR: billing.vbeln }),
    partner('AG'),
    partner('RG'),
    segment('E1EDK02', { QUALF: '009', BELNR: billing.vbeln }),
    ...(billing.cancels === '' ? [] : [segment('E1EDK02', { QUALF: '010', BELNR: billing.cancels })]),
    segment('E1EDK03', { IDDAT: '026', DATUM: compact(billing.date) }),
    segment('E1EDK03', { IDDAT: '028', DATUM: compact(names.dueDate) }),
    segment('E1EDK14', { QUALF: '015', ORGID: billing.type }),
    ...items,
    segment('E1EDS01', { SUMID: '005', SUMME: billing.tax, SUNIT: billing.currency }),
    segment('E1EDS01', { SUMID: '010', SUMME: billing.net, SUNIT: billing.currency }),
    segment('E1EDS01', { SUMID: '011', SUMME: billing.gross, SUNIT: billing.currency }),
  ]);
}
