/** What dealer and funder tell the hub when what is pledged changes (换货、补货、部分解押、浮动质押, F5). */
import { Type } from 'typebox';
import {
  BusinessDate,
  Currency,
  IdNo,
  LotQuantity,
  PersonName,
  Quantity,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
  Uscc,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

/** Which financing, and whose. */
const financing = { caseNo: ShortText, applicationNo: ShortText, borrowerUscc: Uscc };
const Lots = Type.Array(LotQuantity, { minItems: 1, maxItems: 500 });
const Picker = strict({ name: PersonName, idNo: IdNo, vehicle: ShortText });
const OwnershipDocs = Type.Array(strict({ name: Text, sha256: Sha256Hex }), { maxItems: 20 });

/** Goods of the dealer come into the warehouse, free of any pledge (存货入库). */
export const GoodsDeposit = contract(
  'portal/goods-deposit',
  strict({
    caseNo: ShortText,
    depositNo: ShortText,
    ownerUscc: Uscc,
    sellerNo: ShortText,
    lines: Type.Array(
      strict({ lineNo: ShortText, materialCode: ShortText, name: Text, quantity: Quantity, unit: Unit }),
      { minItems: 1, maxItems: 500 },
    ),
    ownershipDocs: OwnershipDocs,
  }),
);

/** Exchange (换货) or top-up (补货). What is offered comes with its quality certificate and the proof of whose it is. */
export const ChangeRequest = contract(
  'portal/pledge-change',
  strict({
    changeNo: ShortText,
    ...financing,
    kind: Type.Union([Type.Literal('substitution'), Type.Literal('topUp')]),
    reason: Text,
    lotsIn: Lots,
    quality: strict({ certificateNo: ShortText, issuedOn: BusinessDate }),
    ownershipDocs: OwnershipDocs,
    lotsOut: Type.Optional(Lots),
    picker: Type.Optional(Picker),
  }),
);

/** The funder's two people on a change, or on an agreement about it. */
const ChangeDecision = contract(
  'portal/pledge-change-decision',
  strict({
    changeNo: ShortText,
    verdict: Type.Union([Type.Literal('approved'), Type.Literal('rejected')]),
    maker: ShortText,
    checker: ShortText,
    reason: Type.Optional(Text),
  }),
);

/** Cash beside the goods (现金补仓): announced by the dealer, proven by the funder's bank entry. */
export const CashTopUp = contract(
  'portal/cash-top-up',
  strict({ topUpNo: ShortText, ...financing, amount: Yuan, currency: Currency }),
);
const MarginReceived = contract(
  'portal/margin-received',
  strict({
    entryNo: ShortText,
    /** The top-up for which it came, or the case. */
    reference: ShortText,
    amount: Yuan,
    currency: Currency,
    statementRef: ShortText,
  }),
);

/** A part is repaid, and what it frees is released (部分解押, 赎货). Lots left out: as much as the formula allows. */
export const PartRelease = contract(
  'portal/part-release',
  strict({
    releaseNo: ShortText,
    ...financing,
    amount: Yuan,
    lots: Type.Optional(Lots),
    picker: Picker,
  }),
);

/** The pledge becomes one of a total (总量控货): goods come and go above a floor. */
export const FloatingAgreement = contract(
  'portal/floating-agreement',
  strict({ agreementNo: ShortText, ...financing, floorValue: Yuan, supervisionNo: ShortText }),
);
export const FloatingOutbound = contract(
  'portal/floating-outbound',
  strict({ movementNo: ShortText, ...financing, lots: Lots, picker: Picker }),
);

export const pledgeChangeCommands = {
  goodsDeposited: command({
    contract: GoodsDeposit,
    label: { zh: '存货入库申请', en: 'goods deposited' },
    path: 'goods-deposits',
    by: ['dealer'],
    keyOf: (m) => m.depositNo,
    idOf: (m) => m.depositNo,
  }),
  changeAsked: command({
    contract: ChangeRequest,
    label: { zh: '换货或补货申请', en: 'exchange or top-up asked for' },
    path: 'pledge-changes',
    by: ['dealer'],
    keyOf: (m) => m.changeNo,
    idOf: (m) => m.changeNo,
  }),
  changeDecided: command({
    contract: ChangeDecision,
    label: { zh: '资方对质押变更的审批', en: 'change decided' },
    path: 'pledge-change-decisions',
    by: ['funder'],
    keyOf: (m) => m.changeNo,
    idOf: (m) => m.changeNo,
  }),
  cashAnnounced: command({
    contract: CashTopUp,
    label: { zh: '现金补仓申请', en: 'cash top-up announced' },
    path: 'cash-top-ups',
    by: ['dealer'],
    keyOf: (m) => m.topUpNo,
    idOf: (m) => m.topUpNo,
  }),
  marginReceived: command({
    contract: MarginReceived,
    label: { zh: '保证金到账', en: 'margin received' },
    path: 'margin-entries',
    by: ['funder'],
    keyOf: (m) => m.reference,
    idOf: (m) => m.entryNo,
  }),
  partReleaseAsked: command({
    contract: PartRelease,
    label: { zh: '部分还款及解押申请', en: 'part repayment and release' },
    path: 'part-releases',
    by: ['dealer'],
    keyOf: (m) => m.releaseNo,
    idOf: (m) => m.releaseNo,
  }),
  floatingAsked: command({
    contract: FloatingAgreement,
    label: { zh: '总量控货协议', en: 'floating pledge agreed' },
    path: 'floating-agreements',
    by: ['dealer'],
    keyOf: (m) => m.agreementNo,
    idOf: (m) => m.agreementNo,
  }),
  floatingOut: command({
    contract: FloatingOutbound,
    label: { zh: '控货线上出库', en: 'outbound above the floor' },
    path: 'floating-outbounds',
    by: ['dealer'],
    keyOf: (m) => m.movementNo,
    idOf: (m) => m.movementNo,
  }),
};
