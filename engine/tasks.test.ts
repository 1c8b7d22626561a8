import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Engine } from './engine.ts';
import {
  database,
  ended,
  eventually,
  flowOf,
  liveState,
  node,
  openDatabase,
  paths,
  shop,
  tell,
} from './engine.fixture.ts';
import type { AskOptions } from './flow.ts';
import { decide, openTasks, readTask, type TaskRow } from './tasks.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

const title = { zh: '放款复核', en: 'approve the loan' };
const payload = { loan: 'L1', amount: '1000.00' };

const asking = (name: string, options: Partial<AskOptions> = {}) =>
  flowOf(name, async (run, order) => {
    const { decision, by } = await run.ask('approve', {
      title,
      payload: { ...payload, no: order.no },
      within: '1 hour',
      people: 2,
      ...options,
    });
    return { outcome: decision, detail: by.join(' ') };
  });

async function taskOf(no: string): Promise<TaskRow> {
  return eventually(async () =>
    (await openTasks(database.store)).find((task) => (task.payload as { no: string }).no === no),
  );
}

async function vote(engine: Engine, task: TaskRow, person: string, decision: 'approved' | 'rejected' = 'approved') {
  const { payloadHash } = task;
  const done = await decide(database.store, task.id, { person, decision, payloadHash, reason: 'looked at it' });
  if (done.key !== undefined) await engine.signalled([done.key]);
  return done.task;
}

test('goes on when two different people have approved the very thing that was asked', async () => {
  const no = randomUUID();
  const { engine } = await node([asking('asked')]);
  await tell(engine, 'start.asked', no);
  const task = await taskOf(no);
  await expect(
    decide(database.store, task.id, { person: 'Li', decision: 'approved', payloadHash: 'x', reason: 'no' }),
  ).rejects.toMatchObject({ type: 'APPROVAL_STALE' });
  expect((await vote(engine, task, 'Li')).state).toBe('open');
  await expect(vote(engine, task, ' li ')).rejects.toMatchObject({ type: 'SAME_PERSON_APPROVAL' });
  expect((await vote(engine, task, 'Chen')).state).toBe('approved');
  expect(await ended('asked', no)).toEqual({ outcome: 'approved', detail: 'Li Chen' });
  await expect(vote(engine, task, 'Zhao')).rejects.toMatchObject({ type: 'ILLEGAL_TRANSITION' });
  await engine.stop();
});

test('one rejection decides', async () => {
  const no = randomUUID();
  const { engine } = await node([asking('rejected')]);
  await tell(engine, 'start.rejected', no);
  const task = await taskOf(no);
  await vote(engine, task, 'Li');
  await vote(engine, task, 'Chen', 'rejected');
  expect(await ended('rejected', no)).toEqual({ outcome: 'rejected', detail: 'Chen' });
  await engine.stop();
});

test('asks for roles, and not the one who made it', async () => {
  const no = randomUUID();
  const { engine } = await node([asking('roles', { roles: ['risk'], notBy: ['Maker'], people: 1 })]);
  await tell(engine, 'start.roles', no);
  const { id, payloadHash } = await taskOf(no);
  const say = (person: string, role?: string) =>
    decide(database.store, id, { person, role, decision: 'approved', payloadHash, reason: 'fine' });
  await expect(say('Li')).rejects.toMatchObject({ type: 'NOT_ALLOWED' });
  await expect(say('maker', 'risk')).rejects.toMatchObject({ type: 'SAME_PERSON_APPROVAL' });
  expect((await say('Li', 'risk')).task.state).toBe('approved');
  await engine.stop();
});

test('survives a restart as the same task, and its deadline ends it for everybody', async () => {
  const no = randomUUID();
  const flows = [asking('late', { within: '2 seconds' })];
  const first = await node(flows);
  await tell(first.engine, 'start.late', no);
  const task = await taskOf(no);
  await first.engine.stop();
  const second = await node(flows);
  expect(await ended('late', no)).toMatchObject({
    outcome: 'failed',
    detail: expect.stringContaining('DEADLINE_PASSED'),
  });
  expect((await readTask(database.store, task.id)).state).toBe('expired');
  await expect(vote(second.engine, task, 'Li')).rejects.toMatchObject({ type: 'ILLEGAL_TRANSITION' });
  await second.engine.stop();
});

test('a run continues as a new one with a journal of its own, and facts by business key follow it', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('instalments', async (run, order) => {
      const [base, n = '1'] = order.no.split('/');
      await run.wait(shop.notices.delivered, { key: `${base}/${n}`, within: '1 hour', from: 'shop' });
      if (n === '3') return { outcome: 'settled' };
      return run.continueAsNew({ no: `${base}/${Number(n) + 1}` });
    }),
  ]);
  await tell(engine, 'start.instalments', no);
  for (const n of [3, 1, 2]) await tell(engine, shop.notices.delivered.name, `${no}/${n}`);
  expect(await ended('instalments', `${no}~3`)).toMatchObject({ outcome: 'settled' });
  expect(await ended('instalments', no)).toEqual({ outcome: 'continued', detail: `${no}~2` });
  expect(await liveState('instalments', `${no}~2`)).toBeUndefined();
  expect(await paths(`${no}~2`)).toEqual(['input', 'shop.delivered', 'end']);
  await engine.stop();
});
