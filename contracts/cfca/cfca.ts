/** Identity verification (实名认证). The two "four factors" (四要素) prove different things and are never merged (domain.md 1.3). */
import { Type } from 'typebox';
import {
  AccountNo,
  BankCode,
  CompanyName,
  IdNo,
  Instant,
  PersonName,
  Phone,
  ShortText,
  Uscc,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, operation, QueryByNumber } from '../kind.ts';

/** Three answers; a channel error is the failure IDV_CHANNEL, never an answer. */
export const Verification = contract(
  'cfca/verification',
  strict({
    requestNo: ShortText,
    result: Type.Union([Type.Literal('match'), Type.Literal('mismatch'), Type.Literal('notFound')]),
    /** The factors that differ, by their name in the request. */
    mismatched: Type.Array(ShortText, { maxItems: 8 }),
    serialNo: ShortText,
    charged: Type.Boolean(),
  }),
);

export const EnterpriseFactors = contract(
  'cfca/enterprise-factors',
  strict({ requestNo: ShortText, name: CompanyName, uscc: Uscc, legalRepName: PersonName, legalRepIdNo: IdNo }),
);

export const BankcardFactors = contract(
  'cfca/bankcard-factors',
  strict({
    requestNo: ShortText,
    name: PersonName,
    idNo: IdNo,
    cardNo: Type.String({ pattern: '^\\d{12,19}$', maxLength: 19, 'x-pii': 'account' }),
    phone: Phone,
  }),
);

/**
 * Proof of control over a company's account (对公账户打款认证): a random amount below one yuan is paid to it, and whoever can
 * read its statement types the amount back. It proves nothing about the will of the company (domain.md 1.3).
 */
export const AccountProofAsked = contract(
  'cfca/account-proof-asked',
  strict({ requestNo: ShortText, companyName: CompanyName, accountNo: AccountNo, bankCode: BankCode }),
);
/** After `validTo` no amount is taken any more. */
export const AccountProofStarted = contract(
  'cfca/account-proof-started',
  strict({ serialNo: ShortText, validTo: Instant }),
);

/** How a proof stands: the payment is asynchronous, and a bank may refuse it at once or send it back a day later. */
export const AccountProof = contract(
  'cfca/account-proof',
  strict({
    requestNo: ShortText,
    serialNo: ShortText,
    validTo: Instant,
    state: Type.Union([
      Type.Literal('paying'),
      Type.Literal('paid'),
      Type.Literal('failed'),
      Type.Literal('returned'),
      Type.Literal('matched'),
      Type.Literal('locked'),
      Type.Literal('expired'),
    ]),
    /** Of the bank, for a payment that failed or came back. */
    reason: Type.Optional(
      Type.Union([
        Type.Literal('accountUnknown'),
        Type.Literal('nameDiffers'),
        Type.Literal('accountClosed'),
        Type.Literal('accountFrozen'),
        Type.Literal('bankRefused'),
      ]),
    ),
    triesLeft: Type.Integer({ minimum: 0, maximum: 3 }),
  }),
);

/** One try. It has a number of its own, since each try counts, and one that was not answered must not be counted twice. */
export const AccountConfirmationAsked = contract(
  'cfca/account-confirmation-asked',
  strict({
    requestNo: ShortText,
    /** The number of the proof. */
    proofNo: ShortText,
    /** 0.01 to 0.99 yuan. */
    amount: Type.String({ pattern: '^0\\.(0[1-9]|[1-9]\\d)$', maxLength: 4, 'x-unit': 'CNY' }),
  }),
);
export const AccountConfirmation = contract(
  'cfca/account-confirmation',
  strict({
    requestNo: ShortText,
    result: Type.Union([Type.Literal('match'), Type.Literal('mismatch')]),
    triesLeft: Type.Integer({ minimum: 0, maximum: 3 }),
  }),
);

export const cfca = kind(
  'cfca',
  {
    verifyEnterprise: operation({
      request: EnterpriseFactors,
      response: Verification,
      effect: 'write',
      idempotent: true,
      query: 'queryVerification',
      numberOf: (r) => r.requestNo,
      label: { zh: '企业四要素核验', en: 'enterprise four factors' },
    }),
    verifyBankcard: operation({
      request: BankcardFactors,
      response: Verification,
      effect: 'write',
      idempotent: true,
      query: 'queryVerification',
      numberOf: (r) => r.requestNo,
      label: { zh: '银行卡四要素核验', en: 'bankcard four factors' },
    }),
    queryVerification: operation({
      request: QueryByNumber,
      response: enquiry(Verification),
      effect: 'read',
      label: { zh: '查询核验结果', en: 'query verification' },
    }),
    startAccountProof: operation({
      request: AccountProofAsked,
      response: AccountProofStarted,
      effect: 'write',
      idempotent: true,
      query: 'queryAccountProof',
      numberOf: (r) => r.requestNo,
      label: { zh: '发起对公账户打款认证', en: 'start an account proof' },
    }),
    queryAccountProof: operation({
      request: QueryByNumber,
      response: enquiry(AccountProofStarted),
      effect: 'read',
      label: { zh: '查询打款认证是否受理', en: 'query the start of an account proof' },
    }),
    readAccountProof: operation({
      request: QueryByNumber,
      response: enquiry(AccountProof),
      effect: 'read',
      label: { zh: '查询打款认证状态', en: 'query how an account proof stands' },
    }),
    confirmAccountProof: operation({
      request: AccountConfirmationAsked,
      response: AccountConfirmation,
      effect: 'write',
      idempotent: true,
      query: 'queryAccountConfirmation',
      numberOf: (r) => r.requestNo,
      label: { zh: '回填打款金额', en: 'confirm the amount of an account proof' },
    }),
    queryAccountConfirmation: operation({
      request: QueryByNumber,
      response: enquiry(AccountConfirmation),
      effect: 'read',
      label: { zh: '查询回填结果', en: 'query a confirmation of an amount' },
    }),
  },
  {},
);
