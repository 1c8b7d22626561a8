/**
 * Taking up a task (领用). It lies in the pool of those who may decide on it; who takes it up holds it for two days, alone. He gives
 * it back, hands it on to somebody, or decides; if he does neither, it lies in the pool again.
 */
import { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import type { Tx } from './flow.ts';
import { assertMay, assertOpen, isSame, lockTask, readTask, type TaskRow, type Viewer } from './tasks.ts';

/** Business time, to the minute: whoever went home on Friday evening has given it back by Sunday. */
const heldDays = 2;

export interface Taker {
  readonly person: string;
  readonly role?: string | undefined;
}

/** Again by who holds it: nothing changes. @throws Failure as `decide`; NOT_ALLOWED when somebody else holds it */
export async function claim(store: Store, id: string, taker: Taker, viewer: Viewer = {}): Promise<TaskRow> {
  await store.tx(async (tx) => {
    const task = await lockTask(tx, id, viewer);
    assertOpen(task);
    assertMay(task, taker.person, taker.role);
    await assertHasNotDecided(tx, task, taker.person);
    if (task.heldBy !== null && isSame(task.heldBy, taker.person)) return;
    if (task.heldBy !== null) throw new Failure('NOT_ALLOWED', { detail: 'somebody else has taken it up' });
    await hold(tx, id, taker);
    await keepAct(tx, id, 'claim', taker);
  });
  return readTask(store, id);
}

/** Into the pool again. @throws Failure NOT_ALLOWED unless this person holds it */
export async function release(
  store: Store,
  id: string,
  { reason, ...taker }: Taker & { readonly reason?: string | undefined },
  viewer: Viewer = {},
): Promise<TaskRow> {
  await store.tx(async (tx) => {
    await assertHolds(tx, id, taker, viewer);
    await tx.query(
      'update task set held_by = null, held_role = null, held_since = null, held_until = null where id = $1',
      [id],
    );
    await keepAct(tx, id, 'release', taker, undefined, reason);
  });
  return readTask(store, id);
}

/** To somebody by name, who then holds it; the role in which he decides must be one of the task's. */
export async function delegate(
  store: Store,
  id: string,
  { to, reason, ...taker }: Taker & { readonly to: Taker; readonly reason: string },
  viewer: Viewer = {},
): Promise<TaskRow> {
  await store.tx(async (tx) => {
    const task = await assertHolds(tx, id, taker, viewer);
    if (isSame(to.person, taker.person))
      throw new Failure('CONTRACT_VIOLATED', { detail: 'a task is handed on to somebody else' });
    assertMay(task, to.person, to.role ?? taker.role);
    await assertHasNotDecided(tx, task, to.person);
    await hold(tx, id, to);
    await keepAct(tx, id, 'delegate', taker, to.person, reason);
  });
  return readTask(store, id);
}

async function assertHolds(tx: Tx, id: string, { person }: Taker, viewer: Viewer) {
  const task = await lockTask(tx, id, viewer);
  assertOpen(task);
  if (task.heldBy === null || !isSame(task.heldBy, person))
    throw new Failure('NOT_ALLOWED', { detail: 'only who has taken it up may do this' });
  return task;
}

/** One who has said his word on it has nothing more to do there. */
async function assertHasNotDecided(tx: Tx, { id }: TaskRow, person: string): Promise<void> {
  const voted = await tx.query('select from task_vote where task_id = $1 and lower(btrim(person)) = lower(btrim($2))', [
    id,
    person,
  ]);
  if (voted.rowCount !== 0)
    throw new Failure('SAME_PERSON_APPROVAL', { detail: `${person} has decided on it already` });
}

async function hold(tx: Tx, id: string, { person, role }: Taker): Promise<void> {
  await tx.query(
    `update task set held_by = $2, held_role = $3, held_since = hub_now(), held_until = hub_now() + $4 * interval '1 day' where id = $1`,
    [id, person.trim(), role ?? null, heldDays],
  );
}

async function keepAct(
  tx: Tx,
  id: string,
  verb: 'claim' | 'release' | 'delegate',
  { person, role }: Taker,
  to?: string,
  reason?: string,
): Promise<void> {
  await tx.query(
    'insert into task_act (task_id, verb, person, role, to_person, reason) values ($1, $2, $3, $4, $5, $6)',
    [id, verb, person.trim(), role ?? null, to?.trim() ?? null, reason ?? null],
  );
}
