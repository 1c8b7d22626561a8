/**
 * One request and one answer over TCP, for banks that frame messages by a length header. The same line is drawn as in
 * `http.ts`: until the connection stands (for TLS: until the handshake is done) nothing has left and the call may be made
 * again, SYSTEM_UNREACHABLE; from the first byte on the other side may have acted, OUTCOME_UNKNOWN.
 *
 * Each call has a connection of its own: an answer that comes too late for one request can never be taken for the answer
 * to the next.
 */
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { Failure } from '../contracts/failures.ts';
import { admitEndpoint, isPublic, lookupPublic, type Endpoint } from './address.ts';

/**
 * Where the answer ends: its length in bytes once enough of it is there to tell, undefined until then.
 * @throws Error when these bytes begin no answer
 */
export type FrameEnd = (soFar: Buffer) => number | undefined;

export interface TcpRequest {
  /** `tcp://host:port` or `tls://host:port`. */
  readonly url: string;
  /** Goes out as it is, byte by byte: it may be signed. */
  readonly request: Buffer;
  readonly frame: FrameEnd;
  /** For everything: connecting, sending, and the last byte of the answer. Real time. */
  readonly timeoutMs: number;
  /** The system is registered as one inside our own network. */
  readonly allowPrivate: boolean;
  readonly maxAnswerBytes?: number;
  readonly maxRequestBytes?: number;
}

const messageBytesMax = 2_000_000;
/** While no length is known, an answer is at most this long: the longest header is a few hundred bytes. */
const headerBytesMax = 4_096;

/** The bytes of the answer, exactly one. @throws Failure BODY_TOO_LARGE, SYSTEM_UNREACHABLE or OUTCOME_UNKNOWN */
export async function exchangeTcp(call: TcpRequest): Promise<Buffer> {
  const endpoint = admitEndpoint(call.url, call.allowPrivate);
  const most = call.maxRequestBytes ?? messageBytesMax;
  if (call.request.length > most)
    throw new Failure('BODY_TOO_LARGE', { detail: `${call.request.length} bytes to send, at most ${most}` });
  const started = performance.now();
  let open = false;
  const socket = connected(endpoint, call.allowPrivate);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const answer = new Answer(call.frame, call.maxAnswerBytes ?? messageBytesMax);
      const timer = setTimeout(() => reject(new Error(`no full answer within ${call.timeoutMs} ms`)), call.timeoutMs);
      socket.once('close', () => clearTimeout(timer));
      socket.once(endpoint.secure ? 'secureConnect' : 'connect', () => {
        if (!call.allowPrivate && !isPublic(socket.remoteAddress ?? ''))
          return reject(new Error('the peer is not public'));
        open = true;
        socket.write(call.request);
      });
      socket.on('data', (chunk: Buffer) => {
        try {
          const whole = answer.take(chunk);
          if (whole) resolve(whole);
        } catch (thrown) {
          reject(thrown);
        }
      });
      socket.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? 'the connection failed')));
      socket.once('close', () => reject(new Error(`closed after ${answer.length} bytes of an answer`)));
    });
  } catch (thrown) {
    throw concluded(open, thrown as Error, performance.now() - started);
  } finally {
    socket.destroy();
  }
}

function connected({ host, port, secure }: Endpoint, allowPrivate: boolean): Socket {
  const to = { host, port, ...(allowPrivate ? {} : { lookup: lookupPublic }) };
  if (!secure) return net.connect(to);
  // A name goes into the handshake, an address may not.
  return tls.connect({ ...to, ...(net.isIP(host) === 0 ? { servername: host } : {}) });
}

/** What has come so far. A header is looked at with every chunk, the rest is only counted. */
class Answer {
  readonly #frame: FrameEnd;
  readonly #bytesMax: number;
  readonly #chunks: Buffer[] = [];
  #end: number | undefined;
  length = 0;

  constructor(frame: FrameEnd, bytesMax: number) {
    this.#frame = frame;
    this.#bytesMax = bytesMax;
  }

  /** The answer, once it is whole. What comes behind its end is nobody's and is not looked at. @throws Error */
  take(chunk: Buffer): Buffer | undefined {
    this.#chunks.push(chunk);
    this.length += chunk.length;
    this.#end ??= this.#framed();
    if (this.#end === undefined || this.length < this.#end) return undefined;
    return Buffer.concat(this.#chunks).subarray(0, this.#end);
  }

  #framed(): number | undefined {
    const end = this.#frame(Buffer.concat(this.#chunks));
    if (end === undefined) {
      if (this.length > headerBytesMax) throw new Error('the answer does not say how long it is');
      return undefined;
    }
    if (!Number.isSafeInteger(end) || end <= 0) throw new Error('the announced length is none');
    if (end > this.#bytesMax) throw new Error(`the answer is too large, at most ${this.#bytesMax} bytes are taken`);
    return end;
  }
}

function concluded(open: boolean, thrown: Error, ms: number): Failure {
  const detail = `${thrown.message}, after ${Math.round(ms)} ms`;
  return open
    ? new Failure('OUTCOME_UNKNOWN', { detail, cause: thrown })
    : new Failure('SYSTEM_UNREACHABLE', { detail: `${detail}; not connected, nothing was sent`, cause: thrown });
}
