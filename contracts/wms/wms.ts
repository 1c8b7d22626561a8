/** A warehouse: what comes in, what is locked for a pledgee, what goes out, and who controls it. */
import { Type } from 'typebox';
import {
  Company,
  IdNo,
  Instant,
  LotQuantity,
  PersonName,
  Quantity,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';
import { LotSnapshot, Movements, place, ReportCorrected, StockChanged, StockCounted } from './stock.ts';

const Lots = Type.Array(LotQuantity, { minItems: 1, maxItems: 500 });

/** Inbound notice (入库通知). */
export const InboundNotice = contract(
  'wms/inbound-notice',
  strict({
    noticeNo: ShortText,
    ...place,
    orderNo: ShortText,
    lines: Type.Array(
      strict({ lineNo: ShortText, materialCode: ShortText, name: Text, quantity: Quantity, unit: Unit }),
      {
        minItems: 1,
        maxItems: 500,
      },
    ),
  }),
);
export const InboundAccepted = contract('wms/inbound-accepted', strict({ warehouseNo: ShortText }));

/** Goods receipt (入库单): what really arrived. */
export const GoodsReceived = contract(
  'wms/goods-received',
  strict({
    noticeNo: ShortText,
    receiptNo: ShortText,
    warehouseCode: ShortText,
    final: Type.Boolean(),
    receivedAt: Instant,
    lots: Lots,
  }),
);

/** Lock of stock for a pledgee (质押锁定). */
export const StockLock = contract(
  'wms/stock-lock',
  strict({ pledgeNo: ShortText, ...place, pledgee: Company, lots: Lots }),
);
export const StockLocked = contract('wms/stock-locked', strict({ lockNo: ShortText }));

/** Elements of a warehouse receipt (仓单), Civil Code art. 909. */
const WarehouseReceipt = strict({
  receiptNo: ShortText,
  depositor: Company,
  goods: Text,
  lots: Lots,
  quality: Text,
  packaging: Text,
  lossStandard: Text,
  storagePlace: Text,
  storageFrom: Instant,
  storageTo: Instant,
  storageFee: Text,
  issuer: Company,
  issuedAt: Instant,
  /** Hash of the receipt's canonical content under the keeper's seal. */
  sealSha256: Sha256Hex,
});

/** The supervisor (监管方) confirms that it holds the goods for the pledgee (担保制度解释 55). */
export const ControlConfirmed = contract(
  'wms/control-confirmed',
  strict({ pledgeNo: ShortText, supervisor: Company, confirmedAt: Instant, lots: Lots, receipt: WarehouseReceipt }),
);

export const StockUnlock = contract(
  'wms/stock-unlock',
  strict({ pledgeNo: ShortText, ...place, lots: Lots, reason: Text }),
);

/** Outbound order (出库通知): goods leave only with a token, once, by the named picker, before it expires (I-15). */
export const OutboundOrder = contract(
  'wms/outbound-order',
  strict({
    releaseNo: ShortText,
    pledgeNo: ShortText,
    token: Type.String({ minLength: 16, maxLength: 64, 'x-pii': 'secret' }),
    ...place,
    picker: strict({ name: PersonName, idNo: IdNo, vehicle: ShortText }),
    validTo: Instant,
    lots: Lots,
  }),
);
export const OutboundAccepted = contract('wms/outbound-accepted', strict({ deliveryNo: ShortText }));
export const GoodsOutbound = contract(
  'wms/goods-outbound',
  strict({
    releaseNo: ShortText,
    outboundNo: ShortText,
    outboundAt: Instant,
    lots: Lots,
    weighTicket: Type.Optional(ShortText),
  }),
);

export const Stock = contract(
  'wms/stock',
  strict({
    lots: Type.Array(
      strict({ lotNo: ShortText, materialCode: ShortText, onHand: Quantity, locked: Quantity, unit: Unit }),
      { maxItems: 5000 },
    ),
  }),
);

export const wms = kind(
  'wms',
  {
    announceInbound: operation({
      request: InboundNotice,
      response: InboundAccepted,
      effect: 'write',
      idempotent: true,
      query: 'queryInbound',
      numberOf: (r) => r.noticeNo,
      label: { zh: '入库通知', en: 'inbound notice' },
    }),
    queryInbound: operation({
      request: QueryByNumber,
      response: enquiry(InboundAccepted),
      effect: 'read',
      label: { zh: '查询入库通知', en: 'query inbound notice' },
    }),
    lockStock: operation({
      request: StockLock,
      response: StockLocked,
      effect: 'money',
      idempotent: true,
      query: 'queryLock',
      numberOf: (r) => r.pledgeNo,
      label: { zh: '质押锁定', en: 'lock stock' },
    }),
    queryLock: operation({
      request: QueryByNumber,
      response: enquiry(StockLocked),
      effect: 'read',
      label: { zh: '查询锁定', en: 'query lock' },
    }),
    unlockStock: operation({
      request: StockUnlock,
      response: StockLocked,
      effect: 'money',
      idempotent: true,
      query: 'queryUnlock',
      numberOf: (r) => r.pledgeNo,
      label: { zh: '解除锁定', en: 'unlock stock' },
    }),
    queryUnlock: operation({
      request: QueryByNumber,
      response: enquiry(StockLocked),
      effect: 'read',
      label: { zh: '查询解锁', en: 'query unlock' },
    }),
    orderOutbound: operation({
      request: OutboundOrder,
      response: OutboundAccepted,
      effect: 'money',
      idempotent: true,
      query: 'queryOutbound',
      numberOf: (r) => r.releaseNo,
      label: { zh: '出库通知', en: 'outbound order' },
    }),
    queryOutbound: operation({
      request: QueryByNumber,
      response: enquiry(OutboundAccepted),
      effect: 'read',
      label: { zh: '查询出库通知', en: 'query outbound order' },
    }),
    readStock: operation({
      request: contract('wms/read-stock', strict({ ...place, materialCode: Type.Optional(ShortText) })),
      response: Stock,
      effect: 'read',
      label: { zh: '查询库存', en: 'read stock' },
    }),
    readLots: operation({
      request: contract('wms/read-lots', strict({ ...place, materialCode: Type.Optional(ShortText) })),
      response: LotSnapshot,
      effect: 'read',
      label: { zh: '读取批次快照', en: 'read a snapshot of the lots' },
    }),
    readMovements: operation({
      request: contract('wms/read-movements', strict({ ...place, from: Instant, to: Instant })),
      response: Movements,
      effect: 'read',
      label: { zh: '读取库存流水', en: 'read movements' },
    }),
  },
  {
    goodsReceived: notice({
      contract: GoodsReceived,
      label: { zh: '入库确认', en: 'goods received' },
      keyOf: (m) => m.noticeNo,
      idOf: (m) => m.receiptNo,
      reports: { operation: 'announceInbound', verdict: () => 'happened' },
    }),
    controlConfirmed: notice({
      contract: ControlConfirmed,
      label: { zh: '控货确认、签发仓单', en: 'control confirmed, receipt issued' },
      keyOf: (m) => m.pledgeNo,
      idOf: (m) => m.receipt.receiptNo,
      reports: { operation: 'lockStock', verdict: () => 'happened' },
    }),
    goodsOutbound: notice({
      contract: GoodsOutbound,
      label: { zh: '出库确认', en: 'goods outbound' },
      keyOf: (m) => m.releaseNo,
      idOf: (m) => m.outboundNo,
      reports: { operation: 'orderOutbound', verdict: () => 'happened' },
    }),
    stockCounted: notice({
      contract: StockCounted,
      label: { zh: '盘点结果', en: 'stock counted' },
      // Numbers that a warehouse gives by itself are its own: another one may give the same.
      keyOf: (m) => `${m.warehouseCode} ${m.countNo}`,
      idOf: (m) => `${m.warehouseCode} ${m.reportNo}`,
    }),
    stockChanged: notice({
      contract: StockChanged,
      label: { zh: '库存异动', en: 'stock changed' },
      keyOf: (m) => `${m.warehouseCode} ${m.changeNo}`,
      idOf: (m) => `${m.warehouseCode} ${m.changeNo}`,
    }),
    reportCorrected: notice({
      contract: ReportCorrected,
      label: { zh: '更正声明', en: 'report corrected' },
      keyOf: (m) => m.reportNo,
      idOf: (m) => `${m.reportNo} ${m.declaredAt}`,
    }),
  },
);
