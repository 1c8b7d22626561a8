/** Post-loan feedback at the open bank API: in a package like an application, answered by what the bank's people say of its rows. */
import { Type } from 'typebox';
import { CompanyName, ShortText, Text, Unit, Uscc, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { amountRows, feedbackParts, quantityRows } from './feedback.ts';

const Number64 = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 64 });
const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
const Quantity = Type.String({ pattern: '^(0|[1-9]\\d{0,11})\\.\\d{3}$', maxLength: 16 });
const CurrencyCode = Type.String({ pattern: '^\\d{3}$', maxLength: 3 });
const Version = Type.Integer({ minimum: 1, maximum: 999 });
const oneOf = <const N extends string>(names: readonly N[]) => Type.Enum([...names], { type: 'string' });
const rowsMax = 2_000;

export const OpenFeedback = contract(
  'bank/open/feedback',
  strict({
    fbNo: Number64,
    occasion: oneOf(['MONTHLY', 'APPLICATION']),
    fromDate: Day,
    toDate: Day,
    borrower: strict({ custName: CompanyName, creditCode: Uscc }),
    loanNos: Type.Array(ShortText, { maxItems: 200 }),
    amounts: Type.Array(
      strict({
        rowType: oneOf(amountRows),
        rowNo: ShortText,
        date: Day,
        dueDate: Type.Optional(Day),
        amt: Yuan,
        ccy: CurrencyCode,
        status: Type.Optional(ShortText),
        ver: Version,
      }),
      { maxItems: rowsMax },
    ),
    quantities: Type.Array(
      strict({
        rowType: oneOf(quantityRows),
        rowNo: ShortText,
        orderNo: Type.Optional(ShortText),
        date: Day,
        code: ShortText,
        qty: Quantity,
        unit: Unit,
        ver: Version,
      }),
      { maxItems: rowsMax },
    ),
    openItems: Type.Optional(Type.String({ pattern: '^-?\\d{1,15}(\\.\\d{1,2})?$', maxLength: 19 })),
    withheld: Type.Array(strict({ part: oneOf(feedbackParts), why: oneOf(['CONSENT_MISSING', 'NOT_HELD']) }), {
      maxItems: feedbackParts.length,
    }),
    gaps: Type.Array(Text, { maxItems: 20 }),
    totals: strict({ rows: Type.Integer({ minimum: 0, maximum: 2 * rowsMax }), amt: Yuan, qty: Quantity }),
  }),
);

export const OpenFeedbackResult = contract(
  'bank/open/feedback-result',
  strict({
    fbNo: Number64,
    bankRef: Number64,
    status: Type.String({ pattern: '^[0-9A-Z]{1,2}$', maxLength: 2 }),
    chkTime: Type.Optional(Type.String({ pattern: '^\\d{14}$', maxLength: 14 })),
    rejects: Type.Optional(
      Type.Array(strict({ rowType: oneOf([...amountRows, ...quantityRows]), rowNo: ShortText, reason: Text }), {
        maxItems: 100,
      }),
    ),
  }),
);
