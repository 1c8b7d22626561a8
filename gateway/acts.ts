/**
 * What operators do to runs: look, act, approve; acts on many runs; incidents; facts that nobody took.
 *
 * There is no login yet: who acts is what the operator's tool says in `by`, and is written down as said. That two people
 * are two people therefore rests on the tool; that they have two names rests on the database.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ShortText, Text } from '../contracts/canonical/primitives.ts';
import { contract, strict } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { actsOfRun, approve, decline, propose, proposedActs, readAct, type Acting } from '../engine/acts.ts';
import { duplicate, remap } from '../engine/acts/again.ts';
import { approveBulk, bulk, bulkKinds, bulkProgress, stopBulk } from '../engine/acts/bulk.ts';
import { actKinds, type ActKind, type ActRow } from '../engine/acts/kinds.ts';
import { closeIncident, incidents } from '../engine/incidents.ts';
import { inspect } from '../engine/inspect.ts';
import { untakenFacts } from '../engine/untaken.ts';
import { jsonOf } from './json.ts';
import { maskedBody } from './maskedBody.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import type { Pictures } from './pictures.ts';
import { filtersOf, invalid } from './query.ts';
import { isRunId } from './runs.ts';

const bodyBytesMax = 262_144;
const Reason = Type.String({ minLength: 4, maxLength: 500, pattern: '^[^\\u0000]+$' });
const oneOf = (kinds: readonly ActKind[]) => Type.Unsafe<ActKind>({ type: 'string', enum: kinds });

const Ask = contract(
  'hub/act',
  strict({
    kind: oneOf((Object.keys(actKinds) as ActKind[]).filter((kind) => kind !== 'remap')),
    body: Type.Optional(Type.Object({})),
    reason: Reason,
    by: ShortText,
    seqSeen: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  }),
);
const Approval = contract('hub/act-approval', strict({ by: ShortText, payloadHash: ShortText }));
const Said = contract('hub/act-said', strict({ by: ShortText, reason: Reason }));
const Bulk = contract(
  'hub/bulk-act',
  strict({
    kind: oneOf(bulkKinds),
    body: Type.Optional(Type.Object({})),
    reason: Reason,
    by: ShortText,
    pace: Type.Number({ exclusiveMinimum: 0, maximum: 1_000 }),
    where: strict({
      flow: Type.Optional(ShortText),
      version: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
      state: Type.Optional(Type.Union([Type.Literal('waiting'), Type.Literal('attention')])),
      problem: Type.Optional(Text),
      startedBefore: Type.Optional(Type.String({ format: 'date-time', maxLength: 35 })),
      ids: Type.Optional(Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 10_000 })),
    }),
  }),
);

export function actRoutes(app: FastifyInstance, edge: Edge, pictures: Pictures): void {
  const { store, clock, flows, engine } = edge;
  const acting: Acting = { store, clock, flows, acted: () => engine.acted() };
  const preHandler = requireOperator(edge);
  const options = { preHandler, bodyLimit: bodyBytesMax };
  const shown = (act: ActRow) => ({ ...act, body: maskedBody(pictures, act) });

  app.get('/v1/runs/:id/inspection', { preHandler }, async (request) => inspect(acting, idOf(request, 'run')));

  app.get('/v1/runs/:id/acts', { preHandler }, async (request) => ({
    acts: (await actsOfRun(store, idOf(request, 'run'))).map(shown),
  }));

  app.post('/v1/runs/:id/acts', options, async (request, reply) => {
    const run = idOf(request, 'run');
    const { kind, body, reason, by, seqSeen } = jsonOf(request, Ask);
    void reply.code(202);
    if (kind === 'duplicate') {
      const begin = (flow: string, input: unknown, key: string) => engine.begin(flow, input, key);
      const made = await duplicate({ store, begin }, run, { reason, by });
      return { ...shown(made.act), begun: made.run };
    }
    return shown(await propose(acting, { run, kind, body, reason, by, seqSeen }));
  });

  app.get('/v1/acts', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    return { acts: (await proposedActs(store)).map(shown) };
  });

  app.get('/v1/acts/:id', { preHandler }, async (request) => shown(await readAct(store, idOf(request, 'act'))));

  app.post('/v1/acts/:id/approve', options, async (request) =>
    shown(await approve(acting, idOf(request, 'act'), jsonOf(request, Approval))),
  );

  app.post('/v1/acts/:id/decline', options, async (request) => {
    const { by, reason } = jsonOf(request, Said);
    return shown(await decline(store, idOf(request, 'act'), by, reason));
  });

  app.post('/v1/exchanges/:id/remap', options, async (request, reply) => {
    const said = jsonOf(request, Said);
    if (!edge.mapAgain) throw new Failure('METHOD_UNKNOWN', { detail: 'no adapter here maps stored messages again' });
    const { act, keys, fresh } = await remap(store, edge.mapAgain, idOf(request, 'exchange'), said);
    void reply.code(202);
    await engine.signalled(keys);
    return { ...act, fresh };
  });

  bulkRoutes(app, edge, acting);
  findingRoutes(app, edge);
}

function bulkRoutes(app: FastifyInstance, edge: Edge, acting: Acting): void {
  const { store } = edge;
  const preHandler = requireOperator(edge);
  const options = { preHandler, bodyLimit: bodyBytesMax };

  app.post('/v1/bulk-acts', options, async (request, reply) => {
    filtersOf(request.raw.url ?? '', []);
    const { where, ...asked } = jsonOf(request, Bulk);
    const { startedBefore, ...rest } = where;
    const before = startedBefore === undefined ? {} : { startedBefore: new Date(startedBefore) };
    void reply.code(202);
    return bulk(acting, { ...asked, where: { ...rest, ...before } });
  });

  app.get('/v1/bulk-acts/:id', { preHandler }, async (request) => bulkProgress(store, idOf(request, 'bulk')));

  app.post('/v1/bulk-acts/:id/approve', options, async (request) =>
    approveBulk(acting, idOf(request, 'bulk'), jsonOf(request, Approval)),
  );

  app.post('/v1/bulk-acts/:id/stop', options, async (request) => {
    const { by, reason } = jsonOf(request, Said);
    return stopBulk(store, idOf(request, 'bulk'), by, reason);
  });
}

function findingRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  const preHandler = requireOperator(edge);

  app.get('/v1/incidents', { preHandler }, async (request) => {
    const { state = 'open' } = filtersOf(request.raw.url ?? '', ['state']);
    if (state !== 'open' && state !== 'all') throw invalid('state', 'value', 'is not one of open, all');
    return { incidents: await incidents(store, state) };
  });

  app.post('/v1/incidents/:id/close', { preHandler, bodyLimit: bodyBytesMax }, async (request, reply) => {
    const { by, reason } = jsonOf(request, Said);
    await closeIncident(store, idOf(request, 'incident'), by, reason);
    return reply.code(204).send();
  });

  app.get('/v1/signals', { preHandler }, async (request) => {
    const { state } = filtersOf(request.raw.url ?? '', ['state']);
    if (state !== 'untaken')
      throw invalid('state', 'value', 'must be untaken: the others are in the journals of their runs');
    return { signals: await untakenFacts(store) };
  });
}

function idOf(request: FastifyRequest, what: string): string {
  filtersOf(request.raw.url ?? '', []);
  const { id } = request.params as { id: string };
  if (!isRunId(id)) throw new Failure('NOT_FOUND', { detail: `not an id: ${what}` });
  return id;
}
