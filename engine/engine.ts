/**
 * The engine of one node: claims runs, executes them, wakes them, and takes over the runs of nodes that died.
 *
 * PostgreSQL holds all truth. What rings here (`ring`, timers, the retry queue) only makes things happen sooner: the
 * sweep derives every wake-up again from the tables, so no bell is needed for correctness.
 */
import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import type pg from 'pg';
import { isFailure, type Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import type { ActionCall, ActionOutcome } from './host.ts';
import type { Clock } from './clock.ts';
import { Execution } from './execution.ts';
import type { AnyFlow, Run, Tx } from './flow.ts';
import type { Host } from './host.ts';
import { decodeBody, encodeBody, type Entry } from './journal.ts';
import { claimRuns, loadRuns } from './claim.ts';
import { keepSignal, startRuns, takeNothing, wakeByKeys } from './signals.ts';
import { OwnershipLost, Writer, type EffectRow, type WaitRow, type Work } from './writer.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly url: string;
  readonly clock: Clock;
  readonly flows: readonly AnyFlow[];
  /** How an action is called: through the service broker. */
  readonly call: (call: ActionCall) => Promise<ActionOutcome>;
  /** What a violated constraint of the books means to the business. */
  readonly explain?: (constraint: string, error: pg.DatabaseError) => Failure | undefined;
  /** Rings for a retry after that many real milliseconds. The run's own timer is the backstop. */
  readonly retry?: (run: string, realMs: number) => void;
}

export interface EngineEvents {
  /** Committed entries of a run. */
  entries: [run: string, caseId: string, entries: readonly Entry[]];
  /** The run changed its state. */
  run: [run: string, caseId: string];
  problem: [message: string];
}

const leaseSeconds = 3;
const beatMs = 700;
const sweepMs = 2_000;
const claimMax = 200;
const runningMax = 1_000;

export class Engine {
  readonly events = new EventEmitter<EngineEvents>();
  readonly #options: EngineOptions;
  readonly #flows: Map<string, AnyFlow>;
  readonly #running = new Map<string, Execution>();
  #node = 0n;
  #writer: Writer | undefined;
  #beating: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  #wakeAt: number = Infinity;
  #claiming = false;
  #claimAgain = false;
  #takeStock = false;
  #stopped = true;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#flows = new Map(options.flows.map((flow) => [`${flow.name}@${flow.version}`, flow]));
  }

  get running(): number {
    return this.#running.size;
  }

  async start(): Promise<void> {
    const { pool } = this.#options.store;
    const inserted = await pool.query<{ id: string }>(
      'insert into node (name, lease) values ($1, make_interval(secs => $2)) returning id',
      [`${hostname()}:${process.pid}`, leaseSeconds],
    );
    this.#node = BigInt(inserted.rows[0]?.id ?? 0);
    this.#writer = new Writer(this.#options.url, this.#node);
    await this.#writer.open();
    this.#stopped = false;
    this.#beating = setInterval(() => this.#safely('beat', () => this.#beat()), beatMs);
    this.#sweeping = setInterval(() => this.#safely('sweep', () => this.#sweep()), sweepMs);
    await this.#reap();
    await this.#sweep();
  }

  /** Lets what is under way come to rest, then gives its runs back at once. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#beating);
    clearInterval(this.#sweeping);
    clearTimeout(this.#wakeTimer);
    const { pool } = this.#options.store;
    await this.#writer?.idle();
    await pool.query('update node set state = 3 where id = $1', [String(this.#node)]);
    await pool.query('update run set state = 1, owner = null, ready_at = clock_timestamp() where owner = $1', [
      String(this.#node),
    ]);
    await this.#writer?.close();
  }

  /** Something may be ready: a signal was kept, a retry is due, an operator acted. */
  ring(): void {
    void this.#claim();
  }

  /** A fact was committed under these keys: whoever waits for one is ready. Call it after the commit. */
  async signalled(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#startRuns(keys);
    await wakeByKeys(this.#options.store, keys);
    this.ring();
  }

  /** A fact that cannot start its run stays untaken and visible; it must hold up neither waits nor timers. */
  async #startRuns(keys?: readonly string[]): Promise<void> {
    try {
      await startRuns(this.#options.store, this.#startable(), keys);
    } catch (thrown) {
      this.#problem('start', thrown);
    }
  }

  /** Makes a waiting run ready now, whatever it waits for; it looks again itself. */
  async wake(run: string): Promise<void> {
    await this.#options.store.pool.query(
      'update run set state = 1, ready_at = clock_timestamp() where id = $1 and state = 3',
      [run],
    );
    this.ring();
  }

  async #claim(): Promise<void> {
    if (this.#claiming) {
      this.#claimAgain = true;
      return;
    }
    this.#claiming = true;
    try {
      if (this.#takeStock) await this.#giveBackStray();
      do {
        this.#claimAgain = false;
        const free = Math.min(claimMax, runningMax - this.#running.size);
        if (this.#stopped || free <= 0) return;
        const claimed = await claimRuns(this.#options.store, this.#node, [...this.#flows.values()], free);
        if (claimed.length === 0) continue;
        if (claimed.length === free) this.#claimAgain = true;
        const loaded = await loadRuns(this.#options.store, claimed, this.#flows);
        for (const { row, entries, effects, waits } of loaded)
          this.#execute(new Execution(this.#host(row.caseId), row, entries, effects, waits));
      } while (this.#claimAgain);
    } catch (thrown) {
      this.#problem('claim', thrown);
    } finally {
      this.#claiming = false;
    }
  }

  /**
   * Runs that this node owns but does not have in memory: claimed and then not loaded, or dropped. Looked for while nothing
   * is being claimed, so that one on its way into memory is not taken for a stray.
   */
  async #giveBackStray(): Promise<void> {
    this.#takeStock = false;
    await this.#options.store.pool.query(
      'update run set state = 1, owner = null, ready_at = clock_timestamp() where owner = $1 and id <> all($2::uuid[])',
      [String(this.#node), [...this.#running.keys()]],
    );
  }

  #execute(execution: Execution): void {
    const { id, caseId } = execution.row;
    this.#running.set(id, execution);
    this.events.emit('run', id, caseId);
    void execution.run().then((reason) => {
      this.#running.delete(id);
      if (reason !== 'lost') this.events.emit('run', id, caseId);
      if (reason === 'finished' || reason === 'parked') this.ring();
    });
  }

  #host(caseId: string): Host {
    const writer = this.#writer;
    if (!writer) throw new Error('the engine has not started');
    const { store, clock, call, retry } = this.#options;
    return {
      clock,
      submit: (work: Work, entries) =>
        writer.submit(work).then(() => {
          if (entries.length > 0) this.events.emit('entries', work.run, caseId, entries);
        }),
      transaction: async (entry, change) => {
        const done = await this.#transaction(entry, change);
        this.events.emit('entries', entry.run, caseId, [{ ...entry, body: done.body }]);
        return done;
      },
      call,
      signal: async (key) => {
        const found = await store.pool.query<{ id: string; body: Buffer }>(
          'select id, body from signal where key = $1 and taken_by is null order by at limit 1',
          [key],
        );
        const row = found.rows[0];
        return row && { id: row.id, body: decodeBody(row.body) };
      },
      keepSignal: (notice, key, id, message) =>
        store.tx((tx) => keepSignal(tx, { notice, key, id, message })).then(() => undefined),
      retryIn: (run, realMs) => retry?.(run, realMs),
      parked: (wakeAt, waits) => {
        if (wakeAt) this.#arm(wakeAt);
        if (waits.length > 0) this.#safely('look', () => this.#lookAgain(waits));
      },
    };
  }

  /** Each side writes, commits, then looks: a signal that came while the run was parking is found here. */
  async #lookAgain(waits: readonly WaitRow[]): Promise<void> {
    const keys = await takeNothing(
      this.#options.store,
      waits.map((wait) => wait.key),
    );
    if (keys.length > 0) await this.signalled(keys);
  }

  async #transaction<T>(
    entry: Omit<Entry, 'body'>,
    change: (tx: Tx) => Promise<{ body: unknown; value: T; effect?: EffectRow; undo?: (run: Run) => Promise<void> }>,
  ): Promise<{ body: unknown; value: T; undo?: (run: Run) => Promise<void> }> {
    try {
      return await this.#options.store.tx(async (tx) => {
        const fence = await tx.query('select id from node where id = $1 and state = 1 for key share', [
          String(this.#node),
        ]);
        const owner = await tx.query('select 1 from run where id = $1 and owner = $2', [entry.run, String(this.#node)]);
        if (fence.rowCount !== 1 || owner.rowCount !== 1) throw new OwnershipLost('another node owns the run');
        const done = await change(tx);
        await tx.query('insert into journal (run_id, seq, kind, path, body, at) values ($1, $2, $3, $4, $5, $6)', [
          entry.run,
          entry.seq,
          entry.kind,
          entry.path,
          encodeBody(done.body),
          entry.at.toISOString(),
        ]);
        if (done.effect) await writeEffect(tx, done.effect);
        return done;
      });
    } catch (thrown) {
      const error = thrown as pg.DatabaseError;
      const explained = error.constraint === undefined ? undefined : this.#options.explain?.(error.constraint, error);
      if (explained) throw explained;
      throw thrown;
    }
  }

  async #beat(): Promise<void> {
    const beaten = await this.#options.store.pool.query(
      'update node set beat_at = clock_timestamp() where id = $1 and state = 1',
      [String(this.#node)],
    );
    if (beaten.rowCount === 1 || this.#stopped) return;
    // Declared dead while it was away: everything it thought it owned is somebody else's now.
    this.#problem('beat', new Error('this node was declared dead; it begins again under a new id'));
    for (const execution of this.#running.values()) execution.drop();
    this.#running.clear();
    await this.#writer?.close();
    clearInterval(this.#beating);
    clearInterval(this.#sweeping);
    await this.start();
  }

  /** Two transactions, so that whoever claims next sees every entry that the dead node got in. */
  async #reap(): Promise<void> {
    const { pool } = this.#options.store;
    const dead = await pool.query<{ id: string }>(
      `update node set state = 3 where state <> 3 and id <> $1
         and (beat_at + lease < clock_timestamp()
           or (beat_at + $2 * interval '1 ms' < clock_timestamp() and pg_try_advisory_xact_lock(7411, id::int)))
       returning id`,
      [String(this.#node), 2 * beatMs],
    );
    const freed = await pool.query(
      `update run set state = 1, owner = null, crashes = crashes + 1, ready_at = clock_timestamp()
       where owner in (select id from node where state = 3) returning id`,
    );
    if ((dead.rowCount ?? 0) > 0 || (freed.rowCount ?? 0) > 0) this.ring();
  }

  async #sweep(): Promise<void> {
    if (this.#stopped) return;
    await this.#reap();
    await this.#startRuns();
    await wakeByKeys(this.#options.store);
    await this.#promote();
    this.#takeStock = true;
    this.ring();
  }

  /** Runs whose time has come, by the database's clock; then sleeps until the next. */
  async #promote(): Promise<void> {
    const promoted = await this.#options.store.pool.query<{ promoted: string; next: Date | null }>(
      `with due as (select id from run where state = 3 and wake_at <= hub_now() order by wake_at limit 500 for update skip locked),
            up as (update run set state = 1, ready_at = clock_timestamp() from due where run.id = due.id returning 1)
       select (select count(*) from up) promoted, (select min(wake_at) from run where state = 3 and wake_at > hub_now()) next`,
    );
    const row = promoted.rows[0];
    if (Number(row?.promoted ?? 0) > 0) this.ring();
    this.#wakeAt = Infinity;
    if (row?.next) this.#arm(row.next);
  }

  #arm(at: Date): void {
    const realMs = this.#options.clock.realMsUntil(at);
    if (this.#stopped || at.getTime() >= this.#wakeAt || realMs > sweepMs) return;
    this.#wakeAt = at.getTime();
    clearTimeout(this.#wakeTimer);
    this.#wakeTimer = setTimeout(() => this.#safely('promote', () => this.#promote()), Math.ceil(realMs));
  }

  #startable(): AnyFlow[] {
    // The newest version of each flow starts new runs.
    const newest = new Map<string, AnyFlow>();
    for (const flow of this.#flows.values())
      if ((newest.get(flow.name)?.version ?? 0) < flow.version) newest.set(flow.name, flow);
    return [...newest.values()];
  }

  #safely(what: string, act: () => Promise<void>): void {
    void act().catch((thrown: unknown) => this.#problem(what, thrown));
  }

  #problem(what: string, thrown: unknown): void {
    if (this.#stopped) return;
    this.events.emit(
      'problem',
      `${what}: ${isFailure(thrown) || thrown instanceof Error ? thrown.message : 'unknown'}`,
    );
  }
}

async function writeEffect(tx: Tx, effect: EffectRow): Promise<void> {
  const time = (at: Date | undefined) => at?.toISOString() ?? null;
  await tx.query(
    `insert into effect (key, run_id, case_id, path, system, operation, number, payload_hash, state, attempts, queries, not_found, detail, sent_at, next_at, settled_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict (key) do update set state = excluded.state, attempts = excluded.attempts, queries = excluded.queries,
       not_found = excluded.not_found, detail = excluded.detail, sent_at = excluded.sent_at, next_at = excluded.next_at, settled_at = excluded.settled_at`,
    [
      effect.key,
      effect.run,
      effect.caseId,
      effect.path,
      effect.system,
      effect.operation,
      effect.number ?? null,
      effect.payloadHash,
      effect.state,
      effect.attempts,
      effect.queries,
      effect.notFound,
      effect.detail ?? null,
      time(effect.sentAt),
      time(effect.nextAt),
      time(effect.settledAt),
    ],
  );
}
