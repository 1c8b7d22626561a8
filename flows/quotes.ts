/** A price of the market, asked for and kept: what goods are pledged at, and what must be fresh before money moves on them. */
import { price, type Quote } from '../contracts/price/price.ts';
import type { Message } from '../contracts/contract.ts';
import type { Run } from '../engine/flow.ts';
import { keepQuote } from '../ledger/goods/prices.ts';

export async function quoteOf(
  run: Run,
  system: string,
  materialCode: string,
  unit: string,
): Promise<Message<typeof Quote>> {
  const quote = await run.call(price.operations.quote, { materialCode, unit }, { system });
  await run.record('keep the quote', async (tx) => {
    await keepQuote(tx, quote);
  });
  return quote;
}
