/** What a bank says of an account: its movements, for the hub to hold against its own instructions. */
import { Type } from 'typebox';
import { BusinessDate, Currency, Instant, ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Movements of one account on one day (账户明细): what reconciliation holds against our own instructions. */
export const Statement = contract(
  'bank/statement',
  strict({
    accountNo: ShortText,
    date: BusinessDate,
    /** The day is closed: no movement of it is still to come. */
    final: Type.Boolean(),
    opening: Type.Optional(Yuan),
    closing: Type.Optional(Yuan),
    lines: Type.Array(
      strict({
        /** The bank's own number of the movement: the same line read twice has the same. */
        serial: ShortText,
        at: Instant,
        direction: Type.Union([Type.Literal('credit'), Type.Literal('debit')]),
        amount: Yuan,
        currency: Currency,
        counterparty: Type.Optional(strict({ name: Type.Optional(Text), accountNo: Type.Optional(ShortText) })),
        /** Our instruction number, where the bank carries it. A credit without one is suspense (暂收) until people say whose it is. */
        instructionNo: Type.Optional(ShortText),
        /** `return`: money of an earlier instruction came back (退票). */
        entry: Type.Union([
          Type.Literal('payment'),
          Type.Literal('return'),
          Type.Literal('fee'),
          Type.Literal('interest'),
          Type.Literal('other'),
        ]),
        remark: Type.Optional(Text),
      }),
      { maxItems: 5000 },
    ),
  }),
);
