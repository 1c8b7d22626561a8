/** The sandbox's time: business time that may run faster than real time, the same for the hub and for every twin. */

export interface ClockSetting {
  /** At this real instant (epoch milliseconds) ... */
  readonly realMs: number;
  /** ... it was this business instant (epoch milliseconds), ... */
  readonly businessMs: number;
  /** ... and business time has run at this multiple since. 1 is real time, 0 stands still. */
  readonly speed: number;
}

export class Clock {
  #setting: ClockSetting;
  #listeners = new Set<() => void>();

  constructor(setting: ClockSetting = { realMs: 0, businessMs: 0, speed: 1 }) {
    this.#setting = setting;
  }

  now(): Date {
    const { realMs, businessMs, speed } = this.#setting;
    return new Date(businessMs + (Date.now() - realMs) * speed);
  }

  /** Real milliseconds until a business instant; Infinity when the clock stands still before it. */
  realMsUntil(instant: Date): number {
    const ahead = instant.getTime() - this.now().getTime();
    if (ahead <= 0) return 0;
    return this.#setting.speed === 0 ? Infinity : ahead / this.#setting.speed;
  }

  /** Changes the setting or jumps (`advanceMs`); time never goes back. */
  set(change: { speed?: unknown; advanceMs?: unknown; setting?: unknown }): object {
    const current = this.now().getTime();
    if (change.setting) this.#setting = change.setting as ClockSetting;
    else {
      const advanceMs = Math.max(0, Number(change.advanceMs ?? 0));
      this.#setting = {
        realMs: Date.now(),
        businessMs: current + advanceMs,
        speed: Number(change.speed ?? this.#setting.speed),
      };
    }
    for (const listener of this.#listeners) listener();
    return this.describe();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  describe(): object {
    return { now: this.now().toISOString(), ...this.#setting };
  }
}
