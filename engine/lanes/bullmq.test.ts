/** What we rely on, or keep away from, in the pinned version of BullMQ on PostgreSQL. A new version has to pass here first. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPostgresBackend, DelayedError, Queue, Worker } from 'bullmq';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';

let database: FreshDatabase;
const closing: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  await queue('migrates');
});
afterAll(async () => {
  for (const part of closing) await part.close();
  await database.drop();
});

const connection = () => ({ connectionString: database.url, schema: 'bullmq', max: 2 });

async function queue(name: string) {
  const opened = new Queue(name, { connection: { ...connection(), migrate: true } }, createPostgresBackend);
  await opened.waitUntilReady();
  closing.unshift(opened);
  return opened;
}

function worker(name: string, act: ConstructorParameters<typeof Worker>[1], concurrency = 10) {
  const opened = new Worker(
    name,
    act,
    { connection: connection(), concurrency, drainDelay: 30 },
    createPostgresBackend,
  );
  opened.on('error', () => undefined);
  closing.unshift(opened);
  return opened;
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 600 && !(await what()); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await what()).toBe(true);
}

test('a job that delays itself runs again, with two workers (bullmq issue 4814)', async () => {
  const name = 'delays-itself';
  const jobs = 60;
  const runs = new Map<string, number>();
  const completed: number[] = [];
  const act: ConstructorParameters<typeof Worker>[1] = async (job, token) => {
    const id = job.id ?? '';
    runs.set(id, (runs.get(id) ?? 0) + 1);
    if (runs.get(id) === 1) {
      await job.moveToDelayed(Date.now() + 100, token);
      throw new DelayedError();
    }
  };
  for (const one of [worker(name, act), worker(name, act)])
    one.on('completed', (job) => completed.push(runs.get(job.id ?? '') ?? 0));
  const opened = await queue(name);
  await opened.addBulk(Array.from({ length: jobs }, () => ({ name: 'job', data: {} })));
  await until(() => completed.length === jobs);
  expect([...runs.values()].every((count) => count === 2)).toBe(true);
  expect(completed.every((count) => count === 2)).toBe(true);
});

test('the same id is one job while it is known, and another when it was removed', async () => {
  const name = 'same-id';
  const opened = await queue(name);
  const options = { jobId: 'x_-1.1', removeOnComplete: true, removeOnFail: true };
  for (let i = 0; i < 3; i++) await opened.add('job', {}, options);
  let ran = 0;
  worker(name, async () => {
    ran += 1;
  });
  await until(async () => ran === 1 && (await opened.getJobCounts('waiting', 'active'))['active'] === 0);
  await opened.add('job', {}, options);
  await until(() => ran === 2);
});

test('refuses names and ids with a colon, and fails on a delay with a fraction', async () => {
  const opened = await queue('refuses');
  await expect(queue('lane:bank')).rejects.toThrow('cannot contain :');
  await expect(opened.add('job', {}, { jobId: 'a:b' })).rejects.toThrow('cannot contain :');
  await expect(opened.add('job', {}, { delay: 1.5 })).rejects.toThrow();
});
