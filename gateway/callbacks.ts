/**
 * What external systems tell the hub (`/in/<system>/...`): the bytes go to the adapter of the system's kind exactly as
 * they came, and what it answers goes back exactly as it is. Whether a message is believed is the adapter's to say.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import type { Edge } from './options.ts';
import { readAddress } from './query.ts';

/** As `adapters/adapter.ts` states it; over the bus bytes are base64. */
interface WireInbound {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function callbackRoutes(app: FastifyInstance, edge: Edge): void {
  const bodyLimit = edge.limits.callbackBytesMax;
  const method = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  for (const url of ['/in/:system', '/in/:system/*']) {
    app.route({
      method,
      url,
      bodyLimit,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const answer = await receive(edge, request);
        return reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body, 'base64'));
      },
    });
  }
}

async function receive(edge: Edge, request: FastifyRequest): Promise<WireReply> {
  const { system } = request.params as { system: string };
  const inbound = inboundOf(request);
  if (!/^[\w.-]{1,64}$/.test(system)) throw new Failure('SYSTEM_UNKNOWN', { detail: 'this is no id of a system' });
  const found = await edge.store.pool.query<{ kind: string }>('select kind from system where id = $1', [system]);
  const kind = found.rows[0]?.kind;
  if (kind === undefined) throw new Failure('SYSTEM_UNKNOWN', { detail: 'no system is registered under this address' });
  return edge.broker.call<WireReply, { system: string; inbound: WireInbound }>(`${kind}.receive`, { system, inbound });
}

function inboundOf(request: FastifyRequest): WireInbound {
  const { path, query } = readAddress(request.raw.url ?? '/');
  // The raw path: it may be part of what the sender signed. It is `/in/<system>` and the rest.
  const below = path.split('/').slice(3).join('/');
  return {
    method: request.method,
    path: `/${below}`,
    query,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)).toString('base64'),
  };
}
