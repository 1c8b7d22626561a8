/** What the sandbox's SAP keeps: orders both ways, deliveries, billing, accounting documents, locks, and the IDocs it sent. */
import type { TwinContext } from '../twin.ts';
import { applicants, dealers, materials, unit } from '../world.ts';
import type { BookedOrder } from './s4.book.ts';

export interface S4Memory {
  nextOrder: number;
  nextIdoc: number;
  nextDelivery: number;
  nextBilling: number;
  nextDocument: number;
  nextEvent: number;
  orders: Record<string, BookedOrder>;
  customers: Record<string, string>;
  openItems: OpenItem[];
  purchaseOrders: Record<string, PurchaseOrder>;
  deliveries: Record<string, Delivery>;
  billings: Record<string, Billing>;
  documents: AccountingDocument[];
  /** Who has an object open: `KNA1/0000017101`. */
  locks: Record<string, string>;
  /** STATUS of outbound IDocs, by DOCNUM. */
  idocs: Record<string, string>;
  /** Rows in a page of OData. */
  pageRows: number;
  /** So many of the next lists of changes lack a row that they announce. */
  gaps: number;
}

export type S4 = TwinContext<S4Memory>;

export interface OpenItem {
  readonly docNo: string;
  readonly customer: string;
  /** YYYY-MM-DD, also the posting and the baseline date. */
  readonly date: string;
  readonly netDays: string;
  readonly amount: string;
  readonly side: 'S' | 'H';
  /** ALLOC_NMBR: the document that it belongs to. */
  readonly assignment?: string;
  clearDate?: string;
  clearDoc?: string;
}

export interface PurchaseItem {
  readonly ebelp: string;
  readonly material: string;
  readonly text: string;
  readonly quantity: string;
  readonly unit: string;
  readonly isoUnit: string;
  readonly price: string;
  readonly per: string;
  readonly due: string;
  received: string;
  invoiced: string;
  deleted: string;
  complete: string;
}

export interface PurchaseOrder {
  readonly ebeln: string;
  readonly vendor: string;
  readonly date: string;
  readonly currency: string;
  readonly items: PurchaseItem[];
}

interface DeliveryLine {
  readonly posnr: string;
  readonly vbelv: string;
  readonly posnv: string;
  readonly material: string;
  readonly text: string;
  readonly quantity: string;
  readonly unit: string;
  readonly isoUnit: string;
  readonly batch: string;
}

export interface Delivery {
  readonly vbeln: string;
  readonly docnum: string;
  readonly customer: string;
  readonly date: string;
  /** WBSTK */
  readonly status: string;
  readonly lines: readonly DeliveryLine[];
}

export interface Billing {
  readonly vbeln: string;
  readonly docnum: string;
  readonly type: string;
  readonly date: string;
  readonly netDays: string;
  readonly customer: string;
  readonly order: string;
  readonly currency: string;
  readonly net: string;
  readonly tax: string;
  readonly gross: string;
  readonly cancels: string;
  cancelled: boolean;
  readonly accounting: string;
}

export interface AccountingDocument {
  readonly belnr: string;
  readonly bukrs: string;
  readonly gjahr: string;
  readonly blart: string;
  readonly xblnr: string;
  readonly bktxt: string;
  stblg: string;
}

export function firstMemory(): S4Memory {
  return {
    nextOrder: 4_500_017_001,
    nextIdoc: 1_001,
    nextDelivery: 80_000_001,
    nextBilling: 90_000_001,
    nextDocument: 1_400_000_001,
    nextEvent: 1,
    orders: {},
    customers: Object.fromEntries([...dealers, ...applicants].map((customer) => [customer.sapNo, customer.name])),
    openItems: dealers.flatMap(({ sapNo: customer }, index): OpenItem[] => [
      { docNo: `18000${index}0001`, customer, date: '2026-09-15', netDays: '90', amount: '850000.00', side: 'S' },
      { docNo: `18000${index}0002`, customer, date: '2026-10-20', netDays: '60', amount: '126000.50', side: 'S' },
      { docNo: `16000${index}0001`, customer, date: '2026-11-02', netDays: '0', amount: '26000.50', side: 'H' },
    ]),
    purchaseOrders: Object.fromEntries(
      [purchase(0), purchase(1), purchaseInYen()].map((order) => [order.ebeln, order]),
    ),
    deliveries: {},
    billings: {},
    documents: [],
    locks: {},
    idocs: {},
    pageRows: 100,
    gaps: 0,
  };
}

const vendor = '0000100001';

function purchase(index: number): PurchaseOrder {
  const item = (at: number, received: string): PurchaseItem => {
    const material = materials[at] ?? materials[0];
    return {
      ebelp: `000${at + 1}0`,
      material: material.code,
      text: material.name,
      quantity: '500.000',
      unit: material.sapUnit,
      isoUnit: 'TNE',
      price: material.price,
      per: '1',
      due: '2026-12-10',
      received,
      invoiced: '0.000',
      deleted: '',
      complete: '',
    };
  };
  const items = index === 0 ? [item(0, '320.500'), item(1, '0.000')] : [item(0, '0.000')];
  return { ebeln: `450000010${index + 1}`, vendor, date: `2026-11-1${index}`, currency: 'CNY', items };
}

/** A BAPI amount in yen is as it is; only fields of type CURR are divided by a hundred. */
function purchaseInYen(): PurchaseOrder {
  const [first] = purchase(1).items;
  const items = first ? [{ ...first, price: '52000', quantity: '10.000' }] : [];
  return { ebeln: '4500009392', vendor, date: '2026-11-12', currency: 'JPY', items };
}

/** SAP's clock stands on Shanghai time. */
export const localTime = (s4: S4) => new Date(s4.clock.now().getTime() + 8 * 3_600_000).toISOString();
export const dayOf = (s4: S4) => localTime(s4).slice(0, 10);

export const companyCode = unit.companyCode;

export function textIn(args: Record<string, unknown>, name: string, otherwise: string): string {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : otherwise;
}

export function newDocnum(s4: S4): string {
  const docnum = String(s4.memory.nextIdoc++).padStart(16, '0');
  s4.memory.idocs[docnum] = '03';
  return docnum;
}
