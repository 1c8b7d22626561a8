/** Canonical warehouse messages to and from those of FLUX: orders and what becomes of them. */
import type { Static } from 'typebox';
import type { LotQuantity } from '../../contracts/canonical/primitives.ts';
import { QueryByNumber } from '../../contracts/kind.ts';
import { mapping } from '../../contracts/mapping.ts';
import * as wire from '../../contracts/wms/flux.wire.ts';
import {
  ControlConfirmed,
  GoodsOutbound,
  GoodsReceived,
  InboundAccepted,
  InboundNotice,
  OutboundAccepted,
  OutboundOrder,
  StockLock,
  StockLocked,
  StockUnlock,
  wms,
} from '../../contracts/wms/wms.ts';
import { asnStates, lockStates, qualities, receivedStates, shippedStates, soStates } from './fluxCodes.ts';
import { fluxQtyOf, quantityOf } from './fluxQuantity.ts';
import { instantOf, localTimeOf } from './localTime.ts';

const asked = 'the dialect holds it against the order that was asked for';
const notFound = 'the dialect answers it: 1001 comes without an order';
const atOnce = 'the warehouse takes an order at once or not at all';
const neverRefused = 'the warehouse keeps no record of locks that it refused';

type Lot = Static<typeof LotQuantity>;

export const asnOf = mapping('wms.flux.announceInbound', InboundNotice, wire.FluxAsn, (notice) => ({
  OrderNo: notice.noticeNo,
  OrderType: 'PO' as const,
  CustomerID: notice.ownerCode,
  WarehouseID: notice.warehouseCode,
  PONO: notice.orderNo,
  detailsItem: notice.lines.map((line) => {
    const { qty, uom } = fluxQtyOf(line.quantity, line.unit);
    return {
      LineNo: line.lineNo,
      CustomerID: notice.ownerCode,
      SKU: line.materialCode,
      Descr_C: line.name,
      ExpectedQty: qty,
      UOM: uom,
    };
  }),
}));

export const inboundAcceptedOf = mapping('wms.flux.inboundAccepted', wire.FluxTaken, InboundAccepted, (taken) => ({
  warehouseNo: taken.WMSOrderNo,
}));

export const asnAskedOf = mapping('wms.flux.inboundQuery', QueryByNumber, wire.FluxAsnAsked, ({ no }) => ({
  OrderNo: no,
  OrderType: 'PO' as const,
}));

export const inboundEnquiryOf = mapping(
  'wms.flux.inboundEnquiry',
  wire.FluxOrderState,
  wms.operations.queryInbound.response,
  ({ Status, WMSOrderNo }) =>
    asnStates.of(Status, '#/Status') === 'refused'
      ? { outcome: 'refused' as const, code: Status, detail: 'the warehouse cancelled the order' }
      : { outcome: 'confirmed' as const, response: { warehouseNo: WMSOrderNo } },
  {
    drops: { '/OrderNo': asked, '/OrderType': asked },
    leaves: { '/<outcome=notFound>': notFound, '/<outcome=pending>': atOnce },
  },
);

export const lockOf = mapping('wms.flux.lockStock', StockLock, wire.FluxLock, (lock) => ({
  OrderNo: lock.pledgeNo,
  OrderType: 'LK' as const,
  CustomerID: lock.ownerCode,
  WarehouseID: lock.warehouseCode,
  PledgeeName: lock.pledgee.name,
  PledgeeUSCC: lock.pledgee.uscc,
  detailsItem: lock.lots.map(heldItemOf),
}));

export const unlockOf = mapping('wms.flux.unlockStock', StockUnlock, wire.FluxUnlock, (unlock) => ({
  OrderNo: unlock.pledgeNo,
  OrderType: 'UK' as const,
  CustomerID: unlock.ownerCode,
  WarehouseID: unlock.warehouseCode,
  Reason: unlock.reason,
  detailsItem: unlock.lots.map(heldItemOf),
}));

export const stockLockedOf = mapping('wms.flux.lockAccepted', wire.FluxTaken, StockLocked, (taken) => ({
  lockNo: taken.WMSOrderNo,
}));

export const lockAskedOf = mapping('wms.flux.lockQuery', QueryByNumber, wire.FluxLockAsked, ({ no }) => ({
  OrderNo: no,
  OrderType: 'LK' as const,
}));

export const lockEnquiryOf = mapping(
  'wms.flux.lockEnquiry',
  wire.FluxOrderState,
  wms.operations.queryLock.response,
  ({ Status, WMSOrderNo }) => {
    lockStates.of(Status, '#/Status'); // A lock that was lifted had been taken: either state says that.
    return { outcome: 'confirmed' as const, response: { lockNo: WMSOrderNo } };
  },
  {
    drops: { '/OrderNo': asked, '/OrderType': asked },
    leaves: { '/<outcome=notFound>': notFound, '/<outcome=pending>': atOnce, '/<outcome=refused>': neverRefused },
  },
);

/** A lock that stands: no unlock was heard of. */
export const unlockEnquiryOf = mapping(
  'wms.flux.unlockEnquiry',
  wire.FluxOrderState,
  wms.operations.queryUnlock.response,
  ({ Status, WMSOrderNo }) =>
    lockStates.of(Status, '#/Status') === 'unlocked'
      ? { outcome: 'confirmed' as const, response: { lockNo: WMSOrderNo } }
      : { outcome: 'notFound' as const },
  {
    drops: { '/OrderNo': asked, '/OrderType': asked },
    leaves: { '/<outcome=pending>': atOnce, '/<outcome=refused>': neverRefused },
  },
);

export const soOf = mapping('wms.flux.orderOutbound', OutboundOrder, wire.FluxSo, (order) => ({
  OrderNo: order.releaseNo,
  OrderType: 'SO' as const,
  CustomerID: order.ownerCode,
  WarehouseID: order.warehouseCode,
  Release: {
    PledgeNo: order.pledgeNo,
    ReleaseToken: order.token,
    ValidTo: localTimeOf(order.validTo),
    PickerName: order.picker.name,
    PickerID: order.picker.idNo,
    VehicleNo: order.picker.vehicle,
  },
  detailsItem: order.lots.map((lot, index) => {
    const { qty, uom } = fluxQtyOf(lot.quantity, lot.unit);
    return {
      LineNo: String(index + 1),
      CustomerID: order.ownerCode,
      SKU: lot.materialCode,
      LotAtt04: lot.lotNo,
      QtyOrdered: qty,
      UOM: uom,
    };
  }),
}));

export const outboundAcceptedOf = mapping('wms.flux.outboundAccepted', wire.FluxTaken, OutboundAccepted, (taken) => ({
  deliveryNo: taken.WMSOrderNo,
}));

export const soAskedOf = mapping('wms.flux.outboundQuery', QueryByNumber, wire.FluxSoAsked, ({ no }) => ({
  OrderNo: no,
  OrderType: 'SO' as const,
}));

export const outboundEnquiryOf = mapping(
  'wms.flux.outboundEnquiry',
  wire.FluxOrderState,
  wms.operations.queryOutbound.response,
  ({ Status, WMSOrderNo }) =>
    soStates.of(Status, '#/Status') === 'refused'
      ? { outcome: 'refused' as const, code: Status, detail: 'the warehouse cancelled the order' }
      : { outcome: 'confirmed' as const, response: { deliveryNo: WMSOrderNo } },
  {
    drops: { '/OrderNo': asked, '/OrderType': asked },
    leaves: { '/<outcome=notFound>': notFound, '/<outcome=pending>': atOnce },
  },
);

export const goodsReceivedOf = mapping(
  'wms.flux.goodsReceived',
  wire.FluxAsnConfirm,
  GoodsReceived,
  (confirm) => ({
    noticeNo: confirm.OMSOrderNo,
    receiptNo: confirm.ConfirmNo,
    warehouseCode: confirm.WarehouseID,
    final: receivedStates.of(confirm.Status, '#/Status') === 'final',
    receivedAt: latestOf(confirm.item.map((item) => item.ReceivedTime)),
    lots: confirm.item.map((item) => {
      if (item.LotAtt08 !== undefined) qualities.of(item.LotAtt08, '#/item/LotAtt08');
      return { lotNo: item.LotAtt04, materialCode: item.SKU, ...quantityOf(item.ReceivedQty, item.UOM) };
    }),
  }),
  { drops: { '/CustomerID': 'the notice says whose goods they are', '/OrderType': 'the contract allows one only' } },
);

export const goodsOutboundOf = mapping(
  'wms.flux.goodsOutbound',
  wire.FluxSoConfirm,
  GoodsOutbound,
  (confirm) => {
    shippedStates.of(confirm.Status, '#/Status');
    return {
      releaseNo: confirm.OMSOrderNo,
      outboundNo: confirm.DeliveryNo,
      outboundAt: latestOf(confirm.item.map((item) => item.ShippedTime)),
      lots: confirm.item.map((item) => ({
        lotNo: item.LotAtt04,
        materialCode: item.SKU,
        ...quantityOf(item.QtyShipped, item.UOM),
      })),
      ...(confirm.WeighTicket === undefined ? {} : { weighTicket: confirm.WeighTicket }),
    };
  },
  {
    drops: {
      '/CustomerID': 'the order says whose goods they are',
      '/OrderType': 'the contract allows one only',
      '/WarehouseID': 'the order says where they lay',
    },
  },
);

export const controlConfirmedOf = mapping(
  'wms.flux.controlConfirmed',
  wire.FluxLockConfirm,
  ControlConfirmed,
  (confirm) => ({
    pledgeNo: confirm.OMSOrderNo,
    supervisor: { name: confirm.SupervisorName, uscc: confirm.SupervisorUSCC },
    confirmedAt: instantOf(confirm.ConfirmTime),
    lots: confirm.item.map(heldLotOf),
    receipt: {
      receiptNo: confirm.Receipt.ReceiptNo,
      depositor: { name: confirm.Receipt.DepositorName, uscc: confirm.Receipt.DepositorUSCC },
      goods: confirm.Receipt.Goods,
      lots: confirm.Receipt.item.map(heldLotOf),
      quality: confirm.Receipt.Quality,
      packaging: confirm.Receipt.Packaging,
      lossStandard: confirm.Receipt.LossStandard,
      storagePlace: confirm.Receipt.StoragePlace,
      storageFrom: instantOf(confirm.Receipt.StorageFrom),
      storageTo: instantOf(confirm.Receipt.StorageTo),
      storageFee: confirm.Receipt.StorageFee,
      issuer: { name: confirm.Receipt.IssuerName, uscc: confirm.Receipt.IssuerUSCC },
      issuedAt: instantOf(confirm.Receipt.IssueTime),
      sealSha256: confirm.Receipt.SealSHA256,
    },
  }),
  { drops: { '/OrderType': 'the contract allows one only' } },
);

function heldItemOf(lot: Lot, index: number) {
  const { qty, uom } = fluxQtyOf(lot.quantity, lot.unit);
  return { LineNo: String(index + 1), SKU: lot.materialCode, LotAtt04: lot.lotNo, Qty: qty, UOM: uom };
}

function heldLotOf(item: { SKU: string; LotAtt04: string; Qty: string; UOM: string }): Lot {
  return { lotNo: item.LotAtt04, materialCode: item.SKU, ...quantityOf(item.Qty, item.UOM) };
}

/** Local times of one form sort as text. */
function latestOf(times: readonly string[]): string {
  return instantOf(times.toSorted().at(-1) ?? '');
}
