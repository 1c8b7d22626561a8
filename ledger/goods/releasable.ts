/** How much of a pledge a repayment frees (domain.md 1.7): x repaid releases at most V − (exposure − x) / pledge rate, first in first out. */
import type { Tx } from '../lifecycle.ts';
import type { LotRow } from './stock.ts';

/**
 * The most that may leave once `repaid` more of the principal is paid, in the order in which the lots came in; of what is `wanted`, where
 * something is. At the prices of now: whether they are fresh is asked by whoever releases.
 */
export async function releasableLots(
  tx: Tx,
  pledgeNo: string,
  repaid: string,
  wanted?: readonly LotRow[],
): Promise<LotRow[]> {
  const found = await tx.query<LotRow>(
    `with p as (select no, pledge_rate, coalesce(min_floor_value, 0) floor, greatest(0, pledge_exposure(no) - $2::numeric) owed from pledge where no = $1),
       -- A fen less than it bears: what stays is cut to the fen.
       room as (select greatest(0, pledge_value(no) - case when owed = 0 and floor = 0 then 0 else greatest(owed / pledge_rate, floor) + 0.01 end) value from p),
       item as (select i.lot_no, l.material, l.unit, l.inbound_at, least(i.price, (market_price(l.material, l.unit)).price) price,
           least(i.open, coalesce(w.quantity, case when $3::jsonb is null then i.open else 0 end)) quantity
         from pledge_item i join stock_lot l using (lot_no) left join pledge_change c on c.no = i.change_no
           left join jsonb_to_recordset(coalesce($3::jsonb, '[]')) w ("lotNo" text, quantity numeric) on w."lotNo" = i.lot_no
         where i.pledge_no = $1 and not i.closed and i.open > 0 and (c.no is null or c.state in ('REGISTERED', 'DONE'))),
       queue as (select *, coalesce(sum(quantity * price) over (order by inbound_at nulls first, lot_no rows between unbounded preceding and 1 preceding), 0) before from item)
     select lot_no "lotNo", material "materialCode", to_char(most, 'FM999999999990.000') quantity, unit
     from (select q.*, case when room.value >= q.before + q.quantity * q.price then q.quantity
         when q.unit = 'C62' then trunc(greatest(0, room.value - q.before) / q.price) else trunc(greatest(0, room.value - q.before) / q.price, 3) end most
       from queue q, room) m
     where most > 0 order by inbound_at nulls first, lot_no`,
    [pledgeNo, repaid, wanted ? JSON.stringify(wanted) : null],
  );
  return found.rows;
}

/** What is still pledged, lot by lot. */
export async function pledgedLots(tx: Tx, pledgeNo: string): Promise<LotRow[]> {
  const found = await tx.query<LotRow>(
    `select i.lot_no "lotNo", l.material "materialCode", i.open::text quantity, l.unit from pledge_item i join stock_lot l using (lot_no)
     where i.pledge_no = $1 and not i.closed and i.open > 0 order by i.lot_no`,
    [pledgeNo],
  );
  return found.rows;
}

/** Whether a price of it is older than a business day. */
export async function isPriceStale(tx: Tx, pledgeNo: string): Promise<boolean> {
  const found = await tx.query<{ stale: boolean }>('select pledge_price_stale($1) stale', [pledgeNo]);
  return found.rows[0]?.stale === true;
}
