/** Runs whose time has come are made ready, by the database's clock; in between it sleeps until the next is due. */
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';

export class Timers {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #aheadMs: number;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;
  #next = Infinity;

  /** What is due further ahead than `aheadMs` is left to the sweep; `due` is called when a time may have come. */
  constructor(store: Store, clock: Clock, aheadMs: number, due: () => void) {
    this.#store = store;
    this.#clock = clock;
    this.#aheadMs = aheadMs;
    this.#due = due;
  }

  /** @returns how many runs were made ready */
  async promote(): Promise<number> {
    // The sub-selects are read once: a volatile function beside an indexed column would be called for every row.
    const promoted = await this.#store.pool.query<{ promoted: number; next: Date | null }>(
      `with due as (select id from run where state = 3 and wake_at <= (select hub_now()) order by wake_at limit 500 for update skip locked),
            up as (update run set state = 1, ready_at = clock_timestamp() from due where run.id = due.id returning 1)
       select (select count(*) from up)::int promoted,
         (select wake_at from run where state = 3 and wake_at > (select hub_now()) order by wake_at limit 1) next`,
    );
    const row = promoted.rows[0];
    this.#next = Infinity;
    if (row?.next) this.arm(row.next);
    return row?.promoted ?? 0;
  }

  arm(at: Date): void {
    const realMs = this.#clock.realMsUntil(at);
    if (at.getTime() >= this.#next || realMs > this.#aheadMs) return;
    this.#next = at.getTime();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#due, Math.ceil(realMs));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
