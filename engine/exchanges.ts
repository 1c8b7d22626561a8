/**
 * Every message in or out, kept raw and in canonical form. What comes in is committed together with the facts in it,
 * and only then answered: nothing acknowledged is lost.
 */
import { EventEmitter } from 'node:events';
import { sealingOf } from '../store/sealing/of.ts';
import { ownerOfSystem, places } from '../store/sealing/places.ts';
import type { Store } from '../store/store.ts';
import { crashPoint } from './crash.ts';
import type { Tx } from './flow.ts';
import type { ReportsOf } from './incidents.ts';
import { keepSignal, signalKey, type FactRow } from './signals.ts';
import { traceInbound } from './telemetry.ts';

interface ExchangePart {
  readonly method: string;
  readonly path: string;
  readonly request: Buffer;
  readonly status: number | undefined;
  readonly answer: Buffer | undefined;
  readonly ms: number;
}

export interface ExchangeRow {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly direction: 'in' | 'out';
  readonly run: string | undefined;
  readonly case: string | undefined;
  readonly attempt: number;
  readonly state: 'ok' | 'refused' | 'unknown';
  readonly verified: boolean | undefined;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly ms: number;
  /** When it began, in business time; now when absent. */
  readonly at?: Date;
  readonly request: unknown;
  readonly answer: unknown;
  readonly parts: readonly ExchangePart[];
}

export interface ExchangeEvents {
  /** Committed. The case is known when somebody waited for it. */
  exchange: [id: string, caseId: string | undefined];
}

export class Exchanges {
  readonly events = new EventEmitter<ExchangeEvents>();
  readonly #store: Store;
  readonly #signalled: (keys: readonly string[]) => Promise<void>;
  readonly #reportsOf: ReportsOf;

  constructor(
    store: Store,
    signalled: (keys: readonly string[]) => Promise<void>,
    reportsOf: ReportsOf = () => undefined,
  ) {
    this.#store = store;
    this.#signalled = signalled;
    this.#reportsOf = reportsOf;
  }

  async record(exchange: ExchangeRow): Promise<void> {
    await this.#store.tx((tx) => insert(tx, exchange));
    this.events.emit('exchange', exchange.id, exchange.case);
  }

  /** A message and its facts, at once. Resolves after the commit; then whoever waits is woken. */
  async deliver(exchange: ExchangeRow, facts: readonly FactRow[]): Promise<void> {
    await this.deliverWith(exchange, facts, async () => {});
  }

  /** As `deliver`, with something that must commit together with them. */
  async deliverWith(exchange: ExchangeRow, facts: readonly FactRow[], also: (tx: Tx) => Promise<void>): Promise<void> {
    const keys = facts.map(signalKey);
    const subjects = () => facts.map((fact) => fact.notice);
    crashPoint('inbox:before', subjects);
    const traced = traceInbound(exchange.id, exchange.system, exchange.operation, exchange.ms);
    const caseId = await this.#store.tx(async (tx) => {
      const known = exchange.case ?? (await caseOf(tx, keys, facts));
      await insert(tx, { ...exchange, case: known });
      for (const fact of facts) await keepSignal(tx, { ...fact, exchange: exchange.id }, this.#reportsOf(fact.notice));
      await also(tx);
      crashPoint('inbox:inside', subjects);
      return known;
    });
    traced?.end('kept');
    crashPoint('inbox:after', subjects);
    this.events.emit('exchange', exchange.id, caseId);
    // Not awaited: the sender's answer depends on the commit, not on what it sets off.
    void this.#signalled(keys).catch(() => undefined); // The sweep rings again.
  }

  async firstSeen(system: string, nonce: string): Promise<boolean> {
    const kept = await this.#store.pool.query(
      'insert into nonce (system, nonce) values ($1, $2) on conflict do nothing',
      [system, nonce],
    );
    return kept.rowCount === 1;
  }
}

/** The case of whoever waits for the fact, or of the instruction that it is about. */
async function caseOf(tx: Tx, keys: readonly string[], facts: readonly FactRow[]): Promise<string | undefined> {
  const found = await tx.query<{ case_id: string }>(
    `select run.case_id from wait join run on run.id = wait.run_id where wait.key = any($1::text[])
     union all select case_id from effect where number = any($2::text[]) limit 1`,
    [keys, facts.map((fact) => fact.key)],
  );
  return found.rows[0]?.case_id;
}

async function insert(tx: Tx, exchange: ExchangeRow): Promise<void> {
  const sealing = await sealingOf(tx);
  const owner = ownerOfSystem(exchange.system);
  await tx.query(
    `insert into exchange (id, system, operation, direction, run_id, case_id, attempt, state, verified, code, detail, ms, request, answer, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce($15, hub_now()))`,
    [
      exchange.id,
      exchange.system,
      exchange.operation,
      exchange.direction,
      exchange.run ?? null,
      exchange.case ?? null,
      exchange.attempt,
      exchange.state,
      exchange.verified ?? null,
      exchange.code ?? null,
      exchange.detail ?? null,
      exchange.ms,
      await sealing.sealJson(places.exchangeRequest, owner, [exchange.id], exchange.request),
      await sealing.sealJson(places.exchangeAnswer, owner, [exchange.id], exchange.answer),
      exchange.at?.toISOString() ?? null,
    ],
  );
  for (const [no, part] of exchange.parts.entries()) {
    const row = [exchange.id, no] as const;
    const answer = part.answer && (await sealing.seal(places.partAnswer, owner, [...row], part.answer));
    await tx.query(
      'insert into exchange_part (exchange_id, no, method, path, request, status, answer, ms) values ($1, $2, $3, $4, $5, $6, $7, $8)',
      [
        exchange.id,
        no,
        part.method,
        await sealing.seal(places.partPath, owner, [...row], part.path),
        await sealing.seal(places.partRequest, owner, [...row], part.request),
        part.status ?? null,
        answer ?? null,
        part.ms,
      ],
    );
  }
}
