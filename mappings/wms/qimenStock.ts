/** Qimen's reports about stock that the hub did not order: counts and movements. */
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { QimenInventoryReport, QimenStockChange } from '../../contracts/wms/qimenStock.wire.ts';
import { StockChanged, StockCounted } from '../../contracts/wms/stock.ts';
import { powersBetween } from '../codes/units.ts';
import { adjustTypes, changeOrderTypes, inventoryTypes } from './qimenCodes.ts';
import { instantOf } from './localTime.ts';
import { quantityOf, signedQuantityOf } from './qimenQuantity.ts';

export const stockCountedOf = mapping('wms.qimen.stockCounted', QimenInventoryReport, StockCounted, (report) => {
  const reason = adjustTypes.of(report.adjustType, '#/adjustType');
  return {
    countNo: report.checkOrderCode,
    reportNo: report.outBizCode,
    warehouseCode: report.warehouseCode,
    ownerCode: report.ownerCode,
    countedAt: instantOf(report.checkTime),
    lots: report.items.map((item) => {
      assertSound(item.inventoryType);
      const book = BigInt(item.totalQty) - BigInt(item.quantity);
      if (book < 0n) throw violated('a count differs by more than was counted');
      const { quantity: counted, unit } = quantityOf(item.totalQty, item.extendProps.uom);
      return {
        lotNo: item.batchCode,
        materialCode: item.itemCode,
        counted,
        book: quantityOf(book.toString(), item.extendProps.uom).quantity,
        unit,
        ...(item.quantity === '0' ? {} : { reason }),
      };
    }),
  };
});

export const stockChangedOf = mapping('wms.qimen.stockChanged', QimenStockChange, StockChanged, (item) => ({
  changeNo: item.outBizCode,
  warehouseCode: item.warehouseCode,
  ownerCode: item.ownerCode,
  at: instantOf(item.changeTime),
  reason: changeOrderTypes.of(item.orderType, '#/orderType'),
  ...(item.orderCode === undefined ? {} : { orderNo: item.orderCode }),
  lots: lotsOf(item).map(({ lotNo, quantity, uom }) => ({
    lotNo,
    materialCode: item.itemCode,
    ...signedQuantityOf(quantity, uom),
  })),
}));

type Change = Message<typeof QimenStockChange>;

/** The lots of an item add up to it; a unit of their own, after a change of unit, is turned into the item's. */
function lotsOf(item: Change): { lotNo: string; quantity: string; uom: string }[] {
  assertSound(item.inventoryType);
  const { batchs, batchCode, quantity } = item;
  const { uom } = item.extendProps;
  if (batchs === undefined) {
    if (batchCode === undefined) throw violated('a movement names no lot');
    return [{ lotNo: batchCode, quantity, uom }];
  }
  const lots = batchs.map((batch) => {
    assertSound(batch.inventoryType);
    return { lotNo: batch.batchCode, quantity: batch.quantity, uom: batch.extendProps?.uom ?? uom };
  });
  const smallest = Math.min(0, ...lots.map((lot) => powersOf(lot.uom, uom)));
  const sum = lots.reduce(
    (total, lot) => total + BigInt(lot.quantity) * 10n ** BigInt(powersOf(lot.uom, uom) - smallest),
    0n,
  );
  if (sum !== BigInt(quantity) * 10n ** BigInt(-smallest)) throw violated('the lots of an item do not add up to it');
  return lots;
}

function powersOf(uom: string, of: string): number {
  if (uom === of) return 0;
  const powers = powersBetween(uom, of);
  if (powers === undefined) throw violated('the lots of an item are measured in what cannot be compared');
  return powers;
}

function assertSound(type: string | undefined): void {
  if (type !== undefined) inventoryTypes.of(type);
}

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
