/**
 * The hand that writes one run's journal. Branches of a flow go on side by side; it writes one entry after the other.
 *
 * Invariants:
 * - Entries have the places 0, 1, 2 …; while a transaction of the books has the next place, nobody else takes one.
 * - Once the run has left memory nothing is written: whoever still tries learns it by OwnershipLost.
 */
import type { Run, Tx } from './flow.ts';
import type { Host, RunRow } from './host.ts';
import type { Entry, Kind } from './journal.ts';
import type { Stay, Traced } from './telemetry.ts';
import { OwnershipLost, type EffectRow, type WorkRejected, type Work } from './work.ts';

/** What a run hands in, but for the names that are the same each time. */
export type Decided = Omit<Work, 'run' | 'flow' | 'caseId' | 'entries' | 'failed'>;

/** What is written in one transaction with changes of the books. */
export interface Change<T> {
  readonly body: unknown;
  readonly value: T;
  readonly effect?: EffectRow;
  readonly undo?: (run: Run) => Promise<void>;
}

export interface Desk {
  /** The run has left memory. */
  readonly closed: () => boolean;
  /** Something that was handed in did not commit. */
  readonly failed: (reason: OwnershipLost | WorkRejected) => void;
  /** The journal has become too long to be replayed. */
  readonly full: (entriesMax: number) => void;
}

/** Beyond this a journal takes too long to replay: a flow that goes on for years ends and begins anew. */
const entriesMax = 5_000;

export class Pen {
  /** Places that are taken. */
  length: number;
  readonly #host: Host;
  readonly #row: RunRow;
  readonly #desk: Desk;
  #last: Promise<void> = Promise.resolve();
  #exclusive: Promise<void> | undefined;

  constructor(host: Host, row: RunRow, length: number, desk: Desk) {
    this.#host = host;
    this.#row = row;
    this.#desk = desk;
    this.length = length;
  }

  /** @throws OwnershipLost when the run has left memory */
  async append(entries: readonly { kind: Kind; path: string; body: unknown }[], extra: Decided = {}): Promise<Entry[]> {
    while (this.#exclusive) await this.#exclusive;
    this.#refuseClosed();
    const at = this.#host.clock.now();
    const run = this.#row.id;
    const full = entries.map(({ kind, path, body }) => ({ run, seq: this.length++, kind, path, body, at }));
    this.also(extra, full);
    if (this.length > entriesMax) this.#desk.full(entriesMax);
    return full;
  }

  /** Hands in what takes no place of its own, now. */
  also(extra: Decided, entries?: readonly Entry[]): void {
    const { id: run, caseId, flow } = this.#row;
    const work = { ...extra, run, flow: flow.name, caseId, failed: this.#desk.failed };
    this.#last = this.#host.submit(entries ? { ...work, entries } : work);
  }

  /** The last thing that this node decides of the run for now. @returns whether it was committed */
  async leave(last: Decided): Promise<boolean> {
    const { id: run, caseId, flow } = this.#row;
    let committed = true;
    const failed = () => {
      committed = false;
    };
    await this.#host.submit({ ...last, run, caseId, flow: flow.name, failed });
    return committed;
  }

  /** Everything that was handed in is on disk, or was told to have failed. */
  get settled(): Promise<void> {
    return this.#last;
  }

  /** Everything that the run decided so far is on disk. @throws OwnershipLost */
  async flushed(): Promise<void> {
    while (this.#exclusive) await this.#exclusive;
    await this.#last;
    this.#refuseClosed();
  }

  /** Nothing is under way any more: whoever loads the journal now sees all that it wrote. */
  async done(): Promise<void> {
    while (this.#exclusive) await this.#exclusive;
    await this.#last;
  }

  /**
   * One entry (and an effect) with changes of the books, in one transaction under the same fence. `then` goes before
   * whatever else is written.
   * @throws what the change throws, after rollback: nothing happened
   */
  async transact<T>(
    what: { readonly path: string; readonly kind: Kind; readonly stay: Stay | undefined },
    change: (tx: Tx) => Promise<Change<T>>,
    then: (entry: Entry, done: Pick<Change<T>, 'undo'>) => void,
  ): Promise<T> {
    while (this.#exclusive) await this.#exclusive;
    let release: () => void = () => {};
    this.#exclusive = new Promise<void>((resolve) => {
      release = resolve;
    });
    let traced: Traced | undefined;
    try {
      await this.#last;
      this.#refuseClosed();
      const { path, kind, stay } = what;
      const entry = { run: this.#row.id, seq: this.length, kind, path, at: this.#host.clock.now() };
      traced = stay?.record(path);
      const done = await this.#host.transaction(this.#row, entry, change);
      traced?.end('recorded');
      this.length += 1;
      then({ ...entry, body: done.body }, done);
      return done.value;
    } catch (thrown) {
      traced?.end('failed');
      throw thrown;
    } finally {
      this.#exclusive = undefined;
      release();
    }
  }

  #refuseClosed(): void {
    if (this.#desk.closed()) throw new OwnershipLost('the run has left memory');
  }
}
