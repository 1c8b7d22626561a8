/**
 * The same by hand, as somebody writes it who needs this one order and nothing else: no contracts, no tables, no failures
 * that say where, plain objects and slices. It validates both ends with the same schemas, compiled by Ajv directly with the
 * options of the house, and refuses an unmapped code.
 */
import { codes, type vendorOrder } from './order.ts';
import { compiled } from './validators.ts';

type Order = ReturnType<typeof vendorOrder>;
type Codes = Readonly<Record<string, string>>;

export const byHand = handWritten(compiled());
/** With the texts measured as the house measures them: what is left is the form alone. */
export const byHandTuned = handWritten(compiled({ tuned: true }));

function handWritten({ isVendorOrder, isKeptOrder, errorsText }: ReturnType<typeof compiled>) {
  return (source: unknown): unknown => {
    if (!isVendorOrder(source)) throw new Error(errorsText(isVendorOrder.errors));
    const target = targetOf(source);
    if (!isKeptOrder(target)) throw new Error(errorsText(isKeptOrder.errors));
    return target;
  };
}

function targetOf(o: Order): Record<string, unknown> {
  const lines = [];
  for (const l of o.LINES) {
    lines.push({
      lineNo: l.LINE_NO,
      materialCode: l.MATNR,
      name: l.NAME,
      quantity: point(l.QTY, 3),
      unit: look(codes.unit, l.UOM),
      unitPrice: point(l.PRICE_FEN, 2),
      amount: point(l.AMOUNT_FEN, 2),
      dueDate: date(l.DUE),
    });
  }
  const target: Record<string, unknown> = {
    orderNo: o.ORDER_NO,
    type: look(codes.type, o.ORDER_TYPE),
    status: look(codes.status, o.STATUS),
    orderDate: date(o.CREATED_ON),
    changedAt: instant(o.CHANGED_AT),
    currency: look(codes.currency, o.CURRENCY),
    total: point(o.TOTAL_FEN, 2),
    tax: point(o.TAX_FEN, 2),
    freight: point(o.FREIGHT_FEN, 2),
    discount: point(o.DISCOUNT_FEN, 2),
    buyer: party(o.BUYER),
    seller: party(o.SELLER),
    delivery: {
      warehouseCode: o.DELIVERY.WAREHOUSE,
      province: o.DELIVERY.PROVINCE,
      city: o.DELIVERY.CITY,
      address: o.DELIVERY.ADDRESS,
      terms: look(codes.delivery, o.DELIVERY.TERMS),
      from: date(o.DELIVERY.FROM),
      to: date(o.DELIVERY.TO),
    },
    payment: {
      terms: look(codes.payment, o.PAYMENT.TERMS),
      days: +o.PAYMENT.DAYS,
      account: {
        accountName: o.PAYMENT.ACCT_NAME,
        accountNo: o.PAYMENT.ACCT_NO,
        bankName: o.PAYMENT.BANK_NAME,
        bankCode: o.PAYMENT.CNAPS,
      },
    },
    contractNo: o.CONTRACT_NO,
    projectNo: o.PROJECT_NO,
    salesOrganization: o.SALES_ORG,
    channel: o.CHANNEL,
    version: +o.VERSION,
    urgent: o.URGENT === 'Y',
    lines,
  };
  if (o.REMARK !== undefined) target['remark'] = o.REMARK;
  return target;
}

function look(table: Codes, code: string): string {
  const found = table[code];
  if (found === undefined) throw new Error(`no mapping of ${code}`);
  return found;
}

function party(p: Order['BUYER']) {
  return { externalNo: p.NO, name: p.NAME, uscc: p.USCC, contact: p.CONTACT, phone: p.PHONE };
}

function point(digits: string, places: number): string {
  const d = digits.padStart(places + 1, '0');
  return `${d.slice(0, -places)}.${d.slice(-places)}`;
}

function date(d: string): string {
  return `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6)}`;
}

function instant(s: string): string {
  return `${s.slice(0, 4)}-${s.slice(4, 6)}-${s.slice(6, 8)}T${s.slice(8, 10)}:${s.slice(10, 12)}:${s.slice(12)}+08:00`;
}
