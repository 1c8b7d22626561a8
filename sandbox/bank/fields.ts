/** What the bank accepts in the body of a call: every field named, none unknown, nothing coerced. */
import { Refusal } from './refusal.ts';

type Shape<T> = (value: unknown, at: string) => T;
type Shapes = Record<string, Shape<unknown>>;
type Read<S> = S extends Shape<infer T> ? T : never;

function wrong(at: string, what: string): never {
  throw new Refusal('1002', `${at}: ${what}`);
}

const text =
  (max: number, pattern?: RegExp): Shape<string> =>
  (value, at) => {
    if (typeof value !== 'string' || value.length < 1 || value.length > max)
      return wrong(at, `a text of 1 to ${max} characters is expected`);
    if (pattern && !pattern.test(value)) return wrong(at, 'the form is wrong');
    return value;
  };

const whole =
  (min: number, max: number): Shape<number> =>
  (value, at) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : wrong(at, `a whole number from ${min} to ${max} is expected`);

const list =
  <T>(item: Shape<T>, min: number, max: number): Shape<T[]> =>
  (value, at) =>
    Array.isArray(value) && value.length >= min && value.length <= max
      ? value.map((each, i) => item(each, `${at}[${i}]`))
      : wrong(at, `a list of ${min} to ${max} is expected`);

function object<S extends Shapes>(fields: S): Shape<{ [K in keyof S]: Read<S[K]> }> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(at, 'an object is expected');
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) return wrong(at, 'there is a field that this message does not have');
    const entries = Object.entries(fields).map(([name, shape]) => [
      name,
      shape((value as Record<string, unknown>)[name], `${at}.${name}`),
    ]);
    return Object.fromEntries(entries) as { [K in keyof S]: Read<S[K]> };
  };
}

const number = text(64, /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
const amount = text(18, /^(0|[1-9]\d{0,14})\.\d{2}$/);
const quantity = text(16, /^(0|[1-9]\d{0,11})\.\d{3}$/);
const currency = text(3, /^156$/);
export const day: Shape<string> = (value, at) => {
  const shown = text(8, /^\d{8}$/)(value, at);
  const parsed = new Date(`${shown.slice(0, 4)}-${shown.slice(4, 6)}-${shown.slice(6)}T00:00:00Z`);
  const same = !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10).replaceAll('-', '') === shown;
  return same ? shown : wrong(at, 'there is no such day');
};
const company = object({ custName: text(100), creditCode: text(18, /^[0-9A-HJ-NPQRTUWXY]{18}$/) });
const account = object({
  acctName: text(100),
  acctNo: text(32, /^[0-9-]{6,32}$/),
  openBank: text(100),
  cnaps: text(12, /^\d{12}$/),
});
const lots = list(object({ lotNo: text(64), code: text(64), qty: quantity, unit: text(3, /^[A-Z0-9]{2,3}$/) }), 1, 500);
const sha256 = text(64, /^[0-9a-f]{64}$/);

export const sealedPackage = object({ package: text(1_900_000) });

/** What the package holds once it is opened: who sends it to whom, so that nobody passes it on under his own name. */
export const creditPackage = object({
  participantNo: text(32),
  bankNo: text(32),
  application: object({
    applNo: number,
    prodCode: text(4, /^(SP01|CR01|FG01)$/),
    borrower: company,
    applAmt: amount,
    ccy: currency,
    termDays: whole(1, 365),
    purpose: text(500),
    payee: account,
    order: object({ orderNo: text(64), orderAmt: amount, orderDate: day }),
    goods: list(
      object({ code: text(64), name: text(500), qty: text(16, /^\d+(\.\d+)?$/), unit: text(3), price: amount }),
      1,
      500,
    ),
    docs: list(object({ docType: text(64), docName: text(500), sha256 }), 0, 100),
    checks: object({ enterprise: text(64), agent: text(64) }),
    openItems: text(19, /^-?\d{1,15}(\.\d{1,2})?$/),
  }),
});
export type Application = Read<typeof creditPackage>['application'];

export const withdrawal = object({ applNo: number, bankRef: number, reason: text(500) });

export const collateral = object({
  plgNo: number,
  applNo: number,
  receiptNo: text(64),
  receiptSha256: sha256,
  regNo: text(64),
  supervisor: company,
  lots,
  value: amount,
});
export type Collateral = Read<typeof collateral>;

export const disbursement = object({
  instrNo: text(30, /^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  applNo: number,
  bankRef: number,
  contractNo: text(64),
  mandateNo: text(64),
  borrower: company,
  payee: account,
  amt: amount,
  ccy: currency,
  orderNo: text(64),
  remark: text(60),
});
export type Disbursement = Read<typeof disbursement>;

export const repayment = object({
  repayNo: number,
  loanNo: number,
  amt: amount,
  ccy: currency,
  valueDate: day,
  serialNo: text(64),
  payer: company,
});
export type Repayment = Read<typeof repayment>;

export const release = object({
  relNo: number,
  plgNo: number,
  loanNo: number,
  repayNo: number,
  lots,
  valueAfter: amount,
  exposureAfter: amount,
});
export type Release = Read<typeof release>;

const rows = <T>(item: Shape<T>): Shape<T[]> => list(item, 0, 2_000);
const optionally =
  <T>(shape: Shape<T>): Shape<T | undefined> =>
  (value, at) =>
    value === undefined ? undefined : shape(value, at);
const version = whole(1, 999);
const part = object({
  part: text(20, /^(orders|deliveries|returns|salesOut|receivables|invoices)$/),
  why: text(20, /^(CONSENT_MISSING|NOT_HELD)$/),
});

/** What the ERP of the seller shows of a borrower, in the month or when it applies. */
export const feedback = object({
  fbNo: number,
  occasion: text(11, /^(MONTHLY|APPLICATION)$/),
  fromDate: day,
  toDate: day,
  borrower: company,
  loanNos: list(text(64), 0, 200),
  amounts: rows(
    object({
      rowType: text(20, /^(ORDER|RECEIVABLE|PAYABLE|INVOICE|CREDIT_MEMO)$/),
      rowNo: text(64),
      date: day,
      dueDate: optionally(day),
      amt: amount,
      ccy: currency,
      status: optionally(text(64)),
      ver: version,
    }),
  ),
  quantities: rows(
    object({
      rowType: text(20, /^(DELIVERY|RETURN|OUTBOUND)$/),
      rowNo: text(64),
      orderNo: optionally(text(64)),
      date: day,
      code: text(64),
      qty: quantity,
      unit: text(3, /^[A-Z0-9]{2,3}$/),
      ver: version,
    }),
  ),
  openItems: optionally(text(19, /^-?\d{1,15}(\.\d{1,2})?$/)),
  withheld: list(part, 0, 6),
  gaps: list(text(500), 0, 20),
  totals: object({ rows: whole(0, 4_000), amt: amount, qty: quantity }),
});
export type Feedback = Read<typeof feedback>;

/** The opened package: as of an application. */
export const feedbackPackage = object({ participantNo: text(32), bankNo: text(32), feedback });
