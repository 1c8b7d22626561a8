/** Canonical warehouse messages to and from Qimen's. */
import type { Static } from 'typebox';
import { Failure } from '../../contracts/failures.ts';
import { QueryByNumber } from '../../contracts/kind.ts';
import { mapping } from '../../contracts/mapping.ts';
import type { LotQuantity } from '../../contracts/canonical/primitives.ts';
import * as wire from '../../contracts/wms/qimen.wire.ts';
import {
  ControlConfirmed,
  GoodsOutbound,
  GoodsReceived,
  InboundAccepted,
  InboundNotice,
  OutboundAccepted,
  OutboundOrder,
  Stock,
  StockLock,
  StockLocked,
  StockUnlock,
  wms,
} from '../../contracts/wms/wms.ts';
import type { Message } from '../../contracts/contract.ts';
import { unmapped } from '../codes/codeTable.ts';
import { inventoryTypes, movedStatuses, orderStatuses } from './qimenCodes.ts';
import { instantOf, localTimeOf } from './localTime.ts';
import { quantityOf, wholeOf } from './qimenQuantity.ts';

const asked = 'the dialect holds it against the number that was asked for';
const notFound = 'the dialect answers it: S004 comes without an order';
const atOnce = 'the warehouse locks at once or not at all, and keeps no record of refusals';

type Lot = Static<typeof LotQuantity>;

export const entryOrderOf = mapping(
  'wms.qimen.announceInbound',
  InboundNotice,
  wire.QimenEntryOrderCreate,
  (notice) => ({
    entryOrder: {
      totalOrderLines: String(notice.lines.length),
      entryOrderCode: notice.noticeNo,
      ownerCode: notice.ownerCode,
      purchaseOrderCode: notice.orderNo,
      warehouseCode: notice.warehouseCode,
      orderType: 'CGRK' as const,
    },
    orderLines: notice.lines.map((line) => {
      const { qty, uom } = wholeOf(line.quantity, line.unit);
      return {
        orderLineNo: line.lineNo,
        ownerCode: notice.ownerCode,
        itemCode: line.materialCode,
        itemName: line.name,
        planQty: qty,
        inventoryType: 'ZP' as const,
        extendProps: { uom },
      };
    }),
  }),
);

export const inboundAcceptedOf = mapping(
  'wms.qimen.inboundAccepted',
  wire.QimenEntryOrderCreated,
  InboundAccepted,
  (answer) => ({
    warehouseNo: answer.entryOrderId,
  }),
);

export const entryOrderQueryOf = mapping(
  'wms.qimen.inboundQuery',
  QueryByNumber,
  wire.QimenEntryOrderQuery,
  ({ no }) => ({
    entryOrderCode: no,
  }),
);

export const inboundEnquiryOf = mapping(
  'wms.qimen.inboundEnquiry',
  wire.QimenEntryOrderQueried,
  wms.operations.queryInbound.response,
  ({ entryOrder }) => enquiryOf(entryOrder.status, { warehouseNo: entryOrder.entryOrderId }),
  { drops: { '/entryOrder/entryOrderCode': asked }, leaves: { '/<outcome=notFound>': notFound } },
);

export const stockoutOf = mapping('wms.qimen.orderOutbound', OutboundOrder, wire.QimenStockoutCreate, (order) => ({
  deliveryOrder: {
    totalOrderLines: String(order.lots.length),
    deliveryOrderCode: order.releaseNo,
    orderType: 'PTCK' as const,
    warehouseCode: order.warehouseCode,
    pickerInfo: { name: order.picker.name, id: order.picker.idNo, carNo: order.picker.vehicle },
    extendProps: { pledgeNo: order.pledgeNo, releaseToken: order.token, validTo: localTimeOf(order.validTo) },
  },
  orderLines: order.lots.map((lot, index) => {
    const { qty, uom } = wholeOf(lot.quantity, lot.unit);
    return {
      orderLineNo: String(index + 1),
      ownerCode: order.ownerCode,
      itemCode: lot.materialCode,
      inventoryType: 'ZP' as const,
      planQty: qty,
      batchCode: lot.lotNo,
      extendProps: { uom },
    };
  }),
}));

export const outboundAcceptedOf = mapping(
  'wms.qimen.outboundAccepted',
  wire.QimenStockoutCreated,
  OutboundAccepted,
  (answer) => ({
    deliveryNo: answer.deliveryOrderId,
  }),
);

export const stockoutQueryOf = mapping('wms.qimen.outboundQuery', QueryByNumber, wire.QimenStockoutQuery, ({ no }) => ({
  deliveryOrderCode: no,
}));

export const outboundEnquiryOf = mapping(
  'wms.qimen.outboundEnquiry',
  wire.QimenStockoutQueried,
  wms.operations.queryOutbound.response,
  ({ deliveryOrder }) => enquiryOf(deliveryOrder.status, { deliveryNo: deliveryOrder.deliveryOrderId }),
  { drops: { '/deliveryOrder/deliveryOrderCode': asked }, leaves: { '/<outcome=notFound>': notFound } },
);

export const inventoryQueryOf = mapping(
  'wms.qimen.stockQuery',
  wms.operations.readStock.request,
  wire.QimenInventoryQuery,
  (asked) => ({
    criteriaList: [
      {
        warehouseCode: asked.warehouseCode,
        ownerCode: asked.ownerCode,
        ...(asked.materialCode === undefined ? {} : { itemCode: asked.materialCode }),
        inventoryType: 'ZP' as const,
      },
    ],
  }),
);

/** Qimen's `quantity` leaves the locked part out. */
export const stockOf = mapping(
  'wms.qimen.readStock',
  wire.QimenInventory,
  Stock,
  ({ items }) => ({
    lots: items.map((item) => {
      const onHand = (BigInt(item.quantity) + BigInt(item.lockQuantity)).toString();
      const { quantity, unit } = quantityOf(onHand, item.extendProps.uom);
      return {
        lotNo: item.batchCode,
        materialCode: item.itemCode,
        onHand: quantity,
        locked: quantityOf(item.lockQuantity, item.extendProps.uom).quantity,
        unit,
      };
    }),
  }),
  {
    drops: {
      '/items/[]/inventoryType': 'the contract allows sound goods only',
      '/items/[]/warehouseCode': 'the dialect holds it against what was asked',
    },
  },
);

export const stockLockOf = mapping('wms.qimen.lockStock', StockLock, wire.QimenStockLock, (lock) => ({
  lock: {
    lockCode: lock.pledgeNo,
    warehouseCode: lock.warehouseCode,
    ownerCode: lock.ownerCode,
    pledgeeName: lock.pledgee.name,
    pledgeeUscc: lock.pledgee.uscc,
  },
  lines: lock.lots.map(lockLineOf),
}));

export const stockUnlockOf = mapping('wms.qimen.unlockStock', StockUnlock, wire.QimenStockUnlock, (unlock) => ({
  lock: {
    lockCode: unlock.pledgeNo,
    warehouseCode: unlock.warehouseCode,
    ownerCode: unlock.ownerCode,
    reason: unlock.reason,
  },
  lines: unlock.lots.map(lockLineOf),
}));

export const stockLockedOf = mapping('wms.qimen.lockAccepted', wire.QimenStockLocked, StockLocked, (answer) => ({
  lockNo: answer.lockId,
}));

export const lockQueryOf = mapping('wms.qimen.lockQuery', QueryByNumber, wire.QimenStockLockQuery, ({ no }) => ({
  lockCode: no,
}));

export const lockEnquiryOf = mapping(
  'wms.qimen.lockEnquiry',
  wire.QimenStockLockQueried,
  wms.operations.queryLock.response,
  ({ lock }) => ({
    outcome: 'confirmed' as const,
    response: { lockNo: lock.lockId },
  }),
  {
    drops: { '/lock/lockCode': asked, '/lock/unlocked': 'a lock that was lifted had been taken' },
    leaves: { '/<outcome=notFound>': notFound, '/<outcome=pending>': atOnce, '/<outcome=refused>': atOnce },
  },
);

/** A lock that stands without an unlock: no unlock was heard of. */
export const unlockEnquiryOf = mapping(
  'wms.qimen.unlockEnquiry',
  wire.QimenStockLockQueried,
  wms.operations.queryUnlock.response,
  ({ lock }) =>
    lock.unlocked === 'Y'
      ? { outcome: 'confirmed' as const, response: { lockNo: lock.lockId } }
      : { outcome: 'notFound' as const },
  { drops: { '/lock/lockCode': asked }, leaves: { '/<outcome=pending>': atOnce, '/<outcome=refused>': atOnce } },
);

export const goodsReceivedOf = mapping(
  'wms.qimen.goodsReceived',
  wire.QimenEntryOrderConfirm,
  GoodsReceived,
  ({ entryOrder, orderLines }) => {
    assertMoved(entryOrder.status, 'entryorder.confirm');
    return {
      noticeNo: entryOrder.entryOrderCode,
      receiptNo: entryOrder.outBizCode,
      warehouseCode: entryOrder.warehouseCode,
      final: entryOrder.confirmType === '0',
      receivedAt: instantOf(entryOrder.operateTime),
      lots: orderLines.flatMap(lotsOf),
    };
  },
);

export const goodsOutboundOf = mapping(
  'wms.qimen.goodsOutbound',
  wire.QimenStockoutConfirm,
  GoodsOutbound,
  ({ deliveryOrder, orderLines }) => {
    assertMoved(deliveryOrder.status, 'stockout.confirm');
    const weighTicket = deliveryOrder.extendProps?.weighTicket;
    return {
      releaseNo: deliveryOrder.deliveryOrderCode,
      outboundNo: deliveryOrder.outBizCode,
      outboundAt: instantOf(deliveryOrder.orderConfirmTime),
      lots: orderLines.flatMap(lotsOf),
      ...(weighTicket === undefined ? {} : { weighTicket }),
    };
  },
);

export const controlConfirmedOf = mapping(
  'wms.qimen.controlConfirmed',
  wire.QimenControlConfirm,
  ControlConfirmed,
  ({ control, lines, receipt }) => ({
    pledgeNo: control.lockCode,
    supervisor: { name: control.supervisorName, uscc: control.supervisorUscc },
    confirmedAt: instantOf(control.confirmTime),
    lots: lines.map(heldLotOf),
    receipt: {
      receiptNo: receipt.receiptNo,
      depositor: { name: receipt.depositorName, uscc: receipt.depositorUscc },
      goods: receipt.goods,
      lots: receipt.receiptLines.map(heldLotOf),
      quality: receipt.quality,
      packaging: receipt.packaging,
      lossStandard: receipt.lossStandard,
      storagePlace: receipt.storagePlace,
      storageFrom: instantOf(receipt.storageFrom),
      storageTo: instantOf(receipt.storageTo),
      storageFee: receipt.storageFee,
      issuer: { name: receipt.issuerName, uscc: receipt.issuerUscc },
      issuedAt: instantOf(receipt.issueTime),
      sealSha256: receipt.sealSha256,
    },
  }),
);

type ConfirmedLine = Message<typeof wire.QimenEntryOrderConfirm>['orderLines'][number];
type HeldLine = Message<typeof wire.QimenControlConfirm>['lines'][number];

function enquiryOf<R>(status: string, response: R) {
  const outcome = orderStatuses.of(status);
  switch (outcome) {
    case 'confirmed':
      return { outcome, response };
    case 'pending':
      return { outcome };
    case 'refused':
      return { outcome, code: status, detail: `the warehouse ended the order: ${status}` };
  }
}

function assertMoved(status: string, method: 'entryorder.confirm' | 'stockout.confirm'): void {
  if (movedStatuses.find(status) === method) return;
  throw unmapped(movedStatuses.name, status, undefined, `${method} with this status reports no goods`);
}

function lockLineOf(lot: Lot) {
  const { qty, uom } = wholeOf(lot.quantity, lot.unit);
  return { itemCode: lot.materialCode, batchCode: lot.lotNo, quantity: qty, extendProps: { uom } };
}

function heldLotOf(line: HeldLine): Lot {
  return { lotNo: line.batchCode, materialCode: line.itemCode, ...quantityOf(line.quantity, line.extendProps.uom) };
}

/** A line is one lot, or several in `batchs`; a line of nothing that names no lot is none. */
function lotsOf(line: ConfirmedLine): Lot[] {
  const batches =
    line.batchs ?? (line.batchCode === undefined ? [] : [{ batchCode: line.batchCode, actualQty: line.actualQty }]);
  const counted = batches.reduce((sum, batch) => sum + BigInt(batch.actualQty), 0n);
  if (counted !== BigInt(line.actualQty)) {
    throw new Failure('CONTRACT_VIOLATED', { detail: 'the lots of a line do not add up to its actualQty' });
  }
  for (const type of [line.inventoryType, ...(line.batchs ?? []).map((batch) => batch.inventoryType)])
    assertSound(type);
  return batches.map((batch) => ({
    lotNo: batch.batchCode,
    materialCode: line.itemCode,
    ...quantityOf(batch.actualQty, line.extendProps.uom),
  }));
}

/** Only sound goods (正品) can become security; damaged ones go to people. */
function assertSound(type: string | undefined): void {
  if (type !== undefined) inventoryTypes.of(type);
}
