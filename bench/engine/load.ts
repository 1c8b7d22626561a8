/**
 * Load as the child makes it: so many runs in flight, a new one beginning as one ends. Counting begins when everybody's
 * first generation has ended, and stops while all are still at it, so that neither the rise nor the fall is counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo } from './answer.ts';

export interface Contender {
  /** One whole run. */
  once(): Promise<void>;
  close(): Promise<void>;
}

/** What a contender tells while it runs. */
export interface Witness {
  /** One more step is safely kept. */
  readonly stepped: () => void;
  /** What it found wrong: nothing that it counts is worth anything. */
  readonly failed: (reason: unknown) => void;
}

/** What one child counted between `count` and `read`. */
export interface Count {
  readonly ms: number;
  readonly steps: number;
  /** Duration of each run that ended within. */
  readonly runMs: readonly number[];
  /** Processor time of the child's own process. */
  readonly cpuMs: number;
}

const riseMinMs = 500;
const riseMaxMs = 120_000;
const restMaxMs = 120_000;

// oxlint-disable-next-line typescript/no-explicit-any -- as JSON brings it; each side knows its own setting
export function serveLoad(open: (setting: any, witness: Witness) => Promise<Contender>): void {
  const load = new Load();
  let contender: Contender | undefined;
  answerTo({
    open: async (setting: object) => {
      contender = await open(setting, { stepped: () => (load.steps += 1), failed: (reason) => load.fail(reason) });
    },
    load: async ({ inFlight }: { inFlight: number }) => {
      if (!contender) throw new Error('not open');
      return load.rise(contender, inFlight);
    },
    count: async () => load.count(),
    read: async () => load.read(),
    rest: async () => load.rest(),
    stop: async () => contender?.close(),
  });
}

class Load {
  steps = 0;
  #runMs: number[] = [];
  #beganAt = 0;
  #cpu = process.cpuUsage();
  #going = false;
  #workers: Promise<void>[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #onFailure: () => void = () => undefined;

  /** Milliseconds that the first generation took. */
  async rise(contender: Contender, inFlight: number): Promise<number> {
    const beganAt = performance.now();
    this.#going = true;
    let ended = 0;
    await this.#unlessFailed(riseMaxMs, (done) => {
      const onEnd = () => {
        if (++ended === inFlight) done();
      };
      this.#workers = Array.from({ length: inFlight }, () => this.#worker(contender, onEnd));
    });
    const riseMs = performance.now() - beganAt;
    await sleep(Math.max(0, riseMinMs - riseMs));
    return riseMs;
  }

  count(): void {
    this.steps = 0;
    this.#runMs = [];
    this.#beganAt = performance.now();
    this.#cpu = process.cpuUsage();
  }

  read(): Count {
    this.#check();
    const ms = performance.now() - this.#beganAt;
    const cpu = process.cpuUsage(this.#cpu);
    return { ms, steps: this.steps, runMs: this.#runMs, cpuMs: (cpu.user + cpu.system) / 1000 };
  }

  async rest(): Promise<void> {
    this.#going = false;
    await this.#unlessFailed(restMaxMs, async (done) => {
      await Promise.all(this.#workers);
      done();
    });
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#going = false;
    this.#onFailure();
  }

  async #worker(contender: Contender, onEnd: () => void): Promise<void> {
    while (this.#going) {
      const beganAt = performance.now();
      try {
        await contender.once();
      } catch (thrown) {
        return this.fail(thrown);
      }
      this.#runMs.push(Number((performance.now() - beganAt).toFixed(3)));
      onEnd();
    }
  }

  /** A run that never ends must not keep the bench for ever. */
  async #unlessFailed(limitMs: number, act: (done: () => void) => void | Promise<void>): Promise<void> {
    await new Promise<void>((done) => {
      const late = setTimeout(() => this.fail(new Error(`not all runs ended within ${limitMs} ms`)), limitMs);
      const settle = () => {
        clearTimeout(late);
        done();
      };
      this.#onFailure = settle;
      void act(settle);
    });
    this.#check();
  }

  #check(): void {
    if (this.#failure) throw this.#failure.reason;
  }
}
