/** A price service: one question, and an answer that is signed over its time, the path that was asked and the body. */
import { createHmac } from 'node:crypto';
import { quotesDialect, quotesSignature } from '../../../adapters/price/dialects/quotes.ts';
import { price } from '../../../contracts/price/price.ts';
import { quoteUnits } from '../../../mappings/price/quotes.ts';
import { priceQuotes } from '../../../sandbox/price/quotes.twin.ts';
import { materials } from '../../../sandbox/world.ts';
import { changed, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Asked, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { tells } from '../telling.ts';

const [timeHeader, signature] = ['x-quote-timestamp', 'x-quote-signature'];

function sign(answer: Answer, asked: Asked, keys: TwinKeys): Answer {
  const timestamp = String(Date.now());
  const mac = createHmac('sha256', keys['signingSecret.txt'] ?? '');
  const signed = mac.update(`${timestamp}\n${asked.target}\n`).update(answer.body).digest('hex');
  return { ...answer, headers: { ...answer.headers, [timeHeader]: timestamp, [signature]: signed } };
}

export const subject = subjectOf({
  kind: price,
  vendor: 'quotes',
  dialect: quotesDialect,
  twin: priceQuotes,
  answerSeal: {
    sign,
    flip: (answer) => withHeader(answer, signature, flipped(answer.headers[signature] ?? '')),
    strip: (answer) => withHeader(answer, signature, undefined),
    alter: (answer) => ({ ...answer, body: otherDigit(answer.body) }),
    borrow: (answer, earlier) =>
      withHeader(withHeader(answer, signature, earlier.headers[signature]), timeHeader, earlier.headers[timeHeader]),
  },
  operations: {
    quote: {
      ready: async () => (turn: number) => ({ materialCode: materials[turn % 2 === 0 ? 0 : 1].code, unit: 'TNE' }),
    },
  },
  notices: {},
  tables: {
    'price.quotes.refusal': {
      by: 'answer',
      operation: 'quote',
      give: (code, genuine, asked, keys) =>
        sign({ ...genuine, body: Buffer.from(JSON.stringify({ code })) }, asked, keys),
      unmapped: 'MAYBE',
    },
    'price.quotes.unit': {
      by: 'answer',
      operation: 'quote',
      ask: (code, request) => ({ ...request, unit: quoteUnits.find(code) ?? 'TNE' }),
      // The sandbox's vendor quotes nothing by volume or piece: its answer is made up, and signed as it would be.
      give: (unit, genuine, asked, keys) => {
        const material = new URLSearchParams(asked.target.split('?')[1]).get('material');
        const quote = { material, price: '3400.00', currency: 'CNY', unit, source: 'S' };
        const data = { ...quote, quoteDate: '2026-11-23', publishedAt: '2026-11-23T09:00:00+08:00' };
        return sign({ ...genuine, status: 200, body: edited(genuine.body, () => ({ code: 'OK', data })) }, asked, keys);
      },
      wrong: tells('unit'),
      unmapped: 'oz',
    },
  },
  limits: [],
  bugs: {
    'believes-anybody': {
      what: 'signs an answer itself before it looks at the signature',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            const timestamp = String(Date.now());
            const due = quotesSignature(keys.secret('signingSecret'), timestamp, request.path, answer.body);
            return { ...answer, headers: { ...answer.headers, [timeHeader]: timestamp, [signature]: due } };
          }),
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
  },
});
