/** The price vendor's one message: a quote, with the vendor's own unit names and as many decimals as it likes. */
import { Type } from 'typebox';
import { contract } from '../contract.ts';

const Short = Type.String({ minLength: 1, maxLength: 64 });

export const QuotesAnswer = contract(
  'price/quotes/answer',
  Type.Object({ code: Short, data: Type.Optional(Type.Unknown()) }, { additionalProperties: true }),
);

export const QuotesQuote = contract(
  'price/quotes/quote',
  Type.Object(
    {
      material: Short,
      price: Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,10})?$', maxLength: 23 }),
      currency: Type.String({ pattern: '^[A-Z]{3}$' }),
      unit: Short,
      source: Short,
      quoteDate: Type.String({ format: 'date' }),
      publishedAt: Type.String({ format: 'date-time' }),
    },
    { additionalProperties: true },
  ),
);
