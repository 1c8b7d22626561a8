/**
 * The open bank API, message by message (adapters/bank/README.md). Amounts are yuan with two decimals, rates percent
 * with four, days `yyyyMMdd`, instants `yyyyMMddHHmmss` in Beijing. Status codes are left open here: the mapping has the
 * tables, and a code that is not in them is an unknown outcome, not a malformed message.
 */
import { Type } from 'typebox';
import {
  AccountNo,
  BankCode,
  CompanyName,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
  Uscc,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** A number that goes into a path as it is, so that what is signed is what is sent. */
const Number64 = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64 });
const Number30 = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 30 });
const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
const Stamp = Type.String({ pattern: '^\\d{14}$', maxLength: 14 });
const Percent = Type.String({ pattern: '^(0|[1-9]\\d{0,2})\\.\\d{4}$', maxLength: 8, 'x-unit': 'percent per year' });
const StatusCode = Type.String({ pattern: '^[0-9A-Z]{1,2}$', maxLength: 2 });
const CurrencyCode = Type.String({ pattern: '^\\d{3}$', maxLength: 3 });
const Quantity = Type.String({ pattern: '^(0|[1-9]\\d{0,11})\\.\\d{3}$', maxLength: 16 });
const Days = Type.Integer({ minimum: 1, maximum: 365 });

const Customer = strict({ custName: CompanyName, creditCode: Uscc });
const PayeeAccount = strict({
  acctName: CompanyName,
  acctNo: AccountNo,
  openBank: Type.String({ minLength: 2, maxLength: 100 }),
  cnaps: BankCode,
});
const Lots = Type.Array(strict({ lotNo: ShortText, code: ShortText, qty: Quantity, unit: Unit }), {
  minItems: 1,
  maxItems: 500,
});

export const OpenNumber = contract('bank/open/number', Number64);

export const OpenApplication = contract(
  'bank/open/application',
  strict({
    applNo: Number64,
    prodCode: Type.String({ pattern: '^[A-Z]{2}\\d{2}$', maxLength: 4 }),
    borrower: Customer,
    applAmt: Yuan,
    ccy: CurrencyCode,
    termDays: Days,
    purpose: Text,
    payee: PayeeAccount,
    order: strict({ orderNo: ShortText, orderAmt: Yuan, orderDate: Day }),
    goods: Type.Array(
      strict({
        code: ShortText,
        name: Text,
        qty: Type.String({ pattern: '^\\d+(\\.\\d+)?$', maxLength: 16 }),
        unit: Type.String({ minLength: 1, maxLength: 3 }),
        price: Yuan,
      }),
      { minItems: 1, maxItems: 500 },
    ),
    docs: Type.Array(strict({ docType: ShortText, docName: Text, sha256: Sha256Hex }), { maxItems: 100 }),
    checks: strict({ enterprise: ShortText, agent: ShortText }),
    openItems: Type.String({ pattern: '^-?\\d{1,15}(\\.\\d{1,2})?$', maxLength: 19 }),
  }),
);

export const OpenDecision = contract(
  'bank/open/decision',
  strict({
    applNo: Number64,
    bankRef: Number64,
    status: StatusCode,
    decTime: Type.Optional(Stamp),
    offer: Type.Optional(
      strict({
        amt: Yuan,
        rate: Percent,
        termDays: Days,
        basis: Type.String({ pattern: '^[A-Z0-9]{1,8}$', maxLength: 8 }),
        pledgeRate: Type.Optional(Percent),
        validUntil: Stamp,
      }),
    ),
    reason: Type.Optional(Text),
  }),
);

export const OpenWithdrawal = contract(
  'bank/open/withdrawal',
  strict({ applNo: Number64, bankRef: Number64, reason: Text }),
);

/** `recTime` is there once it is withdrawn. */
export const OpenWithdrawn = contract(
  'bank/open/withdrawn',
  strict({ applNo: Number64, regState: StatusCode, recTime: Type.Optional(Stamp) }),
);

export const OpenCollateral = contract(
  'bank/open/collateral',
  strict({
    plgNo: Number64,
    applNo: Number64,
    receiptNo: ShortText,
    receiptSha256: Sha256Hex,
    regNo: ShortText,
    supervisor: Customer,
    lots: Lots,
    value: Yuan,
  }),
);

export const OpenDisbursement = contract(
  'bank/open/disbursement',
  strict({
    instrNo: Number30,
    applNo: Number64,
    bankRef: Number64,
    contractNo: ShortText,
    mandateNo: ShortText,
    borrower: Customer,
    payee: PayeeAccount,
    amt: Yuan,
    ccy: CurrencyCode,
    orderNo: ShortText,
    remark: Type.String({ minLength: 1, maxLength: 60 }),
  }),
);

export const OpenPaymentResult = contract(
  'bank/open/payment-result',
  strict({
    instrNo: Number30,
    status: StatusCode,
    amt: Yuan,
    settleTime: Type.Optional(Stamp),
    serialNo: Type.Optional(Number64),
    loan: Type.Optional(strict({ loanNo: Number64, startDate: Day, dueDate: Day, rate: Percent })),
    reason: Type.Optional(Text),
  }),
);

export const OpenQuote = contract(
  'bank/open/quote',
  strict({ loanNo: Number64, date: Day, principal: Yuan, interest: Yuan, penalty: Yuan, fee: Yuan, total: Yuan }),
);

export const OpenRepayment = contract(
  'bank/open/repayment',
  strict({
    repayNo: Number64,
    loanNo: Number64,
    amt: Yuan,
    ccy: CurrencyCode,
    valueDate: Day,
    serialNo: ShortText,
    payer: Customer,
  }),
);

export const OpenPosting = contract(
  'bank/open/posting',
  strict({
    repayNo: Number64,
    loanNo: Number64,
    status: StatusCode,
    amt: Yuan,
    valueDate: Day,
    postNo: Type.Optional(Number64),
    postTime: Type.Optional(Stamp),
    alloc: Type.Optional(strict({ fee: Yuan, penalty: Yuan, interest: Yuan, principal: Yuan })),
    balance: Type.Optional(Yuan),
    reason: Type.Optional(Text),
  }),
);

export const OpenRelease = contract(
  'bank/open/release',
  strict({
    relNo: Number64,
    plgNo: Number64,
    loanNo: Number64,
    repayNo: Number64,
    lots: Lots,
    valueAfter: Yuan,
    exposureAfter: Yuan,
  }),
);

export const OpenReleaseDecision = contract(
  'bank/open/release-decision',
  strict({
    relNo: Number64,
    status: StatusCode,
    decTime: Type.Optional(Stamp),
    maker: Type.Optional(ShortText),
    checker: Type.Optional(ShortText),
    reason: Type.Optional(Text),
  }),
);

/** First answers to what was handed in. */
export const OpenRef = contract('bank/open/ref', strict({ bankRef: Number64 }));
export const OpenCustody = contract('bank/open/custody', strict({ custodyNo: Number64 }));
export const OpenPayment = contract('bank/open/payment', strict({ payNo: Number64 }));

/** What became of something handed in: registered or not, with its first answer. */
export const OpenRegistration = contract(
  'bank/open/registration',
  strict({
    regState: StatusCode,
    bankRef: Type.Optional(Number64),
    custodyNo: Type.Optional(Number64),
    payNo: Type.Optional(Number64),
    code: Type.Optional(Type.String({ pattern: '^\\d{4}$', maxLength: 4 })),
    reason: Type.Optional(Text),
  }),
);

/** Around every answer. */
export const OpenAnswer = contract(
  'bank/open/answer',
  strict({
    code: Type.String({ pattern: '^[0-9A-Z]{4}$', maxLength: 4 }),
    message: Type.String({ maxLength: 500 }),
    data: Type.Optional(Type.Object({})),
  }),
);

/** What the bank tells by itself. */
export const OpenNotice = contract(
  'bank/open/notice',
  strict({ id: Number64, type: Type.String({ pattern: '^[A-Z_]{1,32}$', maxLength: 32 }), data: Type.Object({}) }),
);
