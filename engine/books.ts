/** Changes of the books, committed with the journal entry that caused them: a transaction of its own under the same fence. */
import type pg from 'pg';
import type { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import { crashPoint } from './crash.ts';
import type { Run, Tx } from './flow.ts';
import type { RunRow } from './host.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { kindNames, type Entry } from './journal.ts';
import { sealedEntry } from './sealed.ts';
import { OwnershipLost, type EffectRow } from './work.ts';

export interface Change<T> {
  readonly body: unknown;
  readonly value: T;
  readonly effect?: EffectRow;
  readonly undo?: (run: Run) => Promise<void>;
}

export class BooksDoor {
  readonly #store: Store;
  readonly #node: string;
  readonly #leaseMs: number;
  readonly #explain: ((constraint: string, error: pg.DatabaseError) => Failure | undefined) | undefined;

  constructor(
    store: Store,
    node: bigint,
    leaseMs: number,
    explain: ((constraint: string, error: pg.DatabaseError) => Failure | undefined) | undefined,
  ) {
    this.#store = store;
    this.#node = String(node);
    this.#leaseMs = leaseMs;
    this.#explain = explain;
  }

  /** @throws what the change throws, or the Failure that a violated constraint means; then nothing happened */
  async transaction<T>(
    row: RunRow,
    entry: Omit<Entry, 'body'>,
    change: (tx: Tx) => Promise<Change<T>>,
  ): Promise<Change<T>> {
    const subjects = () => [`${row.flow.name} ${entry.path} ${kindNames[entry.kind]}`];
    try {
      crashPoint('journal:before', subjects);
      const done = await this.#store.tx(async (tx) => {
        await this.#fence(tx, entry.run);
        const changed = await change(tx);
        await append(tx, { ...entry, body: changed.body });
        if (changed.effect) await writeEffect(tx, changed.effect);
        crashPoint('journal:inside', subjects);
        return changed;
      });
      crashPoint('journal:after', subjects);
      return done;
    } catch (thrown) {
      const error = thrown as pg.DatabaseError;
      const explained = error.constraint === undefined ? undefined : this.#explain?.(error.constraint, error);
      if (explained) throw explained;
      throw thrown;
    }
  }

  async #fence(tx: Tx, run: string): Promise<void> {
    // A process that is frozen in here would hold its lock and keep the others from declaring it dead: the server ends it.
    const node = await tx.query(
      `select set_config('idle_in_transaction_session_timeout', $2, true) from node where id = $1 and state = 1 for key share`,
      [this.#node, `${this.#leaseMs}ms`],
    );
    const owned = await tx.query('select from run where id = $1 and owner = $2', [run, this.#node]);
    if (node.rowCount !== 1 || owned.rowCount !== 1) throw new OwnershipLost('another node owns the run');
  }
}

async function append(tx: Tx, entry: Entry): Promise<void> {
  await tx.query('insert into journal (run_id, seq, kind, path, body, at) values ($1, $2, $3, $4, $5, $6)', [
    entry.run,
    entry.seq,
    entry.kind,
    entry.path,
    sealedEntry(await sealingOf(tx), entry),
    entry.at.toISOString(),
  ]);
}

async function writeEffect(tx: Tx, effect: EffectRow): Promise<void> {
  const time = (at: Date | undefined) => at?.toISOString() ?? null;
  await tx.query(
    `insert into effect (key, run_id, case_id, path, system, operation, number, payload_hash, state, attempts, queries, not_found, detail, intent_at, sent_at, next_at, settled_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
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
      time(effect.intentAt),
      time(effect.sentAt),
      time(effect.nextAt),
      time(effect.settledAt),
    ],
  );
}
