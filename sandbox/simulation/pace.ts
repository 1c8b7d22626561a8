/**
 * How fast business time runs. A call that takes a second of a busy machine takes half a business day of a simulated year: offers would
 * expire while nobody is late. So time runs slower where calls take long, and at its usual speed where they do not.
 */
import type { OpenStage } from '../scenarios/stage.ts';

/** A business day in two real seconds. */
const usualSpeed = 43_200;
const slowestSpeed = usualSpeed / 16;
/** A call may take so long at the usual speed: an hour of business time, or two. */
const wantedMs = 150;
/** ... and a round of the people, who decide within hours, a few times that. */
const roundPart = 4;
const lookMs = 600;
/** So much must it differ to be changed; faster in small steps, slower at once. */
const step = 1.25;
const stepDown = 2;
/** Faster no sooner than so long after the last change. */
const fasterAfterMs = 4_000;
/** Until a change has reached everybody, in real time. */
const reachMs = 1_000;

/** What business time may do while calls take so long. */
export function speedFor(callMs: number): number {
  return Math.max(slowestSpeed, Math.round((usualSpeed * Math.min(1, wantedMs / Math.max(1, callMs))) / 100) * 100);
}

/** Time never goes back: what went on at the old speed until it heard of a slower one is not behind it. */
export function aheadFor(slower: number): { readonly advance?: string } {
  return slower > 0 ? { advance: `${Math.ceil((slower * reachMs) / 60_000)}m` } : {};
}

export class Pace {
  readonly #stage: OpenStage;
  #lookedMs = performance.now();
  #callMs = wantedMs;
  #changedMs = 0;
  /** The longest since the last look. */
  #roundMs = 0;
  speed = usualSpeed;

  constructor(stage: OpenStage) {
    this.#stage = stage;
  }

  /** `roundMs`: how long the people's last round took. */
  async look(roundMs: number): Promise<void> {
    this.#roundMs = Math.max(this.#roundMs, roundMs);
    if (performance.now() - this.#lookedMs < lookMs) return;
    this.#lookedMs = performance.now();
    // Counterparties that do not answer at all are no sign of a busy machine: the middle one of many.
    const took = await this.#stage.value(
      `select percentile_cont(0.5) within group (order by ms) from (select ms from exchange where direction = 'out' and ms > 0 order by seq desc limit 25) e`,
    );
    // Smoothed, so that it does not swing.
    this.#callMs = (this.#callMs + Math.max(Number(took ?? wantedMs), this.#roundMs / roundPart)) / 2;
    this.#roundMs = 0;
    const wanted = speedFor(this.#callMs);
    const isFaster = wanted >= this.speed * step;
    if (!isFaster && wanted > this.speed / step) return;
    if (isFaster && performance.now() - this.#changedMs < fasterAfterMs) return;
    this.#changedMs = performance.now();
    const speed = Math.round(isFaster ? this.speed * step : Math.max(wanted, this.speed / stepDown));
    const { status } = await this.#stage.post('/v1/sandbox/clock', { speed, ...aheadFor(this.speed - speed) });
    if (status < 300) this.speed = speed;
  }
}
