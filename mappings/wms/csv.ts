/** Canonical warehouse messages to and from the files of a warehouse that has only files. */
import type { Static } from 'typebox';
import { decimal } from '../../contracts/canonical/money.ts';
import type { LotQuantity } from '../../contracts/canonical/primitives.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import * as wire from '../../contracts/wms/csv.wire.ts';
import { LotSnapshot } from '../../contracts/wms/stock.ts';
import { InboundNotice, OutboundOrder, Stock, StockLock, StockUnlock, wms } from '../../contracts/wms/wms.ts';
import { csvUnits, reasons, results } from './csvCodes.ts';
import { instantOf, localTimeOf } from './localTime.ts';

type Lot = Static<typeof LotQuantity>;
type Result = Message<typeof wire.CsvResult>;

export const asnOf = mapping('wms.csv.announceInbound', InboundNotice, wire.CsvAsn, (notice) => ({
  message: 'ASN' as const,
  version: '1' as const,
  no: notice.noticeNo,
  warehouse: notice.warehouseCode,
  owner: notice.ownerCode,
  orderNo: notice.orderNo,
  rows: notice.lines.map((line) => ({
    lineNo: line.lineNo,
    material: line.materialCode,
    name: line.name,
    ...quantityTo(line.quantity, line.unit),
  })),
}));

export const lockOf = mapping('wms.csv.lockStock', StockLock, wire.CsvLock, (lock) => ({
  message: 'LOCK' as const,
  version: '1' as const,
  no: lock.pledgeNo,
  warehouse: lock.warehouseCode,
  owner: lock.ownerCode,
  pledgee: lock.pledgee.name,
  pledgeeUscc: lock.pledgee.uscc,
  rows: lock.lots.map(rowOf),
}));

export const unlockOf = mapping('wms.csv.unlockStock', StockUnlock, wire.CsvUnlock, (unlock) => ({
  message: 'UNLOCK' as const,
  version: '1' as const,
  no: unlock.pledgeNo,
  warehouse: unlock.warehouseCode,
  owner: unlock.ownerCode,
  reason: unlock.reason,
  rows: unlock.lots.map(rowOf),
}));

export const outOf = mapping('wms.csv.orderOutbound', OutboundOrder, wire.CsvOut, (order) => ({
  message: 'OUT' as const,
  version: '1' as const,
  no: order.releaseNo,
  warehouse: order.warehouseCode,
  owner: order.ownerCode,
  pledgeNo: order.pledgeNo,
  token: order.token,
  validTo: localTimeOf(order.validTo),
  pickerName: order.picker.name,
  pickerIdNo: order.picker.idNo,
  vehicle: order.picker.vehicle,
  rows: order.lots.map(rowOf),
}));

const asked = 'the dialect holds it against the order that was asked for';
const only = 'the contract allows one only';
const declared = {
  drops: {
    '/message': only,
    '/version': only,
    '/of': asked,
    '/no': asked,
    '/at': 'when it was done in the warehouse is no part of the answer',
    '/remark': 'words for people; they stay in the file, which is kept',
    '/rows': 'a result has none',
  },
  leaves: { '/<outcome=notFound>': 'the dialect answers it: there is no order and no result' },
};

export const inboundEnquiryOf = mapping(
  'wms.csv.inboundEnquiry',
  wire.CsvResult,
  wms.operations.queryInbound.response,
  (result) => enquiryOf(result, (warehouseNo) => ({ warehouseNo })),
  declared,
);

export const lockEnquiryOf = mapping(
  'wms.csv.lockEnquiry',
  wire.CsvResult,
  wms.operations.queryLock.response,
  (result) => enquiryOf(result, (lockNo) => ({ lockNo })),
  declared,
);

export const outboundEnquiryOf = mapping(
  'wms.csv.outboundEnquiry',
  wire.CsvResult,
  wms.operations.queryOutbound.response,
  (result) => enquiryOf(result, (deliveryNo) => ({ deliveryNo })),
  declared,
);

const held = 'the dialect holds it against what was asked';
const ofStock = { '/message': only, '/version': only, '/warehouse': held, '/owner': held };

export const stockOf = mapping('wms.csv.readStock', wire.CsvStock, Stock, ({ rows }) => ({ lots: rows.map(lotOf) }), {
  drops: { ...ofStock, '/asOf': 'the dialect holds it against the age that is allowed', '/sequence': 'as asOf' },
});

export const lotsOf = mapping(
  'wms.csv.readLots',
  wire.CsvStock,
  LotSnapshot,
  ({ asOf, sequence, rows }) => ({ asOf: instantOf(asOf), sequence, lots: rows.map(lotOf) }),
  { drops: ofStock },
);

function enquiryOf<R>({ status, warehouseNo, reason }: Result, response: (no: string) => R) {
  const outcome = results.of(status, '#/status');
  switch (outcome) {
    case 'confirmed':
      if (warehouseNo === undefined) throw violated('a result that is DONE has no warehouseNo');
      return { outcome, response: response(warehouseNo) };
    case 'pending':
      return { outcome };
    case 'refused':
      if (reason === undefined) throw violated('a result that is REFUSED gives no reason');
      return { outcome, code: reasons.of(reason, '#/reason'), detail: `the warehouse refused the order: ${reason}` };
  }
}

function rowOf(lot: Lot) {
  return { lot: lot.lotNo, material: lot.materialCode, ...quantityTo(lot.quantity, lot.unit) };
}

function lotOf({ lot, material, onHand, locked, unit }: Message<typeof wire.CsvStock>['rows'][number]) {
  const ours = csvUnits.of(unit, '#/rows/unit');
  const [there, kept] = [quantityFrom(onHand, ours), quantityFrom(locked, ours)];
  return { lotNo: lot, materialCode: material, onHand: there, locked: kept, unit: ours };
}

/** @throws Failure CONTRACT_VIOLATED: a unit that the files have no word for, or a part of a piece */
function quantityTo(quantity: string, unit: string): { quantity: string; unit: string } {
  return { quantity: quantityFrom(quantity, unit), unit: csvUnits.codeOf(unit) };
}

/** Three decimals, pieces whole: what Excel made of a figure on its way (0.30000000000000004) does not survive. */
function quantityFrom(text: string, unit: string): string {
  const quantity = decimal(text, 3);
  if (unit === 'C62' && !quantity.endsWith('.000')) throw violated('pieces must be whole');
  return quantity;
}

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
