/** Post-loan feedback as a data package, and the line of an approvals file in which the funder says what it does not take. */
import { Type } from 'typebox';
import { Company, Quantity, ShortText, Text, Unit, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { amountRows, feedbackParts, quantityRows } from './feedback.ts';
import { PackageState } from './package.approvals.wire.ts';
import { Code, Day, Digits } from './package.wire.ts';

const oneOf = <const N extends string>(names: readonly N[]) => Type.Enum([...names], { type: 'string' });
/** A cell that is empty is not there. */
const Empty = Type.Literal('');
const rowsMax = 2_000;

/** A list without rows is not in the package. */
export const PackageFeedback = contract(
  'bank/package-feedback',
  strict({
    record: strict({
      feedbackNo: ShortText,
      occasion: oneOf(['MONTHLY', 'APPLICATION']),
      from: Day,
      to: Day,
      borrower: Company,
      loanNos: Type.Array(ShortText, { maxItems: 200 }),
      openItemsTotal: Type.Optional(Type.String({ pattern: '^-?\\d{1,15}(\\.\\d{1,2})?$', maxLength: 19 })),
      withheld: Type.Array(strict({ part: oneOf(feedbackParts), why: oneOf(['CONSENT_MISSING', 'NOT_HELD']) }), {
        maxItems: feedbackParts.length,
      }),
      gaps: Type.Array(Text, { maxItems: 20 }),
      totalRows: Type.String({ pattern: '^(0|[1-9]\\d{0,3})$', maxLength: 4 }),
      totalAmount: Yuan,
      totalQuantity: Quantity,
    }),
    amounts: Type.Optional(
      Type.Array(
        strict({
          row: oneOf(amountRows),
          no: ShortText,
          date: Day,
          dueDate: Type.Union([Day, Empty]),
          amount: Yuan,
          currency: Code,
          status: Type.Union([ShortText, Empty]),
          version: Digits,
        }),
        { minItems: 1, maxItems: rowsMax },
      ),
    ),
    quantities: Type.Optional(
      Type.Array(
        strict({
          row: oneOf(quantityRows),
          no: ShortText,
          orderNo: Type.Union([ShortText, Empty]),
          date: Day,
          materialCode: ShortText,
          quantity: Quantity,
          unit: Unit,
          version: Digits,
        }),
        { minItems: 1, maxItems: rowsMax },
      ),
    ),
  }),
);

/** `rejects`: `<row>|<no>|<reason>`, joined by semicolons; neither stands in a reason. */
export const FeedbackLine = contract(
  'bank/package-feedback-line',
  strict({
    feedbackNo: ShortText,
    packageNo: ShortText,
    result: Code,
    checkedAt: Type.String({ pattern: '^\\d{14}$', maxLength: 14 }),
    rejects: Type.Optional(Type.String({ minLength: 1, maxLength: 4_000 })),
  }),
);

export const FeedbackSaid = contract(
  'bank/package-feedback-said',
  strict({ ...PackageState.schema.properties, line: Type.Optional(FeedbackLine.schema) }),
);
