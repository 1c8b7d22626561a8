/**
 * FLUX (富勒 WMS): stock. Known: `queryINVData` with its pages, `inventoryReport` with `checkOrderCode`. Chosen: the fields of
 * its answer, `queryLOTData` (a snapshot with the number of the last movement in it), `confirmINVChange`.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

const Code = Type.String({ minLength: 1, maxLength: 50, pattern: '^\\P{Cc}+$' });
const CustomerId = Type.String({ minLength: 1, maxLength: 30, pattern: '^\\P{Cc}+$' });
const Qty = Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,8})?$', maxLength: 21 });
const SignedQty = Type.String({ pattern: '^-?\\d{1,12}(\\.\\d{1,8})?$', maxLength: 22 });
const Uom = Type.String({ minLength: 1, maxLength: 10 });
const LocalTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const Number18 = Type.String({ pattern: '^(0|[1-9]\\d{0,17})$', maxLength: 18 });
const place = { CustomerID: CustomerId, WarehouseID: Code };
const linesMax = 500;
const lotsMax = 5000;

function open<P extends TProperties>(properties: P) {
  return Type.Object(properties);
}

/** `queryINVData` and `queryLOTData`, without the page that is asked for. */
export const FluxStockAsked = contract('wms/flux-stock-asked', strict({ ...place, SKU: Type.Optional(Code) }));

/** `Qty` is what lies there, `QtyHold` the part of it that is locked. */
const StockItem = open({ ...place, SKU: Code, LotAtt04: Code, Qty, QtyHold: Qty, UOM: Uom });
export const FluxStockPage = contract(
  'wms/flux-stock-page',
  open({
    ...place,
    SKU: Type.Optional(Code),
    PageNo: Number18,
    TotalCount: Number18,
    AsOf: LocalTime,
    Sequence: Number18,
    item: Type.Array(StockItem, { maxItems: lotsMax }),
  }),
);
/** All pages of one answer. */
export const FluxStock = contract(
  'wms/flux-stock',
  open({ AsOf: LocalTime, Sequence: Number18, item: Type.Array(StockItem, { maxItems: lotsMax }) }),
);

/** `inventoryReport`: a stock count. */
export const FluxInventoryReport = contract(
  'wms/flux-inventory-report',
  open({
    checkOrderCode: Code,
    outBizCode: Code,
    ...place,
    checkTime: LocalTime,
    item: Type.Array(
      open({ SKU: Code, LotAtt04: Code, BookQty: Qty, CountQty: Qty, UOM: Uom, ReasonCode: Type.Optional(Code) }),
      { minItems: 1, maxItems: linesMax },
    ),
  }),
);

/** `confirmINVChange`: one movement that nobody ordered; its lots are signed. */
export const FluxStockChange = contract(
  'wms/flux-stock-change',
  open({
    outBizCode: Code,
    Sequence: Number18,
    ...place,
    ChangeTime: LocalTime,
    ReasonCode: Code,
    RefNo: Type.Optional(Code),
    item: Type.Array(open({ SKU: Code, LotAtt04: Code, Qty: SignedQty, UOM: Uom }), {
      minItems: 1,
      maxItems: linesMax,
    }),
  }),
);
