/** The order book of the sandbox's SAP, and how orders get into it: from its own sales clerks, or from a file that somebody shows it. */
import { Parser } from 'xml2js';

export interface BookedItem {
  readonly posnr: string;
  readonly material: string;
  readonly text: string;
  readonly quantity: string;
  /** As SAP keeps it (`TO`) or as the file had it. */
  readonly unit: string;
  readonly isoUnit: string;
  readonly price: string;
  readonly per: string;
  readonly priceUnit: string;
  readonly net: string;
}

export interface BookedOrder {
  readonly vbeln: string;
  readonly docnum: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly purchaseOrderNo: string;
  readonly customer: string;
  readonly salesOrganization: string;
  readonly currency: string;
  items: readonly BookedItem[];
  net: string;
  deliveryBlock: string;
  /** A open, B partly, C complete. */
  deliveryStatus: string;
  /** LastChangeDateTime; an order from a file has none until somebody changes it. */
  changedAt?: string;
}

const isoUnits: Record<string, string> = {
  TO: 'TNE',
  T: 'TNE',
  KG: 'KGM',
  ST: 'PCE',
  M3: 'MTQ',
  M2: 'MTK',
  M: 'MTR',
  L: 'LTR',
};

/** SAP's ALPHA conversion to its own length. */
export function padded(no: string, length = 10): string {
  return /^\d+$/.test(no) ? no.padStart(length, '0') : no;
}

export function isoUnitOf(unit: string): string {
  return isoUnits[unit] ?? unit;
}

/** quantity × price / per, to two decimals, halves up. Integers: a clerk's SAP does not calculate in doubles either. */
export function netOf(quantity: string, price: string, per: string): string {
  const [q, p, u] = [scaled(quantity), scaled(price), scaled(per === '' ? '1' : per)];
  if (u === 0n) return '0.00';
  const cents = (2n * q * p * 100n + u * unit) / (2n * u * unit);
  const digits = cents.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function sum(amounts: readonly string[]): string {
  const cents = amounts.reduce((total, amount) => total + scaled(amount), 0n) / (unit / 100n);
  const digits = cents.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const unit = 1_000_000_000n;

function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.trim().split('.');
  return BigInt(`${whole === '' ? '0' : whole}${fraction.slice(0, 9).padEnd(9, '0')}`);
}

/** What a segment or an OData object is here: any tree. A file from elsewhere may have any shape. */
type Tree = Record<string, unknown>;

export function ordersInIdoc(xml: string, today: string): BookedOrder[] {
  let root: unknown;
  new Parser({ async: false, explicitRoot: false, explicitArray: true, trim: true, ignoreAttrs: true }).parseString(
    xml,
    (error, tree) => {
      if (error) throw error;
      root = tree;
    },
  );
  return listOf(root, 'IDOC').map((idoc) => orderInIdoc(idoc, today));
}

function orderInIdoc(idoc: Tree, today: string): BookedOrder {
  const head = listOf(idoc, 'E1EDK01')[0] ?? {};
  const references = listOf(idoc, 'E1EDK02');
  const reference = (qualifier: string) =>
    textOf(
      references.find((each) => textOf(each, 'QUALF') === qualifier),
      'BELNR',
    );
  const partners = listOf(idoc, 'E1EDKA1');
  const partner = (role: string) => partners.find((each) => textOf(each, 'PARVW') === role);
  const buyer = partner('AG') ?? partner('RE') ?? partner('WE');
  const dates = listOf(idoc, 'E1EDK03');
  const date = ['012', '022', '025', '011']
    .map((id) =>
      textOf(
        dates.find((each) => textOf(each, 'IDDAT') === id),
        'DATUM',
      ),
    )
    .find(isDay);
  const dated =
    date ??
    references.map((each) => textOf(each, 'DATUM')).find(isDay) ??
    textOf(listOf(idoc, 'EDI_DC40')[0], 'CREDAT');
  const organization = listOf(idoc, 'E1EDK14').find((each) => textOf(each, 'QUALF') === '008');
  const items = listOf(idoc, 'E1EDP01').map((item, index) => itemInIdoc(item, index));
  return {
    ...bookedAs(textOf(head, 'BELNR') || reference('002') || reference('001'), items),
    docnum: textOf(listOf(idoc, 'EDI_DC40')[0], 'DOCNUM'),
    date: isDay(dated) ? `${dated.slice(0, 4)}-${dated.slice(4, 6)}-${dated.slice(6)}` : today,
    purchaseOrderNo: reference('001'),
    customer: padded(textOf(buyer, 'PARTN') || textOf(buyer, 'LIFNR')),
    salesOrganization:
      textOf(organization, 'ORGID') || textOf(partner('LF'), 'PARTN') || textOf(partner('LF'), 'LIFNR') || '1000',
    currency:
      textOf(head, 'CURCY') ||
      textOf(
        listOf(idoc, 'E1EDS01').find((each) => textOf(each, 'SUMID') === '002'),
        'SUNIT',
      ),
  };
}

function itemInIdoc(item: Tree, index: number): BookedItem {
  const objects = listOf(item, 'E1EDP19');
  const object = (qualifier: string) =>
    textOf(
      objects.find((each) => textOf(each, 'QUALF') === qualifier),
      'IDTNR',
    );
  return bookedItem({
    posnr: textOf(item, 'POSEX') || String((index + 1) * 10),
    material: object('002') || textOf(item, 'MATNR') || object('001'),
    text: objects.map((each) => textOf(each, 'KTEXT')).find((text) => text !== '') ?? textOf(item, 'ARKTX'),
    quantity: textOf(item, 'MENGE'),
    unit: textOf(item, 'MENEE') || textOf(item, 'PMENE'),
    price: textOf(item, 'VPREI'),
    per: textOf(item, 'PEINH'),
    priceUnit: textOf(item, 'PMENE'),
    net: textOf(item, 'NETWR'),
  });
}

export function ordersInOData(document: unknown, today: string): BookedOrder[] {
  const inner = isTree(document) && 'd' in document ? document['d'] : document;
  const listed = isTree(inner) && Array.isArray(inner['results']) ? inner['results'] : inner;
  return (Array.isArray(listed) ? listed : [listed]).filter(isTree).map((order) => {
    const milliseconds = /^\/Date\((-?\d+)/.exec(textOf(order, 'SalesOrderDate') || textOf(order, 'CreationDate'))?.[1];
    const items = listOf(
      isTree(order['to_Item']) ? order['to_Item'] : order,
      isTree(order['to_Item']) ? 'results' : 'to_Item',
    );
    const sold = items.filter((item) => textOf(item, 'SalesDocumentRjcnReason') === '');
    return {
      ...bookedAs(textOf(order, 'SalesOrder'), sold.map(itemInOData)),
      docnum: '',
      date:
        milliseconds === undefined
          ? textOf(order, 'SalesOrderDate').slice(0, 10) || today
          : new Date(Number(milliseconds)).toISOString().slice(0, 10),
      purchaseOrderNo: textOf(order, 'PurchaseOrderByCustomer'),
      customer: padded(textOf(order, 'SoldToParty')),
      salesOrganization: textOf(order, 'SalesOrganization') || '1000',
      currency: textOf(order, 'TransactionCurrency'),
    };
  });
}

function itemInOData(item: Tree): BookedItem {
  return bookedItem({
    posnr: textOf(item, 'SalesOrderItem'),
    material: textOf(item, 'Material'),
    text: textOf(item, 'SalesOrderItemText'),
    quantity: textOf(item, 'RequestedQuantity'),
    unit: textOf(item, 'RequestedQuantityUnit'),
    price: textOf(item, 'NetPriceAmount'),
    per: textOf(item, 'NetPriceQuantity'),
    priceUnit: textOf(item, 'NetPriceQuantityUnit'),
    net: textOf(item, 'NetAmount'),
  });
}

function bookedAs(no: string, items: readonly BookedItem[]) {
  if (no === '') throw new Error('the file holds an order without a number');
  return { vbeln: padded(no), items, net: sum(items.map((item) => item.net)), deliveryBlock: '', deliveryStatus: 'A' };
}

/** Fills what the file leaves out: the amount from the price, or the price from the amount. */
function bookedItem(item: Omit<BookedItem, 'isoUnit'>): BookedItem {
  const per = item.per === '' ? '1' : item.per;
  const net = item.net === '' ? netOf(item.quantity, item.price, per) : item.net;
  const price = item.price === '' ? netOf(net, '1', item.quantity) : item.price;
  return {
    ...item,
    posnr: padded(item.posnr, 6),
    per,
    net,
    price,
    isoUnit: isoUnitOf(item.unit),
    priceUnit: item.priceUnit,
  };
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
const isDay = (text: string | undefined): text is string => /^[12]\d{7}$/.test(text ?? '');

function listOf(tree: unknown, name: string): Tree[] {
  const value = isTree(tree) ? tree[name] : undefined;
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((each) => (isTree(each) ? each : {}));
}

function textOf(tree: Tree | undefined, name: string): string {
  const value: unknown = Array.isArray(tree?.[name]) ? tree[name][0] : tree?.[name];
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}
