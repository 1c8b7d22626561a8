import type { Clock } from './clock.ts';
import type { Memory, PendingAct } from './memory.ts';

/** Five minutes: real counterparties try for hours, and a hub that is started again and again must not miss a fact for that. */
const maxTries = 600;
const retryAfterRealMs = 500;
/** A slow poll is enough when the clock stands still or is far from the next act. */
const longestSleepMs = 1_000;

/** What a twin's people still have ahead of them, in business time. An act that throws is tried again: the hub may be down. */
export class Acts<M extends object> {
  readonly #memory: Memory<M>;
  readonly #clock: Clock;
  readonly #perform: (act: string, args: Record<string, unknown>) => Promise<void> | void;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  #busy = new Set<number>();
  #stopped = false;
  #unsubscribe: () => void = () => {};

  constructor(
    memory: Memory<M>,
    clock: Clock,
    perform: (act: string, args: Record<string, unknown>) => Promise<void> | void,
  ) {
    this.#memory = memory;
    this.#clock = clock;
    this.#perform = perform;
    this.#nextId = Math.max(0, ...memory.acts.map((act) => act.id)) + 1;
  }

  start(): void {
    this.#unsubscribe = this.#clock.onChange(() => this.#arm());
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  add(act: string, args: Record<string, unknown>, afterMs: number): void {
    this.#memory.acts.push({ id: this.#nextId++, act, args, dueMs: this.#clock.now().getTime() + afterMs, tries: 0 });
    this.#arm();
  }

  pending(): readonly PendingAct[] {
    return this.#memory.acts;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const waiting = this.#memory.acts.filter((act) => !this.#busy.has(act.id));
    if (waiting.length === 0) return;
    const next = Math.min(...waiting.map((act) => act.dueMs));
    this.#timer = setTimeout(() => this.#fire(), Math.min(longestSleepMs, this.#clock.realMsUntil(new Date(next))));
  }

  #fire(): void {
    const now = this.#clock.now().getTime();
    for (const act of this.#memory.acts.filter((a) => a.dueMs <= now && !this.#busy.has(a.id))) {
      this.#busy.add(act.id);
      void this.#run(act);
    }
    this.#arm();
  }

  async #run(act: PendingAct): Promise<void> {
    let again: PendingAct | undefined;
    try {
      await this.#perform(act.act, act.args);
    } catch (thrown) {
      if (act.tries + 1 < maxTries) again = { ...act, tries: act.tries + 1 };
      else process.stderr.write(`a twin gave up on ${act.act} after ${maxTries} tries: ${String(thrown)}\n`);
      await new Promise((resolve) => setTimeout(resolve, retryAfterRealMs).unref());
    }
    this.#busy.delete(act.id);
    this.#memory.acts = this.#memory.acts.filter((a) => a.id !== act.id);
    if (again) this.#memory.acts.push(again);
    if (this.#stopped) return;
    this.#memory.save();
    this.#arm();
  }
}
