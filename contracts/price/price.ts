/** Commodity prices for marking pledged goods to market (盯市). */
import { BusinessDate, Currency, Instant, ShortText, Unit, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { kind, operation } from '../kind.ts';

export const Quote = contract(
  'price/quote',
  strict({
    materialCode: ShortText,
    price: Yuan,
    currency: Currency,
    unit: Unit,
    source: ShortText,
    quoteDate: BusinessDate,
    asOf: Instant,
  }),
);

export const price = kind(
  'price',
  {
    quote: operation({
      request: contract('price/read-quote', strict({ materialCode: ShortText, unit: Unit })),
      response: Quote,
      effect: 'read',
      label: { zh: '质物询价', en: 'price quote' },
    }),
  },
  {},
);
