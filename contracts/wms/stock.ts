/** What a warehouse tells and answers about its stock, beside the orders of the hub: counts, movements, corrections, snapshots. */
import { Type } from 'typebox';
import { Instant, Quantity, ShortText, Unit } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

export const place = { warehouseCode: ShortText, ownerCode: ShortText };

/** As `Quantity`, and negative for what is gone; zero has no sign. */
const SignedQuantity = Type.String({ pattern: '^(?!-0\\.000$)-?(0|[1-9]\\d{0,11})\\.\\d{3}$', maxLength: 17 });
const Sequence = Type.String({ pattern: '^(0|[1-9]\\d{0,17})$', maxLength: 18 });
const of = { lotNo: ShortText, materialCode: ShortText };
const Changes = Type.Array(strict({ ...of, change: SignedQuantity, unit: Unit }), { minItems: 1, maxItems: 500 });

/**
 * Why stock is another than the books say: a stock count (盘点), damage (残损), natural loss (自然损耗), a transfer between
 * warehouses or owners (调拨), processing (加工), lots merged or split (批次合并、拆分), another unit of measure (单位变更),
 * another status (状态调整), a correction of what was entered (更正), anything else (其他).
 */
const ChangeReason = Type.Enum([
  'counted',
  'damaged',
  'shrunk',
  'transferred',
  'processed',
  'lotChanged',
  'unitChanged',
  'statusChanged',
  'corrected',
  'other',
]);

/** Stock count (盘点): what was counted and what the warehouse's own books said before, lot by lot; both are its word. */
export const StockCounted = contract(
  'wms/stock-counted',
  strict({
    countNo: ShortText,
    reportNo: ShortText,
    ...place,
    countedAt: Instant,
    lots: Type.Array(
      strict({ ...of, counted: Quantity, book: Quantity, unit: Unit, reason: Type.Optional(ChangeReason) }),
      { minItems: 1, maxItems: 500 },
    ),
  }),
);

/**
 * A movement that the hub did not order (库存异动): signed, so that lots that become another lot are one movement.
 * `at` is when it happened, which may be long before it is told; `sequence` counts the warehouse's movements, where it does.
 */
export const StockChanged = contract(
  'wms/stock-changed',
  strict({
    changeNo: ShortText,
    ...place,
    at: Instant,
    reason: ChangeReason,
    orderNo: Type.Optional(ShortText),
    sequence: Type.Optional(Sequence),
    lots: Changes,
  }),
);

/**
 * The warehouse takes back what it told (更正声明). What was told stays told and the books stay as they are: people compare
 * `told` with `correct` and decide.
 */
export const ReportCorrected = contract(
  'wms/report-corrected',
  strict({
    /** Which notice it was, and the id under which that was told. */
    notice: Type.Enum(['goodsReceived', 'goodsOutbound', 'stockCounted', 'stockChanged']),
    reportNo: ShortText,
    /** The business number in it, where it had one. */
    orderNo: Type.Optional(ShortText),
    /** The business number that stands in its place, where that was what was wrong. */
    correctOrderNo: Type.Optional(ShortText),
    warehouseCode: ShortText,
    declaredAt: Instant,
    reason: Type.Enum(['didNotOccur', 'wrongData']),
    lots: Type.Array(strict({ ...of, told: SignedQuantity, correct: SignedQuantity, unit: Unit }), {
      minItems: 1,
      maxItems: 500,
    }),
  }),
);

/** Lots at one instant (批次快照): every movement up to `sequence` is in it, and none after. */
export const LotSnapshot = contract(
  'wms/lot-snapshot',
  strict({
    asOf: Instant,
    sequence: Sequence,
    lots: Type.Array(strict({ ...of, onHand: Quantity, locked: Quantity, unit: Unit }), { maxItems: 5000 }),
  }),
);

/** What went in and out in a span of time (库存流水), as the warehouse has it now: to hold against what it told. */
export const Movements = contract(
  'wms/movements',
  strict({
    movements: Type.Array(
      strict({
        no: ShortText,
        notice: Type.Enum(['goodsReceived', 'goodsOutbound', 'stockChanged']),
        orderNo: Type.Optional(ShortText),
        at: Instant,
        /** The warehouse has declared it wrong since. */
        withdrawn: Type.Boolean(),
        lots: Changes,
      }),
      { maxItems: 5000 },
    ),
  }),
);
