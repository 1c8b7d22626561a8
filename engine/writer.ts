/**
 * The one writer of a process: all runs hand it what they decided, and it commits everything that gathered while the
 * last flush was under way as one statement. The flush under way is the gathering time; waiting longer only costs.
 *
 * Each statement first takes a key-share lock on this incarnation's `node` row and joins every part to it. Declaring a
 * node dead updates that row, so it waits for a flush under way or refuses the next: a node that was declared dead
 * commits nothing, not even half.
 *
 * Invariants:
 * - At most one flush is in flight: entries of one run never ride in two flushes at once.
 * - A promise resolves only after the commit of the statement that carried its work.
 */
import pg from 'pg';
import { crashPoint } from './crash.ts';
import { encodeBody, type Entry } from './journal.ts';
import { statementFor, type Part } from './flush.ts';

export interface EffectRow {
  readonly key: string;
  readonly run: string;
  readonly caseId: string;
  readonly path: string;
  readonly system: string;
  readonly operation: string;
  readonly number: string | undefined;
  readonly payloadHash: string;
  readonly state: 'intent' | 'confirmed' | 'refused' | 'unknown';
  readonly attempts: number;
  readonly queries: number;
  readonly notFound: number;
  readonly detail: string | undefined;
  readonly sentAt: Date | undefined;
  readonly nextAt: Date | undefined;
  readonly settledAt: Date | undefined;
}

export interface WaitRow {
  readonly run: string;
  readonly path: string;
  readonly key: string;
  readonly party: string;
  readonly what: { readonly zh: string; readonly en: string };
  readonly since: Date;
  readonly deadline: Date | undefined;
  readonly pollAt: Date | undefined;
}

/** What one run hands in at once; commits together. */
export interface Work {
  readonly run: string;
  readonly entries?: readonly Entry[];
  readonly effects?: readonly EffectRow[];
  /** Signals taken, with the wait that they end. */
  readonly taken?: readonly { key: string; id: string }[];
  readonly waitsEnded?: readonly string[];
  readonly park?: { readonly wakeAt: Date | undefined; readonly waits: readonly WaitRow[] };
  readonly attention?: string;
  readonly finish?: { readonly outcome: string; readonly detail: string | undefined };
}

/** This node does not own the run any more: whatever it thought of it is void. */
export class OwnershipLost extends Error {}

/** The data of one run cannot be stored; the others in the flush are not touched by it. */
export class WorkRejected extends Error {
  readonly constraint: string | undefined;
  constructor(cause: pg.DatabaseError) {
    super(cause.message, { cause });
    this.constraint = cause.constraint;
  }
}

interface Pending {
  readonly work: Work;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

const rowsPerFlushMax = 2_000;
const reconnectMs = 250;

export class Writer {
  readonly #url: string;
  readonly #node: bigint;
  #client: pg.Client | undefined;
  #queue: Pending[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(url: string, node: bigint) {
    this.#url = url;
    this.#node = node;
  }

  async open(): Promise<void> {
    await this.#connected();
  }

  submit(work: Work): Promise<void> {
    if (this.#closed) return Promise.reject(new OwnershipLost('the writer is closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, resolve, reject });
      // setImmediate: what a run decides in one tick travels together.
      this.#flushing ??= new Promise<void>((started) => setImmediate(started)).then(() => this.#drain());
    });
  }

  /** Resolves when everything handed in so far is committed or refused. */
  async idle(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async close(): Promise<void> {
    await this.idle();
    this.#closed = true;
    await this.#client?.end();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, rowsPerFlushMax);
      await this.#commit(batch);
    }
    this.#flushing = undefined;
  }

  async #commit(batch: Pending[]): Promise<void> {
    try {
      crashPoint('journal:before');
      const lost = await this.#flush(batch.map((pending) => pending.work));
      crashPoint('journal:after');
      for (const pending of batch) {
        if (lost === 'all' || lost.has(pending.work.run))
          pending.reject(new OwnershipLost('another node owns the run'));
        else pending.resolve();
      }
    } catch (thrown) {
      await this.#recover(batch, thrown);
    }
  }

  async #recover(batch: Pending[], thrown: unknown): Promise<void> {
    const state = thrown instanceof pg.DatabaseError ? thrown.code : undefined;
    if (state === '40001' || state === '40P01' || state === '55P03') return this.#commit(batch);
    if (state && /^(22|23|54)/.test(state)) {
      if (batch.length === 1) return batch[0]?.reject(new WorkRejected(thrown as pg.DatabaseError));
      // One poisoned entry must not fail the others: halve until it is alone.
      const half = Math.ceil(batch.length / 2);
      await this.#commit(batch.slice(0, half));
      return this.#commit(batch.slice(half));
    }
    // The connection broke: the statement may have committed. One row tells, since a statement is one atom.
    await this.#reconnect();
    if (await this.#wasCommitted(batch)) for (const pending of batch) pending.resolve();
    else await this.#commit(batch);
  }

  async #flush(works: readonly Work[]): Promise<Set<string> | 'all'> {
    const client = await this.#connected();
    const parts = partsOf(works);
    const { name, text, values } = statementFor(this.#node, parts);
    const sent = client.query<{ fenced: boolean; parked: string[]; finished: string[] }>({ name, text, values });
    crashPoint('journal:inside');
    const row = (await sent).rows[0];
    if (!row?.fenced) return 'all';
    const kept = new Set([...row.parked, ...row.finished]);
    return new Set(
      works
        .filter((work) => (work.park ?? work.finish ?? work.attention) && !kept.has(work.run))
        .map((work) => work.run),
    );
  }

  async #wasCommitted(batch: Pending[]): Promise<boolean> {
    const client = await this.#connected();
    const entry = batch.flatMap((pending) => pending.work.entries ?? [])[0];
    if (entry) {
      const found = await client.query('select 1 from journal where run_id = $1 and seq = $2', [entry.run, entry.seq]);
      return (found.rowCount ?? 0) > 0;
    }
    // Parts without entries (a park, a retry of an effect) are harmless twice.
    return false;
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'lianshu-writer',
      statement_timeout: 30_000,
    });
    client.on('error', () => undefined); // The statement in flight is rejected too, and that is where it is handled.
    await client.connect();
    // Plans are pinned: a hot table that was analysed while empty otherwise gets its owner index scanned.
    await client.query(
      "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off; set timezone = 'UTC'",
    );
    // Free again within milliseconds of a crash: lets the others notice a dead node before its lease ends.
    await client.query('select pg_advisory_lock(7411, $1)', [Number(this.#node)]);
    this.#client = client;
    return client;
  }

  async #reconnect(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
    this.#client = undefined;
    for (;;) {
      try {
        await this.#connected();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, reconnectMs));
      }
    }
  }
}

function partsOf(works: readonly Work[]): Part[] {
  const entries = works.flatMap((work) => work.entries ?? []);
  const effects = [
    ...new Map(works.flatMap((work) => work.effects ?? []).map((effect) => [effect.key, effect])).values(),
  ];
  const taken = works.flatMap((work) => (work.taken ?? []).map((signal) => ({ ...signal, run: work.run })));
  const ended = works.flatMap((work) => (work.waitsEnded ?? []).map((path) => ({ run: work.run, path })));
  const parks = works.filter((work) => work.park ?? work.attention);
  const waits = works.flatMap((work) => work.park?.waits ?? []);
  const finishes = works.filter((work) => work.finish);
  const time = (at: Date | undefined) => at?.toISOString() ?? null;
  const parts: (Part | undefined)[] = [
    entries.length > 0
      ? {
          name: 'journal',
          columns: [
            entries.map((e) => e.run),
            entries.map((e) => e.seq),
            entries.map((e) => e.kind),
            entries.map((e) => e.path),
            entries.map((e) => encodeBody(e.body)),
            entries.map((e) => time(e.at)),
          ],
        }
      : undefined,
    effects.length > 0
      ? {
          name: 'effect',
          columns: [
            effects.map((e) => e.key),
            effects.map((e) => e.run),
            effects.map((e) => e.caseId),
            effects.map((e) => e.path),
            effects.map((e) => e.system),
            effects.map((e) => e.operation),
            effects.map((e) => e.number ?? null),
            effects.map((e) => e.payloadHash),
            effects.map((e) => e.state),
            effects.map((e) => e.attempts),
            effects.map((e) => e.queries),
            effects.map((e) => e.notFound),
            effects.map((e) => e.detail ?? null),
            effects.map((e) => time(e.sentAt)),
            effects.map((e) => time(e.nextAt)),
            effects.map((e) => time(e.settledAt)),
          ],
        }
      : undefined,
    taken.length > 0
      ? { name: 'taken', columns: [taken.map((t) => t.key), taken.map((t) => t.id), taken.map((t) => t.run)] }
      : undefined,
    ended.length > 0 ? { name: 'ended', columns: [ended.map((e) => e.run), ended.map((e) => e.path)] } : undefined,
    waits.length > 0
      ? {
          name: 'wait',
          columns: [
            waits.map((w) => w.run),
            waits.map((w) => w.path),
            waits.map((w) => w.key),
            waits.map((w) => w.party),
            waits.map((w) => w.what.zh),
            waits.map((w) => w.what.en),
            waits.map((w) => time(w.since)),
            waits.map((w) => time(w.deadline)),
            waits.map((w) => time(w.pollAt)),
          ],
        }
      : undefined,
    parks.length > 0
      ? {
          name: 'park',
          columns: [
            parks.map((w) => w.run),
            parks.map((w) => (w.attention === undefined ? 3 : 4)),
            parks.map((w) => time(w.park?.wakeAt)),
            parks.map((w) => w.attention ?? null),
          ],
        }
      : undefined,
    finishes.length > 0
      ? {
          name: 'finish',
          columns: [
            finishes.map((w) => w.run),
            finishes.map((w) => w.finish?.outcome ?? ''),
            finishes.map((w) => w.finish?.detail ?? null),
          ],
        }
      : undefined,
  ];
  return parts.filter((part) => part !== undefined);
}
