/**
 * Signed messages that are acted upon at once, and are no facts of a flow: work on a task, a subscription, a consent. `webhook-id` makes
 * a repetition harmless: the same bytes get the first answer again, other bytes are a conflict.
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../contracts/failures.ts';
import { parseJson } from '../contracts/gate/json.ts';
import { openedAnswer, sealedAnswer } from '../engine/sealed.ts';
import type { Edge } from './options.ts';
import { filtersOf } from './query.ts';
import { verifySigned, type Signed } from './signature.ts';

export async function answerOnce(
  edge: Edge,
  request: FastifyRequest,
  reply: FastifyReply,
  act: (signed: Signed, said: unknown) => Promise<object>,
): Promise<object> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const signed = verifySigned(request.headers, body, edge.secretOf);
  filtersOf(request.raw.url ?? '', []);
  // The path is not part of what is signed: under one id, a body belongs to one address.
  const bodyHash = createHash('sha256').update(`POST ${request.url}\n`).update(body).digest('hex');
  const first = await firstAnswer(edge, signed, bodyHash);
  if (first) {
    void reply.header('idempotent-replay', 'true');
    return first;
  }
  const answer = await act(signed, parseJson(body));
  await edge.store.tx(async (tx) =>
    tx.query(
      'insert into request (caller, key, body_hash, status, answer) values ($1, $2, $3, 200, $4) on conflict do nothing',
      [signed.caller, signed.id, bodyHash, await sealedAnswer(tx, signed.caller, signed.id, answer)],
    ),
  );
  return answer;
}

async function firstAnswer(edge: Edge, signed: Signed, bodyHash: string): Promise<object | undefined> {
  const found = await edge.store.pool.query<{ body_hash: string; answer: Buffer }>(
    'select body_hash, answer from request where caller = $1 and key = $2',
    [signed.caller, signed.id],
  );
  const [first] = found.rows;
  if (!first) return undefined;
  if (first.body_hash !== bodyHash)
    throw new Failure('IDEMPOTENCY_CONFLICT', {
      detail: `webhook-id ${signed.id} was used with another body or address`,
    });
  return (await openedAnswer(edge.store.pool, signed.caller, signed.id, first.answer)) as object;
}
