/** What the console reads, besides the stream: the clock, the list of runs, one run, one exchange. */
import type { FastifyInstance } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { readExchange } from './exchanges.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import type { Pictures } from './pictures.ts';
import { filtersOf, invalid } from './query.ts';
import { readRunDetail } from './runDetail.ts';
import { isRunId, readRuns } from './runs.ts';

const rowsMax = 200;
const rowsDefault = 50;
const searchCharsMax = 100;

export interface ClockView {
  readonly now: string;
  readonly real: string;
  readonly speed: number;
}

export function clockView({ clock }: Edge): ClockView {
  return { now: shanghaiTime(clock.now()), real: new Date().toISOString(), speed: clock.speed };
}

export function consoleApiRoutes(app: FastifyInstance, edge: Edge, pictures: Pictures): void {
  const { store } = edge;
  const preHandler = requireOperator(edge);

  app.get('/v1/clock', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    return clockView(edge);
  });

  app.get('/v1/runs', { preHandler }, async (request) => {
    const {
      limit: asked,
      before,
      ...filters
    } = filtersOf(request.raw.url ?? '', ['state', 'flow', 'q', 'before', 'limit']);
    const limit = limitOf(asked);
    for (const [name, value] of Object.entries(filters)) {
      if (value.length > searchCharsMax || value.includes('\0'))
        throw invalid(name, 'value', `has at most ${searchCharsMax} characters`);
    }
    const rows = await readRuns(store, pictures, { ...filters, before, limit: limit + 1 });
    const runs = rows.slice(0, limit);
    return { runs, next: rows.length > limit ? (runs.at(-1)?.id ?? null) : null, applied_filters: filters };
  });

  app.get('/v1/runs/:id', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    const { id } = request.params as { id: string };
    if (!isRunId(id)) throw new Failure('NOT_FOUND', { detail: 'this is no id of a run' });
    return readRunDetail(store, pictures, id);
  });

  app.get('/v1/exchanges/:id', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    const { id } = request.params as { id: string };
    return readExchange(store, pictures, id);
  });
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return rowsDefault;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > rowsMax) throw invalid('limit', 'value', `is not a number from 1 to ${rowsMax}`);
  return limit;
}
