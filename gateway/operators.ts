/**
 * Who may look: the console shows every party's cases, so without a rule of the installation it is for this machine only.
 * A request that came through a proxy is not from this machine, whatever its last hop was.
 */
import type { FastifyRequest } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import type { Edge } from './options.ts';

/** A hook for routes that show what no outside party may see. */
export function requireOperator(edge: Edge): (request: FastifyRequest) => Promise<void> {
  const allowed = edge.mayOperate ?? ((request) => isLocal(request.address, request.headers));
  return async (request) => {
    if (allowed({ address: request.socket.remoteAddress ?? '', headers: request.headers })) return;
    throw new Failure('NOT_ALLOWED', { detail: 'the console is served to operators of this installation only' });
  };
}

export function requireLoopback(): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (isLocal(request.socket.remoteAddress ?? '', request.headers)) return;
    throw new Failure('NOT_ALLOWED', { detail: 'this is taken over loopback only' });
  };
}

function isLocal(address: string, headers: Readonly<Record<string, unknown>>): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined) return false;
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
