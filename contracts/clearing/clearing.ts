/** Payment clearing (支付清算): proof that an account belongs to a company, and collections on the payer's instruction. */
import { Type } from 'typebox';
import { Account, Company, Currency, Instant, ShortText, Text, Yuan } from '../canonical/primitives.ts';
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
  },
  {
    collectionSettled: notice({
      contract: CollectionSettled,
      label: { zh: '代收结果通知', en: 'collection result' },
      keyOf: (m) => m.instructionNo,
      idOf: (m) => `${m.instructionNo}/${m.status}`,
      reports: { operation: 'collect', verdict: (m) => (m.status === 'succeeded' ? 'happened' : undefined) },
    }),
  },
);
