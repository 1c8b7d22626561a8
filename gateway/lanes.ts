/**
 * The lanes of the external systems: who is held, why and since when; pause, resume, limits and hours.
 *
 * There is no login yet: who acts is what the operator's tool says in `by`, and is written down as said.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static, type TSchema } from 'typebox';
import { ShortText, Text } from '../contracts/canonical/primitives.ts';
import { contract, strict, type Contract } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import type { Act, Lanes, LaneSettings, LaneView } from '../engine/lanes.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';

const bodyBytesMax = 4_000;
const eventsMax = 100;

const who = { by: ShortText, reason: Text };
const nullable = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]));
const time = (pattern: string) => Type.String({ pattern, maxLength: 5 });

const LaneAct = contract('hub/lane-act', strict(who));
const LaneLimits = contract(
  'hub/lane-limits',
  strict({
    ...who,
    concurrency: nullable(Type.Integer({ minimum: 1, maximum: 1_000 })),
    rate: nullable(Type.Integer({ minimum: 1, maximum: 10_000 })),
    ratePerMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 86_400_000 })),
    rampPerS: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    opens: nullable(time('^([01]\\d|2[0-3]):[0-5]\\d$')),
    closes: nullable(time('^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$')),
    everyDay: Type.Optional(Type.Boolean()),
  }),
);

export function laneRoutes(app: FastifyInstance, edge: Edge): void {
  const { lanes } = edge;
  if (!lanes) return;
  const preHandler = requireOperator(edge);

  app.get('/v1/lanes', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    return { lanes: await readAll(edge, lanes) };
  });

  app.get('/v1/lanes/:system', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    const system = await systemOf(edge, request);
    return { ...(await readOne(edge, lanes, system)), events: await readEvents(edge, system) };
  });

  const act = <S extends typeof LaneAct.schema>(
    name: string,
    taken: Contract<S>,
    change: (act: Act, body: Static<S>) => Promise<void>,
  ) =>
    app.post(`/v1/lanes/:system/${name}`, { bodyLimit: bodyBytesMax, preHandler }, async (request) => {
      filtersOf(request.raw.url ?? '', []);
      const body = bodyOf(request, taken);
      const system = await systemOf(edge, request);
      await change({ system, who: body.by, why: body.reason }, body);
      return readOne(edge, lanes, system);
    });
  act('pause', LaneAct, (by) => lanes.pause(by));
  act('resume', LaneAct, (by) => lanes.resume(by));
  act('set', LaneLimits, (by, body) => {
    const { by: _by, reason: _reason, ...settings } = body;
    return lanes.set(by, hoursWhole(settings));
  });
}

/** Opening and closing time come together. */
function hoursWhole(settings: LaneSettings): LaneSettings {
  const { opens, closes } = settings;
  const bothOrNone = (opens === undefined) === (closes === undefined) && (opens === null) === (closes === null);
  if (bothOrNone && !(typeof opens === 'string' && typeof closes === 'string' && opens >= closes)) return settings;
  const detail = 'opens and closes are given together, opens before closes, or are both null';
  throw new Failure('CONTRACT_VIOLATED', { detail, errors: [{ pointer: '#/closes', code: 'hours', detail }] });
}

function bodyOf<S extends TSchema>(request: FastifyRequest, taken: Contract<S>): Static<S> {
  // A page of another origin can send other types without asking first.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Failure('ENCODING_UNSUPPORTED', { detail: 'content-type application/json is expected' });
  return taken.check(parseJson(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)));
}

async function systemOf({ store }: Edge, request: FastifyRequest): Promise<string> {
  const { system } = request.params as { system: string };
  const found = await store.pool.query('select 1 from system where id = $1', [system.replaceAll('\0', '')]);
  if (found.rowCount !== 1) throw new Failure('SYSTEM_UNKNOWN', { detail: 'no such system is registered' });
  return system;
}

async function readOne(edge: Edge, lanes: Lanes, system: string): Promise<object> {
  return (await readAll(edge, lanes)).find((lane) => lane.system === system) ?? { system };
}

/** A system whose lane nobody ever touched is open. */
async function readAll({ store }: Edge, lanes: Lanes): Promise<{ system: string }[]> {
  const [views, systems] = await Promise.all([
    lanes.list(),
    store.pool.query<{ id: string; name_zh: string; name_en: string }>(
      'select id, name_zh, name_en from system order by id',
    ),
  ]);
  const viewOf = new Map(views.map((view) => [view.lane.system, view]));
  return systems.rows.map(({ id, name_zh: zh, name_en: en }) => {
    const view = viewOf.get(id);
    return { system: id, name: { zh, en }, ...(view ? shown(view) : { state: 'open', held: 0 }) };
  });
}

function shown({ lane, condition, held, heldSince }: LaneView): object {
  return {
    state: condition.state,
    held,
    heldSince: heldSince ? shanghaiTime(heldSince) : null,
    concurrency: lane.concurrency ?? null,
    rate: lane.rate ?? null,
    ratePerMs: lane.ratePerMs,
    rampPerS: lane.rampPerS,
    hours: lane.hours ?? null,
    paused: lane.paused ? { ...lane.paused, at: shanghaiTime(lane.paused.at) } : null,
    brokenUntil: lane.brokenUntilMs === undefined ? null : new Date(lane.brokenUntilMs).toISOString(),
    opensAt: condition.state === 'closed' ? shanghaiTime(condition.opensAt) : null,
  };
}

async function readEvents({ store }: Edge, system: string): Promise<object[]> {
  const found = await store.pool.query<{ what: string; who: string; why: string; at: Date }>(
    'select what, who, why, at from lane_event where system = $1 order by id desc limit $2',
    [system, eventsMax],
  );
  return found.rows.map((row) => ({ ...row, at: shanghaiTime(row.at) }));
}
