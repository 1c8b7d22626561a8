/**
 * What people are asked to decide, and their decisions.
 *
 * There is no login yet: who decides, and in which role, is what the operator's tool says, and is written down as said.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ShortText, Text } from '../contracts/canonical/primitives.ts';
import { contract, strict } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { decide, openTasks, readTask, type TaskRow } from '../engine/tasks.ts';
import { jsonOf } from './json.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';

const bodyBytesMax = 4_000;
const taskIdPattern = /^[0-9a-f]{32}$/;

const Decision = contract(
  'hub/task-decision',
  strict({
    by: ShortText,
    role: Type.Optional(ShortText),
    decision: Type.Union([Type.Literal('approved'), Type.Literal('rejected')]),
    /** As the task says: what one has looked at is what one decides on. */
    payloadHash: Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 }),
    reason: Text,
  }),
);

export function taskRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, engine } = edge;
  const preHandler = requireOperator(edge);

  app.get('/v1/tasks', { preHandler }, async (request) => {
    filtersOf(request.raw.url ?? '', []);
    return { tasks: (await openTasks(store)).map(shown) };
  });

  app.get('/v1/tasks/:id', { preHandler }, async (request) => shown(await readTask(store, idOf(request))));

  app.post('/v1/tasks/:id/decide', { preHandler, bodyLimit: bodyBytesMax }, async (request) => {
    const { by, ...decision } = jsonOf(request, Decision);
    const { task, key } = await decide(store, idOf(request), { ...decision, person: by });
    if (key !== undefined) await engine.signalled([key]);
    return shown(task);
  });
}

function shown({ since, deadline, ...task }: TaskRow): object {
  return { ...task, since: shanghaiTime(since), deadline: shanghaiTime(deadline) };
}

function idOf(request: FastifyRequest): string {
  filtersOf(request.raw.url ?? '', []);
  const { id } = request.params as { id: string };
  if (!taskIdPattern.test(id)) throw new Failure('NOT_FOUND', { detail: 'this is no id of a task' });
  return id;
}
