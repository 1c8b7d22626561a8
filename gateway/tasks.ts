/**
 * What people are asked to decide, and their decisions, as operators of the installation see and make them.
 *
 * There is no login yet: who decides, and in which role, is what the operator's tool says, and is written down as said.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TaskClaim, TaskDecision, TaskDelegation, TaskRelease } from '../contracts/portal/work.ts';
import { Failure } from '../contracts/failures.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { claim, delegate, release } from '../engine/claims.ts';
import { decide, openTasks, readTask, type TaskRow, type Viewer } from '../engine/tasks.ts';
import { jsonOf } from './json.ts';
import { requireOperator } from './operators.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';

export const taskBodyBytesMax = 4_000;
const taskIdPattern = /^[0-9a-f]{32}$/;

export function taskRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  const preHandler = requireOperator(edge);

  app.get('/v1/tasks', { preHandler }, async (request) => {
    const { role } = filtersOf(request.raw.url ?? '', ['role']);
    return { at: shanghaiTime(edge.clock.now()), tasks: (await openTasks(store, {}, role)).map(shownTask) };
  });

  app.get('/v1/tasks/:id', { preHandler }, async (request) => shownTask(await readTask(store, taskIdOf(request))));

  for (const [verb, act] of Object.entries(taskVerbs))
    app.post(`/v1/tasks/:id/${verb}`, { preHandler, bodyLimit: taskBodyBytesMax }, async (request) =>
      shownTask(await act(edge, taskIdOf(request), jsonOf(request, contractOf[verb as Verb]), {})),
    );
}

const contractOf = { claim: TaskClaim, release: TaskRelease, delegate: TaskDelegation, decide: TaskDecision } as const;
export type Verb = keyof typeof contractOf;
type Said = { readonly by: string; readonly role?: string; readonly [field: string]: unknown };
type Act = (edge: Edge, id: string, said: unknown, viewer: Viewer) => Promise<TaskRow>;

/** What may be done with a task; each checks what it is given. */
export const taskVerbs: Readonly<Record<Verb, Act>> = {
  claim: ({ store }, id, said, viewer) => {
    const { by, role } = TaskClaim.check(said);
    return claim(store, id, { person: by, role }, viewer);
  },
  release: ({ store }, id, said, viewer) => {
    const { by, role, reason } = TaskRelease.check(said);
    return release(store, id, { person: by, role, reason }, viewer);
  },
  delegate: ({ store }, id, said, viewer) => {
    const { by, role, to, toRole, reason } = TaskDelegation.check(said);
    return delegate(store, id, { person: by, role, to: { person: to, role: toRole }, reason }, viewer);
  },
  decide: async ({ store, engine }, id, said, viewer) => {
    const { by, ...decision } = TaskDecision.check(said);
    const { task, key } = await decide(store, id, { ...decision, person: by }, viewer);
    if (key !== undefined) await engine.signalled([key]);
    return task;
  },
};

/** The roles that somebody says to act in: those of the body. */
export function rolesSaid(said: unknown): string[] {
  const { role, toRole } = said as Said;
  return [role, toRole].filter((each): each is string => typeof each === 'string');
}

export function shownTask({ since, deadline, heldUntil, escalateAt, ...task }: TaskRow): Record<string, unknown> {
  return {
    ...task,
    since: shanghaiTime(since),
    deadline: shanghaiTime(deadline),
    heldUntil: heldUntil && shanghaiTime(heldUntil),
    escalateAt: escalateAt && shanghaiTime(escalateAt),
  };
}

export function taskIdOf(request: FastifyRequest): string {
  filtersOf(request.raw.url ?? '', []);
  const { id } = request.params as { id: string };
  if (!taskIdPattern.test(id)) throw new Failure('NOT_FOUND', { detail: 'this is no id of a task' });
  return id;
}
