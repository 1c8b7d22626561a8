/**
 * Business time: what flows, deadlines and books go by. In production it is the real time; a sandbox may let it run
 * fast, stand still or jump. Leases, timeouts and signatures always go by the real clock.
 */
import type { Store } from '../store/store.ts';

export interface ClockSetting {
  /** At this real instant (epoch milliseconds) ... */
  readonly realMs: number;
  /** ... it was this business instant, ... */
  readonly businessMs: number;
  /** ... and business time has run at this multiple since. */
  readonly speed: number;
}

export class Clock {
  #setting: ClockSetting | undefined;

  constructor(setting?: ClockSetting) {
    this.#setting = setting;
  }

  now(): Date {
    if (!this.#setting) return new Date();
    const { realMs, businessMs, speed } = this.#setting;
    return new Date(businessMs + (Date.now() - realMs) * speed);
  }

  get speed(): number {
    return this.#setting?.speed ?? 1;
  }

  /** Real milliseconds until a business instant; Infinity when the clock stands still before it. */
  realMsUntil(instant: Date): number {
    const ahead = instant.getTime() - this.now().getTime();
    if (ahead <= 0) return 0;
    return this.speed === 0 ? Infinity : ahead / this.speed;
  }

  /** Sets a sandbox's clock here and in the database (`hub_now()`), so that both sides tell the same time. */
  async set(setting: ClockSetting, store: Store): Promise<void> {
    await store.pool.query(
      `insert into clock (real_at, business_at, speed) values (to_timestamp($1 / 1000.0), to_timestamp($2 / 1000.0), $3)
       on conflict (only_row) do update set real_at = excluded.real_at, business_at = excluded.business_at, speed = excluded.speed`,
      [setting.realMs, setting.businessMs, setting.speed],
    );
    this.#setting = setting;
  }
}
