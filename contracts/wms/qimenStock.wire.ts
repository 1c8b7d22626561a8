/**
 * Qimen's reports about stock that the hub did not order: `inventory.report` (盘点) and `stockchange.report` (库存异动).
 *
 * Known: the methods, their fields, and that the lots of an item add up to the item. Chosen: `totalQty` is what was counted
 * (the documents say "total"), and `extendProps/uom` as everywhere here.
 */
import { Type, type TProperties } from 'typebox';
import { contract } from '../contract.ts';

const Code = Type.String({ minLength: 1, maxLength: 50 });
const Whole = Type.String({ pattern: '^(0|[1-9]\\d{0,9})$', maxLength: 10 });
const SignedWhole = Type.String({ pattern: '^(0|-?[1-9]\\d{0,9})$', maxLength: 11 });
const LocalTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const Uom = open({ uom: Type.String({ pattern: '^[A-Z0-9]{2,3}$', maxLength: 3 }) });
const linesMax = 500;

/** A page of a stock count; each page has its own `outBizCode`. */
export const QimenInventoryReport = contract(
  'wms/qimen-inventory-report',
  open({
    warehouseCode: Code,
    checkOrderCode: Code,
    ownerCode: Code,
    checkTime: LocalTime,
    outBizCode: Code,
    adjustType: Code,
    items: Type.Array(
      open({
        itemCode: Code,
        inventoryType: Type.Optional(Code),
        quantity: SignedWhole,
        totalQty: Whole,
        batchCode: Code,
        extendProps: Uom,
      }),
      { minItems: 1, maxItems: linesMax },
    ),
  }),
);

/** One movement: an item of `stockchange.report`, its lots in `batchs` when they are several. */
export const QimenStockChange = contract(
  'wms/qimen-stock-change',
  open({
    ownerCode: Code,
    warehouseCode: Code,
    orderCode: Type.Optional(Code),
    orderType: Code,
    outBizCode: Code,
    itemCode: Code,
    inventoryType: Type.Optional(Code),
    quantity: SignedWhole,
    changeTime: LocalTime,
    batchCode: Type.Optional(Code),
    batchs: Type.Optional(
      Type.Array(
        open({
          batchCode: Code,
          inventoryType: Type.Optional(Code),
          quantity: SignedWhole,
          extendProps: Type.Optional(Uom),
        }),
        { minItems: 1, maxItems: linesMax },
      ),
    ),
    extendProps: Uom,
  }),
);

export const QimenStockChanges = contract(
  'wms/qimen-stock-changes',
  open({ items: Type.Array(QimenStockChange.schema, { minItems: 1, maxItems: linesMax }) }),
);

function open<P extends TProperties>(properties: P) {
  return Type.Object(properties);
}
