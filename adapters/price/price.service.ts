/** Commodity prices for marking pledged goods to market (盯市). */
import { price } from '../../contracts/price/price.ts';
import { adapter } from '../adapter.ts';
import { quotesDialect } from './dialects/quotes.ts';

export default adapter({ kind: price, dialects: { quotes: quotesDialect } });
