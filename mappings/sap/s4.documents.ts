/** Purchase orders and delivery status as BAPIs answer them, to canonical documents. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { DeliveryStatus, PurchaseOrder } from '../../contracts/sap/documents.ts';
import {
  ReadPurchase,
  ReadStatus,
  type PurchaseDetail,
  type StatusInfo,
} from '../../contracts/sap/s4.documents.wire.ts';
import { currencyOf, deliveryStatuses, itemStates } from './s4.codes.ts';
import { lineValues, quantitiesOf } from './s4.line.ts';
import { alpha, currMoney, dateOf, dayAt, isBlank, needed, number, quotient, wrong } from './s4.numbers.ts';

type Purchase = Static<typeof PurchaseDetail>;
type PurchaseItem = Purchase['POITEM'][number];
type StatusRow = Static<typeof StatusInfo>['STATUSINFO'][number];

export const purchaseOrderOf = mapping(
  'sap.s4.purchase-order',
  ReadPurchase,
  PurchaseOrder,
  ({ purchaseOrderNo, readAt, answer }) => {
    const { POHEADER: header } = answer;
    const active = answer.POITEM.map((item, index) => ({ item, path: `POITEM/item[${index + 1}]` })).filter(
      ({ item, path }) => itemStates.of(item.DELETE_IND ?? '', `${path}/DELETE_IND`) === 'active',
    );
    if (active.length === 0)
      throw new Failure('SYSTEM_REFUSED', { detail: `purchase order ${alpha(purchaseOrderNo)} has no item left` });
    const lines = active.map(({ item, path }) => purchaseLineOf(answer, item, path));
    const done = lines.map((line, index) => !isBlank(active[index]?.item.NO_MORE_GR) || atLeast(line));
    const begun = lines.some((line) => /[1-9]/.test(line.received));
    return {
      purchaseOrderNo: alpha(purchaseOrderNo),
      companyCode: needed(header.COMP_CODE, 'POHEADER/COMP_CODE'),
      vendor: { externalNo: alpha(needed(header.VENDOR, 'POHEADER/VENDOR')) },
      orderDate: dayAt(header.DOC_DATE, 'POHEADER/DOC_DATE'),
      currency: currencyOf(
        needed(isBlank(header.CURRENCY_ISO) ? header.CURRENCY : header.CURRENCY_ISO, 'POHEADER/CURRENCY', 5),
      ),
      total: yuanOf(lines.reduce((sum, line) => sum + fenOf(line.amount), 0n)),
      status: done.every(Boolean) ? ('received' as const) : begun ? ('partlyReceived' as const) : ('open' as const),
      lines,
      readAt,
    };
  },
  { drops: { '/answer/POHEADER/PO_NUMBER': 'the dialect held it against the number that was asked for' } },
);

/** Both have three decimals and one unit. */
function atLeast({ received, quantity }: { received: string; quantity: string }): boolean {
  return BigInt(received.replace('.', '')) >= BigInt(quantity.replace('.', ''));
}

function purchaseLineOf(answer: Purchase, item: PurchaseItem, path: string) {
  const own = <R extends { PO_ITEM?: string | undefined }>(rows: readonly R[]): R | undefined =>
    rows.find((row) => alpha(row.PO_ITEM ?? '') === lineNo);
  const at = (field: keyof PurchaseItem) => ({ text: item[field], pointer: `${path}/${field}` });
  const lineNo = alpha(needed(item.PO_ITEM, `${path}/PO_ITEM`));
  const unitAt = at(isBlank(item.PO_UNIT_ISO) ? 'PO_UNIT' : 'PO_UNIT_ISO');
  const ordered = at('QUANTITY');
  const totals = own(answer.POHISTORY_TOTALS);
  const arrived = (field: 'DELIV_QTY' | 'IV_QTY') => ({
    text: totals?.[field] || '0',
    pointer: `POHISTORY_TOTALS/${field}`,
  });
  const values = lineValues({
    quantity: ordered,
    unit: unitAt,
    price: at('NET_PRICE'),
    pricePer: at('PRICE_UNIT'),
    priceUnit: at('ORDERPR_UN'),
    amount: { text: undefined, pointer: `${path}/NET_PRICE` }, // POITEM has none.
  });
  const { unit, quantities } = quantitiesOf(unitAt, [ordered, arrived('DELIV_QTY'), arrived('IV_QTY')]);
  const [quantity = '', received = '', invoiced = ''] = quantities;
  const due = dateOf(own(answer.POSCHEDULE)?.DELIVERY_DATE);
  const each = () => quotient(number(values.amount, ordered.pointer), number(quantity, ordered.pointer), 2);
  return {
    lineNo,
    materialCode: alpha(needed(isBlank(item.MATERIAL_LONG) ? item.MATERIAL : item.MATERIAL_LONG, `${path}/MATERIAL`)),
    ...(isBlank(item.SHORT_TEXT) ? {} : { description: item.SHORT_TEXT }),
    quantity,
    unit,
    unitPrice: unit === values.unit ? values.unitPrice : (each() ?? wrong(ordered.pointer, 'range', 'is out of range')),
    amount: values.amount,
    received,
    invoiced,
    ...(due === undefined ? {} : { dueOn: due }),
  };
}

export const deliveryStatusOf = mapping(
  'sap.s4.delivery-progress',
  ReadStatus,
  DeliveryStatus,
  ({ orderNo, readAt, answer }) => {
    const ours = alpha(orderNo);
    const rows = answer.STATUSINFO.map((row, index) => ({ row, path: `STATUSINFO/item[${index + 1}]` }));
    const [first] = rows;
    if (!first) throw new Failure('ORDER_NOT_IN_ERP', { detail: `SAP holds no sales order ${ours}` });
    const numbers = [
      ...new Set(rows.filter(({ row }) => isBlank(row.REA_FOR_RE)).map(({ row }) => row.ITM_NUMBER ?? '')),
    ];
    if (numbers.length === 0)
      throw new Failure('SYSTEM_REFUSED', { detail: `order ${ours} has no item that is not rejected` });
    const status = deliveryStatuses.of(first.row.DLV_STAT_H ?? '', `${first.path}/DLV_STAT_H`);
    return {
      orderNo: ours,
      status: isBlank(first.row.DLV_BLOCK) ? status : ('blocked' as const),
      items: numbers.map((no) => itemOf(rows.filter(({ row }) => (row.ITM_NUMBER ?? '') === no))),
      readAt,
    };
  },
  { drops: { '/answer/STATUSINFO/[]/DOC_NUMBER': 'the dialect held it against the number that was asked for' } },
);

/** All rows of one item: one for each delivery, or one without any. */
function itemOf(rows: readonly { row: StatusRow; path: string }[]) {
  const [first] = rows;
  if (!first) return wrong('STATUSINFO', 'required', 'holds no row of the item');
  const { row, path } = first;
  const unitAt = { text: row.SALES_UNIT, pointer: `${path}/SALES_UNIT` };
  const left = rows.filter((each) => !isBlank(each.row.DELIV_NUMB));
  const { unit, quantities } = quantitiesOf(unitAt, [
    { text: row.REQ_QTY, pointer: `${path}/REQ_QTY` },
    ...left.map((each) => ({ text: each.row.DLV_QTY, pointer: `${each.path}/DLV_QTY` })),
  ]);
  const [quantity = '', ...delivered] = quantities;
  const currency = currencyOf(needed(row.CURRENCY, `${path}/CURRENCY`, 5), `${path}/CURRENCY`);
  return {
    lineNo: alpha(needed(row.ITM_NUMBER, `${path}/ITM_NUMBER`)),
    materialCode: alpha(needed(isBlank(row.MATERIAL_LONG) ? row.MATERIAL : row.MATERIAL_LONG, `${path}/MATERIAL`)),
    ...(isBlank(row.SHORT_TEXT) ? {} : { description: row.SHORT_TEXT }),
    quantity,
    unit,
    amount: currMoney(row.NET_VALUE, currency, `${path}/NET_VALUE`),
    currency,
    status: deliveryStatuses.of(row.DLV_STAT_I ?? '', `${path}/DLV_STAT_I`),
    deliveries: left.map((each, index) => {
      const date = dateOf(each.row.DELIV_DATE);
      return {
        deliveryNo: alpha(needed(each.row.DELIV_NUMB, `${each.path}/DELIV_NUMB`)),
        lineNo: alpha(needed(each.row.DELIV_ITEM, `${each.path}/DELIV_ITEM`)),
        ...(date === undefined ? {} : { date }),
        quantity: delivered[index] ?? '',
      };
    }),
  };
}
