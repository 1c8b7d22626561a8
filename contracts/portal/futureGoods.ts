/** What dealer, mill, keeper and funder tell the hub of goods that are bought before they exist (未来货权, F4). */
import { Type } from 'typebox';
import {
  BusinessDate,
  Company,
  Currency,
  Instant,
  LotQuantity,
  Quantity,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

/** The seller has the buyer's deposit (首付保证金), as the entry of its bank proves. */
const DepositReceived = contract(
  'portal/deposit-received',
  strict({
    caseNo: ShortText,
    depositNo: ShortText,
    seller: Company,
    amount: Yuan,
    currency: Currency,
    statementRef: ShortText,
    receivedAt: Instant,
  }),
);

/** The seller says by when it delivers, where, and whether it takes the duty to pay back what it does not deliver (退款责任). */
const SellerUndertaking = contract(
  'portal/seller-undertaking',
  strict({
    caseNo: ShortText,
    undertakingNo: ShortText,
    seller: Company,
    refundClause: Type.Boolean(),
    deliverBy: BusinessDate,
    warehouse: ShortText,
    documentSha256: Sha256Hex,
    reason: Type.Optional(Text),
  }),
);

/** Dispatch (发货): what is on its way, by which bill of lading, insured for whom. */
const GoodsDispatched = contract(
  'portal/goods-dispatched',
  strict({
    caseNo: ShortText,
    dispatchNo: ShortText,
    billOfLading: ShortText,
    vehicle: ShortText,
    eta: BusinessDate,
    insurance: strict({ policyNo: ShortText, insurer: Text, lossPayee: Company }),
    lines: Type.Array(strict({ materialCode: ShortText, quantity: Quantity, unit: Unit }), {
      minItems: 1,
      maxItems: 500,
    }),
  }),
);

/** Where it is, or that it is lost (灭失). */
export const TransitReport = contract(
  'portal/transit-report',
  strict({
    caseNo: ShortText,
    dispatchNo: ShortText,
    reportNo: ShortText,
    at: Instant,
    event: Type.Union([Type.Literal('position'), Type.Literal('lost')]),
    place: Text,
    /** Of the insurer, when it is lost. */
    claimNo: Type.Optional(ShortText),
  }),
);

/** Quality as the keeper found it (质检): a lot of a lower grade is worth what it says. */
const QualityReport = contract(
  'portal/quality-report',
  strict({
    caseNo: ShortText,
    reportNo: ShortText,
    goodsReceiptNo: ShortText,
    lots: Type.Array(
      strict({
        lotNo: ShortText,
        grade: Type.Union([Type.Literal('asContracted'), Type.Literal('lower')]),
        /** Per unit, of a lower grade. */
        price: Type.Optional(Yuan),
      }),
      { minItems: 1, maxItems: 500 },
    ),
    documentSha256: Sha256Hex,
  }),
);

/** The seller pays back what it did not deliver: to the funder, for the loan. */
const SellerRefund = contract(
  'portal/seller-refund',
  strict({ caseNo: ShortText, refundNo: ShortText, amount: Yuan, currency: Currency }),
);

/** The holder endorses the receipt for these lots in pledge to the funder (背书质押). */
const ReceiptEndorsement = contract(
  'portal/receipt-endorsement',
  strict({
    caseNo: ShortText,
    endorsementNo: ShortText,
    pledgee: Company,
    lots: Type.Array(LotQuantity, { minItems: 1, maxItems: 500 }),
    sealSha256: Sha256Hex,
  }),
);

export const futureGoodsCommands = {
  depositReceived: command({
    contract: DepositReceived,
    label: { zh: '首付保证金到账', en: 'deposit received' },
    path: 'deposits',
    by: ['seller'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.depositNo,
  }),
  sellerUndertook: command({
    contract: SellerUndertaking,
    label: { zh: '卖方交货及退款承诺', en: 'seller undertakes' },
    path: 'seller-undertakings',
    by: ['seller'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.undertakingNo,
  }),
  goodsDispatched: command({
    contract: GoodsDispatched,
    label: { zh: '卖方发货', en: 'goods dispatched' },
    path: 'dispatches',
    by: ['seller'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.dispatchNo,
  }),
  transitReported: command({
    contract: TransitReport,
    label: { zh: '在途报告', en: 'transit reported' },
    path: 'transit-reports',
    by: ['seller', 'keeper'],
    keyOf: (m) => m.reportNo,
    idOf: (m) => m.reportNo,
  }),
  qualityReported: command({
    contract: QualityReport,
    label: { zh: '质检结果', en: 'quality reported' },
    path: 'quality-reports',
    by: ['keeper'],
    keyOf: (m) => m.goodsReceiptNo,
    idOf: (m) => m.reportNo,
  }),
  refundPaid: command({
    contract: SellerRefund,
    label: { zh: '卖方退款', en: 'seller pays back' },
    path: 'seller-refunds',
    by: ['seller'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.refundNo,
  }),
  receiptEndorsed: command({
    contract: ReceiptEndorsement,
    label: { zh: '仓单背书质押', en: 'receipt endorsed in pledge' },
    path: 'receipt-endorsements',
    by: ['dealer'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.endorsementNo,
  }),
};
