/**
 * One run in memory: replays its journal, then goes on live, and leaves memory when all that is left is to wait.
 *
 * Completions reach the flow's code one at a time and in journal order, live as in replay, and a step is known by its
 * path (`checks/left/cfca.verifyEnterprise#2`), never by one global counter: that is what makes branches replay the same.
 */
import type { Failure } from '../contracts/failures.ts';
import { isFailure } from '../contracts/failures.ts';
import { mayBeSent, type Position, type StepAbout } from './acts/position.ts';
import { acted, Standing, type Cancelled } from './acts/standing.ts';
import { isOutage } from '../store/outage.ts';
import { RunContext } from './context.ts';
import { Delivery } from './delivery.ts';
import { Continued, nextRun, Stopped } from './endings.ts';
import type { Ending, Tx } from './flow.ts';
import type { Host, RunRow } from './host.ts';
import { journaled, kinds, type Entry, type Kind } from './journal.ts';
import { Pen, type Change, type Decided } from './pen.ts';
import { Sleeps, type Sleep } from './sleeps.ts';
import { Stay } from './telemetry.ts';
import { Undos } from './undos.ts';
import { OwnershipLost, WorkRejected, type EffectRow, type Start, type WaitRow } from './work.ts';

/** Why a run left memory. A lost one is somebody else's, or is taken up again from its journal. */
export type Leaving = 'parked' | 'finished' | 'lost' | 'attention';

/** Asked between two steps: go on, or leave the run as it is. */
type Hook = () => Promise<'go' | 'leave'>;

export class Execution {
  readonly host: Host;
  readonly row: RunRow;
  readonly intents = new Map<string, Entry>();
  readonly effects: Map<string, EffectRow>;
  readonly waits: Map<string, WaitRow>;
  /** How the flow ended, once its code has. */
  ending: Ending | undefined;

  /** This stay in memory, when somebody listens. */
  stay: Stay | undefined;
  readonly pen: Pen;
  readonly delivery: Delivery;
  readonly #sleeps = new Sleeps();
  readonly undos = new Undos();
  readonly standing = new Standing();
  readonly #waited: boolean;
  #active = 0;
  #ended = false;
  #hook: Hook | undefined;
  #quieting = false;
  /** The flow's code has come to its end, or to its undoing. */
  #closing: Ending | undefined;
  #undoing = false;
  #finishing = false;
  #isPutDown = false;
  #afterHold: (() => void) | undefined;
  #root: RunContext | undefined;
  #left: (reason: Leaving) => void = () => {};

  constructor(
    host: Host,
    row: RunRow,
    entries: readonly Entry[],
    effects: readonly EffectRow[] = [],
    waits: readonly WaitRow[] = [],
  ) {
    this.host = host;
    this.row = row;
    this.effects = new Map(effects.map((effect) => [effect.path, effect]));
    this.waits = new Map(waits.map((wait) => [wait.path, wait]));
    this.#waited = waits.length > 0;
    this.delivery = new Delivery(entries[0]?.at ?? host.clock.now());
    this.pen = new Pen(host, row, entries.length, {
      closed: () => this.#ended,
      failed: (reason) => this.#rejected(reason),
      full: (max) => this.needsPeople(`its journal has more than ${max} entries: use continueAsNew`),
    });
    for (const entry of entries) this.#remember(entry);
  }

  /** Resolves when the run has left memory. */
  run(): Promise<Leaving> {
    const { id, caseId, flow, cause } = this.row;
    const stay = Stay.begin(id, caseId, flow.name, this.pen.length === 1, cause);
    this.stay = stay;
    return new Promise((resolve) => {
      this.#left = (reason) => {
        stay?.end(reason);
        resolve(reason);
      };
      void this.#live();
    });
  }

  async #live(): Promise<void> {
    const context = new RunContext(this, '');
    this.#root = context;
    try {
      const ending = await this.row.flow.body(context, this.row.input);
      if (!this.standing.cancelled?.begun) await this.#end(ending);
    } catch (thrown) {
      if (this.#ended || this.standing.cancelled?.begun) return;
      if (thrown instanceof Continued) return this.#continue(thrown.input);
      if (!(thrown instanceof Stopped) && !isFailure(thrown))
        return this.needsPeople(thrown instanceof Error ? thrown.message : 'something was thrown that is no error');
      await this.#undo(
        thrown instanceof Stopped ? thrown.ending : { outcome: 'failed', detail: `${thrown.type}: ${thrown.message}` },
      );
    }
  }

  async #undo(ending: Ending): Promise<void> {
    if (this.#undoing) return;
    this.#closing = ending;
    this.#undoing = true;
    try {
      if (this.#root) await this.undos.run(this.#root);
    } catch (again) {
      return this.needsPeople(
        `while undoing (${ending.outcome}): ${again instanceof Error ? again.message : 'unknown'}`,
      );
    }
    await this.#end(ending);
  }

  async #end(ending: Ending, next?: Start): Promise<void> {
    this.#closing = ending;
    if (this.#hook || this.standing.turning) await this.#held();
    if (this.#ended || (this.standing.cancelled?.begun && ending !== this.standing.cancelled.ending)) return;
    this.#finishing = true;
    this.ending = ending;
    const left = this.delivery.next;
    if (left) return this.needsPeople(`diverged: the journal goes on with ${left.path}, the flow has ended`);
    const finish = { ...ending, detail: ending.detail, at: this.host.clock.now(), waited: this.#waited };
    await this.pen
      .append([{ kind: kinds.output, path: 'end', body: ending }], { finish, ...(next ? { start: next } : {}) })
      .then(() => this.pen.settled)
      .then(
        () => this.#leave('finished'),
        () => this.drop(),
      );
  }

  /** The next run begins in the flush that ends this one. */
  async #continue(input: unknown): Promise<void> {
    try {
      const next = nextRun(this.host, this.row, input);
      await this.#end({ outcome: 'continued', detail: next.key }, next);
    } catch (thrown) {
      this.needsPeople(`continueAsNew: ${thrown instanceof Error ? thrown.message : 'unknown'}`);
    }
  }

  /** A step of the flow: what the journal holds of it, or `live`. */
  step<T>(path: string, about: StepAbout, live: () => Promise<void>): Promise<T> {
    const diverged = this.delivery.divergence(path);
    if (diverged) {
      this.needsPeople(diverged);
      return new Promise(() => {});
    }
    return new Promise<T>((resolve, reject) => {
      this.delivery.waiters.set(path, { resolve: resolve as (body: unknown) => void, reject, live, about });
      if (this.delivery.has(path)) this.#pump();
      else if (this.#hook || (this.standing.cancelled && !path.startsWith('~'))) this.#parkIfIdle();
      else void this.#work(live);
    });
  }

  async #work(live: () => Promise<void>): Promise<void> {
    this.#active += 1;
    try {
      await live();
    } catch (thrown) {
      // Nothing is decided while the database is away: the journal tells afterwards how far the run had come.
      if (thrown instanceof OwnershipLost || isOutage(thrown)) this.drop();
      else this.needsPeople(thrown instanceof Error ? thrown.message : 'something was thrown that is no error');
    } finally {
      this.#active -= 1;
      this.#parkIfIdle();
    }
  }

  /** The step is done: journal it and give it to the flow's code. Nothing leaves the process before it is committed. */
  async complete(path: string, kind: Kind, body: unknown, extra: Decided = {}): Promise<void> {
    const over = this.waits.delete(path) ? { ...extra, waitsEnded: [...(extra.waitsEnded ?? []), path] } : extra;
    const [entry] = await this.pen.append([{ kind, path, body }], over);
    if (entry) this.#enqueue(entry);
  }

  /**
   * One entry (and an effect) with changes of the books, in one transaction under the same fence.
   * @throws what the change throws, after rollback: nothing happened
   */
  inTransaction<T>(path: string, kind: Kind, change: (tx: Tx) => Promise<Change<T>>): Promise<T> {
    return this.pen.transact({ path, kind, stay: this.stay }, change, (entry, { undo }) => {
      if (undo) this.undos.add(path, entry.seq, undo);
      if (kind === kinds.intent) {
        this.intents.set(path, entry);
        return;
      }
      this.#enqueue(entry);
      if (this.waits.delete(path)) this.pen.also({ waitsEnded: [path] });
    });
  }

  refuse(path: string, failure: Failure, extra: Decided = {}): Promise<void> {
    return this.complete(path, kinds.refused, journaled(failure), extra);
  }

  /** The step cannot go on before that time or that signal. */
  sleep(path: string, sleep: Sleep): void {
    this.#sleeps.set(path, sleep);
  }

  /** Parks the run until somebody acts: it hurts only itself. */
  needsPeople(problem: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leaveWith({ attention: problem }, 'attention');
  }

  /** Nothing that this run still does counts: it is somebody else's, or is taken up again from its journal. */
  drop(): void {
    this.#leave('lost');
  }

  /**
   * Asks the hook as soon as the replay is over and nothing is under way; until then no step begins. A hook that says
   * `leave` has put the run down itself, or only looked.
   */
  hold(hook: Hook): void {
    if (this.#ended || this.#hook) return;
    this.#hook = hook;
    this.#parkIfIdle();
  }

  /** A hook has not been asked yet. */
  get holding(): boolean {
    return this.#hook !== undefined && !this.#quieting;
  }

  get position(): Position {
    return {
      seq: this.pen.length,
      suspended: this.standing.suspension !== undefined,
      undoing: this.#undoing || this.standing.cancelled !== undefined,
      steps: new Map([...this.delivery.waiters].map(([path, { about }]) => [path, about])),
      effects: this.effects,
      intents: this.intents,
    };
  }

  get closing(): Ending | undefined {
    return this.#closing;
  }

  /** Leaves memory with nothing decided, for an act on the run's row. */
  putDown(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#isPutDown = true;
    // Should nothing come of the act, it goes on by itself.
    const { clock } = this.host;
    this.#leaveWith({ park: { wakeAt: new Date(clock.now().getTime() + 1_000 * clock.speed), waits: [] } }, 'parked');
  }

  get isPutDown(): boolean {
    return this.#isPutDown;
  }

  #held(): Promise<void> {
    return new Promise((resolve) => {
      this.#afterHold = resolve;
      this.#parkIfIdle();
    });
  }

  /** The replay is over and nothing is under way: first a cancelled run turns to its undoing, then whoever holds it is asked. */
  #quiet(): void {
    setImmediate(() => {
      if (this.#ended || this.#finishing || this.#active > 0 || this.delivery.resting || this.#quieting) return;
      const entry = this.delivery.next;
      if (entry && this.delivery.waiters.has(entry.path)) return this.#pump();
      if (this.standing.turning) return this.#turnToUndoing(this.standing.turning);
      if (!this.#hook) return this.#parkIfIdle();
      this.#quieting = true;
      this.#hook().then(
        (decision) => this.#release(decision),
        (thrown: unknown) => {
          this.#quieting = false;
          if (thrown instanceof OwnershipLost || isOutage(thrown)) this.drop();
          else this.needsPeople(thrown instanceof Error ? thrown.message : 'something was thrown that is no error');
        },
      );
    });
  }

  #release(decision: 'go' | 'leave'): void {
    this.#hook = undefined;
    this.#quieting = false;
    if (decision === 'leave') {
      this.#ended = true;
      return;
    }
    if (this.standing.turning) return this.#quiet();
    this.#beginHeld();
    this.#afterHold?.();
    this.#afterHold = undefined;
  }

  #beginHeld(): void {
    this.#sleeps.clear();
    for (const [path, { live }] of this.delivery.waiters) if (!this.delivery.has(path)) void this.#work(live);
  }

  /** What the flow still waited for is given up, but for the outcomes of what may have been sent: those must be known first. */
  #turnToUndoing(cancelled: Cancelled): void {
    cancelled.begun = true;
    this.#pump();
    for (const path of this.delivery.waiters.keys()) {
      const effect = this.effects.get(path);
      if (effect && mayBeSent(effect) && this.delivery.waiters.get(path)?.about.call?.operation.effect !== 'read')
        continue;
      this.delivery.waiters.delete(path);
      this.#sleeps.delete(path);
    }
    if (this.delivery.waiters.size === 0) void this.#undo(cancelled.ending);
    else if (this.#hook) this.#quiet();
    else this.#beginHeld();
  }

  /** Outcomes of what was sent before the run was cancelled: known now, and no longer the flow's. */
  #passBy(cancelled: Cancelled): void {
    for (let entry = this.delivery.next; entry; entry = this.delivery.next) {
      if (entry.seq <= cancelled.seq || entry.path.startsWith('~')) return;
      this.#sleeps.delete(entry.path);
      const awaited = this.delivery.skip(entry);
      if (awaited && this.delivery.waiters.size === 0 && !this.#undoing) void this.#undo(cancelled.ending);
    }
  }

  seqOf(path: string): number {
    return this.intents.get(path)?.seq ?? this.delivery.seqOf(path) ?? this.pen.length;
  }

  #remember(entry: Entry): void {
    if (entry.kind === kinds.intent) this.intents.set(entry.path, entry);
    if (entry.kind === kinds.act) acted(this, entry);
    this.delivery.remember(entry);
  }

  #enqueue(entry: Entry): void {
    this.delivery.push(entry);
    this.#pump();
  }

  /** One at a time, and the flow's code gets its turn between two. */
  #pump(): void {
    if (this.delivery.resting) return;
    const cancelled = this.standing.cancelled;
    if (cancelled) {
      if (cancelled.begun) this.#passBy(cancelled);
      // Of a cancelled run, what came before is delivered first.
      else if ((this.delivery.next?.seq ?? 0) > cancelled.seq) return this.#quiet();
    }
    if (this.#ended || !this.delivery.deliver(() => this.#pump())) this.#parkIfIdle();
  }

  #parkIfIdle(): void {
    if (this.#hook || this.standing.turning) return this.#quiet();
    if (this.#ended || this.#sleeps.size === 0) return;
    setImmediate(() => {
      if (this.#ended || this.#hook || this.#active > 0 || this.delivery.waiters.size === 0) return;
      const park = this.#sleeps.all([...this.delivery.waiters.keys()]);
      if (!park) return;
      this.#ended = true;
      this.#leaveWith({ park }, 'parked', () => this.host.parked(park.wakeAt, park.waits));
    });
  }

  /** The last thing that this node decides of the run for now. */
  #leaveWith(last: Decided, reason: Leaving, then?: () => void): void {
    void this.pen.leave(last).then((committed) => {
      if (committed) then?.();
      this.#left(committed ? reason : 'lost');
    });
  }

  #rejected(thrown: OwnershipLost | WorkRejected): void {
    if (thrown instanceof WorkRejected) this.needsPeople(`the journal refused an entry: ${thrown.message}`);
    else this.#leave('lost');
  }

  #leave(reason: 'finished' | 'lost'): void {
    if (this.#ended) return;
    this.#ended = true;
    // What is under way may still commit: whoever loads the journal next must see it.
    void this.pen.done().then(() => this.#left(reason));
  }
}
