/**
 * The engine of one node: claims runs, executes them, wakes them, and takes over the runs of nodes that died.
 *
 * PostgreSQL holds all truth. What rings here (`ring`, timers, the retry queue) only makes things happen sooner: the
 * sweep derives every wake-up again from the tables, so no bell is needed for correctness.
 */
import { EventEmitter } from 'node:events';
import { Failure, isFailure } from '../contracts/failures.ts';
import { isOutage } from '../store/outage.ts';
import { BooksDoor } from './books.ts';
import { lookIntoMailbox, refuseDue, unserved } from './acts/mailbox.ts';
import { Claimer } from './claimer.ts';
import { Execution } from './execution.ts';
import type { AnyFlow, Ending } from './flow.ts';
import { wasReached, type ActionCall, type ActionOutcome, type Host } from './host.ts';
import { kinds } from './journal.ts';
import { Turns } from './lanes/turns.ts';
import { Memory } from './memory.ts';
import { NodeLife } from './node.ts';
import { takeNothing, wakeByKeys } from './signals.ts';
import { begin, startBySignals, type Begun, type Starter } from './starts.ts';
import { hostIn, type Surroundings } from './surroundings.ts';
import { Timers } from './timers.ts';
import type { EngineEvents, EngineOptions } from './options.ts';
import { OwnershipLost, type WaitRow, type Work } from './work.ts';
import { Writer } from './writer.ts';

const runningMax = 1_000;
/** Works waiting for the writer above which nothing new begins. */
const waitingMax = 10_000;
const outagePauseMs = 250;
const drainMs = 10_000;

/** One incarnation of this node: what it owns dies with it. */
interface Incarnation {
  readonly node: NodeLife;
  readonly writer: Writer;
  readonly host: Host;
}

export class Engine {
  readonly events = new EventEmitter<EngineEvents>();
  readonly #options: EngineOptions;
  readonly #flows: Map<string, AnyFlow>;
  readonly #newest = new Map<string, AnyFlow>();
  readonly #memory = new Memory(runningMax);
  readonly #turns = new Turns();
  readonly #sweepMs: number;
  readonly #timers: Timers;
  readonly #claimer: Claimer;
  #actTimer: NodeJS.Timeout | undefined;
  #me: Incarnation | undefined;
  #beating: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #calls = 0;
  #stopped = true;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#sweepMs = options.sweepMs ?? 2_000;
    this.#flows = new Map(options.flows.map((flow) => [`${flow.name}@${flow.version}`, flow]));
    for (const flow of options.flows)
      if ((this.#newest.get(flow.name)?.version ?? 0) < flow.version) this.#newest.set(flow.name, flow);
    this.#timers = new Timers(options.store, options.clock, this.#sweepMs, () =>
      this.#safely('promote', () => this.#promote()),
    );
    this.#claimer = new Claimer({
      store: options.store,
      flows: this.#flows,
      memory: this.#memory,
      turns: this.#turns,
      me: () => (this.#stopped ? undefined : this.#me),
      busy: () => this.queued > waitingMax / 2,
      execute: (execution) => this.#execute(execution),
      claimed: (runs) => this.events.emit('claimed', runs),
      problem: (what, thrown) => this.#problem(what, thrown),
    });
  }

  /** Runs in memory. */
  get running(): number {
    return this.#memory.size;
  }

  /** Works that wait for the writer. */
  get queued(): number {
    return this.#me?.writer.waiting ?? 0;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const { store, leaseMs = 3_000, beatMs = 700 } = this.#options;
    const node = await NodeLife.born(store, { leaseMs, beatMs });
    const writer = new Writer({
      store,
      url: this.#options.url,
      node: node.id,
      out: () => this.#calls,
      onCommitted: (works) => this.#committed(works),
      onFenced: (atMs) => node.proven(atMs),
      onFlushed: (ms, works) => this.events.emit('flush', ms, works),
    });
    await writer.open();
    const books = new BooksDoor(store, node.id, leaseMs, this.#options.explain);
    this.#me = { node, writer, host: hostIn(this.#surroundings(node, writer, books)) };
    if (this.#stopped) return this.#leave();
    this.#beating = setInterval(() => this.#safely('beat', () => this.#beat()), beatMs);
    this.#sweeping = setInterval(() => this.#safely('sweep', () => this.#sweep()), this.#sweepMs);
    await this.#options.lanes?.start({
      admit: async (ticket) => {
        if (this.#stopped || this.#memory.has(ticket.run)) return;
        const turn = this.#turns.begin(ticket);
        this.ring();
        return turn;
      },
      problem: (what, thrown) => this.#problem(what, thrown),
    });
    await this.#sweep();
    await this.#tellUnserved();
  }

  /** They wait for a node that has their version, or to be moved; the others are served. */
  async #tellUnserved(): Promise<void> {
    for (const { flow, version, runs } of await unserved(this.#options.store, [...this.#flows.values()]))
      this.#problem('versions', new Error(`${runs} live runs need ${flow} version ${version}: it is not here`));
  }

  /** Lets calls that are under way come back, then gives its runs to the others at once. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#beating);
    clearInterval(this.#sweeping);
    this.#timers.stop();
    clearTimeout(this.#actTimer);
    const lanesStopped = this.#options.lanes?.stop();
    const until = performance.now() + drainMs;
    while (this.#calls > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#turns.endAll();
    await lanesStopped;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#me?.writer.idle();
    await this.#me?.node.gone();
    await this.#me?.writer.close();
  }

  /**
   * Starts a run of the newest version of a flow. The same key twice gives the first run; the flow's own unless one is given.
   * Resolves after the commit. @throws Failure OVERLOADED, CONTRACT_VIOLATED
   */
  async begin(flowName: string, input: unknown, key?: string): Promise<Begun> {
    const flow = this.#newest.get(flowName);
    if (!flow) throw new Failure('NOT_FOUND', { detail: `no flow ${flowName}` });
    if (this.#stopped || this.queued > waitingMax)
      throw new Failure('OVERLOADED', { detail: 'too much is waiting to be written' });
    return begin(this.#starter(), flow, input, undefined, key);
  }

  /** How a run ended, once it has; wherever it ends. */
  async ended(run: string): Promise<Ending> {
    for (;;) {
      const left = await this.#memory.ending(run);
      if (left) return left;
      const found = await this.#options.store.pool.query<{ outcome: string; detail: string | null }>(
        'select outcome, detail from run_done where id = $1',
        [run],
      );
      const row = found.rows[0];
      if (row) return { outcome: row.outcome, ...(row.detail === null ? {} : { detail: row.detail }) };
      await new Promise((resolve) => setTimeout(resolve, this.#sweepMs / 4).unref());
    }
  }

  /** Something may be ready: a signal was kept, a retry is due, an operator acted. */
  ring(): void {
    this.#claimer.ring();
  }

  /** A fact was committed under these keys: whoever waits for one is ready. Call it after the commit. */
  async signalled(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#startBySignals(keys);
    await wakeByKeys(this.#options.store, keys);
    this.#ringAll();
  }

  /** Makes a waiting run ready now, whatever it waits for; it looks again itself. */
  async wake(run: string): Promise<void> {
    await this.#options.store.pool.query(
      'update run set state = 1, ready_at = clock_timestamp() where id = $1 and state = 3',
      [run],
    );
    this.#ringAll();
  }

  #ringAll(): void {
    this.ring();
    this.events.emit('ring');
  }

  /** A fact that cannot start its run stays untaken and visible; it must hold up neither waits nor timers. */
  async #startBySignals(keys?: readonly string[]): Promise<void> {
    try {
      await startBySignals(this.#starter(), [...this.#newest.values()], keys);
    } catch (thrown) {
      this.#problem('start', thrown);
    }
  }

  /** Somebody put an act into the mailbox. */
  acted(): void {
    this.#safely('acts', () => this.#acts());
    this.events.emit('ring');
  }

  async #acts(): Promise<void> {
    if (this.#stopped) return;
    const { store, clock, flows } = this.#options;
    const looked = await lookIntoMailbox({ store, clock, flows });
    for (const id of looked.running) {
      const execution = this.#memory.get(id);
      if (execution) this.#claimer.takeActs(execution);
    }
    clearTimeout(this.#actTimer);
    if (looked.nextMs !== undefined && looked.nextMs < this.#sweepMs)
      this.#actTimer = setTimeout(() => this.#safely('acts', () => this.#acts()), Math.ceil(looked.nextMs));
    if (looked.due) this.#ringAll();
  }

  #execute(execution: Execution): void {
    const { id, caseId } = execution.row;
    this.#memory.enter(execution);
    this.events.emit('run', id, caseId, 'begun');
    if (execution.standing.suspension !== undefined) this.#claimer.takeActs(execution);
    const began = new Date();
    void execution.run().then((reason) => {
      if (reason === 'attention' && execution.holding)
        this.#safely('acts', () => refuseDue(this.#options.store, id, 'the run came to a stop first', began));
      else if (execution.isPutDown || (reason === 'parked' && execution.holding))
        this.#safely('acts', () => this.#acts());
      this.#memory.left(execution, reason);
      this.#turns.left(id);
      this.#claimer.left(id);
      this.events.emit('run', id, caseId, reason);
      if (reason === 'lost') this.#lost();
    });
  }

  /** Dropped in an outage, most of the time: what this node still owns is taken up again from the journal. */
  #lost(): void {
    if (this.#stopped || !this.#claimer.takeStock()) return;
    setTimeout(() => this.ring(), outagePauseMs).unref();
  }

  #committed(works: readonly Work[]): void {
    if (this.events.listenerCount('entries') === 0) return;
    for (const { run, caseId, entries } of works)
      if (entries && entries.length > 0) this.events.emit('entries', run, caseId, entries);
  }

  #surroundings(node: NodeLife, writer: Writer, books: BooksDoor): Surroundings {
    const { store, clock, retry, lanes, reportsOf } = this.#options;
    return {
      store,
      clock,
      lanes,
      turns: this.#turns,
      reportsOf,
      retry,
      writer,
      books,
      alive: async () => {
        if (this.#stopped) throw new OwnershipLost('the node is stopping');
        await node.alive();
      },
      call: (call) => this.#call(call),
      newest: (name) => this.#newest.get(name),
      recorded: (run, caseId, entry) => {
        this.events.emit('recorded');
        this.events.emit('entries', run, caseId, [entry]);
      },
      ring: () => this.#ringAll(),
      told: (key) => void this.signalled([key]).catch((thrown: unknown) => this.#problem('told', thrown)),
      parked: (wakeAt, waits) => {
        if (wakeAt && !this.#stopped) this.#timers.arm(wakeAt);
        if (waits.length > 0) this.#safely('look', () => this.#lookAgain(waits));
        lanes?.held(waits);
      },
    };
  }

  async #call(call: ActionCall): Promise<ActionOutcome> {
    if (this.#stopped) throw new OwnershipLost('the node is stopping');
    this.#calls += 1;
    try {
      const outcome = await this.#options.call(call);
      this.#options.lanes?.answered(call.system, wasReached(outcome));
      return outcome;
    } finally {
      this.#calls -= 1;
      this.#turns.answered(call.effect.key, call.effect.attempt);
    }
  }

  /** Each side writes, commits, then looks: a signal that came while the run was parking is found here. */
  async #lookAgain(waits: readonly WaitRow[]): Promise<void> {
    const awaited = waits.map((wait) => wait.key);
    const keys = await takeNothing(this.#options.store, awaited);
    if (keys.length > 0) await this.signalled(keys);
  }

  async #beat(): Promise<void> {
    const me = this.#me;
    if (this.#stopped || !me || (await me.node.beat()) || this.#stopped || this.#me !== me) return;
    // Declared dead while it was away: everything it thought it owned is somebody else's now.
    this.#me = undefined;
    this.#problem('beat', new Error('this node was declared dead; it begins again under a new id'));
    this.#memory.dropAll();
    await me.writer.close();
    while (!this.#stopped) {
      clearInterval(this.#beating);
      clearInterval(this.#sweeping);
      try {
        return await this.#begin();
      } catch (thrown) {
        this.#problem('begin again', thrown);
        void (this.#me as Incarnation | undefined)?.writer.close();
        this.#me = undefined;
        await new Promise((resolve) => setTimeout(resolve, outagePauseMs));
      }
    }
  }

  async #sweep(): Promise<void> {
    const me = this.#me;
    if (this.#stopped || !me) return;
    await me.node.reap().then(
      (freed) => {
        if (freed === 0) return;
        this.events.emit('reaped', freed);
        this.#ringAll();
      },
      (thrown: unknown) => this.#problem('reap', thrown),
    );
    await this.#startBySignals();
    await wakeByKeys(this.#options.store);
    await this.#promote();
    await this.#acts();
    this.#claimer.takeStock();
    this.ring();
    const { upkeep } = this.#options;
    if (upkeep) this.#safely('upkeep', upkeep);
  }

  async #promote(): Promise<void> {
    if (!this.#stopped && (await this.#timers.promote()) > 0) this.#ringAll();
  }

  #starter(): Starter {
    const me = this.#me;
    if (!me) throw new Failure('OVERLOADED', { detail: 'the engine is not ready' });
    const { store, clock } = this.#options;
    return {
      store,
      now: () => clock.now(),
      submit: (work) => me.writer.submit(work),
      executes: (run) => !this.#stopped && this.#memory.expect(run),
      abandon: (run) => this.#memory.abandon(run),
      execute: (flow, { run, caseId }, input, at, key, cause) =>
        this.#execute(
          new Execution(me.host, { id: run, caseId, flow, input, key, cause }, [
            { run, seq: 0, kind: kinds.input, path: 'input', body: input, at },
          ]),
        ),
      ring: () => this.#ringAll(),
    };
  }

  #safely(what: string, act: () => Promise<void>): void {
    void act().catch((thrown: unknown) => this.#problem(what, thrown));
  }

  #problem(what: string, thrown: unknown): void {
    if (this.#stopped) return;
    if (isOutage(thrown)) {
      this.events.emit('outage');
      this.#lost();
    }
    const words = isFailure(thrown) || thrown instanceof Error ? thrown.message : 'unknown';
    this.events.emit('problem', `${what}: ${words}`);
  }
}
