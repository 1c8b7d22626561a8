/**
 * ICBC open platform (工商银行 API 开放平台), message by message.
 *
 * Known, from public ports of its SDK and copies of its documentation (goodboycyt/icbc_go, NotifyUrlServlet of the Java
 * SDK): the form around every request, the envelope around every answer, the form of a notification and its reply, the
 * codes of the gateway. Not known: what a bank offers for supply-chain finance. The services `/api/scf/<service>/V1` and
 * what stands in their `biz_content` are chosen by the hub, in the bank's manner: snake case, every number a string in
 * quotes and never in scientific notation, days `yyyy-MM-dd`, instants `yyyy-MM-dd HH:mm:ss` in Beijing, rates in percent.
 *
 * Status codes are left open here: the mapping has the tables, and a code that is not in them is an unknown outcome, not a
 * malformed message.
 */
import { Type } from 'typebox';
import {
  AccountNo,
  BankCode,
  BusinessDate,
  CompanyName,
  Quantity,
  Sha256Hex,
  ShortText,
  Text,
  Unit,
  Uscc,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** What the bank takes as a number of ours. */
const Number64 = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64 });
const Number30 = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 30 });
const Stamp = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$', maxLength: 19 });
/** As the bank writes amounts: decimals only where they are not zero. */
const Amount = Type.String({ pattern: '^(0|[1-9]\\d{0,14})(\\.\\d{1,2})?$', maxLength: 18, 'x-unit': 'CNY' });
const Percent = Type.String({
  pattern: '^(0|[1-9]\\d{0,2})(\\.\\d{1,4})?$',
  maxLength: 8,
  'x-unit': 'percent per year',
});
const Days = Type.String({ pattern: '^[1-9]\\d{0,2}$', maxLength: 3 });
const Code = Type.String({ pattern: '^[0-9A-Z]{1,4}$', maxLength: 4 });
const CurrencyCode = Type.String({ pattern: '^\\d{3}$', maxLength: 3 });
/** A number where a number is meant, a string where the service behind the gateway writes strings. */
const ReturnCode = Type.Union([
  Type.Integer({ minimum: -999_999_999, maximum: 999_999_999 }),
  Type.String({ pattern: '^(0|-?[1-9]\\d{0,8})$', maxLength: 10 }),
]);

const Customer = strict({ cust_name: CompanyName, credit_code: Uscc });
const PayeeAccount = strict({
  account_name: CompanyName,
  account_no: AccountNo,
  bank_name: Type.String({ minLength: 2, maxLength: 100 }),
  bank_code: BankCode,
});
const Lots = Type.Array(strict({ lot_no: ShortText, goods_code: ShortText, quantity: Quantity, unit: Unit }), {
  minItems: 1,
  maxItems: 500,
});

/** Around what every answer says. Whatever else stands in the object belongs to the service. */
export const IcbcHead = contract(
  'bank/icbc/head',
  strict({
    return_code: ReturnCode,
    return_msg: Type.String({ maxLength: 500 }),
    /** That of the request: what binds an answer to it. The gateway signs who speaks, not to whom. */
    msg_id: Type.String({ minLength: 1, maxLength: 64 }),
  }),
);

export const IcbcApplication = contract(
  'bank/icbc/application',
  strict({
    appl_no: Number64,
    prod_code: Type.String({ pattern: '^[A-Z]{3}\\d{3}$', maxLength: 6 }),
    borrower: Customer,
    appl_amount: Yuan,
    currency: CurrencyCode,
    term_days: Days,
    purpose: Text,
    payee: PayeeAccount,
    order: strict({ order_no: ShortText, order_amount: Yuan, order_date: BusinessDate }),
    goods: Type.Array(
      strict({
        goods_code: ShortText,
        goods_name: Text,
        quantity: Type.String({ pattern: '^\\d+(\\.\\d+)?$', maxLength: 16 }),
        unit: Type.String({ minLength: 1, maxLength: 3 }),
        unit_price: Yuan,
      }),
      { minItems: 1, maxItems: 500 },
    ),
    documents: Type.Array(strict({ doc_type: ShortText, doc_name: Text, doc_sha256: Sha256Hex }), { maxItems: 100 }),
    checks: strict({ enterprise_check_no: ShortText, agent_check_no: ShortText }),
    open_items: Type.String({ pattern: '^-?\\d{1,15}(\\.\\d{1,2})?$', maxLength: 19 }),
  }),
);

export const IcbcDecision = contract(
  'bank/icbc/decision',
  strict({
    appl_no: Number64,
    ref_no: Number64,
    appr_status: Code,
    appr_time: Type.Optional(Stamp),
    credit: Type.Optional(
      strict({
        amount: Amount,
        rate: Percent,
        term_days: Days,
        rate_basis: Code,
        pledge_rate: Type.Optional(Percent),
        valid_until: Stamp,
      }),
    ),
    remark: Type.Optional(Text),
  }),
);

export const IcbcWithdrawal = contract(
  'bank/icbc/withdrawal',
  strict({ appl_no: Number64, ref_no: Number64, reason: Text }),
);

/** `withdraw_time` is there once it is withdrawn. */
export const IcbcWithdrawn = contract(
  'bank/icbc/withdrawn',
  strict({ appl_no: Number64, reg_status: Code, withdraw_time: Type.Optional(Stamp) }),
);

export const IcbcCollateral = contract(
  'bank/icbc/collateral',
  strict({
    pledge_no: Number64,
    appl_no: Number64,
    receipt_no: ShortText,
    receipt_sha256: Sha256Hex,
    registration_no: ShortText,
    supervisor: Customer,
    lots: Lots,
    value: Yuan,
  }),
);

export const IcbcDisbursement = contract(
  'bank/icbc/disbursement',
  strict({
    instr_no: Number30,
    appl_no: Number64,
    ref_no: Number64,
    contract_no: ShortText,
    mandate_no: ShortText,
    borrower: Customer,
    payee: PayeeAccount,
    amount: Yuan,
    currency: CurrencyCode,
    order_no: ShortText,
    postscript: Type.String({ minLength: 1, maxLength: 60 }),
  }),
);

export const IcbcPaymentResult = contract(
  'bank/icbc/payment-result',
  strict({
    instr_no: Number30,
    /** 指令状态. */
    result: Code,
    amount: Amount,
    settle_time: Type.Optional(Stamp),
    serial_no: Type.Optional(Number64),
    loan: Type.Optional(strict({ loan_no: Number64, start_date: BusinessDate, due_date: BusinessDate, rate: Percent })),
    remark: Type.Optional(Text),
  }),
);

const TransferLine = strict({
  serial_no: Number64,
  trade_time: Stamp,
  drcr_flag: Code,
  amount: Amount,
  currency: CurrencyCode,
  summary_code: Code,
  opp_name: Type.Optional(Text),
  opp_account: Type.Optional(ShortText),
  instr_no: Type.Optional(Number64),
  remark: Type.Optional(Text),
});

/** One page (续查) of the movements of an account on one day; `next_tag` is empty on the last. */
export const IcbcStatementPage = contract(
  'bank/icbc/statement-page',
  strict({
    account_no: AccountNo,
    trade_date: BusinessDate,
    /** `1`: the day is closed (已日终). */
    closed_flag: Code,
    opening: Amount,
    closing: Amount,
    next_tag: Type.String({ maxLength: 64 }),
    details: Type.Array(TransferLine, { maxItems: 200 }),
  }),
);

/** All pages of a day, as the dialect puts them together. */
export const IcbcStatement = contract(
  'bank/icbc/statement',
  strict({
    account_no: AccountNo,
    trade_date: BusinessDate,
    closed_flag: Code,
    opening: Amount,
    closing: Amount,
    details: Type.Array(TransferLine, { maxItems: 5000 }),
  }),
);

export const IcbcQuote = contract(
  'bank/icbc/quote',
  strict({
    loan_no: Number64,
    value_date: BusinessDate,
    principal: Amount,
    interest: Amount,
    penalty: Amount,
    fee: Amount,
    total: Amount,
  }),
);

export const IcbcRepayment = contract(
  'bank/icbc/repayment',
  strict({
    repay_no: Number64,
    loan_no: Number64,
    amount: Yuan,
    currency: CurrencyCode,
    value_date: BusinessDate,
    clearing_serial: ShortText,
    payer: Customer,
  }),
);

export const IcbcPosting = contract(
  'bank/icbc/posting',
  strict({
    repay_no: Number64,
    loan_no: Number64,
    post_status: Code,
    amount: Amount,
    value_date: BusinessDate,
    posting_no: Type.Optional(Number64),
    post_time: Type.Optional(Stamp),
    allocation: Type.Optional(strict({ fee: Amount, penalty: Amount, interest: Amount, principal: Amount })),
    principal_balance: Type.Optional(Amount),
    remark: Type.Optional(Text),
  }),
);

export const IcbcRelease = contract(
  'bank/icbc/release',
  strict({
    release_no: Number64,
    pledge_no: Number64,
    loan_no: Number64,
    repay_no: Number64,
    lots: Lots,
    value_after: Yuan,
    exposure_after: Yuan,
  }),
);

export const IcbcReleaseDecision = contract(
  'bank/icbc/release-decision',
  strict({
    release_no: Number64,
    appr_status: Code,
    appr_time: Type.Optional(Stamp),
    maker: Type.Optional(ShortText),
    checker: Type.Optional(ShortText),
    remark: Type.Optional(Text),
  }),
);

/** First answer to what was handed in: the bank's own number of it. */
export const IcbcTaken = contract('bank/icbc/taken', strict({ ref_no: Number64 }));

/** What became of something handed in. */
export const IcbcRegistration = contract(
  'bank/icbc/registration',
  strict({
    reg_status: Code,
    ref_no: Type.Optional(Number64),
    refuse_code: Type.Optional(Type.String({ pattern: '^\\d{1,9}$', maxLength: 9 })),
    refuse_reason: Type.Optional(Text),
  }),
);
