/** `GET /metrics` for Prometheus. Figures of the books are read when they are asked for; nothing is counted twice. */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Live } from './live.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';

const runStates: Readonly<Record<number, string>> = { 1: 'ready', 2: 'running', 3: 'waiting', 4: 'attention' };
const exchangesPerScrapeMax = 20_000;
const msBuckets = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

export function metricRoutes(app: FastifyInstance, edge: Edge, live: Live): void {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'lianshu_http_request_ms',
    help: 'Requests at the edge, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: msBuckets,
    registers,
  });
  const streams = new Gauge({ name: 'lianshu_streams', help: 'Open streams of consoles', registers });
  const readBooks = booksOf(edge, registers);
  const readExchanges = exchangesOf(edge, registers);
  const unread = new Counter({
    name: 'lianshu_metrics_unread_total',
    help: 'Times the books could not be read',
    registers,
  });

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    requests.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime);
  });
  app.addHook('onClose', async () => registry.clear());

  app.get('/metrics', { preHandler: requireOperator(edge) }, async (_request, reply) => {
    streams.set(live.readers);
    // With the database away, what is known of the process is still worth telling.
    await Promise.all([readBooks(), readExchanges()]).catch(() => unread.inc());
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
}

function booksOf({ store }: Edge, registers: Registry[]): () => Promise<void> {
  const runs = new Gauge({ name: 'lianshu_runs', help: 'Live runs by state', labelNames: ['state'], registers });
  const effects = new Gauge({
    name: 'lianshu_effects_open',
    help: 'Effects that are not settled, by state and system',
    labelNames: ['state', 'system'],
    registers,
  });
  const oldest = new Gauge({
    name: 'lianshu_effect_open_oldest_seconds',
    help: 'Business age of the oldest effect that is not settled',
    labelNames: ['state', 'system'],
    registers,
  });
  const untaken = new Gauge({
    name: 'lianshu_signals_untaken',
    help: 'Facts that no run has taken, by notice',
    labelNames: ['notice'],
    registers,
  });
  return async () => {
    const [byState, open, facts] = await Promise.all([
      store.pool.query<{ state: number; n: string }>('select state, count(*) n from run group by state'),
      store.pool.query<{ state: string; system: string; n: string; age: number }>(
        `select state, system, count(*) n, extract(epoch from hub_now() - min(intent_at))::float8 age
         from effect where state in ('intent', 'unknown') group by state, system`,
      ),
      store.pool.query<{ notice: string; n: string }>(
        'select notice, count(*) n from signal where taken_by is null group by notice',
      ),
    ]);
    for (const gauge of [runs, effects, oldest, untaken]) gauge.reset();
    for (const state of Object.values(runStates)) runs.set({ state }, 0);
    for (const { state, n } of byState.rows) runs.set({ state: runStates[state] ?? String(state) }, Number(n));
    for (const { state, system, n, age } of open.rows) {
      effects.set({ state, system }, Number(n));
      oldest.set({ state, system }, age);
    }
    for (const { notice, n } of facts.rows) untaken.set({ notice }, Number(n));
  };
}

/** Observed from the table when asked, so that a message pays nothing for it. A number committed late may go uncounted. */
function exchangesOf({ store }: Edge, registers: Registry[]): () => Promise<void> {
  const exchanges = new Histogram({
    name: 'lianshu_exchange_ms',
    help: 'Messages in and out, by operation and state, since this node began',
    labelNames: ['operation', 'direction', 'state'],
    buckets: msBuckets,
    registers,
  });
  let seen: string | undefined;
  const start = store.pool
    .query<{ seq: string }>('select coalesce(max(seq), 0) seq from exchange')
    .then(({ rows }) => (seen ??= rows[0]?.seq ?? '0'))
    .catch(() => undefined);
  return async () => {
    await start;
    const found = await store.pool.query<{
      seq: string;
      operation: string;
      direction: string;
      state: string;
      ms: number;
    }>('select seq, operation, direction, state, ms from exchange where seq > $1 order by seq limit $2', [
      seen ?? '0',
      exchangesPerScrapeMax,
    ]);
    for (const { operation, direction, state, ms } of found.rows)
      exchanges.observe({ operation, direction, state }, ms);
    seen = found.rows.at(-1)?.seq ?? seen;
  };
}
