/** Bodies that operators' tools send. */
import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Contract } from '../contracts/contract.ts';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';

/** @throws Failure ENCODING_UNSUPPORTED, BODY_MALFORMED, CONTRACT_VIOLATED naming the field */
export function jsonOf<S extends TSchema>(request: FastifyRequest, taken: Contract<S>): Static<S> {
  // A page of another origin can send other types without asking first.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Failure('ENCODING_UNSUPPORTED', { detail: 'content-type application/json is expected' });
  return taken.check(parseJson(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)));
}
