/**
 * The queue of one lane on BullMQ: carries the ids of held calls at the pace of the lane, over all nodes.
 *
 * Nothing here is the truth. A job that is lost is offered again from the tables, one that comes twice finds nothing to
 * do, and settings that are gone are set again. Settled by reading and measuring bullmq 6.7.0 on PostgreSQL:
 * - Concurrency and rate hold across workers; the slot of a worker that died is free when its lock ends.
 * - While a queue is at its concurrency, a worker asks again at once, 1,500 times a second. `PacedWorker` pauses.
 * - A name with a colon is refused, a delay with a fraction fails the job.
 */
import {
  createPostgresBackend,
  Queue,
  runMigrations,
  Worker,
  type Job,
  type JobProgress,
  type PgPool,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
} from 'bullmq';
import pg from 'pg';
import type { Pace } from './state.ts';

/** Ids only: what is sent is in the journal. */
export interface Ticket {
  readonly run: string;
  /** Names the call and its attempt. Letters, digits, `-`, `_` and `.`. */
  readonly ticket: string;
}

type RoadQueue = Queue<Ticket, void, string, Ticket, void, string, PostgresQueueBackend, PostgresConnectionOptions>;
type RoadWorker = Worker<Ticket, void, string, PostgresQueueBackend, JobProgress, PostgresConnectionOptions>;

/** Of one node, for statements of all its lanes. Besides, each worker keeps one for its bell. */
const connectionsMax = 6;
const connectMsMax = 10_000;
const statementMsMax = 30_000;
const fruitlessPauseMs = 50;
/** Kept alive while the call is out; when the node dies, its slot of the concurrency is free after this. */
const lockMs = 10_000;
const stalledLookMs = 5_000;
/** A job that a node took down with it more often than this is offered again from the tables. */
const stalledMax = 3;
const drainDelaySeconds = 30;
/** Calls at once in a lane without a limit, per node. */
const concurrencyDefault = 20;
/** A job is the doorbell: done, it is forgotten, so that its id is free for the next. */
const forget = { removeOnComplete: true, removeOnFail: true } as const;

export class Roads {
  readonly #pool: pg.Pool;
  readonly #problem: (what: string, thrown: unknown) => void;
  #migrated: Promise<void> | undefined;

  constructor(url: string, problem: (what: string, thrown: unknown) => void) {
    this.#problem = problem;
    this.#pool = new pg.Pool({
      connectionString: url,
      options: '-c search_path=bullmq',
      max: connectionsMax,
      keepAlive: true,
      // One statement or connection that hangs must not stop the sweep of all lanes.
      statement_timeout: statementMsMax,
      connectionTimeoutMillis: connectMsMax,
      application_name: 'lianshu-lanes',
    });
    this.#pool.on('error', (error) => problem('connection', error));
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.setMaxListeners(0); // One of each queue and worker.
  }

  async open(system: string, admit: (ticket: Ticket) => Promise<void>): Promise<Road> {
    this.#migrated ??= this.#migrate();
    await this.#migrated;
    // The type that BullMQ asks for differs from pg's own in what is optional, in nothing else.
    const pool = this.#pool as unknown as PgPool;
    const road = new Road(pool, `lane-${encodeURIComponent(system)}`, admit, this.#problem);
    this.#pool.options.max += 1;
    void road.closed.then(() => (this.#pool.options.max -= 1));
    try {
      await road.ready();
      return road;
    } catch (thrown) {
      await road.close().catch(() => undefined);
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #migrate(): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await runMigrations(client, 'bullmq');
    } catch (thrown) {
      this.#migrated = undefined;
      throw thrown;
    } finally {
      client.release();
    }
  }
}

export class Road {
  readonly #queue: RoadQueue;
  readonly #worker: PacedWorker;
  #offered: Ticket[] = [];
  #offering: Promise<void> | undefined;
  #closing = false;
  #hasClosed: () => void = () => {};
  readonly closed = new Promise<void>((resolve) => {
    this.#hasClosed = resolve;
  });

  constructor(
    pool: PgPool,
    name: string,
    admit: (ticket: Ticket) => Promise<void>,
    problem: (what: string, thrown: unknown) => void,
  ) {
    this.#queue = new Queue<
      Ticket,
      void,
      string,
      Ticket,
      void,
      string,
      PostgresQueueBackend,
      PostgresConnectionOptions
    >(name, { connection: pool }, createPostgresBackend);
    this.#worker = new PacedWorker(
      name,
      (job: Job<Ticket>) => admit(job.data),
      {
        connection: pool,
        concurrency: concurrencyDefault,
        drainDelay: drainDelaySeconds,
        lockDuration: lockMs,
        stalledInterval: stalledLookMs,
        maxStalledCount: stalledMax,
        autorun: false,
      },
      createPostgresBackend,
    );
    this.#queue.on('error', (error) => problem(name, error));
    this.#worker.on('error', (error) => problem(name, error));
  }

  async ready(): Promise<void> {
    await Promise.all([this.#queue.waitUntilReady(), this.#worker.waitUntilReady()]);
  }

  /** Makes the queue's settings those of the lane, whoever changed or deleted them, and begins to work. */
  async tune(pace: Pace): Promise<void> {
    const { concurrency, max, duration, paused } = await this.#queue.getMeta();
    if (pace.stopped && !paused) await this.#queue.pause();
    if (pace.concurrency === undefined) {
      if (concurrency !== undefined) await this.#queue.removeGlobalConcurrency();
    } else if (concurrency !== pace.concurrency) await this.#queue.setGlobalConcurrency(pace.concurrency);
    const { window } = pace;
    if (!window) {
      if (max !== undefined) await this.#queue.removeGlobalRateLimit();
    } else if (max !== window.calls || duration !== window.ms)
      await this.#queue.setGlobalRateLimit(window.calls, window.ms);
    // The worker knows the rate too: when the settings are deleted, it is kept until they are set again.
    if (window) this.#worker.opts.limiter = { max: window.calls, duration: window.ms };
    else delete this.#worker.opts.limiter;
    // Last: nothing may go before it goes at the right pace.
    this.#worker.concurrency = Math.max(1, pace.concurrency ?? concurrencyDefault);
    if (!pace.stopped && paused) await this.#queue.resume();
    if (!this.#worker.isRunning() && !this.#closing) void this.#worker.run();
  }

  /** Gathered: one statement at a time puts all that came meanwhile. */
  offer(tickets: readonly Ticket[]): Promise<void> {
    this.#offered.push(...tickets);
    return (this.#offering ??= this.#drain());
  }

  /** Jobs that wait for their turn. */
  async backlog(): Promise<number> {
    return (await this.#queue.getJobCounts('waiting'))['waiting'] ?? 0;
  }

  /** Lets the calls under way end. What waits stays. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#offering?.catch(() => undefined);
    try {
      await this.#worker.close();
      await this.#queue.close();
    } finally {
      this.#hasClosed();
    }
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // Until `#offering` holds this promise: the end of it must be what clears it.
    try {
      while (this.#offered.length > 0) {
        const batch = this.#offered.splice(0);
        await this.#queue.addBulk(
          batch.map((ticket) => ({ name: 'call', data: ticket, opts: { jobId: ticket.ticket, ...forget } })),
        );
      }
    } finally {
      this.#offering = undefined;
    }
  }
}

class PacedWorker extends Worker<Ticket, void, string, PostgresQueueBackend, JobProgress, PostgresConnectionOptions> {
  protected override async moveToActive(token: string, name?: string): ReturnType<RoadWorker['moveToActive']> {
    const job = await super.moveToActive(token, name);
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- its type forgets that there may be none
    if (!job) await new Promise((resolve) => setTimeout(resolve, fruitlessPauseMs));
    return job;
  }
}
