/** Prices (行情) as a series, pinned in sets for a batch, and the batch that marks every pledge to market (盯市, F8). */
import type pg from 'pg';
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';
import type { Level } from './marking.ts';

export interface QuoteRow {
  readonly materialCode: string;
  readonly price: string;
  readonly unit: string;
  readonly source: string;
  readonly quoteDate: string;
  readonly asOf: string;
  /** ISO 4217; CNY when left out. */
  readonly currency?: string;
  readonly quotedBy?: string;
}

/**
 * Keeps a quote. One that jumps by more than a tenth is held, and not used, until a second source or person says the same.
 * The same quote again changes nothing. Returns whether it is held.
 */
export async function keepQuote(tx: Tx, quote: QuoteRow): Promise<{ held: boolean }> {
  // Quotes of a material take turns: each is compared with the one before it.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('price ' || $1 || ' ' || $2, 0))", [
    quote.materialCode,
    quote.unit,
  ]);
  await tx.query(
    `insert into price_quote (material, quote_date, price, unit, source, as_of, currency, quoted_by, held)
     select q.material, q.quote_date, q.price, q.unit, q.source, q.as_of, q.currency, q.quoted_by, price_jumps(q)
     from jsonb_populate_record(null::price_quote, $1) q on conflict do nothing`,
    [
      JSON.stringify({
        material: quote.materialCode,
        quote_date: quote.quoteDate,
        price: quote.price,
        unit: quote.unit,
        source: quote.source,
        as_of: quote.asOf,
        currency: quote.currency ?? 'CNY',
        quoted_by: quote.quotedBy ?? 'feed',
      }),
    ],
  );
  // A second source that agrees frees what the first one said.
  await tx.query(
    `update price_quote q set held = false where material = $1 and unit = $2 and quote_date = $3 and held and not price_jumps(q)`,
    [quote.materialCode, quote.unit, quote.quoteDate],
  );
  return { held: await isHeld(tx, quote) };
}

type QuoteKey = Pick<QuoteRow, 'materialCode' | 'quoteDate' | 'source'>;

export async function isHeld(tx: Tx, quote: QuoteKey): Promise<boolean> {
  const found = await tx.query<{ held: boolean }>(
    'select held from price_quote where material = $1 and quote_date = $2 and source = $3',
    [quote.materialCode, quote.quoteDate, quote.source],
  );
  return found.rows[0]?.held ?? false;
}

/** A second person says that a price that jumped is right. @throws Failure SAME_PERSON_APPROVAL (by the database), NOT_FOUND */
export async function confirmQuote(tx: Tx, quote: QuoteKey, person: string): Promise<void> {
  const confirmed = await tx.query(
    'update price_quote set held = false, confirmed_by = $4 where material = $1 and quote_date = $2 and source = $3 and held',
    [quote.materialCode, quote.quoteDate, quote.source, person],
  );
  if (confirmed.rowCount !== 1) throw new Failure('NOT_FOUND', { detail: 'no such quote is held' });
}

/** What is taken off a price that nobody renewed within a business day. */
const staleHaircut = '0.100000';

/** Pins the latest usable price of everything that has one. The same set again changes nothing. */
export async function pinQuotes(
  tx: Tx,
  id: string,
  businessDate: string,
  haircut: string = staleHaircut,
): Promise<void> {
  const made = await tx.query('insert into quote_set (id, business_date) values ($1, $2) on conflict do nothing', [
    id,
    businessDate,
  ]);
  if (made.rowCount === 0) return;
  await tx.query(
    `insert into quote_set_item (set_id, material, unit, price, stale, haircut, used, source, as_of)
     select $1, material, unit, price, stale, cut, price * (1 - cut), source, as_of
     from (select distinct on (q.material, q.unit) q.*, q.good_until <= s.at stale, case when q.good_until <= s.at then $2::numeric else 0 end cut
           from price_quote q join quote_set s on s.id = $1 where not q.held order by q.material, q.unit, q.as_of desc, q.quote_date desc, q.source) latest`,
    [id, haircut],
  );
}

/** The limits of everyday statements do not fit a batch over the whole book. */
const revalueTimeoutMs = 10 * 60_000;

export interface Alarm {
  readonly pledgeNo: string;
  readonly level: Exclude<Level, 'OK'>;
  /** In the batch before; undefined when it was not valued then. */
  readonly before: Level | undefined;
  readonly value: string;
  readonly exposure: string;
  readonly ltv: string | undefined;
  readonly cashCall: string;
  readonly goodsCall: string;
  /** Some of it has no price. */
  readonly unpriced: boolean;
}

export interface Revaluation {
  readonly pledges: number;
  /** What is to be opened or kept open: every pledge at a line. */
  readonly alarms: readonly Alarm[];
  /** What was at a line in the batch before and is not any more: what is to be resolved. */
  readonly cured: readonly string[];
  /** Materials whose price went stale. */
  readonly stale: readonly string[];
}

/** What a batch is over: everything, one project, one pledge. */
export interface Scope {
  readonly project?: string;
  readonly pledge?: string;
}

/**
 * Marks every pledge in effect to market, as one batch with one set of prices: all of them or none. Asked again with the same
 * set, it answers the same and writes nothing.
 * @throws Failure NOT_FOUND without such a set
 */
export async function revalue(tx: Tx, setId: string, scope: Scope = {}): Promise<Revaluation> {
  const set = await tx.query('select from quote_set where id = $1', [setId]);
  if (set.rowCount !== 1) throw new Failure('NOT_FOUND', { detail: `there is no set of quotes ${setId}` });
  await tx.query(`set local statement_timeout = ${revalueTimeoutMs}`);
  const batch: pg.QueryConfig & { query_timeout: number } = {
    text: 'select revalue($1, $2, $3) pledges',
    values: [setId, scope.project ?? null, scope.pledge ?? null],
    query_timeout: revalueTimeoutMs,
  };
  const done = await tx.query<{ pledges: number }>(batch);
  const previous = `(select r.set_id from revaluation r where r.at < (select at from revaluation where set_id = $1) order by r.at desc limit 1)`;
  const alarms = await tx.query<Omit<Alarm, 'ltv' | 'before'> & { ltv: string | null; before: Level | null }>(
    `select v.pledge_no "pledgeNo", v.level, b.level before, v.value::text value, v.exposure::text exposure, v.ltv::text ltv,
       v.cash_call::text "cashCall", v.goods_call::text "goodsCall", v.unpriced
     from valuation v left join valuation b on b.pledge_no = v.pledge_no and b.set_id = ${previous}
     where v.set_id = $1 and v.level <> 'OK' order by v.pledge_no`,
    [setId],
  );
  const cured = await tx.query<{ no: string }>(
    `select b.pledge_no no from valuation b left join valuation v on v.pledge_no = b.pledge_no and v.set_id = $1
     where b.set_id = ${previous} and b.level <> 'OK' and coalesce(v.level, 'OK') = 'OK' order by 1`,
    [setId],
  );
  const stale = await tx.query<{ material: string }>(
    'select material from quote_set_item where set_id = $1 and stale order by 1',
    [setId],
  );
  return {
    pledges: done.rows[0]?.pledges ?? 0,
    alarms: alarms.rows.map(({ ltv, before, ...rest }) => ({
      ...rest,
      ltv: ltv ?? undefined,
      before: before ?? undefined,
    })),
    cured: cured.rows.map(({ no }) => no),
    stale: stale.rows.map(({ material }) => material),
  };
}
