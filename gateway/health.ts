/** Whether this node lives, and whether it can do its work: the database answers and the engine beats. */
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import type { Edge } from './options.ts';

const patienceMs = 2_000;

export function healthRoutes(app: FastifyInstance, edge: Edge): void {
  app.get('/health/live', async () => ({ status: 'live' }));

  app.get('/health/ready', async () => {
    const beating = await Promise.race([
      isBeating(edge),
      new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), patienceMs).unref()),
    ]).catch(() => 'late' as const);
    if (beating === 'late')
      throw new Failure('OVERLOADED', { detail: `the database did not answer in ${patienceMs} ms` });
    if (!beating) throw new Failure('OVERLOADED', { detail: 'the engine of this node does not beat' });
    return { status: 'ready', database: 'ok', engine: 'ok' };
  });
}

/** The engine writes its beat under this name; a stopped or dead one has another state, a hung one lets its lease run out. */
async function isBeating({ store }: Edge): Promise<boolean> {
  const found = await store.pool.query<{ beats: boolean }>(
    'select exists (select 1 from node where name = $1 and state = 1 and beat_at + lease > clock_timestamp()) as beats',
    [`${hostname()}:${process.pid}`],
  );
  return found.rows[0]?.beats ?? false;
}
