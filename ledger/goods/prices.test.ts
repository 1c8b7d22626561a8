import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { casesOf } from '../attack.fixture.ts';
import { books, dayMs, lent, refusal, type Books, type Deal } from '../fixture.ts';
import { enterMargin } from './changes.ts';
import { markOf, valueOf } from './marking.ts';
import { confirmQuote, keepQuote, pinQuotes, revalue } from './prices.ts';
import { anyNo, lentOn, quote } from './specimens.fixture.ts';

let the: Books;
let disbursed: Deal;
beforeAll(async () => {
  the = await books();
  disbursed = await the.bring('disbursed');
});
afterAll(() => the.drop());

const quoteOn = (materialCode: string, price: string, daysAgo: number, source = 'A') => {
  const asOf = new Date(Date.now() - daysAgo * dayMs);
  const quoteDate = new Date(asOf.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
  return the.store.tx((tx) =>
    keepQuote(tx, { materialCode, price, unit: 'TNE', source, quoteDate, asOf: asOf.toISOString(), quotedBy: '甲' }),
  );
};
const priceOf = async (materialCode: string) => {
  const found = await the.store.pool.query<{ price: string }>("select (market_price($1, 'TNE')).price::text price", [
    materialCode,
  ]);
  return found.rows[0]?.price;
};

test('a price that jumps by more than a tenth is held until a second person says the same', async () => {
  expect(await quoteOn('CU', '100.00', 3)).toEqual({ held: false });
  expect(await quoteOn('CU', '110.00', 2)).toEqual({ held: false });
  expect(await quoteOn('CU', '98.99', 1)).toEqual({ held: true });
  expect(await priceOf('CU')).toBe('110.00');
  const quoteDate = new Date(Date.now() - dayMs + 8 * 3_600_000).toISOString().slice(0, 10);
  const held = { materialCode: 'CU', quoteDate, source: 'A' };
  expect(await refusal(the.store.tx((tx) => confirmQuote(tx, held, '甲')))).toBe('SAME_PERSON_APPROVAL');
  await the.store.tx((tx) => confirmQuote(tx, held, '乙'));
  expect(await priceOf('CU')).toBe('98.99');
  expect(await refusal(the.store.tx((tx) => confirmQuote(tx, held, '乙')))).toBe('NOT_FOUND');
});

test('a second source that agrees frees a price that jumped', async () => {
  await quoteOn('AL', '100.00', 2);
  expect(await quoteOn('AL', '130.00', 1)).toEqual({ held: true });
  expect(await quoteOn('AL', '131.00', 1, 'B')).toEqual({ held: false });
  expect(['130.00', '131.00']).toContain(await priceOf('AL'));
});

test('the same quote again changes nothing', async () => {
  await quoteOn('ZN', '100.00', 1);
  await quoteOn('ZN', '105.00', 1);
  expect(await priceOf('ZN')).toBe('100.00');
});

test('a price is good for one business day, by the calendar', async () => {
  const found = await the.store.pool.query<{ until: string }>(
    `select to_char(business_day_after('2026-09-30T09:00:00+08'::timestamptz) at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') until`,
  );
  expect(found.rows[0]?.until).toBe('2026-10-08 09:00'); // National Day between.
});

async function marked(deal: { pledgeNo: string }, price: string) {
  const set = anyNo('QS');
  // Two sources agree, for the price jumps; the day before, so that the day's own quotes stand.
  await the.store.tx(async (tx) => {
    await tx.query(
      "alter table price_quote disable trigger price_quote_guarded; delete from price_quote where material = 'HRB400'",
    );
    await tx.query('alter table price_quote enable trigger price_quote_guarded');
    await quote(tx, 'HRB400', price, 'A');
  });
  await the.store.tx((tx) => pinQuotes(tx, set, '2026-11-23'));
  const batch = await the.store.tx((tx) => revalue(tx, set));
  return { set, batch, alarm: batch.alarms.find(({ pledgeNo }) => pledgeNo === deal.pledgeNo) };
}

test('the scenario of domain.md 6: warned at 3 100, called at 2 950 for 378 157.50, cured by cash', async () => {
  const deal = await lentOn(the, 'STOCK_STATIC');
  expect((await marked(deal, '3400.00')).alarm).toBeUndefined();
  const warned = await marked(deal, '3100.00');
  expect(warned.alarm).toMatchObject({
    level: 'WARN',
    before: 'OK',
    value: '3721550.00',
    ltv: '0.767742',
    cashCall: '0.00',
  });
  const called = await marked(deal, '2950.00');
  expect(called.alarm).toMatchObject({
    level: 'CALL',
    before: 'WARN',
    value: '3541475.00',
    exposure: lent,
    ltv: '0.806780',
    cashCall: '378157.50',
    goodsCall: '540225.00',
  });
  // The same set again answers the same and writes nothing.
  expect(await the.store.tx((tx) => revalue(tx, called.set))).toEqual(called.batch);
  await the.store.tx((tx) =>
    enterMargin(tx, {
      no: 'MG-1',
      pledgeNo: deal.pledgeNo,
      amount: '378157.50',
      currency: 'CNY',
      statementRef: 'ST-1',
    }),
  );
  const cured = await marked(deal, '2950.00');
  expect(cured.alarm).toBeUndefined();
  expect(cured.batch.cured).toContain(deal.pledgeNo);
});

test('two that mark the same set at once write it once', async () => {
  const set = anyNo('QS');
  await the.store.tx((tx) => pinQuotes(tx, set, '2026-11-23'));
  const [one, two] = await Promise.all([
    the.store.tx((tx) => revalue(tx, set)),
    the.store.tx((tx) => revalue(tx, set)),
  ]);
  expect(one).toEqual(two);
  const rows = await the.store.pool.query('select from valuation where set_id = $1', [set]);
  expect(rows.rowCount).toBe(one.pledges);
});

test('a stale price is used with a haircut, and is named', async () => {
  await quoteOn('NI', '100.00', 20);
  const set = anyNo('QS');
  await the.store.tx((tx) => pinQuotes(tx, set, '2026-11-23'));
  const found = await the.store.pool.query<{ used: string }>(
    "select used::numeric(17, 2)::text used from quote_set_item where set_id = $1 and material = 'NI'",
    [set],
  );
  expect(found.rows[0]?.used).toBe('90.00');
  expect((await the.store.tx((tx) => revalue(tx, set))).stale).toContain('NI');
  expect(await refusal(the.store.tx((tx) => revalue(tx, 'QS-never')))).toBe('NOT_FOUND');
});

test('the batch and the arithmetic of one pledge say the same, to the fen', async () => {
  const deal = disbursed;
  const fen = fc.integer({ min: 1, max: 500_000 });
  const quantity = fc.integer({ min: 1, max: 900_000 });
  await fc.assert(
    fc.asyncProperty(
      fen,
      fen,
      fc.tuple(quantity, quantity),
      fc.integer({ min: 1, max: 285_719_000 }),
      async (p, m, qs, owed) => {
        const yuan = (n: number) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`;
        const tonnes = (n: number) => `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, '0')}`;
        const client = await the.store.pool.connect();
        try {
          await client.query('begin; set local session_replication_role = replica');
          for (const [i, q] of qs.entries())
            await client.query('update pledge_item set price = $2, quantity = $3 where lot_no = $1', [
              deal.lots[i]?.lotNo,
              yuan(p),
              tonnes(q),
            ]);
          await client.query('update loan set balance = $2 where no = $1', [deal.loanNo, yuan(owed)]);
          await client.query("insert into quote_set (id, business_date) values ('QS-p', current_date)");
          await client.query(
            "insert into quote_set_item (set_id, material, unit, price, stale, haircut, used, source, as_of) values ('QS-p', 'HRB400', 'TNE', $1, false, 0, $1, 'x', now())",
            [yuan(m)],
          );
          await client.query("select revalue('QS-p')");
          const found = await client.query(
            `select value::text, exposure::text, ltv::text, level, cash_call::text "cashCall", goods_call::text "goodsCall" from valuation where set_id = 'QS-p' and pledge_no = $1`,
            [deal.pledgeNo],
          );
          const value = valueOf(qs.map((q) => ({ quantity: tonnes(q), pledgedPrice: yuan(p), marketPrice: yuan(m) })));
          const lines = { pledgeRate: '0.700000', warn: '0.75', call: '0.80', dispose: '0.90' };
          expect(found.rows[0]).toEqual({
            ...markOf(value, yuan(owed), lines),
            ltv: markOf(value, yuan(owed), lines).ltv ?? null,
          });
        } finally {
          await client.query('rollback');
          client.release();
        }
      },
    ),
    { numRuns: casesOf(40), examples: [[340_000, 295_000, [700_500, 500_000], 285_719_000]] },
  );
});
