/** The runs that a node has in memory, and who waits for them to leave it. */
import type { Execution, Leaving } from './execution.ts';
import type { Ending } from './flow.ts';

export class Memory {
  readonly #running = new Map<string, Execution>();
  /** On their way into memory by a flush. */
  readonly #starting = new Set<string>();
  readonly #awaited = new Map<string, ((ending: Ending | undefined) => void)[]>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#running.size;
  }

  get room(): number {
    return this.#max - this.#running.size - this.#starting.size;
  }

  get(run: string): Execution | undefined {
    return this.#running.get(run);
  }

  /** In memory, or on its way there. */
  has(run: string): boolean {
    return this.#running.has(run) || this.#starting.has(run);
  }

  /** A run is about to begin here. @returns false when there is no room for it */
  expect(run: string): boolean {
    if (this.room <= 0) return false;
    this.#starting.add(run);
    return true;
  }

  abandon(run: string): void {
    this.#starting.delete(run);
  }

  enter(execution: Execution): void {
    this.#starting.delete(execution.row.id);
    this.#running.set(execution.row.id, execution);
  }

  left(execution: Execution, reason: Leaving): void {
    const { id } = execution.row;
    // A node that began again may execute the run already a second time.
    if (this.#running.get(id) === execution) this.#running.delete(id);
    const waiting = this.#awaited.get(id);
    this.#awaited.delete(id);
    for (const tell of waiting ?? []) tell(reason === 'finished' ? execution.ending : undefined);
  }

  /** How the run ended, or undefined when it left memory otherwise or is not there. */
  async ending(run: string): Promise<Ending | undefined> {
    if (!this.#running.has(run)) return undefined;
    return new Promise((resolve) => {
      const waiting = this.#awaited.get(run);
      if (waiting) waiting.push(resolve);
      else this.#awaited.set(run, [resolve]);
    });
  }

  /** The node was declared dead: nothing in here counts any more. */
  dropAll(): void {
    for (const execution of this.#running.values()) execution.drop();
    this.#running.clear();
  }
}
