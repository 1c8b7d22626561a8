/**
 * What is complete reaches the flow's code one at a time and in the order of the journal, live as in replay; between two
 * the code gets its turn. A step that the code asks for must be the one that the journal has in its place.
 */
import type { Failure } from '../contracts/failures.ts';
import type { StepAbout } from './acts/position.ts';
import { kinds, rethrowable, type Entry, type Kind } from './journal.ts';

export interface Waiter {
  readonly resolve: (body: unknown) => void;
  readonly reject: (failure: Failure) => void;
  readonly live: () => Promise<void>;
  readonly about: StepAbout;
}

/** Delivered to the flow's code. Intents, acts and the input are not. */
const completions: ReadonlySet<Kind> = new Set([
  kinds.result,
  kinds.refused,
  kinds.signal,
  kinds.timer,
  kinds.milestone,
]);

export class Delivery {
  /** Steps that the code waits for, by path. */
  readonly waiters = new Map<string, Waiter>();
  /** Business time of the last delivered entry. */
  lastAt: Date;
  readonly #completed: Entry[] = [];
  #delivered = 0;
  readonly #undelivered = new Set<string>();
  #resting = false;
  /** Paths of the journal by scope, in the order in which they first came. */
  readonly #recorded = new Map<string, string[]>();
  readonly #asked = new Map<string, number>();

  constructor(startedAt: Date) {
    this.lastAt = startedAt;
  }

  /** An entry that the journal held already. */
  remember(entry: Entry): void {
    if (completions.has(entry.kind)) this.push(entry);
    if (entry.kind === kinds.input || entry.kind === kinds.output || entry.kind === kinds.act) return;
    const scope = scopeOf(entry.path);
    const order = this.#recorded.get(scope) ?? [];
    if (!order.includes(entry.path)) order.push(entry.path);
    this.#recorded.set(scope, order);
  }

  push(entry: Entry): void {
    this.#completed.push(entry);
    this.#undelivered.add(entry.path);
  }

  /** On replay each scope asks for its steps in the recorded order; afterwards there is nothing to compare with. */
  divergence(path: string): string | undefined {
    const scope = scopeOf(path);
    const index = this.#asked.get(scope) ?? 0;
    this.#asked.set(scope, index + 1);
    const expected = this.#recorded.get(scope)?.[index];
    return expected === undefined || expected === path
      ? undefined
      : `diverged: the journal has ${expected} where the flow asks for ${path}`;
  }

  /** What the journal holds next and the flow does not ask for: the two have parted. */
  get unasked(): string | undefined {
    const entry = this.next;
    if (!entry || this.waiters.has(entry.path)) return undefined;
    const asked = [...this.waiters.keys()].join(', ') || 'nothing';
    return `diverged: the journal goes on with ${entry.path} (entry ${entry.seq}), the flow asks for ${asked}`;
  }

  /** Complete and not delivered yet. */
  get next(): Entry | undefined {
    return this.#completed[this.#delivered];
  }

  /** The code has its turn: nothing is delivered meanwhile. */
  get resting(): boolean {
    return this.#resting;
  }

  has(path: string): boolean {
    return this.#undelivered.has(path);
  }

  seqOf(path: string): number | undefined {
    return this.#completed.find((entry) => entry.path === path)?.seq;
  }

  /** The next entry goes to whoever waits for it; `again` is called when the code has had its turn. False: nobody waits. */
  deliver(again: () => void): boolean {
    const entry = this.next;
    const waiter = entry && this.waiters.get(entry.path);
    if (!entry || !waiter) return false;
    this.skip(entry);
    if (entry.kind === kinds.refused) waiter.reject(rethrowable(entry.body));
    else waiter.resolve(entry.body);
    if (this.waiters.size === 0) return true;
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      again();
    });
    return true;
  }

  /** The next entry is passed by. @returns whether somebody waited for it */
  skip(entry: Entry): boolean {
    this.#delivered += 1;
    this.#undelivered.delete(entry.path);
    this.lastAt = entry.at;
    return this.waiters.delete(entry.path);
  }
}

function scopeOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
