/** What BAPIs answer, to the canonical snapshot and open items. The same for both transports: they differ in dates only. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import {
  ReadOpenItems,
  ReadOrder,
  type BapiReturn,
  type OpenLineItems,
  type OrderDetail,
} from '../../contracts/sap/s4.wire.ts';
import { OpenItems, OrderSnapshot } from '../../contracts/sap/sap.ts';
import { currencyOf, deliveryStatuses, locks, returnTypes, sides } from './s4.codes.ts';
import { lineValues } from './s4.line.ts';
import { alpha, dateOf, dayAt, daysLater, isBlank, money, needed, wrong } from './s4.numbers.ts';

type Detail = Static<typeof OrderDetail>;
type LineItem = Static<typeof OpenLineItems>['LINEITEMS'][number];

/**
 * No exception tells of a business error: the RFC is fine and RETURN says no, often with a general message before the
 * particular one. @throws Failure
 */
export function refuseBapiErrors({ RETURN }: Static<typeof BapiReturn>): void {
  const errors = RETURN.filter(({ TYPE }) => returnTypes.of(TYPE ?? '') === 'refused');
  if (errors.length === 0) return;
  const codes = errors.map(({ CODE, ID, NUMBER }) => (isBlank(CODE) ? `${ID ?? ''}${NUMBER ?? ''}` : CODE));
  const busy = codes.map((code) => locks.find(code)).find((code) => code !== undefined);
  const externalCode = codes.slice(0, codesShownMax).join(' ');
  throw busy === undefined
    ? new Failure('SYSTEM_REFUSED', { detail: `SAP answered ${errors[0]?.TYPE} ${externalCode}`, externalCode })
    : new Failure(busy, { detail: `SAP answered ${externalCode}: somebody has it open`, externalCode });
}

const codesShownMax = 3;

export const snapshotOf = mapping('sap.s4.order-detail', ReadOrder, OrderSnapshot, ({ orderNo, readAt, answer }) => {
  const ours = alpha(orderNo);
  const header = answer.ORDER_HEADERS_OUT.find((each) => alpha(each.DOC_NUMBER ?? '') === ours);
  if (!header) throw new Failure('ORDER_NOT_IN_ERP', { detail: `SAP holds no sales order ${ours}` });
  // A rejected item stays in the order but not in its value.
  const items = answer.ORDER_ITEMS_OUT.filter(
    (each) => alpha(each.DOC_NUMBER ?? '') === ours && isBlank(each.REA_FOR_RE),
  );
  if (items.length === 0)
    throw new Failure('SYSTEM_REFUSED', { detail: `order ${ours} has no item that is not rejected` });
  const at = 'ORDER_HEADERS_OUT';
  return {
    orderNo: ours,
    ...(isBlank(header.PURCH_NO) ? {} : { purchaseOrderNo: header.PURCH_NO }),
    orderDate: dayAt(header.DOC_DATE, `${at}/DOC_DATE`),
    currency: currencyOf(needed(isBlank(header.CURREN_ISO) ? header.CURRENCY : header.CURREN_ISO, `${at}/CURRENCY`, 5)),
    total: money(header.NET_VAL_HD, `${at}/NET_VAL_HD`),
    buyer: { externalNo: alpha(needed(header.SOLD_TO, `${at}/SOLD_TO`)) },
    seller: { externalNo: alpha(needed(header.SALES_ORG, `${at}/SALES_ORG`)) },
    lines: items.map((item, index) => lineOf(item, `ORDER_ITEMS_OUT/item[${index + 1}]`)),
    status: isBlank(header.DLV_BLOCK) ? deliveryStatusOf(answer, ours) : ('blocked' as const),
    readAt,
  };
});

export const openItemsOf = mapping('sap.s4.open-items', ReadOpenItems, OpenItems, ({ customerNo, keyDate, answer }) => {
  const items = answer.LINEITEMS.map((item, index) => openItemOf(item, `LINEITEMS/item[${index + 1}]`));
  if (new Set(items.map((item) => item.currency)).size > 1) {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: 'open items of one company code are in more than one local currency',
    });
  }
  const total = items.reduce((sum, item) => sum + (item.side === 'debit' ? 1n : -1n) * fenOf(item.amount), 0n);
  return { customerNo: alpha(customerNo), keyDate, total: yuanOf(total), items };
});

function deliveryStatusOf(answer: Detail, orderNo: string) {
  const status = answer.ORDER_STATUSHEADERS_OUT.find((each) => alpha(each.SD_DOC ?? '') === orderNo);
  return deliveryStatuses.of(status?.DLV_STAT_H ?? '', 'ORDER_STATUSHEADERS_OUT/DLV_STAT_H');
}

function lineOf(item: Detail['ORDER_ITEMS_OUT'][number], path: string) {
  const at = (field: keyof typeof item) => ({ text: item[field], pointer: `${path}/${field}` });
  const unit = isBlank(item.ISOCODUNIT) ? 'SALES_UNIT' : 'ISOCODUNIT';
  return {
    lineNo: alpha(needed(item.ITM_NUMBER, `${path}/ITM_NUMBER`)),
    materialCode: alpha(needed(isBlank(item.MATERIAL_LONG) ? item.MATERIAL : item.MATERIAL_LONG, `${path}/MATERIAL`)),
    ...(isBlank(item.SHORT_TEXT) ? {} : { description: item.SHORT_TEXT }),
    ...lineValues({
      quantity: at('REQ_QTY'),
      unit: at(unit),
      price: at('NET_PRICE'),
      pricePer: at('COND_P_UNT'),
      priceUnit: at('COND_UNIT'),
      amount: at('NET_VALUE'),
    }),
  };
}

/** In local currency: amounts in document currency cannot be added up. */
function openItemOf(item: LineItem, path: string) {
  const side = sides.of(item.DB_CR_IND ?? '', `${path}/DB_CR_IND`);
  return {
    documentNo: alpha(needed(item.DOC_NO, `${path}/DOC_NO`)),
    documentDate: dayAt(item.DOC_DATE, `${path}/DOC_DATE`),
    dueDate: dueDateOf(item, side, path),
    amount: money(item.LC_AMOUNT, `${path}/LC_AMOUNT`),
    currency: currencyOf(needed(item.LOC_CURRCY, `${path}/LOC_CURRCY`, 5)),
    side,
  };
}

/** Baseline date plus the days net; SAP keeps them in the last discount step when NETTERMS is initial. A credit without an invoice is due at once. */
function dueDateOf(item: LineItem, side: 'debit' | 'credit', path: string): string {
  const baseline = dateOf(item.BLINE_DATE) ?? dateOf(item.PSTNG_DATE) ?? dayAt(item.DOC_DATE, `${path}/BLINE_DATE`);
  if (side === 'credit' && isBlank(item.INV_REF)) return baseline;
  const fields = ['NETTERMS', 'DSCT_DAYS2', 'DSCT_DAYS1'] as const;
  for (const field of fields) {
    const text = item[field];
    if (isBlank(text)) continue;
    if (!/^\d{1,4}(\.0*)?$/.test(text)) wrong(`${path}/${field}`, 'number', 'is not a number of days');
    if (Number.parseInt(text, 10) > 0) return daysLater(baseline, Number.parseInt(text, 10));
  }
  return baseline;
}
