/**
 * FLUX (富勒 WMS), its open interface in JSON: what stands in `data`, one order (`header`, `orderinfo`) at a time.
 *
 * Known from running systems: the envelope, `putASNData`, `putSOData`, `confirmASNData`, `confirmSOData`, `querySOStatus`,
 * `returnFlag` 1/2/0 with `resultInfo`, the field names of orders, and that callbacks speak of `OMSOrderNo` where orders say
 * `OrderNo`. Chosen, because each site has its own (adapters/wms/README.md): `UOM` in each line, `LotAtt04` as the lot and
 * `LotAtt08` as its quality, `WMSOrderNo` in `resultInfo`, `ConfirmNo`, `Release` in an outbound order, all lock messages.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

const Code = Type.String({ minLength: 1, maxLength: 50, pattern: '^\\P{Cc}+$' });
const CustomerId = Type.String({ minLength: 1, maxLength: 30, pattern: '^\\P{Cc}+$' });
const Name = Type.String({ minLength: 1, maxLength: 200 });
const Long = Type.String({ minLength: 1, maxLength: 500 });
/** FLUX keeps eight decimals; we send three. */
const Qty = Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,8})?$', maxLength: 21 });
const Uom = Type.String({ minLength: 1, maxLength: 10 });
/** GMT+8. */
const LocalTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
const Uscc = Type.String({ minLength: 18, maxLength: 18 });
const linesMax = 500;

function open<P extends TProperties>(properties: P) {
  return Type.Object(properties);
}

const place = { CustomerID: CustomerId, WarehouseID: Code };

/** `putASNData`, message `ASN`. */
export const FluxAsn = contract(
  'wms/flux-asn',
  strict({
    OrderNo: Code,
    OrderType: Type.Literal('PO'),
    ...place,
    PONO: Code,
    detailsItem: Type.Array(
      strict({ LineNo: Code, CustomerID: CustomerId, SKU: Code, Descr_C: Name, ExpectedQty: Qty, UOM: Uom }),
      { minItems: 1, maxItems: linesMax },
    ),
  }),
);

const HeldItems = Type.Array(strict({ LineNo: Code, SKU: Code, LotAtt04: Code, Qty, UOM: Uom }), {
  minItems: 1,
  maxItems: linesMax,
});

/** `putLockData` and `putUnlockData`: all lines or none. */
export const FluxLock = contract(
  'wms/flux-lock',
  strict({
    OrderNo: Code,
    OrderType: Type.Literal('LK'),
    ...place,
    PledgeeName: Name,
    PledgeeUSCC: Uscc,
    detailsItem: HeldItems,
  }),
);
export const FluxUnlock = contract(
  'wms/flux-unlock',
  strict({ OrderNo: Code, OrderType: Type.Literal('UK'), ...place, Reason: Long, detailsItem: HeldItems }),
);

/** `putSOData`, message `SO`. The release token travels in `Release`: only its holder may take the goods. */
export const FluxSo = contract(
  'wms/flux-so',
  strict({
    OrderNo: Code,
    OrderType: Type.Literal('SO'),
    ...place,
    Release: strict({
      PledgeNo: Code,
      ReleaseToken: Type.String({ minLength: 16, maxLength: 64, 'x-pii': 'secret' }),
      ValidTo: LocalTime,
      PickerName: Type.String({ minLength: 1, maxLength: 50, 'x-pii': 'name' }),
      PickerID: Type.String({ minLength: 18, maxLength: 18, 'x-pii': 'idNo' }),
      VehicleNo: Code,
    }),
    detailsItem: Type.Array(
      strict({ LineNo: Code, CustomerID: CustomerId, SKU: Code, LotAtt04: Code, QtyOrdered: Qty, UOM: Uom }),
      { minItems: 1, maxItems: linesMax },
    ),
  }),
);

/** Which order is asked about: `queryASNStatus`, `querySOStatus`, `queryLockStatus`. */
export const FluxAsnAsked = contract('wms/flux-asn-asked', strict({ OrderNo: Code, OrderType: Type.Literal('PO') }));
export const FluxSoAsked = contract('wms/flux-so-asked', strict({ OrderNo: Code, OrderType: Type.Literal('SO') }));
export const FluxLockAsked = contract('wms/flux-lock-asked', strict({ OrderNo: Code, OrderType: Type.Literal('LK') }));
export const FluxOrderState = contract(
  'wms/flux-order-state',
  open({ OrderNo: Code, OrderType: Code, WMSOrderNo: Code, Status: Code }),
);

/** What became of one order of a message. */
const Result = open({
  OrderNo: Code,
  OrderType: Code,
  errorcode: Code,
  errordescr: Type.Optional(Type.String({ maxLength: 2000 })),
  WMSOrderNo: Type.Optional(Code),
});
/** `returnFlag`: `1` all were taken, `2` some, `0` none. `resultInfo` is an empty text when nothing is to be said. */
export const FluxAnswer = contract(
  'wms/flux-answer',
  open({
    Response: open({
      return: open({
        returnCode: Code,
        returnDesc: Type.Optional(Type.String({ maxLength: 2000 })),
        returnFlag: Type.Enum(['0', '1', '2']),
        resultInfo: Type.Union([Type.Literal(''), Type.Array(Result, { maxItems: linesMax })]),
      }),
      orderinfo: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 1 })),
      items: Type.Optional(Type.Unknown()),
    }),
  }),
);
/** An order that was taken, now or the first time. */
export const FluxTaken = contract('wms/flux-taken', open({ WMSOrderNo: Code }));

const Quality = Type.Optional(Code);

/** `confirmASNData`: what this receipt brought, not what came in all. */
export const FluxAsnConfirm = contract(
  'wms/flux-asn-confirm',
  open({
    OMSOrderNo: Code,
    OrderType: Type.Literal('PO'),
    ...place,
    Status: Code,
    ConfirmNo: Code,
    item: Type.Array(
      open({ SKU: Code, ReceivedQty: Qty, ReceivedTime: LocalTime, UOM: Uom, LotAtt04: Code, LotAtt08: Quality }),
      { minItems: 1, maxItems: linesMax },
    ),
  }),
);

/** `confirmSOData`. */
export const FluxSoConfirm = contract(
  'wms/flux-so-confirm',
  open({
    OMSOrderNo: Code,
    OrderType: Type.Literal('SO'),
    ...place,
    Status: Code,
    DeliveryNo: Code,
    WeighTicket: Type.Optional(Code),
    item: Type.Array(open({ SKU: Code, QtyShipped: Qty, ShippedTime: LocalTime, UOM: Uom, LotAtt04: Code }), {
      minItems: 1,
      maxItems: linesMax,
    }),
  }),
);

const ConfirmedItems = Type.Array(open({ SKU: Code, LotAtt04: Code, Qty, UOM: Uom }), {
  minItems: 1,
  maxItems: linesMax,
});

/** `confirmLockData`: the goods are held for the pledgee; the receipt (仓单) with its 909 elements. */
export const FluxLockConfirm = contract(
  'wms/flux-lock-confirm',
  open({
    OMSOrderNo: Code,
    OrderType: Type.Literal('LK'),
    SupervisorName: Name,
    SupervisorUSCC: Uscc,
    ConfirmTime: LocalTime,
    item: ConfirmedItems,
    Receipt: open({
      ReceiptNo: Code,
      DepositorName: Name,
      DepositorUSCC: Uscc,
      Goods: Long,
      Quality: Long,
      Packaging: Long,
      LossStandard: Long,
      StoragePlace: Long,
      StorageFrom: LocalTime,
      StorageTo: LocalTime,
      StorageFee: Long,
      IssuerName: Name,
      IssuerUSCC: Uscc,
      IssueTime: LocalTime,
      SealSHA256: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
      item: ConfirmedItems,
    }),
  }),
);
