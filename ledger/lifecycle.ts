/** The only writer of states: moves an entity by an event and writes its history, in the caller's transaction. */
import type pg from 'pg';
import { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import type { Transition } from './lifecycleKinds.ts';
import { tellMove } from './oversight/subscriptions.ts';
import { keyColumn, lifecycles, type Entity, type EventOf } from './lifecycles.ts';

export type Tx = pg.PoolClient;

/** Who moved it: a run, a person, a counterparty's notice. */
export type Actor = string;

/** What may be told with a move. */
export interface Told {
  /** Of the row as it stands, by two people; without it an event that takes two is refused. Used once. */
  readonly approval?: string;
  readonly reason?: string;
  /** Whose word it is, where the life cycle allows several (codes of domain.md 0.1). */
  readonly word?: string;
  /** The number of the last move that the caller saw: another one meanwhile is a VERSION_CONFLICT. */
  readonly version?: number;
}

/** The state in which an entity begins by this event; written with its first row, noted here. */
export async function begin<E extends Entity>(
  tx: Tx,
  entity: E,
  id: string,
  event: EventOf<E>,
  actor: Actor,
  told: Told = {},
): Promise<void> {
  await note(tx, { entity, id, from: '', event, to: target(entity, '', event) }, actor, told);
}

/**
 * Moves `entity` `id` by `event`, with further columns that change with it.
 * @throws Failure ILLEGAL_TRANSITION when its state does not allow the event, NOT_FOUND when there is none,
 *   VERSION_CONFLICT when it moved since the caller looked
 */
export async function move<E extends Entity>(
  tx: Tx,
  entity: E,
  id: string,
  event: EventOf<E>,
  actor: Actor,
  columns: Readonly<Record<string, unknown>> = {},
  told: Told = {},
): Promise<void> {
  const key = keyColumn[entity];
  const found = await tx.query<{ state: string }>(`select state from ${entity} where ${key} = $1 for update`, [id]);
  const from = found.rows[0]?.state;
  if (from === undefined) throw new Failure('NOT_FOUND', { detail: `there is no ${entity} ${id}` });
  if (told.version !== undefined && told.version !== (await versionOf(tx, entity, id)))
    throw new Failure('VERSION_CONFLICT', { detail: `${entity} ${id} is not at version ${told.version} any more` });
  const to = target(entity, from, event);
  const names = Object.keys(columns);
  const assignments = ['state = $2', ...names.map((name, i) => `${name} = $${i + 3}`)].join(', ');
  await tx.query(`update ${entity} set ${assignments} where ${key} = $1`, [
    id,
    to,
    ...names.map((name) => columns[name]),
  ]);
  await note(tx, { entity, id, from, event, to }, actor, told);
}

export async function stateOf(tx: Tx, entity: Entity, id: string): Promise<string | undefined> {
  const found = await tx.query<{ state: string }>(`select state from ${entity} where ${keyColumn[entity]} = $1`, [id]);
  return found.rows[0]?.state;
}

/** How often it has moved: what an optimistic caller gives back. */
async function versionOf(tx: Tx, entity: Entity, id: string): Promise<number> {
  const found = await tx.query<{ version: number | null }>(
    'select max(version) version from history where entity = $1 and entity_id = $2',
    [entity, id],
  );
  return found.rows[0]?.version ?? 0;
}

/** Puts the table of transitions into the database, where the triggers read it. */
export async function installLifecycles(store: Store): Promise<void> {
  const rows = Object.entries<readonly Transition[]>(lifecycles).flatMap(([entity, transitions]) =>
    transitions.map(([from, event, to, who, two]) => ({
      entity,
      from_state: from,
      event,
      to_state: to,
      who: who.split(' '),
      four_eyes: two === 'fourEyes',
    })),
  );
  await store.tx(async (tx) => {
    // Two hubs that start at once take turns: neither may miss what the other has just put in.
    await tx.query('lock table lifecycle in share row exclusive mode');
    await tx.query('delete from lifecycle');
    await tx.query('insert into lifecycle select * from jsonb_populate_recordset(null::lifecycle, $1)', [
      JSON.stringify(rows),
    ]);
  });
}

function target(entity: Entity, from: string, event: string): string {
  const transitions: readonly Transition[] = lifecycles[entity];
  const transition = transitions.find(([f, e]) => f === from && e === event);
  if (!transition)
    throw new Failure('ILLEGAL_TRANSITION', {
      detail: `${entity} in state ${from === '' ? 'none' : from} does not take ${event}`,
    });
  return transition[2];
}

interface Move {
  readonly entity: Entity;
  readonly id: string;
  readonly from: string;
  readonly event: string;
  readonly to: string;
}

/** The database chains it to what was told before. Whoever subscribed to it hears of it. */
async function note(tx: Tx, { entity, id, from, event, to }: Move, actor: Actor, told: Told): Promise<void> {
  await tx.query(
    `insert into history (entity, entity_id, from_state, to_state, event, actor, word, reason, approval_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [entity, id, from, to, event, actor, told.word ?? '', told.reason ?? null, told.approval ?? null],
  );
  await tellMove(tx, entity, id, from, to);
}
