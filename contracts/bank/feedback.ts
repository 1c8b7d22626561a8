/**
 * Post-loan feedback (贷后反馈), and the same package at the time of an application: what the ERP of the trading unit holds of one
 * borrower, as far as the borrower has consented that this funder is told. What was left out is said, and why.
 */
import { Type } from 'typebox';
import {
  BusinessDate,
  Company,
  Currency,
  Instant,
  Quantity,
  ShortText,
  Text,
  Unit,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

const rowsMax = 2_000;

/** Orders (订单), receivables and payables with the trading unit (应收, 应付), invoices (发票), what took one back (红字). */
export const amountRows = ['ORDER', 'RECEIVABLE', 'PAYABLE', 'INVOICE', 'CREDIT_MEMO'] as const;
/** Deliveries (发货), what came back (退货), what left the warehouse for the borrower (出库). */
export const quantityRows = ['DELIVERY', 'RETURN', 'OUTBOUND'] as const;
/** What a borrower may withhold, and what nobody holds. */
export const feedbackParts = ['orders', 'deliveries', 'returns', 'salesOut', 'receivables', 'invoices'] as const;
const Row = Type.Enum([...amountRows, ...quantityRows], { type: 'string' });

const FeedbackAmount = strict({
  row: Type.Enum([...amountRows], { type: 'string' }),
  no: ShortText,
  date: BusinessDate,
  dueDate: Type.Optional(BusinessDate),
  amount: Yuan,
  currency: Currency,
  status: Type.Optional(ShortText),
  /** 1 when it is told for the first time; one more each time that it is told otherwise. */
  version: Type.Integer({ minimum: 1, maximum: 999 }),
});

const FeedbackQuantity = strict({
  row: Type.Enum([...quantityRows], { type: 'string' }),
  no: ShortText,
  orderNo: Type.Optional(ShortText),
  date: BusinessDate,
  materialCode: ShortText,
  quantity: Quantity,
  unit: Unit,
  version: Type.Integer({ minimum: 1, maximum: 999 }),
});

/** Control totals (控制总额): exact sums over all rows, whatever they are. */
const FeedbackTotals = strict({
  rows: Type.Integer({ minimum: 0, maximum: 2 * rowsMax }),
  amount: Yuan,
  quantity: Quantity,
});

export const Feedback = contract(
  'bank/feedback',
  strict({
    feedbackNo: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$', maxLength: 40 }),
    /** Monthly, or at the time of an application. */
    occasion: Type.Union([Type.Literal('MONTHLY'), Type.Literal('APPLICATION')]),
    from: BusinessDate,
    to: BusinessDate,
    borrower: Company,
    /** The funder's own numbers of the loans that it is about. */
    loanNos: Type.Array(ShortText, { maxItems: 200 }),
    amounts: Type.Array(FeedbackAmount, { maxItems: rowsMax }),
    quantities: Type.Array(FeedbackQuantity, { maxItems: rowsMax }),
    /** Debits less credits of all open items; absent where it is withheld. */
    openItemsTotal: Type.Optional(Type.String({ pattern: '^-?(0|[1-9]\\d{0,14})\\.\\d{2}$', maxLength: 19 })),
    /** What is not told: the borrower has not consented, or nobody holds it. Never made up (I-28). */
    withheld: Type.Array(
      strict({
        part: Type.Enum([...feedbackParts], { type: 'string' }),
        why: Type.Union([Type.Literal('CONSENT_MISSING'), Type.Literal('NOT_HELD')]),
      }),
      { maxItems: feedbackParts.length },
    ),
    /** What the ERP says is missing in what it gave. */
    gaps: Type.Array(Text, { maxItems: 20 }),
    totals: FeedbackTotals,
  }),
);

export const FeedbackTaken = contract('bank/feedback-taken', strict({ funderRef: ShortText }));

/** The funder has looked at it: rows that it does not take come back with why (退回清单). */
export const FeedbackChecked = contract(
  'bank/feedback-checked',
  strict({
    feedbackNo: ShortText,
    funderRef: ShortText,
    verdict: Type.Union([Type.Literal('approved'), Type.Literal('rejected')]),
    checkedAt: Instant,
    rejects: Type.Array(strict({ row: Row, no: ShortText, reason: Text }), { maxItems: 100 }),
  }),
);
