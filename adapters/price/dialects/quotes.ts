/**
 * A small price service: `GET /v1/quotes`, our API key in a header, and an answer that is signed over its time, the
 * path that was asked and the body. The path is in it so that no quote of another material can be put in its place.
 */
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import type { price } from '../../../contracts/price/price.ts';
import { QuotesAnswer, QuotesQuote } from '../../../contracts/price/quotes.wire.ts';
import { quoteFailureOf, toQuote, vendorUnitOf } from '../../../mappings/price/quotes.ts';
import type { Dialect } from '../../adapter.ts';
import { isSigned, signed } from '../../crypto/recipes.ts';
import type { Wire, WireAnswer } from '../../wire.ts';

/** Real time: how old the signature of an answer may be, and how far the vendor's clock may be ahead. */
const skewMsMax = 5 * 60_000;

export const quotesDialect: Dialect<typeof price> = {
  operations: {
    async quote({ materialCode, unit }, wire) {
      const path = `/v1/quotes?material=${encodeURIComponent(materialCode)}&unit=${vendorUnitOf(unit)}`;
      const headers = { Accept: 'application/json', 'X-Api-Key': wire.keys.secret('apiKey') };
      const answer = await wire.send({ method: 'GET', path, headers });
      if (answer.status >= 500) throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status}` });
      verify(wire, path, answer);
      const { code, data } = QuotesAnswer.check(parsed(answer));
      if (code !== 'OK') throw quoteFailureOf(code);
      const quoted = QuotesQuote.check(data);
      if (quoted.material !== materialCode)
        throw new Failure('ANSWER_UNVERIFIED', { detail: 'the quote is for another material' });
      return toQuote({ unit, quoted });
    },
  },
};

export function quotesSignature(secret: string, timestamp: string, path: string, body: Uint8Array): string {
  return signed('quotes', secret, { timestamp, path, body });
}

function verify(wire: Wire, path: string, { headers, body }: WireAnswer): void {
  const timestamp = headers['x-quote-timestamp'] ?? '';
  const shown = headers['x-quote-signature'] ?? '';
  const holds = (secret: string) => isSigned('quotes', secret, { timestamp, path, body }, shown);
  const same = holds(wire.keys.secret('signingSecret', holds));
  const fresh = /^\d{13}$/.test(timestamp) && Math.abs(Date.now() - Number(timestamp)) <= skewMsMax;
  if (!same || !fresh)
    throw new Failure('ANSWER_UNVERIFIED', {
      detail: same ? 'the answer is too old' : 'the signature does not verify',
    });
}

function parsed(answer: WireAnswer): unknown {
  try {
    return parseJson(answer.body);
  } catch (thrown) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer is no JSON', cause: thrown });
  }
}
