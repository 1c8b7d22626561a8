/**
 * Payment clearing (支付清算): proof that an account belongs to a company, collections on the payer's instruction, for one
 * payee or several (分账), refunds (退款) of them, and the payment accounts (支付账户) of those who take part.
 */
import { Type } from 'typebox';
import {
  Account,
  BusinessDate,
  Company,
  Currency,
  IdNo,
  Instant,
  PersonName,
  Phone,
  ShortText,
  Text,
  Uscc,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';

export const AccountCheck = contract(
  'clearing/account-check',
  strict({ requestNo: ShortText, company: Company, account: Account }),
);
export const AccountChecked = contract(
  'clearing/account-checked',
  strict({
    requestNo: ShortText,
    result: Type.Union([Type.Literal('match'), Type.Literal('mismatch'), Type.Literal('notFound')]),
    serialNo: ShortText,
  }),
);

/** A repayment that the payer ordered: from its own account straight to the funder's (no money ever rests with the hub, I-11). */
export const Collection = contract(
  'clearing/collection',
  strict({
    instructionNo: Type.String({ minLength: 1, maxLength: 30 }),
    payer: strict({ company: Company, account: Account }),
    payee: strict({ company: Company, account: Account }),
    amount: Yuan,
    currency: Currency,
    loanNo: ShortText,
    postscript: Type.String({ minLength: 1, maxLength: 60 }),
  }),
);
export const CollectionTaken = contract('clearing/collection-taken', strict({ clearingNo: ShortText }));
export const CollectionSettled = contract(
  'clearing/collection-settled',
  strict({
    instructionNo: ShortText,
    status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed'), Type.Literal('returned')]),
    amount: Yuan,
    settledAt: Instant,
    serialNo: ShortText,
    reason: Type.Optional(Text),
  }),
);

const InstructionNo = Type.String({ minLength: 1, maxLength: 30 });
const Party = strict({ company: Company, account: Account });
/** Which of the receivers; the order in which they are named. */
const PartNo = Type.Integer({ minimum: 1, maximum: 99 });

/** One collection that goes to several (分账). The parts sum to the amount, to the fen; nothing is left with anybody. */
export const SplitCollection = contract(
  'clearing/split-collection',
  strict({
    instructionNo: InstructionNo,
    payer: Party,
    amount: Yuan,
    currency: Currency,
    parts: Type.Array(strict({ partNo: PartNo, payee: Party, amount: Yuan }), { minItems: 2, maxItems: 20 }),
    loanNo: ShortText,
    postscript: Type.String({ minLength: 1, maxLength: 60 }),
  }),
);
export const SplitTaken = contract('clearing/split-taken', strict({ clearingNo: ShortText }));
/** `partly`: some receivers have theirs and others will not; what is missing went back to the payer, and people decide. */
export const SplitSettled = contract(
  'clearing/split-settled',
  strict({
    instructionNo: ShortText,
    status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed'), Type.Literal('partly')]),
    /** What was ordered. */
    amount: Yuan,
    parts: Type.Array(
      strict({
        partNo: PartNo,
        amount: Yuan,
        status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed')]),
      }),
      { minItems: 1, maxItems: 20 },
    ),
    settledAt: Instant,
  }),
);

/** Back to the payer of a collection that succeeded (退款); all refunds of one collection never exceed it. */
export const Refund = contract(
  'clearing/refund',
  strict({
    instructionNo: InstructionNo,
    /** The instruction number of the collection. */
    collectionNo: InstructionNo,
    amount: Yuan,
    currency: Currency,
    reason: Type.String({ minLength: 1, maxLength: 60 }),
  }),
);
export const RefundTaken = contract('clearing/refund-taken', strict({ clearingNo: ShortText }));
export const RefundSettled = contract(
  'clearing/refund-settled',
  strict({
    instructionNo: ShortText,
    status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed'), Type.Literal('returned')]),
    amount: Yuan,
    settledAt: Instant,
    serialNo: ShortText,
    reason: Type.Optional(Text),
  }),
);

/** A payment account of a company's own at the clearer, bound to its bank account (开户并绑卡). */
export const AccountOpening = contract(
  'clearing/account-opening',
  strict({
    requestNo: InstructionNo,
    company: Company,
    legalRep: strict({ name: PersonName, idNo: IdNo, phone: Phone }),
    licence: strict({ issuedOn: BusinessDate, expiresOn: BusinessDate }),
    /** Where the money goes that the company draws. */
    account: Account,
    /** Under which the clearer holds the pictures of the papers (影印件采集流水号). */
    documentsNo: ShortText,
  }),
);
export const OpeningTaken = contract('clearing/opening-taken', strict({ clearingNo: ShortText }));
/** `openedUnbound`: the account is there, and the bank account was not accepted for it. */
export const AccountChanged = contract(
  'clearing/account-changed',
  strict({
    requestNo: ShortText,
    status: Type.Union([Type.Literal('opened'), Type.Literal('openedUnbound'), Type.Literal('refused')]),
    reason: Type.Optional(Text),
  }),
);

export const BalanceQuestion = contract('clearing/balance-question', strict({ uscc: Uscc }));
export const Balance = contract(
  'clearing/balance',
  strict({
    uscc: Uscc,
    status: Type.Union([Type.Literal('normal'), Type.Literal('frozen'), Type.Literal('stopped')]),
    currency: Currency,
    available: Yuan,
    /** On its way in, not yet to be used (在途). */
    inTransit: Yuan,
    frozen: Yuan,
  }),
);

const ordered = {
  effect: 'money',
  idempotent: true,
  numberOf: (r: { instructionNo: string }) => r.instructionNo,
} as const;
const asked = { effect: 'read', request: QueryByNumber } as const;

export const clearing = kind(
  'clearing',
  {
    checkAccount: operation({
      request: AccountCheck,
      response: AccountChecked,
      effect: 'read',
      label: { zh: '对公账户核验', en: 'account check' },
    }),
    collect: operation({
      request: Collection,
      response: CollectionTaken,
      effect: 'money',
      idempotent: true,
      query: 'queryCollection',
      numberOf: (r) => r.instructionNo,
      label: { zh: '还款代收指令', en: 'collection instruction' },
    }),
    queryCollection: operation({
      request: QueryByNumber,
      response: enquiry(CollectionTaken),
      effect: 'read',
      label: { zh: '查询代收指令', en: 'query collection' },
    }),
    readCollection: operation({
      request: QueryByNumber,
      response: enquiry(CollectionSettled),
      effect: 'read',
      label: { zh: '查询代收结果', en: 'query collection result' },
    }),
    split: operation({
      ...ordered,
      request: SplitCollection,
      response: SplitTaken,
      query: 'querySplit',
      label: { zh: '分账指令', en: 'split collection' },
    }),
    querySplit: operation({
      ...asked,
      response: enquiry(SplitTaken),
      label: { zh: '查询分账指令', en: 'query split' },
    }),
    readSplit: operation({
      ...asked,
      response: enquiry(SplitSettled),
      label: { zh: '查询分账结果', en: 'query split result' },
    }),
    refund: operation({
      ...ordered,
      request: Refund,
      response: RefundTaken,
      query: 'queryRefund',
      label: { zh: '退款指令', en: 'refund' },
    }),
    queryRefund: operation({
      ...asked,
      response: enquiry(RefundTaken),
      label: { zh: '查询退款指令', en: 'query refund' },
    }),
    readRefund: operation({
      ...asked,
      response: enquiry(RefundSettled),
      label: { zh: '查询退款结果', en: 'query refund result' },
    }),
    openAccount: operation({
      request: AccountOpening,
      response: OpeningTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryOpening',
      numberOf: (r) => r.requestNo,
      label: { zh: '开户并绑卡', en: 'open account' },
    }),
    queryOpening: operation({
      ...asked,
      response: enquiry(OpeningTaken),
      label: { zh: '查询开户受理', en: 'query opening' },
    }),
    readOpening: operation({
      ...asked,
      response: enquiry(AccountChanged),
      label: { zh: '查询开户结果', en: 'query opening result' },
    }),
    readBalance: operation({
      request: BalanceQuestion,
      response: Balance,
      effect: 'read',
      label: { zh: '查询账户余额', en: 'account balance' },
    }),
  },
  {
    collectionSettled: notice({
      contract: CollectionSettled,
      label: { zh: '代收结果通知', en: 'collection result' },
      keyOf: (m) => m.instructionNo,
      idOf: (m) => `${m.instructionNo}/${m.status}`,
      reports: { operation: 'collect', verdict: (m) => (m.status === 'succeeded' ? 'happened' : undefined) },
    }),
    splitSettled: notice({
      contract: SplitSettled,
      label: { zh: '分账结果通知', en: 'split result' },
      keyOf: (m) => m.instructionNo,
      idOf: (m) => `${m.instructionNo}/${m.status}`,
      reports: { operation: 'split', verdict: (m) => (m.status === 'failed' ? undefined : 'happened') },
    }),
    refundSettled: notice({
      contract: RefundSettled,
      label: { zh: '退款结果通知', en: 'refund result' },
      keyOf: (m) => m.instructionNo,
      idOf: (m) => `${m.instructionNo}/${m.status}`,
      reports: { operation: 'refund', verdict: (m) => (m.status === 'succeeded' ? 'happened' : undefined) },
    }),
    accountChanged: notice({
      contract: AccountChanged,
      label: { zh: '开户结果通知', en: 'account opened' },
      keyOf: (m) => m.requestNo,
      idOf: (m) => `${m.requestNo}/${m.status}`,
      reports: { operation: 'openAccount', verdict: (m) => (m.status === 'refused' ? undefined : 'happened') },
    }),
  },
);
