/** IDoc ORDERS05 to the canonical order. Every refusal names the field by XPath: `/ORDERS05/IDOC[1]/E1EDP01[2]/MENGE`. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { mapping } from '../../contracts/mapping.ts';
import { ReceivedIdoc, type Orders05 } from '../../contracts/sap/s4.wire.ts';
import { TradeOrder } from '../../contracts/sap/sap.ts';
import { currencyOf } from './s4.codes.ts';
import { lineValues } from './s4.line.ts';
import { alpha, dateOf, fixed, isBlank, isBlankDate, localInstant, needed, number, wrong } from './s4.numbers.ts';

const kindOfMessage = 'the dialect decided by it that this is an order';
const sender = 'the system that sent it is known by its key';

type Idoc = Static<typeof Orders05>;
type Item = Idoc['E1EDP01'][number];

const linesMax = 500;
/** Qualifiers of E1EDK03 that date an order, best first: document, purchase order, creation. */
const orderDateQualifiers = ['012', '022', '025', '011'];
/** Sold-to party first; an IDoc without one names at least who pays or who receives. */
const buyerRoles = ['AG', 'RE', 'WE'];
/** The seller's own material number, then what the item itself says, then the buyer's. */
const sellersMaterial = '002';
const buyersMaterial = '001';

export const tradeOrderOfIdoc = mapping(
  'sap.s4.orders05',
  ReceivedIdoc,
  TradeOrder,
  ({ path, idoc, receivedAt, salesOrganization }) => {
    const orderNo = orderNoOf(idoc, path);
    const purchaseOrderNo = reference(idoc, '001');
    if (idoc.E1EDP01.length === 0) wrong(`${path}/E1EDP01`, 'required', 'is missing: an order has at least one line');
    if (idoc.E1EDP01.length > linesMax)
      wrong(`${path}/E1EDP01[${linesMax + 1}]`, 'maxItems', `is one line more than ${linesMax}`);
    const lines = idoc.E1EDP01.map((item, index) => lineOf(item, index, `${path}/E1EDP01[${index + 1}]`));
    lines.forEach(({ lineNo }, index) => {
      if (lines.findIndex((line) => line.lineNo === lineNo) !== index) {
        wrong(`${path}/E1EDP01[${index + 1}]/POSEX`, 'unique', 'is the number of an earlier line');
      }
    });
    return {
      messageNo: isBlank(idoc.EDI_DC40.DOCNUM) ? orderNo : needed(idoc.EDI_DC40.DOCNUM, `${path}/EDI_DC40/DOCNUM`),
      sentAt: localInstant(idoc.EDI_DC40.CREDAT, idoc.EDI_DC40.CRETIM) ?? receivedAt,
      orderNo,
      ...(isBlank(purchaseOrderNo) ? {} : { purchaseOrderNo: needed(purchaseOrderNo, `${path}/E1EDK02/BELNR`) }),
      orderDate: orderDateOf(idoc, path),
      currency: currencyIn(idoc, path),
      total: totalOf(idoc, path, lines),
      buyer: buyerOf(idoc, path),
      seller: sellerOf(idoc, path, salesOrganization),
      lines,
    };
  },
  {
    drops: {
      '/idoc/EDI_DC40/IDOCTYP': kindOfMessage,
      '/idoc/EDI_DC40/CIMTYP': kindOfMessage,
      '/idoc/EDI_DC40/MESTYP': kindOfMessage,
      '/idoc/EDI_DC40/SNDPOR': sender,
      '/idoc/EDI_DC40/SNDPRN': sender,
    },
  },
);

/** E1EDK01 has it in every public sample that has one; the references tell it where that is blank. */
function orderNoOf(idoc: Idoc, path: string): string {
  const found = [idoc.E1EDK01.BELNR, reference(idoc, '002'), reference(idoc, '001')].find((text) => !isBlank(text));
  return alpha(needed(found, `${path}/E1EDK01/BELNR`));
}

function reference(idoc: Idoc, qualifier: string): string | undefined {
  return idoc.E1EDK02.find((each) => each.QUALF === qualifier && !isBlank(each.BELNR))?.BELNR;
}

function orderDateOf(idoc: Idoc, path: string): string {
  for (const qualifier of orderDateQualifiers) {
    const index = idoc.E1EDK03.findIndex((each) => each.IDDAT === qualifier);
    const text = idoc.E1EDK03[index]?.DATUM;
    if (!isBlankDate(text)) return dateAt(text, `${path}/E1EDK03[${index + 1}]/DATUM`);
  }
  const referred = idoc.E1EDK02.findIndex((each) => !isBlankDate(each.DATUM));
  if (referred >= 0) return dateAt(idoc.E1EDK02[referred]?.DATUM, `${path}/E1EDK02[${referred + 1}]/DATUM`);
  if (isBlankDate(idoc.EDI_DC40.CREDAT))
    return wrong(`${path}/E1EDK03/DATUM`, 'required', 'is missing: no date of the order (IDDAT 012)');
  return dateAt(idoc.EDI_DC40.CREDAT, `${path}/EDI_DC40/CREDAT`);
}

function dateAt(text: string | undefined, pointer: string): string {
  return dateOf(text) ?? wrong(pointer, 'date', 'is not a date YYYYMMDD');
}

function currencyIn(idoc: Idoc, path: string): string {
  const sent = isBlank(idoc.E1EDK01.CURCY) ? totalIn(idoc)?.sum.SUNIT : idoc.E1EDK01.CURCY;
  const pointer = `${path}/E1EDK01/CURCY`;
  const code = needed(sent, pointer);
  return /^[A-Z]{3}$/.test(code)
    ? currencyOf(code, pointer)
    : wrong(pointer, 'currency', 'is not a currency of ISO 4217');
}

function totalIn(idoc: Idoc): { sum: Idoc['E1EDS01'][number]; index: number } | undefined {
  const index = idoc.E1EDS01.findIndex((each) => each.SUMID === '002' && !isBlank(each.SUMME));
  const sum = idoc.E1EDS01[index];
  return sum && { sum, index };
}

/** What SAP says it is, provided that the lines say so too. */
function totalOf(idoc: Idoc, path: string, lines: readonly { amount: string }[]): string {
  const computed = yuanOf(lines.reduce((sum, line) => sum + fenOf(line.amount), 0n));
  const said = totalIn(idoc);
  if (!said) return computed;
  const pointer = `${path}/E1EDS01[${said.index + 1}]/SUMME`;
  const total = fixed(number(said.sum.SUMME, pointer), 2) ?? wrong(pointer, 'decimals', 'has more than two decimals');
  if (total !== computed) wrong(pointer, 'total', `is ${total} while the lines add up to ${computed}`);
  return total;
}

function buyerOf(idoc: Idoc, path: string) {
  for (const role of buyerRoles) {
    const index = idoc.E1EDKA1.findIndex((each) => each.PARVW === role);
    const partner = idoc.E1EDKA1[index];
    if (partner)
      return companyOf(
        isBlank(partner.PARTN) ? partner.LIFNR : partner.PARTN,
        partner.NAME1,
        `${path}/E1EDKA1[${index + 1}]/PARTN`,
      );
  }
  return wrong(`${path}/E1EDKA1/PARTN`, 'required', 'is missing: no partner with PARVW AG (sold-to party)');
}

function sellerOf(idoc: Idoc, path: string, salesOrganization: string | undefined) {
  const index = idoc.E1EDKA1.findIndex((each) => each.PARVW === 'LF');
  const vendor = idoc.E1EDKA1[index];
  const organization = idoc.E1EDK14.find((each) => each.QUALF === '008' && !isBlank(each.ORGID))?.ORGID;
  const found = [organization, vendor?.PARTN, vendor?.LIFNR, salesOrganization].find((text) => !isBlank(text));
  return companyOf(found, vendor?.NAME1, `${path}/E1EDK14/ORGID`);
}

function companyOf(no: string | undefined, name: string | undefined, pointer: string) {
  const shown = name === undefined || name.length < 2 || name.length > 100 ? {} : { name };
  return { externalNo: alpha(needed(no, pointer)), ...shown };
}

function lineOf(item: Item, index: number, path: string) {
  const material = materialOf(item);
  const described = item.E1EDP19.find((each) => !isBlank(each.KTEXT))?.KTEXT;
  const description = isBlank(described) ? item.ARKTX : described;
  const at = (field: 'MENGE' | 'MENEE' | 'VPREI' | 'PEINH' | 'PMENE' | 'NETWR') => ({
    text: item[field],
    pointer: `${path}/${field}`,
  });
  const unit = isBlank(item.MENEE) && !isBlank(item.PMENE) ? at('PMENE') : at('MENEE');
  return {
    lineNo: isBlank(item.POSEX) ? String((index + 1) * 10) : alpha(needed(item.POSEX, `${path}/POSEX`)),
    materialCode: alpha(needed(material.text, `${path}/${material.place}`)),
    ...(isBlank(description) ? {} : { description }),
    ...lineValues({
      quantity: at('MENGE'),
      unit,
      price: at('VPREI'),
      pricePer: at('PEINH'),
      priceUnit: at('PMENE'),
      amount: at('NETWR'),
    }),
  };
}

function materialOf(item: Item): { text: string | undefined; place: string } {
  const identified = (qualifier: string) => {
    const index = item.E1EDP19.findIndex((each) => each.QUALF === qualifier);
    const object = item.E1EDP19[index];
    return {
      text: [object?.IDTNR, object?.IDTNR_LONG].find((text) => !isBlank(text)),
      place: `E1EDP19[${index + 1}]/IDTNR`,
    };
  };
  const found = [identified(sellersMaterial), { text: item.MATNR, place: 'MATNR' }, identified(buyersMaterial)];
  return found.find(({ text }) => !isBlank(text)) ?? { text: undefined, place: 'E1EDP19/IDTNR' };
}
