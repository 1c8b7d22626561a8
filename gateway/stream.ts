/** `GET /v1/stream`: server-sent events, on topics `runs` (the list) and `run:<id>` (one run's page). */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import type { Live, Reader, Watch } from './live.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import { filtersOf, invalid } from './query.ts';
import { isRunId } from './runs.ts';

const topicsMax = 10;
const reconnectMs = 1_000;

export function streamRoutes(app: FastifyInstance, edge: Edge, live: Live): void {
  const open = new Map<ServerResponse, Reader>();
  const beating = setInterval(() => {
    for (const response of open.keys()) response.write(': beat\n\n');
  }, edge.limits.heartbeatMs);
  beating.unref();
  const end = (response: ServerResponse) => {
    const reader = open.get(response);
    if (!open.delete(response) || !reader) return;
    live.remove(reader);
    response.end();
  };
  // Before the server closes: a stream never ends by itself, and would hold it open.
  app.addHook('preClose', async () => {
    clearInterval(beating);
    for (const response of open.keys()) end(response);
  });
  app.get('/v1/stream', { preHandler: requireOperator(edge), exposeHeadRoute: false }, async (request, reply) => {
    const { list, watches } = await topicsOf(edge, request);
    if (open.size >= edge.limits.streamsMax) {
      throw new Failure('OVERLOADED', {
        detail: `${edge.limits.streamsMax} streams are open, there is no room for another`,
      });
    }
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
    });
    response.write(`retry: ${reconnectMs}\n\n`);
    const reader: Reader = {
      list,
      watches,
      send(event, data, id) {
        if (!open.has(response)) return;
        if (response.writableLength > edge.limits.streamBacklogBytesMax) {
          response.destroy();
          return;
        }
        const head = id === undefined ? '' : `id: ${id}\n`;
        response.write(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      },
    };
    open.set(response, reader);
    response.on('close', () => end(response));
    response.on('error', () => end(response));
    live.add(reader);
  });
}

async function topicsOf(edge: Edge, request: FastifyRequest): Promise<{ list: boolean; watches: Watch[] }> {
  const topics = [...new Set((filtersOf(request.raw.url ?? '', ['topics'])['topics'] ?? '').split(','))];
  if (topics.length > topicsMax) throw invalid('topics', 'too_many', `at most ${topicsMax} topics are taken`);
  const from = positionOf(request.headers['last-event-id']);
  const watches: Watch[] = [];
  for (const topic of topics) {
    if (topic === 'runs') continue;
    const run = topic.startsWith('run:') ? topic.slice('run:'.length) : '';
    if (!isRunId(run)) throw invalid('topics', 'value', 'is not runs or run:<id>');
    const found = await edge.store.pool.query<{ case_id: string }>(
      'select case_id from run where id = $1 union all select case_id from run_done where id = $1',
      [run],
    );
    const caseId = found.rows[0]?.case_id;
    if (caseId === undefined) throw new Failure('NOT_FOUND', { detail: 'there is no such run' });
    watches.push({ run, caseId, from });
  }
  return { list: topics.includes('runs'), watches };
}

/** `<highest exchange>.<highest step>`. Anything else is no position of ours: the reader gets everything. */
function positionOf(header: unknown): Watch['from'] {
  const [, seq, step] = /^(\d{1,18})\.(\d{1,9})$/.exec(typeof header === 'string' ? header : '') ?? [];
  return seq === undefined ? undefined : { seq: BigInt(seq), step: Number(step) };
}
