/**
 * The cold path: retries with backoff, and schedules, carried by BullMQ on the same PostgreSQL (or on Redis).
 *
 * A job carries only a run's id. A lost job is made good by the run's own timer, a repeated one finds nothing to do: all
 * that BullMQ knows may be deleted at any time.
 */
import { createPostgresBackend, Queue, Worker, type Job } from 'bullmq';

export interface Schedule {
  readonly name: string;
  /** Real milliseconds. */
  readonly everyMs: number;
  readonly act: () => Promise<void>;
}

export interface Retries {
  retry(run: string, realMs: number): void;
  close(): Promise<void>;
}

const queueName = 'lianshu';
/** What is done is not kept: the journal is the record. */
const forget = { removeOnComplete: true, removeOnFail: 100 } as const;

export async function openRetries(
  url: string,
  wake: (run: string) => Promise<void>,
  schedules: readonly Schedule[],
): Promise<Retries> {
  const connection = { connectionString: url, schema: 'bullmq', max: 2, application_name: 'lianshu-bullmq' };
  const queue = new Queue(queueName, { connection: { ...connection, migrate: true } }, createPostgresBackend);
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  const worker = new Worker(
    queueName,
    async (job: Job<{ run?: string }>) => {
      if (job.data.run !== undefined) return wake(job.data.run);
      await schedules.find((schedule) => schedule.name === job.name)?.act();
    },
    { connection, concurrency: 8, drainDelay: 30 },
    createPostgresBackend,
  );
  worker.on('error', () => undefined);
  for (const schedule of schedules) {
    await queue.upsertJobScheduler(
      schedule.name,
      { every: schedule.everyMs },
      { name: schedule.name, data: {}, opts: forget },
    );
  }
  return {
    retry(run, realMs) {
      void queue.add('retry', { run }, { delay: Math.max(1, Math.round(realMs)), ...forget }).catch(() => undefined);
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
