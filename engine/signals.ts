/**
 * Facts from outside. A fact is kept by its business key whether or not anybody waits; the run that waits takes it, the
 * flow that it starts is started by it, and the same fact by another road changes nothing.
 */
import type { Store } from '../store/store.ts';
import type { Tx } from './flow.ts';
import { compareAgain, compareWithEffect, type Reports } from './incidents.ts';
import { sealedFact } from './sealed.ts';

export interface FactRow {
  readonly notice: string;
  /** Business number. */
  readonly key: string;
  readonly id: string;
  readonly message: unknown;
  /** The message that carried it. */
  readonly exchange?: string;
}

export function signalKey(fact: { notice: string; key: string }): string {
  return `${fact.notice}:${fact.key}`;
}

/** True when the fact is new. What contradicts an earlier fact or a settled effect opens an incident. */
export async function keepSignal(tx: Tx, fact: FactRow, reports?: Reports): Promise<boolean> {
  const key = signalKey(fact);
  const kept = await tx.query(
    'insert into signal (key, id, notice, body, exchange_id) values ($1, $2, $3, $4, $5) on conflict do nothing',
    [key, fact.id, fact.notice, await sealedFact(tx, { ...fact, key }), fact.exchange ?? null],
  );
  if (kept.rowCount !== 1) await compareAgain(tx, key, fact);
  else if (reports) await compareWithEffect(tx, key, fact, reports);
  return kept.rowCount === 1;
}

/** Makes ready the runs that wait for one of these keys, or, in a sweep, for any that has come. */
export async function wakeByKeys(store: Store, keys?: readonly string[]): Promise<void> {
  if (keys) {
    await store.pool.query(
      `update run set state = 1, ready_at = clock_timestamp() from wait
       where wait.key = any($1::text[]) and run.id = wait.run_id and run.state = 3`,
      [keys],
    );
    return;
  }
  const { rows } = await store.pool.query<{ key: string }>(
    `select s.key from signal s, lateral (select from wait where wait.key = s.key limit 1) w
     where s.taken_by is null order by s.at limit 1000`,
  );
  const come = rows.map(({ key }) => key);
  if (come.length > 0) await wakeByKeys(store, come);
}

/** Of waits for something else than a fact: the outcome of a call, a time, a turn in a lane. */
const ofNoFact = /^(effect|timer|lane):/;

/** Those of the keys under which an untaken fact lies. */
export async function takeNothing(store: Store, waited: readonly string[]): Promise<string[]> {
  const keys = waited.filter((key) => !ofNoFact.test(key));
  if (keys.length === 0) return [];
  const found = await store.pool.query<{ key: string }>(
    'select distinct key from signal where key = any($1::text[]) and taken_by is null',
    [keys],
  );
  return found.rows.map((row) => row.key);
}
