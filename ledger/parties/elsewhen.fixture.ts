/** For tests: acts at another time of the business, in a transaction that leaves nothing behind. */
import type { Work } from '../attack.fixture.ts';
import type { Books } from '../fixture.ts';
import type { Tx } from '../lifecycle.ts';

/** What the work returns, so many hours from now. */
export async function inTime<T>(the: Books, hours: number, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    await passing(hours)(client);
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** So many hours pass, within the transaction. */
const passing =
  (hours: number): Work =>
  (tx) =>
    tx.query(
      `insert into clock (real_at, business_at, speed) select clock_timestamp(), hub_now() + $1 * interval '1 hour', 1
       on conflict (only_row) do update set real_at = excluded.real_at, business_at = excluded.business_at`,
      [hours],
    );
