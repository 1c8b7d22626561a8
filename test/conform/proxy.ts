/**
 * A proxy between an adapter and its counterparty, which breaks one request of an operation as a case wants it. What it
 * breaks is bytes on a socket: no counterparty needs to know how to misbehave.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { certificates, type CertificateKind } from './certificates.ts';
import { forwardFramed, framedOn } from './framed.ts';
import type { Answer, AnswerSeal, Asked, Framing, TwinKeys } from './subject.ts';

/** What a fault has in hand. */
export interface Play {
  readonly asked: Asked;
  /** Lets the counterparty do it. */
  forward(): Promise<Answer>;
  /** A well-formed answer. */
  send(answer: Answer): void;
  /** Bytes as they are. */
  write(bytes: Buffer): Promise<void>;
  end(): void;
  reset(): void;
  /** Until the other side gives up. */
  readonly closed: Promise<void>;
  /** An answer that was given to another request of this kind. */
  readonly earlier: Answer | undefined;
  /** Where nobody may ever be led. */
  readonly trap: string;
  readonly seal: AnswerSeal | undefined;
  readonly keys: TwinKeys;
  readonly strangerKeys: TwinKeys;
  /** Where messages are framed on a bare connection. */
  readonly framing: Framing | undefined;
}

/** What the proxy is told of the counterparty. */
type Told = Pick<Play, 'seal' | 'keys' | 'strangerKeys' | 'framing'>;

export type Played = (play: Play) => Promise<void> | void;
type FileRoad = 'other-host-key' | 'login-refused';
export type Road = 'open' | 'refused' | 'plain-text' | 'silent' | 'resetting' | CertificateKind | FileRoad;

interface Armed {
  readonly play: Played | undefined;
  readonly step: number;
  readonly road: Road;
  readonly earlier: Answer | undefined;
}

/** A request that came, before it was read: what is to be done with it was settled then. */
interface Begun {
  readonly armed: Armed | undefined;
  readonly step: number;
  readonly faulty: boolean;
}

/** One set for the process: keys are dear. The authority is trusted from then on, by this process alone. */
let made: ReturnType<typeof certificates> | undefined;
function certificatesOf(): ReturnType<typeof certificates> {
  if (!made) {
    made = certificates();
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), made.authority]);
  }
  return made;
}

export class Proxy {
  /** Answers of the counterparty to the operation under way, in order. */
  answers: (Answer | undefined)[] = [];
  #armed: Armed | undefined;
  #count = 0;
  #hit = false;
  #forwarded = false;
  #underWay = new Set<Promise<unknown>>();
  readonly #servers: net.Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #roads = new Map<Road, string>();
  readonly #target: URL;
  readonly #told: Told;
  #trap = '';
  trapped = 0;

  private constructor(target: string, told: Told) {
    this.#target = new URL(target);
    this.#told = told;
  }

  static async start(target: string, told: Told): Promise<Proxy> {
    const proxy = new Proxy(target, told);
    const serve = (secure: boolean) => (req: IncomingMessage, res: ServerResponse) =>
      void proxy.#serve(req, res, secure).catch(() => res.destroy());
    const { framing } = told;
    const serveFramed = (socket: Socket) =>
      void (framing && proxy.#serveFramed(socket, framing).catch(() => socket.destroy()));
    const [plain, secure] = framing ? (['tcp', 'tls'] as const) : (['http', 'https'] as const);
    const plainServer = framing ? net.createServer(serveFramed) : http.createServer(serve(false));
    proxy.#roads.set('open', await proxy.#listen(plainServer, plain));
    // A port of the system on which nobody listens: one of our own that was closed may be another test's by then.
    proxy.#roads.set('refused', `${plain}://127.0.0.1:1`);
    proxy.#trap = await proxy.#listen(
      http.createServer((_req, res) => {
        proxy.trapped += 1;
        res.end('{}');
      }),
      'http',
    );
    for (const [kind, certificate] of Object.entries(certificatesOf().servers)) {
      const server = framing
        ? tls.createServer(certificate, serveFramed)
        : https.createServer(certificate, serve(true));
      proxy.#roads.set(kind as Road, await proxy.#listen(server, secure));
    }
    const road = async (name: Road, listener: (socket: Socket) => void) =>
      proxy.#roads.set(name, await proxy.#listen(net.createServer(listener), secure));
    await road('plain-text', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await road('silent', (socket) => void socket.resume());
    await road('resetting', (socket) => socket.once('data', () => socket.resetAndDestroy()));
    return proxy;
  }

  /** The next operation begins; its request number `step` is dealt with so. */
  arm(what: { play?: Played; step?: number; road?: Road; earlier?: Answer | undefined }): void {
    this.#armed = { play: what.play, step: what.step ?? 0, road: what.road ?? 'open', earlier: what.earlier };
    this.begin();
  }

  /** Another operation: its requests count from nothing. */
  begin(): void {
    this.#count = 0;
    this.#hit = false;
    this.#forwarded = false;
    this.answers = [];
    this.trapped = 0;
  }

  /** No fault any more, and nothing under way any more. `hit`: the fault's request came at all. */
  async disarm(): Promise<{ hit: boolean; forwarded: boolean }> {
    const { road, step } = this.#armed ?? { road: 'open', step: 0 };
    // Whoever led the next request elsewhere did not see it come.
    const hit = this.#hit || (road !== 'open' && this.#count === step);
    this.#armed = undefined;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    return { hit, forwarded: this.#forwarded };
  }

  get nextIsFaulty(): boolean {
    return this.#armed !== undefined && this.#count === this.#armed.step;
  }

  /** Where the next request goes. */
  get url(): string {
    const road = this.nextIsFaulty ? (this.#armed?.road ?? 'open') : 'open';
    return this.#roads.get(road) ?? '';
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #serve(req: IncomingMessage, res: ServerResponse, secure: boolean): Promise<void> {
    const begun = this.#begun();
    const asked = await askedOf(req, secure);
    const send = (answer: Answer) => sendHttp(res, answer);
    await this.#answered(begun, { asked, socket: req.socket, send, ask: () => this.#forward(asked) });
  }

  async #serveFramed(socket: Socket, framing: Framing): Promise<void> {
    const begun = this.#begun();
    const body = await framedOn(socket, framing.frame);
    const asked = { method: 'TCP', target: '', headers: {}, body };
    const send = (answer: Answer) => void socket.end(answer.body);
    await this.#answered(begun, { asked, socket, send, ask: () => forwardFramed(this.#target, body, framing.frame) });
  }

  #begun(): Begun {
    const armed = this.#armed;
    const step = this.#count;
    return { armed, step, faulty: armed !== undefined && step === armed.step };
  }

  async #answered(
    { armed, step, faulty }: Begun,
    { asked, socket, send, ask }: { asked: Asked; socket: Socket; send: Play['send']; ask: () => Promise<Answer> },
  ): Promise<void> {
    this.#count += 1;
    this.#hit ||= faulty;
    const forward = async () => {
      const answer = await this.#tracked(ask());
      if (faulty) this.#forwarded = true;
      this.answers[step] = answer;
      return answer;
    };
    if (!faulty || !armed?.play) return send(await forward());
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await armed.play({
      asked,
      forward,
      send,
      write: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
      end: () => void socket.end(),
      reset: () => void socket.resetAndDestroy(),
      closed,
      earlier: armed.earlier,
      trap: this.#trap,
      ...this.#told,
    });
  }

  #forward(asked: Asked): Promise<Answer> {
    const { hostname, port } = this.#target;
    return new Promise((resolve, reject) => {
      const outgoing = http.request(
        { host: hostname, port, method: asked.method, path: asked.target, headers: asked.headers },
        (answer) => {
          collected(answer).then((body) => {
            resolve({ status: answer.statusCode ?? 0, headers: flat(answer.headers), body });
          }, reject);
        },
      );
      outgoing.once('error', reject);
      outgoing.end(asked.body);
    });
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return work;
  }

  async #listen(server: net.Server, protocol: string): Promise<string> {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).setMaxListeners(0); // A kept connection carries many cases.
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#servers.push(server);
    return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);

function sendHttp(res: ServerResponse, answer: Answer): void {
  const headers = Object.entries(answer.headers).filter(([name]) => !hopByHop.has(name) && name !== 'content-length');
  res.writeHead(answer.status, { ...Object.fromEntries(headers), 'content-length': String(answer.body.length) });
  res.end(answer.body);
}

/** The answer as bytes on the wire, in two parts. */
export function wireOf(answer: Answer, extra: Readonly<Record<string, string>> = {}): { head: Buffer; body: Buffer } {
  const kept = Object.entries(answer.headers).filter(([name]) => !hopByHop.has(name) && name !== 'content-length');
  const headers = Object.entries({
    ...Object.fromEntries(kept),
    'content-length': String(answer.body.length),
    connection: 'close',
    ...extra,
  }).filter(([, value]) => value !== '');
  const lines = [
    `HTTP/1.1 ${answer.status} ${http.STATUS_CODES[answer.status] ?? 'OK'}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body: answer.body };
}

async function askedOf(req: IncomingMessage, secure: boolean): Promise<Asked> {
  const body = await collected(req);
  const headers = { ...flat(req.headers), ...(secure ? { 'x-forwarded-proto': 'https' } : {}) };
  return { method: req.method ?? 'GET', target: req.url ?? '/', headers, body };
}

async function collected(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
