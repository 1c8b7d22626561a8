/** Taking a task up, giving it back, handing it on; whose it is; who may decide when the deadline nears. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { claim, delegate, release } from './claims.ts';
import { database, openDatabase } from './engine.fixture.ts';
import { decide, keepTask, newTask, openTasks, readTask, type NewTask } from './tasks.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

const hourMs = 3_600_000;

async function asked(more: Partial<NewTask> = {}): Promise<NewTask> {
  const since = new Date();
  const task = {
    ...newTask({
      run: randomUUID(),
      case: 'CASE-1',
      path: 'approve',
      title: { zh: '复核', en: 'approve' },
      payload: { amount: '1.00' },
      people: 1,
      roles: ['risk'],
      notBy: ['Maker'],
      since,
      deadline: new Date(since.getTime() + 200 * hourMs),
    }),
    ...more,
  };
  await keepTask(database.store, task);
  return task;
}

const vote = (task: NewTask, person: string, role = 'risk') =>
  decide(database.store, task.id, { person, role, decision: 'approved', payloadHash: task.payloadHash, reason: 'ok' });
const risk = (person: string) => ({ person, role: 'risk' });

test('a task that somebody has taken up is decided by nobody else, until he gives it back', async () => {
  const task = await asked();
  const { store } = database;
  expect((await claim(store, task.id, risk('Li'))).heldBy).toBe('Li');
  expect((await claim(store, task.id, risk(' li '))).heldBy).toBe('Li');
  await expect(claim(store, task.id, risk('Chen'))).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  await expect(vote(task, 'Chen')).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  await expect(release(store, task.id, risk('Chen'))).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  expect((await release(store, task.id, risk('Li'))).heldBy).toBeNull();
  expect((await vote(task, 'Chen')).task.state).toBe('approved');
  await expect(claim(store, task.id, risk('Li'))).rejects.toMatchObject({ type: 'ILLEGAL_TRANSITION' });
});

test('after two days without a word it lies in the pool again', async () => {
  const task = await asked();
  const { store } = database;
  const { heldUntil } = await claim(store, task.id, risk('Li'));
  expect(Number(heldUntil) - Date.now()).toBeGreaterThan(47 * hourMs);
  await store.pool.query("update task set held_until = hub_now() - interval '1 second' where id = $1", [task.id]);
  expect(await readTask(store, task.id)).toMatchObject({ heldBy: null, heldUntil: null });
  expect((await claim(store, task.id, risk('Chen'))).heldBy).toBe('Chen');
});

test('it is handed on to somebody who may decide, and every hand is written down', async () => {
  const task = await asked();
  const { store } = database;
  const to = (person: string, role?: string) =>
    delegate(store, task.id, { ...risk('Li'), to: { person, role }, reason: 'on leave' });
  await expect(to('Chen')).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  await claim(store, task.id, risk('Li'));
  await expect(to('maker')).rejects.toMatchObject({ type: 'SAME_PERSON_APPROVAL' });
  await expect(to('Chen', 'sales')).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  await expect(to('LI')).rejects.toMatchObject({ type: 'CONTRACT_VIOLATED' });
  expect((await to('Chen')).heldBy).toBe('Chen');
  await expect(vote(task, 'Li')).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  expect((await vote(task, 'Chen')).task.state).toBe('approved');
  const acts = await store.pool.query('select verb, person, to_person from task_act where task_id = $1 order by id', [
    task.id,
  ]);
  expect(acts.rows).toEqual([
    { verb: 'claim', person: 'Li', to_person: null },
    { verb: 'delegate', person: 'Li', to_person: 'Chen' },
  ]);
});

test('who has decided on one of four eyes holds it no more, and takes it up no more', async () => {
  const task = await asked({ people: 2 });
  const { store } = database;
  await claim(store, task.id, risk('Li'));
  expect((await vote(task, 'Li')).task).toMatchObject({ state: 'open', heldBy: null });
  await expect(claim(store, task.id, risk('Li'))).rejects.toMatchObject({ type: 'SAME_PERSON_APPROVAL' });
  await claim(store, task.id, risk('Chen'));
  expect((await vote(task, 'Chen')).task.state).toBe('approved');
});

test('a party sees its own tasks only, those of the hub see all', async () => {
  const [party, other] = [randomUUID(), randomUUID()];
  const [mine, theirs, hubs] = [await asked({ party }), await asked({ party: other }), await asked()];
  const { store } = database;
  const seen = async (viewer: { party?: string | null }) => (await openTasks(store, viewer)).map(({ id }) => id);
  expect(await seen({ party })).toEqual([mine.id]);
  expect(await seen({ party: null })).toContain(hubs.id);
  expect(await seen({ party: null })).not.toContain(mine.id);
  expect(await seen({})).toEqual(expect.arrayContaining([mine.id, theirs.id, hubs.id]));
  await expect(readTask(store, theirs.id, { party })).rejects.toMatchObject({ type: 'NOT_FOUND' });
  await expect(claim(store, theirs.id, risk('Li'), { party })).rejects.toMatchObject({ type: 'NOT_FOUND' });
});

test('near its deadline more roles may decide, and not before', async () => {
  const later = await asked({ escalation: { at: new Date(Date.now() + hourMs), to: ['head'] } });
  const now = await asked({ escalation: { at: new Date(Date.now() - hourMs), to: ['head'] } });
  await expect(vote(later, 'Boss', 'head')).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  expect(await readTask(database.store, now.id)).toMatchObject({ roles: ['risk', 'head'], escalated: true });
  const heads = (await openTasks(database.store, {}, 'head')).map(({ id }) => id);
  expect([heads.includes(now.id), heads.includes(later.id)]).toEqual([true, false]);
  expect((await vote(now, 'Boss', 'head')).task.state).toBe('approved');
});
