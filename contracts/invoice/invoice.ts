/**
 * Checking VAT invoices (发票查验) at the tax source. Asynchronous: a check is taken, and its result comes seconds to hours later.
 * A result is true at its moment only: an invoice that was genuine may be voided (作废) or flushed red (红冲) afterwards, in part or
 * whole, and a lender must hear of that.
 */
import { Type } from 'typebox';
import { BusinessDate, CompanyName, Instant, Quantity, Rate, ShortText, Uscc, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';

/** Special (专用), ordinary (普通), on paper or electronic; fully digital ones (数电票) have no code. */
const Type6 = Type.Union([
  Type.Literal('special'),
  Type.Literal('ordinary'),
  Type.Literal('eSpecial'),
  Type.Literal('eOrdinary'),
  Type.Literal('digitalSpecial'),
  Type.Literal('digitalOrdinary'),
]);
/** Ten or twelve digits; a fully digital invoice has none. */
const InvoiceCode = Type.String({ pattern: '^(\\d{10}|\\d{12})$', maxLength: 12 });
/** Eight digits, or twenty of a fully digital invoice. */
const InvoiceNo = Type.String({ pattern: '^(\\d{8}|\\d{20})$', maxLength: 20 });

/** Which of the three amounts and codes must be there hangs on the type: see `rule`. */
export const InvoiceCheck = contract(
  'invoice/check',
  strict({
    requestNo: ShortText,
    type: Type6,
    invoiceCode: Type.Optional(InvoiceCode),
    invoiceNo: InvoiceNo,
    issuedOn: BusinessDate,
    amountExTax: Type.Optional(Yuan),
    amountIncTax: Type.Optional(Yuan),
    checkCodeLast6: Type.Optional(Type.String({ pattern: '^\\d{6}$', maxLength: 6 })),
  }),
);

/** By what an invoice of each type proves that it lies before the one who asks. A rule of the tax source, the same with all vendors. */
export const rule = {
  special: 'amountExTax',
  eSpecial: 'amountExTax',
  ordinary: 'checkCodeLast6',
  eOrdinary: 'checkCodeLast6',
  digitalSpecial: 'amountIncTax',
  digitalOrdinary: 'amountIncTax',
} as const;

export const CheckTaken = contract('invoice/check-taken', strict({ checkNo: ShortText }));

const Side = strict({ name: CompanyName, uscc: Type.Optional(Uscc) });
const Printed = Type.String({ minLength: 1, maxLength: 200 });
/** A line that grants a discount (折扣行) is below nothing. */
const LineAmount = Type.String({ pattern: '^-?(0|[1-9]\\d{0,14})\\.\\d{2}$', maxLength: 19, 'x-unit': 'CNY' });

/** What the tax source holds of the invoice. */
const Face = strict({
  type: Type6,
  invoiceCode: Type.Optional(InvoiceCode),
  invoiceNo: InvoiceNo,
  issuedOn: BusinessDate,
  seller: Side,
  buyer: Side,
  amountExTax: Yuan,
  tax: Yuan,
  amountIncTax: Yuan,
  lines: Type.Array(
    strict({
      name: Printed,
      /** Absent: services, discounts, and what has more than three decimals. */
      quantity: Type.Optional(Quantity),
      /** As printed. */
      unit: Type.Optional(Printed),
      amount: LineAmount,
      /** Absent: exempt, or not taxed. */
      taxRate: Type.Optional(Rate),
      tax: LineAmount,
    }),
    { maxItems: 2000 },
  ),
});

/** At the tax source. `red`: it is itself a red-letter invoice (红字发票). */
const TaxStatus = Type.Union([
  Type.Literal('valid'),
  Type.Literal('partiallyRed'),
  Type.Literal('redFlushed'),
  Type.Literal('red'),
  Type.Literal('voided'),
  Type.Literal('unknown'),
]);

/**
 * `genuine` alone may be lent against, and only up to its total less `redAmount`; `void` and `redFlushed` exist and are worth
 * nothing. `mismatch`: there is such a number, and what was typed is not what is on it. These two leave the status `unknown`.
 */
export const InvoiceChecked = contract(
  'invoice/checked',
  strict({
    requestNo: ShortText,
    result: Type.Union([
      Type.Literal('genuine'),
      Type.Literal('mismatch'),
      Type.Literal('notFound'),
      Type.Literal('void'),
      Type.Literal('redFlushed'),
    ]),
    status: TaxStatus,
    /** Flushed red so far. */
    redAmount: Yuan,
    checkedAt: Instant,
    serialNo: ShortText,
    /** With `genuine`, `void` and `redFlushed`; a red-letter invoice has none: its amounts are below nothing. */
    invoice: Type.Optional(Face),
  }),
);

/** What became of an invoice after it was found genuine. */
export const InvoiceChanged = contract(
  'invoice/changed',
  strict({
    /** Of the check that found it genuine. */
    requestNo: ShortText,
    invoiceCode: Type.Optional(InvoiceCode),
    invoiceNo: InvoiceNo,
    status: Type.Union([Type.Literal('partiallyRed'), Type.Literal('redFlushed'), Type.Literal('voided')]),
    /** Altogether, not by this change alone. */
    redAmount: Yuan,
    redInvoiceNos: Type.Array(ShortText, { maxItems: 100 }),
    changedAt: Instant,
    serialNo: ShortText,
  }),
);

const asked = { effect: 'read', request: QueryByNumber } as const;

/** The key of an invoice: code and number, or the number of a fully digital one. */
const keyOf = ({ invoiceCode, invoiceNo }: { invoiceCode?: string; invoiceNo: string }) =>
  invoiceCode === undefined ? invoiceNo : `${invoiceCode}-${invoiceNo}`;

export const invoice = kind(
  'invoice',
  {
    checkInvoice: operation({
      request: InvoiceCheck,
      response: CheckTaken,
      effect: 'write',
      idempotent: true,
      query: 'queryCheck',
      numberOf: (r) => r.requestNo,
      label: { zh: '发票查验', en: 'check invoice' },
    }),
    queryCheck: operation({
      ...asked,
      response: enquiry(CheckTaken),
      label: { zh: '查询查验受理', en: 'query check' },
    }),
    readCheck: operation({
      ...asked,
      response: enquiry(InvoiceChecked),
      label: { zh: '查询查验结果', en: 'query check result' },
    }),
    /** By the number of the check; `pending` while nothing has changed. */
    readChange: operation({
      ...asked,
      response: enquiry(InvoiceChanged),
      label: { zh: '查询发票状态变更', en: 'query invoice change' },
    }),
  },
  {
    invoiceChecked: notice({
      contract: InvoiceChecked,
      label: { zh: '查验结果通知', en: 'invoice checked' },
      keyOf: (m) => m.requestNo,
      idOf: (m) => m.requestNo,
      reports: { operation: 'checkInvoice', verdict: () => 'happened' },
    }),
    invoiceChanged: notice({
      contract: InvoiceChanged,
      label: { zh: '发票红冲/作废通知', en: 'invoice voided or flushed red' },
      keyOf,
      // The same invoice may be flushed again and again: the sum tells one time from the next.
      idOf: (m) => `${keyOf(m)}/${m.status}/${m.redAmount}`,
    }),
  },
);
