/** FLUX: stock, snapshots, counts, and movements that nobody ordered. */
import { mapping } from '../../contracts/mapping.ts';
import { FluxInventoryReport, FluxStock, FluxStockAsked, FluxStockChange } from '../../contracts/wms/fluxStock.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { LotSnapshot, StockChanged, StockCounted } from '../../contracts/wms/stock.ts';
import { Stock, wms } from '../../contracts/wms/wms.ts';
import { Failure } from '../../contracts/failures.ts';
import { reasons } from './fluxCodes.ts';
import { changeOf, quantityOf } from './fluxQuantity.ts';
import { instantOf } from './localTime.ts';

const held = 'the dialect holds it against what was asked';

export const stockAskedOf = mapping(
  'wms.flux.stockQuery',
  wms.operations.readStock.request,
  FluxStockAsked,
  (asked) => ({
    CustomerID: asked.ownerCode,
    WarehouseID: asked.warehouseCode,
    ...(asked.materialCode === undefined ? {} : { SKU: asked.materialCode }),
  }),
);

export const stockOf = mapping('wms.flux.readStock', FluxStock, Stock, ({ item }) => ({ lots: item.map(lotOf) }), {
  drops: {
    '/AsOf': 'stock is read for the moment; readLots keeps it',
    '/Sequence': 'as AsOf',
    '/item/[]/CustomerID': held,
    '/item/[]/WarehouseID': held,
  },
});

export const lotsOf = mapping(
  'wms.flux.readLots',
  FluxStock,
  LotSnapshot,
  ({ AsOf, Sequence, item }) => ({ asOf: instantOf(AsOf), sequence: Sequence, lots: item.map(lotOf) }),
  { drops: { '/item/[]/CustomerID': held, '/item/[]/WarehouseID': held } },
);

export const stockCountedOf = mapping('wms.flux.stockCounted', FluxInventoryReport, StockCounted, (report) => ({
  countNo: report.checkOrderCode,
  reportNo: report.outBizCode,
  warehouseCode: report.WarehouseID,
  ownerCode: report.CustomerID,
  countedAt: instantOf(report.checkTime),
  lots: report.item.map((item) => {
    const { quantity: counted, unit } = quantityOf(item.CountQty, item.UOM);
    const { quantity: book } = quantityOf(item.BookQty, item.UOM);
    if (counted !== book && item.ReasonCode === undefined)
      throw new Failure('CONTRACT_VIOLATED', { detail: 'a count that differs from the books gives no ReasonCode' });
    return {
      lotNo: item.LotAtt04,
      materialCode: item.SKU,
      counted,
      book,
      unit,
      ...(item.ReasonCode === undefined ? {} : { reason: reasons.of(item.ReasonCode, '#/item/ReasonCode') }),
    };
  }),
}));

export const stockChangedOf = mapping('wms.flux.stockChanged', FluxStockChange, StockChanged, (change) => ({
  changeNo: change.outBizCode,
  warehouseCode: change.WarehouseID,
  ownerCode: change.CustomerID,
  at: instantOf(change.ChangeTime),
  reason: reasons.of(change.ReasonCode, '#/ReasonCode'),
  ...(change.RefNo === undefined ? {} : { orderNo: change.RefNo }),
  sequence: change.Sequence,
  lots: change.item.map((item) => ({ lotNo: item.LotAtt04, materialCode: item.SKU, ...changeOf(item.Qty, item.UOM) })),
}));

function lotOf(item: Message<typeof FluxStock>['item'][number]) {
  const { quantity: onHand, unit } = quantityOf(item.Qty, item.UOM);
  const { quantity: locked } = quantityOf(item.QtyHold, item.UOM);
  return { lotNo: item.LotAtt04, materialCode: item.SKU, onHand, locked, unit };
}
