/**
 * One run in memory: replays its journal, then goes on live, and leaves memory when all that is left is to wait.
 *
 * Completions reach the flow's code one at a time and in journal order, live as in replay, and a step is known by its
 * path (`checks/left/cfca.verifyEnterprise#2`), never by one global counter: that is what makes branches replay the same.
 */
import type { Failure } from '../contracts/failures.ts';
import { isFailure } from '../contracts/failures.ts';
import type { Ending, Run, Tx } from './flow.ts';
import type { Host, RunRow } from './host.ts';
import { journaled, kinds, rethrowable, type Entry, type Kind } from './journal.ts';
import { RunContext } from './context.ts';
import { OwnershipLost, WorkRejected, type EffectRow, type WaitRow, type Work } from './writer.ts';

/** The flow said `run.stop()`. */
export class Stopped extends Error {
  readonly ending: Ending;
  constructor(ending: Ending) {
    super(ending.outcome);
    this.ending = ending;
  }
}

/** What keeps a step waiting. */
export interface Sleep {
  readonly wakeAt: Date | undefined;
  readonly wait?: WaitRow;
}

interface Waiter {
  readonly resolve: (body: unknown) => void;
  readonly reject: (failure: Failure) => void;
}

interface Undo {
  readonly seq: number;
  readonly path: string;
  readonly act: (run: Run) => Promise<void>;
}

/** Delivered to the flow's code. Intents and the input are not. */
const completions: ReadonlySet<Kind> = new Set([
  kinds.result,
  kinds.refused,
  kinds.signal,
  kinds.timer,
  kinds.milestone,
]);

export class Execution {
  readonly host: Host;
  readonly row: RunRow;
  readonly intents = new Map<string, Entry>();
  readonly effects: Map<string, EffectRow>;
  readonly waits: Map<string, WaitRow>;
  /** Business time of the last delivered entry. */
  lastAt: Date;

  #seq: number;
  #completed: Entry[] = [];
  #delivered = 0;
  #recorded = new Map<string, string[]>();
  #asked = new Map<string, number>();
  #waiters = new Map<string, Waiter>();
  #sleeps = new Map<string, Sleep>();
  #undos: Undo[] = [];
  #active = 0;
  #last: Promise<void> = Promise.resolve();
  #exclusive: Promise<unknown> | undefined;
  #ended = false;
  #left: (reason: 'parked' | 'finished' | 'lost' | 'attention') => void = () => {};

  constructor(
    host: Host,
    row: RunRow,
    entries: readonly Entry[],
    effects: readonly EffectRow[],
    waits: readonly WaitRow[],
  ) {
    this.host = host;
    this.row = row;
    this.effects = new Map(effects.map((effect) => [effect.path, effect]));
    this.waits = new Map(waits.map((wait) => [wait.path, wait]));
    this.#seq = entries.length;
    this.lastAt = entries[0]?.at ?? host.clock.now();
    for (const entry of entries) this.#remember(entry);
  }

  /** Resolves when the run has left memory. */
  run(): Promise<'parked' | 'finished' | 'lost' | 'attention'> {
    return new Promise((resolve) => {
      this.#left = resolve;
      void this.#live();
    });
  }

  async #live(): Promise<void> {
    const context = new RunContext(this, '');
    let ending: Ending;
    try {
      ending = await this.row.flow.body(context, this.row.input);
    } catch (thrown) {
      if (this.#ended) return;
      if (!(thrown instanceof Stopped) && !isFailure(thrown))
        return this.needsPeople(thrown instanceof Error ? thrown.message : 'something was thrown that is no error');
      ending =
        thrown instanceof Stopped ? thrown.ending : { outcome: 'failed', detail: `${thrown.type}: ${thrown.message}` };
      try {
        await this.#compensate(context);
      } catch (again) {
        return this.needsPeople(
          `while undoing (${ending.outcome}): ${again instanceof Error ? again.message : 'unknown'}`,
        );
      }
    }
    if (this.#ended) return;
    if (this.#delivered < this.#completed.length) {
      return this.needsPeople(
        `diverged: the journal goes on with ${this.#completed[this.#delivered]?.path}, the flow has ended`,
      );
    }
    this.append([{ kind: kinds.output, path: 'end', body: ending }], {
      finish: { outcome: ending.outcome, detail: ending.detail },
    });
    await this.#last.then(() => this.#leave('finished')).catch(() => undefined);
  }

  /** Undoes in reverse order of what was begun. Each undo is durable steps of its own. */
  async #compensate(context: RunContext): Promise<void> {
    for (const undo of this.#undos.toSorted((a, b) => b.seq - a.seq)) await undo.act(context.child(`~${undo.path}`));
  }

  /** A step of the flow: what the journal holds of it, or `live`. */
  step<T>(path: string, live: () => Promise<void>): Promise<T> {
    const diverged = this.#divergence(path);
    if (diverged) {
      this.needsPeople(diverged);
      return new Promise(() => {});
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiters.set(path, { resolve: resolve as (body: unknown) => void, reject });
      if (this.#completed.slice(this.#delivered).some((entry) => entry.path === path)) void this.#pump();
      else void this.#work(live);
    });
  }

  async #work(live: () => Promise<void>): Promise<void> {
    this.#active += 1;
    try {
      await live();
    } catch (thrown) {
      if (thrown instanceof OwnershipLost) this.#leave('lost');
      else this.needsPeople(thrown instanceof Error ? thrown.message : 'something was thrown that is no error');
    } finally {
      this.#active -= 1;
      this.#parkIfIdle();
    }
  }

  /** The step is done: journal it and give it to the flow's code. Nothing leaves the process before it is committed. */
  complete(path: string, kind: Kind, body: unknown, extra: Omit<Work, 'run' | 'entries'> = {}): void {
    const [entry] = this.append([{ kind, path, body }], extra);
    if (entry) this.#enqueue(entry);
  }

  append(
    entries: readonly { kind: Kind; path: string; body: unknown }[],
    extra: Omit<Work, 'run' | 'entries'> = {},
  ): Entry[] {
    const at = this.host.clock.now();
    const full = entries.map((entry) => ({ ...entry, run: this.row.id, seq: this.#seq++, at }));
    const submitted = this.host.submit({ run: this.row.id, entries: full, ...extra }, full);
    this.#last = submitted;
    submitted.catch((thrown: unknown) => this.#rejected(thrown));
    return full;
  }

  /** Everything that the run decided so far is on disk. */
  async flushed(): Promise<void> {
    while (this.#exclusive) await this.#exclusive;
    await this.#last;
  }

  /**
   * One entry (and an effect) with changes of the books, in one transaction under the same fence.
   * @throws what the change throws, after rollback: nothing happened
   */
  async inTransaction<T>(
    path: string,
    kind: Kind,
    change: (tx: Tx) => Promise<{ body: unknown; value: T; effect?: EffectRow; undo?: (run: Run) => Promise<void> }>,
  ): Promise<T> {
    while (this.#exclusive) await this.#exclusive;
    let release: () => void = () => {};
    this.#exclusive = new Promise<void>((resolve) => {
      release = resolve;
    });
    try {
      await this.#last;
      const entry = { run: this.row.id, seq: this.#seq, kind, path, at: this.host.clock.now() };
      const done = await this.host.transaction(entry, change);
      this.#seq += 1;
      if (done.undo) this.onUndo(path, entry.seq, done.undo);
      const full: Entry = { ...entry, body: done.body };
      if (kind === kinds.intent) this.intents.set(path, full);
      else this.#enqueue(full);
      return done.value;
    } finally {
      this.#exclusive = undefined;
      release();
    }
  }

  refuse(path: string, failure: Failure, extra: Omit<Work, 'run' | 'entries'> = {}): void {
    this.complete(path, kinds.refused, journaled(failure), extra);
  }

  onUndo(path: string, seq: number, act: (run: Run) => Promise<void>): void {
    if (!this.#undos.some((undo) => undo.path === path)) this.#undos.push({ seq, path, act });
  }

  /** The step cannot go on before that time or that signal. */
  sleep(path: string, sleep: Sleep): void {
    this.#sleeps.set(path, sleep);
  }

  /** Parks the run until somebody acts: it hurts only itself. */
  needsPeople(problem: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.host.submit({ run: this.row.id, attention: problem }, []).then(
      () => this.#left('attention'),
      () => this.#left('lost'),
    );
  }

  /** The node lost everything it owned: nothing that this run still does counts. */
  drop(): void {
    this.#leave('lost');
  }

  seqOf(path: string): number {
    return this.intents.get(path)?.seq ?? this.#completed.find((entry) => entry.path === path)?.seq ?? this.#seq;
  }

  #remember(entry: Entry): void {
    if (entry.kind === kinds.intent) this.intents.set(entry.path, entry);
    if (completions.has(entry.kind)) this.#completed.push(entry);
    if (entry.kind === kinds.input || entry.kind === kinds.output) return;
    const scope = scopeOf(entry.path);
    const order = this.#recorded.get(scope) ?? [];
    if (!order.includes(entry.path)) order.push(entry.path);
    this.#recorded.set(scope, order);
  }

  /** On replay each scope asks for its steps in the recorded order; afterwards there is nothing to compare with. */
  #divergence(path: string): string | undefined {
    const scope = scopeOf(path);
    const index = this.#asked.get(scope) ?? 0;
    this.#asked.set(scope, index + 1);
    const expected = this.#recorded.get(scope)?.[index];
    return expected === undefined || expected === path
      ? undefined
      : `diverged: the journal has ${expected} where the flow asks for ${path}`;
  }

  #enqueue(entry: Entry): void {
    this.#completed.push(entry);
    void this.#pump();
  }

  /** One at a time, and the flow's code gets its turn between two. */
  async #pump(): Promise<void> {
    for (;;) {
      const entry = this.#completed[this.#delivered];
      const waiter = entry && this.#waiters.get(entry.path);
      if (!entry || !waiter || this.#ended) return this.#parkIfIdle();
      this.#delivered += 1;
      this.#waiters.delete(entry.path);
      this.lastAt = entry.at;
      if (entry.kind === kinds.refused) waiter.reject(rethrowable(entry.body));
      else waiter.resolve(entry.body);
      if (this.#waiters.size > 0 || this.#delivered < this.#completed.length)
        await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #parkIfIdle(): void {
    setImmediate(() => {
      if (this.#ended || this.#active > 0 || this.#waiters.size === 0) return;
      if (![...this.#waiters.keys()].every((path) => this.#sleeps.has(path))) return;
      this.#ended = true;
      const sleeps = [...this.#sleeps.entries()].filter(([path]) => this.#waiters.has(path)).map(([, sleep]) => sleep);
      const times = sleeps.flatMap((sleep) => (sleep.wakeAt ? [sleep.wakeAt.getTime()] : []));
      const wakeAt = times.length > 0 ? new Date(Math.min(...times)) : undefined;
      const waits = sleeps.flatMap((sleep) => (sleep.wait ? [sleep.wait] : []));
      this.host.submit({ run: this.row.id, park: { wakeAt, waits } }, []).then(
        () => {
          this.host.parked(wakeAt, waits);
          this.#left('parked');
        },
        () => this.#left('lost'),
      );
    });
  }

  #rejected(thrown: unknown): void {
    if (thrown instanceof WorkRejected) this.needsPeople(`the journal refused an entry: ${thrown.message}`);
    else this.#leave('lost');
  }

  #leave(reason: 'finished' | 'lost'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#left(reason);
  }
}

function scopeOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
