/**
 * Qimen (奇门仓储), private deployment: the messages as plain objects, the way the dialect reads them out of the XML.
 * What we send is strict; what the warehouse sends may hold more than we read, Qimen allows `remark` and `extendProps` everywhere.
 *
 * Methods that begin with `private.` are our own extension: Qimen has no lock in favour of a pledgee (adapters/wms/README.md).
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

/** Qimen's own lengths: codes string(50), names string(200). */
const Code = Type.String({ minLength: 1, maxLength: 50 });
const Name = Type.String({ minLength: 1, maxLength: 200 });
const Long = Type.String({ minLength: 1, maxLength: 500 });
/** A whole number of `uom`; Qimen's `int`, so at most 2147483647 (the mapping checks it). */
const Whole = Type.String({ pattern: '^(0|[1-9]\\d{0,9})$', maxLength: 10 });
/** GMT+8. */
const LocalTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const Uom = strict({ uom: Type.String({ pattern: '^[A-Z0-9]{2,3}$', maxLength: 3 }) });
const OpenUom = open({ uom: Type.String({ pattern: '^[A-Z0-9]{2,3}$', maxLength: 3 }) });
const Uscc = Type.String({ minLength: 18, maxLength: 18 });
const LinesMax = 500;

/** `entryorder.create`, hub to warehouse. */
export const QimenEntryOrderCreate = contract(
  'wms/qimen-entryorder-create',
  strict({
    entryOrder: strict({
      totalOrderLines: Whole,
      entryOrderCode: Code,
      ownerCode: Code,
      purchaseOrderCode: Code,
      warehouseCode: Code,
      orderType: Type.Literal('CGRK'),
    }),
    orderLines: Type.Array(
      strict({
        orderLineNo: Code,
        ownerCode: Code,
        itemCode: Code,
        itemName: Name,
        planQty: Whole,
        inventoryType: Type.Literal('ZP'),
        extendProps: Uom,
      }),
      { minItems: 1, maxItems: LinesMax },
    ),
  }),
);
export const QimenEntryOrderCreated = contract('wms/qimen-entryorder-created', open({ entryOrderId: Code }));
export const QimenEntryOrderQuery = contract('wms/qimen-entryorder-query', strict({ entryOrderCode: Code }));
export const QimenEntryOrderQueried = contract(
  'wms/qimen-entryorder-queried',
  open({ entryOrder: open({ entryOrderCode: Code, entryOrderId: Code, status: Code }) }),
);

/** `stockout.create`, hub to warehouse. The release token travels in `extendProps`: only its holder may take the goods. */
export const QimenStockoutCreate = contract(
  'wms/qimen-stockout-create',
  strict({
    deliveryOrder: strict({
      totalOrderLines: Whole,
      deliveryOrderCode: Code,
      orderType: Type.Literal('PTCK'),
      warehouseCode: Code,
      pickerInfo: strict({
        name: Type.String({ minLength: 1, maxLength: 50, 'x-pii': 'name' }),
        id: Type.String({ minLength: 18, maxLength: 18, 'x-pii': 'idNo' }),
        carNo: Code,
      }),
      extendProps: strict({
        pledgeNo: Code,
        releaseToken: Type.String({ minLength: 16, maxLength: 64, 'x-pii': 'secret' }),
        validTo: LocalTime,
      }),
    }),
    orderLines: Type.Array(
      strict({
        orderLineNo: Code,
        ownerCode: Code,
        itemCode: Code,
        inventoryType: Type.Literal('ZP'),
        planQty: Whole,
        batchCode: Code,
        extendProps: Uom,
      }),
      { minItems: 1, maxItems: LinesMax },
    ),
  }),
);
export const QimenStockoutCreated = contract('wms/qimen-stockout-created', open({ deliveryOrderId: Code }));
export const QimenStockoutQuery = contract('wms/qimen-stockout-query', strict({ deliveryOrderCode: Code }));
export const QimenStockoutQueried = contract(
  'wms/qimen-stockout-queried',
  open({ deliveryOrder: open({ deliveryOrderCode: Code, deliveryOrderId: Code, status: Code }) }),
);

/** `inventory.query`. `quantity` is what is not locked, `lockQuantity` what is: on hand is their sum. */
export const QimenInventoryQuery = contract(
  'wms/qimen-inventory-query',
  strict({
    criteriaList: Type.Array(
      strict({
        warehouseCode: Code,
        ownerCode: Code,
        itemCode: Type.Optional(Code),
        inventoryType: Type.Literal('ZP'),
      }),
      { minItems: 1, maxItems: 1 },
    ),
  }),
);
export const QimenInventory = contract(
  'wms/qimen-inventory',
  open({
    items: Type.Array(
      open({
        warehouseCode: Code,
        itemCode: Code,
        inventoryType: Type.Literal('ZP'),
        quantity: Whole,
        lockQuantity: Whole,
        batchCode: Code,
        extendProps: OpenUom,
      }),
      { maxItems: 5000 },
    ),
  }),
);

const LockLines = Type.Array(strict({ itemCode: Code, batchCode: Code, quantity: Whole, extendProps: Uom }), {
  minItems: 1,
  maxItems: LinesMax,
});

/** `private.stock.lock` and `private.stock.unlock`: all lines or none. */
export const QimenStockLock = contract(
  'wms/qimen-stock-lock',
  strict({
    lock: strict({ lockCode: Code, warehouseCode: Code, ownerCode: Code, pledgeeName: Name, pledgeeUscc: Uscc }),
    lines: LockLines,
  }),
);
export const QimenStockUnlock = contract(
  'wms/qimen-stock-unlock',
  strict({ lock: strict({ lockCode: Code, warehouseCode: Code, ownerCode: Code, reason: Long }), lines: LockLines }),
);
export const QimenStockLocked = contract('wms/qimen-stock-locked', open({ lockId: Code }));
export const QimenStockLockQuery = contract('wms/qimen-stock-lock-query', strict({ lockCode: Code }));
/** `private.stock.lock.query`: `unlocked` tells whether an unlock under this number was carried out. */
export const QimenStockLockQueried = contract(
  'wms/qimen-stock-lock-queried',
  open({ lock: open({ lockCode: Code, lockId: Code, unlocked: Type.Union([Type.Literal('Y'), Type.Literal('N')]) }) }),
);

const ConfirmType = Type.Union([Type.Literal('0'), Type.Literal('1')]);
const InventoryType = Type.Optional(Code);
const ConfirmedLines = Type.Array(
  open({
    itemCode: Code,
    inventoryType: InventoryType,
    actualQty: Whole,
    batchCode: Type.Optional(Code),
    batchs: Type.Optional(
      Type.Array(open({ batchCode: Code, actualQty: Whole, inventoryType: InventoryType }), {
        minItems: 1,
        maxItems: LinesMax,
      }),
    ),
    extendProps: OpenUom,
  }),
  { minItems: 1, maxItems: LinesMax },
);

/** `entryorder.confirm`, warehouse to hub. */
export const QimenEntryOrderConfirm = contract(
  'wms/qimen-entryorder-confirm',
  open({
    entryOrder: open({
      entryOrderCode: Code,
      warehouseCode: Code,
      outBizCode: Code,
      confirmType: ConfirmType,
      status: Code,
      operateTime: LocalTime,
    }),
    orderLines: ConfirmedLines,
  }),
);

/** `stockout.confirm`, warehouse to hub. */
export const QimenStockoutConfirm = contract(
  'wms/qimen-stockout-confirm',
  open({
    deliveryOrder: open({
      deliveryOrderCode: Code,
      outBizCode: Code,
      status: Code,
      orderConfirmTime: LocalTime,
      extendProps: Type.Optional(open({ weighTicket: Type.Optional(Code) })),
    }),
    orderLines: ConfirmedLines,
  }),
);

const HeldLines = Type.Array(open({ itemCode: Code, batchCode: Code, quantity: Whole, extendProps: OpenUom }), {
  minItems: 1,
  maxItems: LinesMax,
});

/** `private.control.confirm`, warehouse to hub: the goods are held for the pledgee; the receipt (仓单) with its 909 elements. */
export const QimenControlConfirm = contract(
  'wms/qimen-control-confirm',
  open({
    control: open({ lockCode: Code, supervisorName: Name, supervisorUscc: Uscc, confirmTime: LocalTime }),
    lines: HeldLines,
    receipt: open({
      receiptNo: Code,
      depositorName: Name,
      depositorUscc: Uscc,
      goods: Long,
      quality: Long,
      packaging: Long,
      lossStandard: Long,
      storagePlace: Long,
      storageFrom: LocalTime,
      storageTo: LocalTime,
      storageFee: Long,
      issuerName: Name,
      issuerUscc: Uscc,
      issueTime: LocalTime,
      sealSha256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
      receiptLines: HeldLines,
    }),
  }),
);

/** What every `<response>` begins with. */
export const QimenAnswer = contract(
  'wms/qimen-answer',
  open({
    flag: Type.Union([Type.Literal('success'), Type.Literal('failure')]),
    code: Code,
    message: Type.Optional(Type.String({ maxLength: 2000 })),
  }),
);
/** `<error_response>`: the platform before the warehouse rejected the request. */
export const QimenPlatformError = contract(
  'wms/qimen-platform-error',
  open({
    code: Code,
    msg: Type.Optional(Type.String({ maxLength: 2000 })),
    sub_code: Type.Optional(Type.String({ maxLength: 200 })),
    sub_msg: Type.Optional(Type.String({ maxLength: 2000 })),
  }),
);

function open<P extends TProperties>(properties: P) {
  return Type.Object(properties);
}
