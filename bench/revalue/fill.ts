/** A book of pledges in effect, each with its loan: written in bulk, past the triggers, which are not what is measured. */
import type { Store } from '../../store/store.ts';

export interface Book {
  readonly pledges: number;
  readonly lotsPerPledge: number;
  readonly materials: number;
}

/** Random within bounds and the same each time; every twentieth pledge is at a line or above. */
export async function fillBook(store: Store, { pledges, lotsPerPledge, materials }: Book): Promise<void> {
  await store.tx(async (tx) => {
    await tx.query(
      "set local session_replication_role = replica; set local statement_timeout = '10min'; select setseed(0.5)",
    );
    const party = await tx.query<{ id: string }>(
      "insert into party (legal_name, state) values ('虚构甲', 'ACTIVE'), ('虚构乙', 'ACTIVE'), ('虚构丙', 'ACTIVE') returning id",
    );
    const [dealer, funder, keeper] = party.rows.map(({ id }) => id);
    await tx.query(
      `insert into price_quote (material, quote_date, price, unit, source, as_of, good_until, quoted_by)
       select 'M' || m, current_date, 3000 + m, 'TNE', 'bench', now(), now() + interval '1 day', 'bench' from generate_series(1, $1::int) m`,
      [materials],
    );
    await tx.query(
      `insert into stock_lot (lot_no, warehouse, owner_id, material, unit, on_hand, pledged)
       select 'L' || n || '-' || k, 'WH01', $1, 'M' || 1 + (n * 7 + k) % $4::int, 'TNE', 100, 100 from generate_series(1, $2::int) n, generate_series(1, $3::int) k`,
      [dealer, pledges, lotsPerPledge, materials],
    );
    await tx.query(
      `insert into pledge (no, application_no, pledgor_id, pledgee_id, supervisor_id, basis, secured_amount, pledge_rate, state, control_at, registration_no, custody_no)
       select 'P' || n, 'A' || n, $1, $2, $3, 'STOCK_STATIC', 1, 0.7, 'EFFECTIVE', now(), 'R' || n, 'C' || n from generate_series(1, $4::int) n`,
      [dealer, funder, keeper, pledges],
    );
    await tx.query(
      `insert into pledge_item (pledge_no, lot_no, quantity, price, price_at)
       select 'P' || n, 'L' || n || '-' || k, 100, 3000 + (n + k) % 200, now() from generate_series(1, $1::int) n, generate_series(1, $2::int) k`,
      [pledges, lotsPerPledge],
    );
    await tx.query(
      `insert into loan (no, application_no, payment_no, principal, balance, rate, day_count, start_date, maturity, state)
       select 'N' || n, 'A' || n, 'D' || n, a, a, 0.05, 'ACT/360', current_date, current_date + 90, 'ACTIVE'
       from (select n, round((100 * 3000 * $2::int * case when n % 20 = 0 then 0.85 else 0.6 end)::numeric, 2) a from generate_series(1, $1::int) n) x`,
      [pledges, lotsPerPledge],
    );
  });
  for (const table of [
    'stock_lot',
    'pledge',
    'pledge_item',
    'loan',
    'price_quote',
    'payment',
    'margin_entry',
    'pledge_change',
  ])
    await store.pool.query(`vacuum analyze ${table}`);
}
