/**
 * The one writer of a process: all runs hand it what they decided, and it commits everything that gathered while the
 * last flush was under way as one statement. The flush under way is the gathering time; waiting longer only costs.
 *
 * Declaring a node dead updates the row that each statement locks, so it waits for a flush under way or refuses the
 * next: a node that was declared dead commits nothing, not even half.
 *
 * Invariants:
 * - At most one flush is in flight: entries of one run never ride in two flushes at once.
 * - The promise of a flush resolves only after its commit, and after every work in it that did not commit was told.
 */
import pg from 'pg';
import { sealingOf } from '../store/sealing/of.ts';
import type { Sealing } from '../store/sealing/sealing.ts';
import type { Store } from '../store/store.ts';
import { crashPoint } from './crash.ts';
import { statementOf, type Flushed } from './flush.ts';
import { kindNames } from './journal.ts';
import { sealedWork, type SealedWork } from './sealed.ts';
import { OwnershipLost, WorkRejected, type Start, type Work } from './work.ts';

interface Pending {
  readonly work: SealedWork;
  readonly over: () => void;
}

/** Tells those who wait for a flush how it went. */
type Tell = () => void;

export interface WriterOptions {
  readonly store: Store;
  readonly url: string;
  readonly node: bigint;
  /** Calls that are out: their runs will hand in something soon. */
  readonly out?: () => number;
  /** Works that are on disk now. */
  readonly onCommitted?: (works: readonly Work[]) => void;
  /** This node's lock was proven at that moment (monotonic milliseconds). */
  readonly onFenced?: (atMs: number) => void;
  /** A flush came back, after so many real milliseconds. */
  readonly onFlushed?: (ms: number, works: readonly Work[]) => void;
}

/** Fewer than this are not worth a flush of their own. */
const worksPerFlushMin = 64;
const worksPerFlushMax = 2_000;
/** Starts look each other up within the statement: their number is kept small. */
const startsPerFlushMax = 200;
/** Flushes follow each other no faster than this while more runs are out than wait here. */
const gatherMs = 8;
const reconnectMs = 250;
/** A start that met another of its case in the same moment sees it the next time. */
const retriesMax = 3;
/** First half of the advisory locks by which a node shows that its connection lives. */
export const nodeLock = 7411;

export class Writer {
  readonly #options: WriterOptions;
  #sealing: Sealing | undefined;
  #client: pg.Client | undefined;
  #backend: number | null = null;
  #queue: Pending[] = [];
  #inFlight = 0;
  #flushedMs = 0;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#sealing = await sealingOf(this.#options.store.pool);
    await this.#connected();
  }

  /** Works handed in and not yet committed. */
  get waiting(): number {
    return this.#queue.length + this.#inFlight;
  }

  /** Resolves when the flush that carries the work is over; `work.failed` tells before that it was in vain. */
  submit(work: Work): Promise<void> {
    if (this.#closed) {
      work.failed?.(new OwnershipLost('the writer is closed'));
      return Promise.resolve();
    }
    if (!this.#sealing) throw new TypeError('the writer is not open');
    const sealed = sealedWork(this.#sealing, work);
    return new Promise((over) => {
      this.#queue.push({ work: sealed, over });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything handed in so far is committed or refused. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  async close(): Promise<void> {
    await this.idle();
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
  }

  /**
   * The next flush leaves before those of the last one are told: they decide further while it is under way, and the server
   * and this process work at the same time.
   */
  async #drain(): Promise<void> {
    let told = 0;
    let tell: Tell = () => {};
    for (;;) {
      if (this.#queue.length === 0) {
        tell();
        told = 0;
        tell = () => {};
        // What a run decides in one tick travels together.
        await new Promise((ticked) => setImmediate(ticked));
        if (this.#queue.length === 0) break;
      }
      const gatheringMs = this.#gatheringMs();
      if (gatheringMs > 0) {
        tell();
        told = 0;
        tell = () => {};
        await new Promise((gathered) => setTimeout(gathered, gatheringMs));
      }
      this.#flushedMs = performance.now();
      const batch = this.#take(told);
      this.#inFlight = batch.length;
      const committing = this.#commit(batch.map(({ work }) => work));
      tell();
      const tellWorks = await committing;
      this.#inFlight = 0;
      told = batch.length;
      tell = () => {
        tellWorks();
        for (const { over } of batch) over();
      };
    }
    this.#draining = undefined;
  }

  /**
   * Where steps are real calls, answers drop in one by one, and a flush for each would cost more than the calls' own work.
   * Nobody is kept waiting for those who are not coming: with no call out, or after a while of rest, it leaves at once.
   */
  #gatheringMs(): number {
    const out = this.#options.out?.() ?? 0;
    return out > this.#queue.length ? gatherMs - (performance.now() - this.#flushedMs) : 0;
  }

  /** Half of those who are at it, so that two halves take turns; all of them when they are few. */
  #take(told: number): Pending[] {
    const half = Math.ceil((this.#queue.length + told) / 2);
    const most = Math.min(Math.max(half, worksPerFlushMin), worksPerFlushMax, this.#queue.length);
    let count = 0;
    for (let starts = 0; count < most; count += 1) {
      if (this.#queue[count]?.work.start && ++starts > startsPerFlushMax) break;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(works: readonly SealedWork[], attempt = 0): Promise<Tell> {
    const subjects = () => subjectsOf(works);
    try {
      crashPoint('journal:before', subjects);
      const row = await this.#flush(works, subjects);
      crashPoint('journal:after', subjects);
      return () => this.#tell(works, row);
    } catch (thrown) {
      return this.#recover(works, thrown, attempt);
    }
  }

  #tell(works: readonly Work[], row: Flushed): void {
    if (!row.fenced) return tellAll(works, new OwnershipLost('this node was declared dead'));
    const asked = works.filter((work) => work.park ?? work.finish ?? work.attention);
    const kept = new Set(row.kept);
    const lost = row.kept.length < asked.length ? new Set(asked.filter((work) => !kept.has(work.run))) : undefined;
    for (const work of lost ?? []) work.failed?.(new OwnershipLost('another node owns the run'));
    const begun = new Map(row.begun.map((pair) => [pair.slice(0, 36), pair.slice(37)]));
    for (const { start } of works) if (start) start.begun(begun.get(start.run));
    this.#options.onCommitted?.(lost ? works.filter((work) => !lost.has(work)) : works);
  }

  async #recover(works: readonly SealedWork[], thrown: unknown, attempt: number): Promise<Tell> {
    const error = thrown instanceof pg.DatabaseError ? thrown : undefined;
    const state = error?.code;
    if (state === '40001' || state === '40P01' || state === '55P03') return this.#commit(works, attempt);
    if (state === '23502' && error?.column === 'case_id' && attempt < retriesMax)
      return this.#commit(works, attempt + 1);
    if (thrown instanceof TypeError || (error && /^(22|23|54)/.test(state ?? '')))
      return this.#split(works, thrown as Error);
    // The connection broke: the statement may have committed. One row tells, since a statement is one atom.
    const begunOf = await this.#reconnected(works);
    if (begunOf === undefined) return this.#commit(works, attempt);
    return () => {
      for (const { start } of works) if (start) start.begun(begunOf.get(start.run));
      this.#options.onCommitted?.(works);
    };
  }

  /** One poisoned entry must not fail the others: halve until it is alone. */
  async #split(works: readonly SealedWork[], error: Error): Promise<Tell> {
    if (works.length === 1) return () => works[0]?.failed?.(new WorkRejected(error));
    const half = Math.ceil(works.length / 2);
    const first = await this.#commit(works.slice(0, half));
    const second = await this.#commit(works.slice(half));
    return () => {
      first();
      second();
    };
  }

  async #flush(works: readonly SealedWork[], subjects: () => readonly string[]): Promise<Flushed> {
    // Not awaited when there is one: what is ready to leave leaves before anybody else is told anything.
    const client = this.#client ?? (await this.#connected());
    const { name, text, values } = statementOf(this.#options.node, works);
    const atMs = performance.now();
    const sent = client.query<Flushed>({ name, text, values });
    crashPoint('journal:inside', subjects);
    const { rows, rowCount } = await sent;
    const row = rows[0] ?? { fenced: (rowCount ?? 0) > 0, kept: [], begun: [] };
    if (row.fenced) this.#options.onFenced?.(atMs);
    this.#options.onFlushed?.(performance.now() - atMs, works);
    return row;
  }

  /**
   * A new connection, and whether the old one's last statement committed: the runs that it began, or undefined when it
   * did not. Works without entries and starts (a park, a retry of an effect) are harmless twice.
   */
  async #reconnected(works: readonly Work[]): Promise<ReadonlyMap<string, string> | undefined> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, reconnectMs));
      try {
        await this.#client?.end().catch(() => undefined);
        this.#client = undefined;
        return await this.#begunIfCommitted(works);
      } catch {
        // The server is still away.
      }
    }
  }

  async #begunIfCommitted(works: readonly Work[]): Promise<ReadonlyMap<string, string> | undefined> {
    const client = await this.#connected();
    const entry = works.flatMap((work) => work.entries ?? [])[0];
    if (entry) {
      const found = await client.query('select from journal where run_id = $1 and seq = $2', [entry.run, entry.seq]);
      if (found.rowCount === 0) return undefined;
    }
    const starts = works.flatMap(({ start }) => start ?? []).map((start: Start) => start.run);
    if (starts.length === 0) return entry ? new Map() : undefined;
    const begun = await client.query<{ id: string; case_id: string }>(
      'select id, case_id from run where id = any($1::uuid[])',
      [starts],
    );
    if (!entry && begun.rowCount === 0) return undefined;
    return new Map(begun.rows.map((row) => [row.id, row.case_id]));
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'lianshu-writer',
      statement_timeout: 30_000,
      query_timeout: 35_000,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client.on('error', () => undefined); // The statement in flight is rejected too, and that is where it is handled.
    try {
      await client.connect();
      // Plans are pinned: a hot table that was analysed while empty otherwise gets its owner index scanned.
      await client.query(
        "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off; set timezone = 'UTC'",
      );
      // What the old connection still executes must have ended before anybody asks whether it committed.
      if (this.#backend !== null) await client.query('select pg_terminate_backend($1)', [this.#backend]);
      // Free again within milliseconds of a crash: lets the others notice a dead node before its lease ends.
      await client.query('select pg_advisory_lock($1, $2)', [nodeLock, Number(this.#options.node)]);
    } catch (thrown) {
      await client.end().catch(() => undefined);
      throw thrown;
    }
    this.#backend = (client as unknown as { processID: number | null }).processID;
    this.#client = client;
    return client;
  }
}

function tellAll(works: readonly Work[], reason: OwnershipLost): void {
  for (const work of works) work.failed?.(reason);
}

function subjectsOf(works: readonly Work[]): string[] {
  return works.flatMap(({ flow, entries, park, attention, start }) => [
    ...(entries ?? []).map((entry) => `${flow} ${entry.path} ${kindNames[entry.kind]}`),
    ...(start ? [`${start.flow} input input`] : []),
    ...(entries?.length || start
      ? []
      : [`${flow} ${park ? 'park' : attention === undefined ? 'effect' : 'attention'}`]),
  ]);
}
