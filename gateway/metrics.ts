/** `GET /metrics` for Prometheus. Figures of the books are read when they are asked for; nothing is counted twice. */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Live } from './live.ts';
import { booksOf, sizesOf } from './metrics/books.ts';
import { engineOf } from './metrics/process.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';

/** However often it is scraped, and by however many. */
const booksMs = 15_000;
const sizesMs = 60_000;
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
  const readBooks = atMostEvery(booksMs, booksOf(edge, registers));
  const readSizes = atMostEvery(sizesMs, sizesOf(edge, registers));
  const tellEngine = engineOf(edge, registers);
  const readLanes = lanesOf(edge, registers);
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
    tellEngine();
    // With the database away, what is known of the process is still worth telling.
    await Promise.all([readBooks(), readSizes(), readLanes(), readExchanges()]).catch(() => unread.inc());
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
}

/** Scrapes of one moment read once; what could not be read is read again by the next. */
function atMostEvery(ms: number, read: () => Promise<void>): () => Promise<void> {
  let readAtMs = -Infinity;
  let last = Promise.resolve();
  return () => {
    if (performance.now() - readAtMs < ms) return last;
    readAtMs = performance.now();
    last = read();
    last.catch(() => (readAtMs = -Infinity));
    return last;
  };
}

function lanesOf({ lanes, clock }: Edge, registers: Registry[]): () => Promise<void> {
  if (!lanes) return () => Promise.resolve();
  const labelNames = ['system', 'state'];
  const state = new Gauge({
    name: 'lianshu_lane',
    help: 'Lanes that were ever touched, by state',
    labelNames,
    registers,
  });
  const held = new Gauge({
    name: 'lianshu_lane_held',
    help: 'Calls that a lane holds',
    labelNames: ['system'],
    registers,
  });
  const oldest = new Gauge({
    name: 'lianshu_lane_held_oldest_seconds',
    help: 'Business age of the oldest call that a lane holds',
    labelNames: ['system'],
    registers,
  });
  return async () => {
    const views = await lanes.list();
    for (const gauge of [state, held, oldest]) gauge.reset();
    for (const { lane, condition, held: count, heldSince } of views) {
      const { system } = lane;
      state.set({ system, state: condition.state }, 1);
      held.set({ system }, count);
      oldest.set({ system }, heldSince ? (clock.now().getTime() - heldSince.getTime()) / 1000 : 0);
    }
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
