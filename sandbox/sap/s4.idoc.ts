/** The IDoc that the sandbox's SAP makes of a sales order: basic type ORDERS05, as its XML-HTTP port writes it. */
import { unit } from '../world.ts';
import { isoUnitOf, type BookedOrder } from './s4.book.ts';
import { escaped } from './s4.soap.ts';

/** Its own name as a partner and a port. */
const logicalSystem = 'S4HCLNT100';
const port = 'SAPS4H';

/** `at` is SAP's local time: `2026-11-23T09:00:00`. */
export function idocOf(order: BookedOrder, customerName: string, at: string): string {
  const day = order.date.replaceAll('-', '');
  const segment = (tag: string, fields: Record<string, string>, inner = '') =>
    `<${tag} SEGMENT="1">${Object.entries(fields)
      .map(([field, value]) => `<${field}>${escaped(value)}</${field}>`)
      .join('')}${inner}</${tag}>`;
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
  const parts = [
    segment('EDI_DC40', {
      TABNAM: 'EDI_DC40',
      MANDT: '100',
      DOCNUM: order.docnum,
      DOCREL: '756',
      STATUS: '30',
      DIRECT: '1',
      OUTMOD: '2',
      IDOCTYP: 'ORDERS05',
      MESTYP: 'ORDERS',
      SNDPOR: port,
      SNDPRT: 'LS',
      SNDPRN: logicalSystem,
      RCVPOR: 'LIANSHU',
      RCVPRT: 'LS',
      RCVPRN: 'LIANSHU',
      CREDAT: at.slice(0, 10).replaceAll('-', ''),
      CRETIM: at.slice(11, 19).replaceAll(':', ''),
    }),
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
  ];
  return `<?xml version="1.0" encoding="UTF-8"?><ORDERS05><IDOC BEGIN="1">${parts.join('')}</IDOC></ORDERS05>`;
}
