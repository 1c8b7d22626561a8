/**
 * The one way in which the hub calls a counterparty over HTTP.
 *
 * What matters is not that a call fails but what may be concluded from it. Until the connection stands (for TLS: until
 * the handshake is done) no byte of the request has left, and the call may be made again: SYSTEM_UNREACHABLE. From then
 * on the other side may have acted, whatever went wrong: OUTCOME_UNKNOWN, and only a query can tell. The line is drawn
 * by watching the socket, never by reading error codes, which mean different things at different moments.
 */
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import axios from 'axios';
import { Failure } from '../contracts/failures.ts';
import { admitUrl, isPublic, lookupPublic } from './address.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** Goes out as it is, byte by byte: it may be signed. */
  readonly body?: Uint8Array;
  /** For everything: waiting for a socket, connecting, sending, and the last byte of the answer. */
  readonly timeoutMs: number;
  /** The system is registered as one inside our own network. */
  readonly allowPrivate: boolean;
  readonly maxAnswerBytes?: number;
  readonly maxBodyBytes?: number;
  /** Where a system needs its own certificates. */
  readonly agent?: http.Agent;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly ms: number;
}

const MESSAGE_BYTES_MAX = 2_000_000;

/** Any answer, whatever its status; a redirect is an answer. @throws Failure BODY_TOO_LARGE, SYSTEM_UNREACHABLE or OUTCOME_UNKNOWN. */
export async function exchangeHttp(request: HttpRequest): Promise<HttpAnswer> {
  const url = admitUrl(request.url, request.allowPrivate);
  const maxBodyBytes = request.maxBodyBytes ?? MESSAGE_BYTES_MAX;
  const bodyBytes = request.body?.byteLength ?? 0;
  if (bodyBytes > maxBodyBytes)
    throw new Failure('BODY_TOO_LARGE', {
      detail: `${bodyBytes} bytes to send, at most ${maxBodyBytes}`,
    });
  const road = roadTo(request);
  const started = performance.now();
  const answer = await client
    .request<Buffer>({
      url: url.href,
      method: request.method,
      headers: headersOf(request),
      data: request.body && Buffer.from(request.body.buffer, request.body.byteOffset, bodyBytes),
      maxBodyLength: maxBodyBytes,
      maxContentLength: request.maxAnswerBytes ?? MESSAGE_BYTES_MAX,
      httpAgent: request.agent ?? agents.http,
      httpsAgent: request.agent ?? agents.https,
      transport: road.transport,
      signal: AbortSignal.timeout(request.timeoutMs), // axios' own `timeout` does not end an answer that drips.
    })
    .catch((thrown: unknown) => {
      throw concluded(road.isOpen(), thrown, performance.now() - started, request.timeoutMs);
    });
  const headers = flat(answer.headers);
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: 'the answer is compressed, which was not asked for',
    });
  }
  return { status: answer.status, headers, body: answer.data, ms: performance.now() - started };
}

/** Idle sockets live shorter than the 5 s after which common servers close theirs: a stale one makes an outcome unknown. */
const pool = {
  keepAlive: true,
  timeout: 4_000,
  maxSockets: 32,
  maxTotalSockets: 512,
  maxFreeSockets: 8,
} as const;
const agents = { http: new http.Agent(pool), https: new https.Agent(pool) };

const client = axios.create({
  adapter: 'http',
  proxy: false,
  maxRedirects: 0,
  allowAbsoluteUrls: false,
  decompress: false,
  responseType: 'arraybuffer',
  validateStatus: () => true,
  transformRequest: [(data: unknown) => data],
  transformResponse: [(data: unknown) => data],
});

/** What axios would add by itself (a content type, a willingness to inflate) or would quietly repair stays out. */
function headersOf(request: HttpRequest): Record<string, string | false> {
  for (const [name, value] of Object.entries(request.headers)) {
    try {
      http.validateHeaderName(name);
      http.validateHeaderValue(name, value);
    } catch (cause) {
      throw new Failure('SYSTEM_UNREACHABLE', {
        detail: 'refused, nothing was sent: a header holds what none may hold',
        cause,
      });
    }
  }
  const given = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    accept: '*/*',
    'content-type': false,
    'user-agent': 'lianshu',
    ...(request.method !== 'GET' && !request.body ? { 'content-length': '0' } : {}),
    ...given,
    'accept-encoding': 'identity',
  };
}

/** Makes the request and keeps watch over its socket. `isOpen`: may a byte of it have left? */
function roadTo(request: HttpRequest) {
  let open = false;
  const watch = (socket: Socket) => {
    const enter = () => {
      if (!request.allowPrivate && !isPublic(socket.remoteAddress ?? '')) {
        socket.destroy(
          new Failure('SYSTEM_UNREACHABLE', {
            detail: 'refused, nothing was sent: the peer is not public',
          }),
        );
      } else open = true;
    };
    const handshake = 'secureConnecting' in socket; // A TLS socket says so of itself; only while it does, nothing can be sent.
    if (handshake ? socket.secureConnecting === true : socket.connecting) {
      socket.prependOnceListener(handshake ? 'secureConnect' : 'connect', enter);
    } else enter();
  };
  const transport = {
    request(options: https.RequestOptions, onAnswer: (answer: http.IncomingMessage) => void) {
      const guarded = request.allowPrivate ? options : { ...options, lookup: lookupPublic };
      const outgoing = (options.protocol === 'https:' ? https : http).request(guarded, onAnswer);
      outgoing.prependListener('socket', watch);
      return outgoing;
    },
  };
  return { transport, isOpen: () => open };
}

function concluded(open: boolean, thrown: unknown, ms: number, timeoutMs: number): Failure {
  const reason = axios.isCancel(thrown) ? `no full answer within ${timeoutMs} ms` : reasonOf(thrown);
  const detail = `${reason}, after ${Math.round(ms)} ms`;
  return open
    ? new Failure('OUTCOME_UNKNOWN', { detail, cause: thrown })
    : new Failure('SYSTEM_UNREACHABLE', {
        detail: `${detail}; not connected, nothing was sent`,
        cause: thrown,
      });
}

/** The code alone: messages of the libraries hold addresses and sometimes content. */
function reasonOf(thrown: unknown): string {
  const { code, cause, message } = thrown as {
    code?: unknown;
    cause?: { type?: unknown; message?: string };
    message?: string;
  };
  if (cause?.type === 'SYSTEM_UNREACHABLE' && cause.message !== undefined) return cause.message;
  if (message?.startsWith('maxContentLength')) return 'the answer is too large';
  return typeof code === 'string' ? code : 'the connection failed';
}

function flat(headers: object): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value)]),
  );
}
