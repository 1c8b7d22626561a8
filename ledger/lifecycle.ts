/** The only writer of states: moves an entity by an event and writes its history, in the caller's transaction. */
import type pg from 'pg';
import { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import { lifecycles, type Entity, type EventOf } from './lifecycles.ts';

export type Tx = pg.PoolClient;

/** The column by which each entity is known. */
const keyColumn: Record<Entity, string> = {
  party: 'id',
  bank_account: 'account_no',
  application: 'no',
  envelope: 'no',
  pledge: 'no',
  registration: 'request_no',
  payment: 'no',
  loan: 'no',
  repayment: 'no',
  release_order: 'no',
};

/** Who moved it: a run, a person, a counterparty's notice. */
export type Actor = string;

/** The state in which an entity begins by this event; written with its first row, noted here. */
export async function begin<E extends Entity>(
  tx: Tx,
  entity: E,
  id: string,
  event: EventOf<E>,
  actor: Actor,
): Promise<void> {
  await note(tx, entity, id, '', event, target(entity, '', event), actor);
}

/**
 * Moves `entity` `id` by `event`, with further columns that change with it.
 * @throws Failure ILLEGAL_TRANSITION when its state does not allow the event, NOT_FOUND when there is none
 */
export async function move<E extends Entity>(
  tx: Tx,
  entity: E,
  id: string,
  event: EventOf<E>,
  actor: Actor,
  columns: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const key = keyColumn[entity];
  const found = await tx.query<{ state: string }>(`select state from ${entity} where ${key} = $1 for update`, [id]);
  const from = found.rows[0]?.state;
  if (from === undefined) throw new Failure('NOT_FOUND', { detail: `there is no ${entity} ${id}` });
  const to = target(entity, from, event);
  const names = Object.keys(columns);
  const assignments = ['state = $2', ...names.map((name, i) => `${name} = $${i + 3}`)].join(', ');
  await tx.query(`update ${entity} set ${assignments} where ${key} = $1`, [
    id,
    to,
    ...names.map((name) => columns[name]),
  ]);
  await note(tx, entity, id, from, event, to, actor);
}

export async function stateOf(tx: Tx, entity: Entity, id: string): Promise<string | undefined> {
  const found = await tx.query<{ state: string }>(`select state from ${entity} where ${keyColumn[entity]} = $1`, [id]);
  return found.rows[0]?.state;
}

/** Puts the table of transitions into the database, where the triggers read it. */
export async function installLifecycles(store: Store): Promise<void> {
  const rows = Object.entries(lifecycles).flatMap(([entity, transitions]) =>
    transitions.map(([from, event, to]) => [entity, from, event, to]),
  );
  await store.tx(async (tx) => {
    // Two hubs that start at once take turns: neither may miss what the other has just put in.
    await tx.query('lock table lifecycle in share row exclusive mode');
    await tx.query('delete from lifecycle');
    await tx.query('insert into lifecycle select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])', [
      rows.map((row) => row[0]),
      rows.map((row) => row[1]),
      rows.map((row) => row[2]),
      rows.map((row) => row[3]),
    ]);
  });
}

function target(entity: Entity, from: string, event: string): string {
  const transition = lifecycles[entity].find(([f, e]) => f === from && e === event);
  if (!transition)
    throw new Failure('ILLEGAL_TRANSITION', {
      detail: `${entity} in state ${from === '' ? 'none' : from} does not take ${event}`,
    });
  return transition[2];
}

async function note(
  tx: Tx,
  entity: Entity,
  id: string,
  from: string,
  event: string,
  to: string,
  actor: Actor,
): Promise<void> {
  await tx.query(
    'insert into history (entity, entity_id, from_state, to_state, event, actor) values ($1, $2, $3, $4, $5, $6)',
    [entity, id, from, to, event, actor],
  );
}
