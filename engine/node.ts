/**
 * One incarnation of a process in the eyes of the others: it beats, and is declared dead when it does not.
 *
 * Only PostgreSQL's clock decides who is late. A node that was declared dead begins again under a new id; the old one
 * commits nothing more, since every write of it locks its row and finds it dead.
 */
import { hostname } from 'node:os';
import type { Store } from '../store/store.ts';
import { OwnershipLost } from './work.ts';
import { nodeLock } from './writer.ts';

export interface NodeTimes {
  readonly leaseMs: number;
  readonly beatMs: number;
}

/** Runs of a dead node come back at this pace, so that its heirs are not run over. */
const runsPerSecond = 2_000;

export class NodeLife {
  readonly id: bigint;
  readonly #store: Store;
  readonly #times: NodeTimes;
  /** Monotonic time at which a beat or a flush was sent that proved this node alive. */
  #provenMs: number;

  private constructor(store: Store, id: bigint, times: NodeTimes, bornMs: number) {
    this.#store = store;
    this.id = id;
    this.#times = times;
    this.#provenMs = bornMs;
  }

  static async born(store: Store, times: NodeTimes): Promise<NodeLife> {
    const bornMs = performance.now();
    const inserted = await store.pool.query<{ id: string }>(
      `insert into node (name, lease) values ($1, $2 * interval '1 ms') returning id`,
      [`${hostname()}:${process.pid}`, times.leaseMs],
    );
    return new NodeLife(store, BigInt(inserted.rows[0]?.id ?? 0), times, bornMs);
  }

  proven(atMs: number): void {
    this.#provenMs = Math.max(this.#provenMs, atMs);
  }

  /** False when this node was declared dead. */
  async beat(): Promise<boolean> {
    const sentMs = performance.now();
    const beaten = await this.#store.pool.query(
      'update node set beat_at = clock_timestamp() where id = $1 and state = 1',
      [String(this.id)],
    );
    if (beaten.rowCount !== 1) return false;
    this.proven(sentMs);
    return true;
  }

  /**
   * Before money moves: a process that slept through half of its lease asks first whether it is still alive.
   * @throws OwnershipLost
   */
  async alive(): Promise<void> {
    if (performance.now() - this.#provenMs < this.#times.leaseMs / 2) return;
    if (!(await this.beat())) throw new OwnershipLost('this node was declared dead');
  }

  /**
   * Declares late nodes dead, then frees their runs. Two transactions, so that whoever claims next sees every entry that
   * the dead node got in; `for update`, which passes over a node with a flush under way: the next sweep tries again.
   *
   * Early, when the lock of its connection is free too. Nobody is late after a restart of the server itself: none could
   * beat. @returns how many runs came back
   */
  async reap(): Promise<number> {
    await this.#store.pool.query(
      `with late as (select id from node where state <> 3 and id <> $1
         and pg_postmaster_start_time() + lease < clock_timestamp()
         and (beat_at + lease < clock_timestamp()
           or (beat_at + $2 * interval '1 ms' < clock_timestamp() and pg_try_advisory_xact_lock($3, id::int)))
         for update skip locked)
       update node set state = 3 from late where node.id = late.id`,
      [String(this.id), 2 * this.#times.beatMs, nodeLock],
    );
    return this.#freeRuns();
  }

  /** A run that got on since it was last taken over is no suspect of having killed its node. */
  async #freeRuns(): Promise<number> {
    const freed = await this.#store.pool.query(
      `with lost as materialized (
         select r.id, (select max(seq) from journal where run_id = r.id) seq from node n join run r on r.owner = n.id where n.state = 3)
       update run set state = 1, owner = null, seen_seq = lost.seq,
         crashes = case when lost.seq > run.seen_seq then 1 else crashes + 1 end,
         ready_at = clock_timestamp() + random() * (select count(*) from lost) / $1 * interval '1 s'
       from lost where run.id = lost.id and run.state = 2`,
      [runsPerSecond],
    );
    return freed.rowCount ?? 0;
  }

  /** The orderly end: gives everything back at once. */
  async gone(): Promise<void> {
    // For update: waits for a transaction of the books that is under way.
    await this.#store.pool.query(
      'with me as (select id from node where id = $1 for update) update node set state = 3 from me where node.id = me.id',
      [String(this.id)],
    );
    await this.#store.pool.query(
      'update run set state = 1, owner = null, ready_at = clock_timestamp() where owner = $1',
      [String(this.id)],
    );
  }

  /** Runs that this node owns and does not execute: claimed and then not loaded, or dropped. */
  async giveBackStrays(executes: (run: string) => boolean): Promise<void> {
    const owned = await this.#store.pool.query<{ id: string }>('select id from run where owner = $1', [
      String(this.id),
    ]);
    // Judged after the answer: one that was on its way into memory is there by now, or is known to be coming.
    const strays = owned.rows.map(({ id }) => id).filter((id) => !executes(id));
    if (strays.length === 0) return;
    await this.#store.pool.query(
      'update run set state = 1, owner = null, ready_at = clock_timestamp() where owner = $1 and id = any($2::uuid[])',
      [String(this.id), strays],
    );
  }
}
