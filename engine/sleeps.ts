/** Why the steps of a run do not go on, and until when: what is left of it while it is parked. */
import type { WaitRow } from './work.ts';

export interface Sleep {
  readonly wakeAt: Date | undefined;
  readonly wait?: WaitRow;
  /** A call of the step that is held. */
  readonly held?: WaitRow;
}

export class Sleeps {
  readonly #sleeps = new Map<string, Sleep>();

  get size(): number {
    return this.#sleeps.size;
  }

  set(path: string, sleep: Sleep): void {
    this.#sleeps.set(path, sleep);
  }

  delete(path: string): void {
    this.#sleeps.delete(path);
  }

  clear(): void {
    this.#sleeps.clear();
  }

  /** When to wake the run and what it waits for, if each of these steps sleeps. */
  all(paths: readonly string[]): { wakeAt: Date | undefined; waits: WaitRow[] } | undefined {
    const sleeps = paths.map((path) => this.#sleeps.get(path)).filter((sleep) => sleep !== undefined);
    if (sleeps.length < paths.length) return undefined;
    const times = sleeps.flatMap(({ wakeAt }) => (wakeAt ? [wakeAt.getTime()] : []));
    return {
      wakeAt: times.length > 0 ? new Date(Math.min(...times)) : undefined,
      waits: sleeps.flatMap(({ wait, held }) => [wait, held].filter((row) => row !== undefined)),
    };
  }
}
