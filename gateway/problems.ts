/** Whatever goes wrong at the edge leaves it as a problem document (RFC 9457) in the caller's language, never with a stack. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, isFailure, type FailureCode } from '../contracts/failures.ts';
import { problemOf } from '../contracts/problem.ts';

const fastifyCodes: Readonly<Record<string, readonly [FailureCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'the body is larger than this address takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['ENCODING_UNSUPPORTED', 'the content type is not well formed'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BODY_MALFORMED', 'the body is not as long as content-length says'],
  FST_ERR_HANDLER_TIMEOUT: ['OVERLOADED', 'the answer was not ready in time'],
  FST_ERR_BAD_URL: ['QUERY_INVALID', 'the address cannot be decoded'],
  FST_ERR_MAX_PARAM_LENGTH: ['NOT_FOUND', 'a part of the address is too long'],
  ECONNRESET: ['BODY_MALFORMED', 'the connection broke before the body was complete'],
};
const busNames = new Set([
  'ServiceNotFoundError',
  'ServiceNotAvailableError',
  'RequestTimeoutError',
  'QueueIsFullError',
  'RequestRejectedError',
]);

/** What the caller is told of anything thrown. A bug becomes INTERNAL, whose detail never leaves. */
export function failureOf(thrown: unknown): Failure {
  if (isFailure(thrown)) return thrown;
  const { code, name } = (thrown ?? {}) as { code?: unknown; name?: unknown };
  const known = typeof code === 'string' ? fastifyCodes[code] : undefined;
  if (known) return new Failure(known[0], { detail: known[1], cause: thrown });
  if (typeof name === 'string' && busNames.has(name)) {
    return new Failure('OVERLOADED', { detail: 'the service that takes this message does not answer', cause: thrown });
  }
  if (isDatabaseAway(thrown))
    return new Failure('OVERLOADED', { detail: 'the database does not answer', cause: thrown });
  return new Failure('INTERNAL', { cause: thrown });
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  const language = languageOf(request.headers['accept-language']);
  const { status, body } = problemOf(failure, { requestId: request.id, language });
  if (body.retryable) void reply.header('retry-after', '1');
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('content-language', language === 'zh' ? 'zh-CN' : 'en')
    .header('cache-control', 'no-store')
    .header('x-request-id', request.id)
    .send(JSON.stringify(body));
}

/** What Node itself refuses before there is a request: malformed framing, headers too large, too slow. */
export function answerBrokenClient(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const failure =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new Failure('BODY_TOO_SLOW')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? new Failure('BODY_TOO_LARGE', { detail: 'the headers are larger than the limit' })
        : new Failure('BODY_MALFORMED', { detail: 'this is not well-formed HTTP' });
  const { status, body } = problemOf(failure);
  const text = Buffer.from(JSON.stringify(body));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    'content-language: zh-CN',
    `content-length: ${text.length}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), text]), () => socket.destroy());
}

/** The first of our two languages in the caller's order; Chinese when it names neither. */
export function languageOf(accepted: string | undefined): 'zh' | 'en' {
  const wishes = (accepted ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters.map((p) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(p)?.[1]).find((q) => q !== undefined);
      return { language: tag.split('-')[0], weight: Number(weight ?? '1') };
    })
    .filter(({ language, weight }) => weight > 0 && (language === 'zh' || language === 'en'))
    .toSorted((a, b) => b.weight - a.weight);
  return wishes[0]?.language === 'en' ? 'en' : 'zh';
}

function isDatabaseAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (/^(08|53|57)...$/.test(code) || code === 'ECONNREFUSED') return true;
  return /connection terminated|timeout exceeded when trying to connect|query read timeout/i.test(thrown.message);
}
