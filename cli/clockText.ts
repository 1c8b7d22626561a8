import { shanghaiTime } from '../engine/calendar.ts';
import type { Store } from '../store/store.ts';

/** Business time of the sandbox, as people read it. */
export async function clockOf(store: Store): Promise<string> {
  const found = await store.pool.query<{ now: Date }>('select hub_now() now');
  return found.rows[0] ? shanghaiTime(found.rows[0].now).slice(0, 16).replace('T', ' ') : '';
}
