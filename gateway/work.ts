/**
 * Work lists of the parties (待办): what their people are asked to decide, over the signed API. A caller sees the tasks of the party for
 * which it speaks, an operator those of the hub's own people. Whether it is the person it says is the caller's to know; that the
 * role belongs to such a caller is checked here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { callerRoles } from '../contracts/portal/command.ts';
import { shanghaiTime } from '../engine/calendar.ts';
import { openTasks, readTask, type Viewer } from '../engine/tasks.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';
import { answerOnce } from './once.ts';
import { verifySigned } from './signature.ts';
import { rolesSaid, shownTask, taskBodyBytesMax, taskIdOf, taskVerbs, type Verb } from './tasks.ts';

export function workRoutes(app: FastifyInstance, edge: Edge): void {
  app.get('/v1/work', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    const { role } = filtersOf(request.raw.url ?? '', ['role']);
    return {
      at: shanghaiTime(edge.clock.now()),
      work: (await openTasks(edge.store, await viewerOf(edge, caller), role)).map(shownTask),
    };
  });

  app.get('/v1/work/:id', async (request) => {
    const { caller } = verifySigned(request.headers, Buffer.alloc(0), edge.secretOf);
    return shownTask(await readTask(edge.store, taskIdOf(request), await viewerOf(edge, caller)));
  });

  for (const verb of Object.keys(taskVerbs) as Verb[])
    app.post(`/v1/work/:id/${verb}`, { bodyLimit: taskBodyBytesMax }, (request, reply) =>
      act(edge, verb, request, reply),
    );
}

function act(edge: Edge, verb: Verb, request: FastifyRequest, reply: FastifyReply): Promise<object> {
  const id = taskIdOf(request);
  return answerOnce(edge, request, reply, async ({ caller }, said) => {
    const viewer = await viewerOf(edge, caller);
    assertRoles(edge, caller, said);
    return shownTask(await taskVerbs[verb](edge, id, said, viewer));
  });
}

/** @throws Failure NOT_ALLOWED for a caller that speaks for nobody whom the hub knows */
async function viewerOf(edge: Edge, caller: string): Promise<Viewer> {
  if (edge.roleOf(caller) === 'operator') return { party: null };
  const spoken = await edge.speaksFor?.(caller);
  if (spoken === undefined) throw new Failure('NOT_ALLOWED', { detail: `${caller} speaks for no party of the hub` });
  return { party: spoken.party };
}

/** `funder`, `funder/maker` are a funder's roles; `risk` is anybody's. @throws Failure NOT_ALLOWED */
function assertRoles(edge: Edge, caller: string, said: unknown): void {
  const own = edge.roleOf(caller);
  const strange = rolesSaid(said).find((role) => {
    const [kind = ''] = role.split(/[/.:-]/, 1);
    return (callerRoles as readonly string[]).includes(kind) && kind !== own;
  });
  if (strange === undefined) return;
  throw new Failure('NOT_ALLOWED', { detail: `nobody of ${caller} acts as ${strange.slice(0, 64)}` });
}
