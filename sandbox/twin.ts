/**
 * A twin is a counterparty's system, written from its side: its own wire code, its own memory, its own log of what it
 * did, its own people. It knows nothing of the hub but its address and the keys they exchanged.
 *
 * Control port, on the same server below `/_twin/`: `GET state`, `GET effects`, `GET faults`, `POST faults`,
 * `DELETE faults`, `GET clock`, `POST clock`, `POST acts/<name>` (one of its people acts now).
 *
 * What survives a restart: memory and the acts that people still have ahead (`memory.json`), effects (`effects.ndjson`,
 * fsynced before the answer leaves).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { anySeed, chanceOf, type Chance } from './chance.ts';
import type { Clock } from './clock.ts';
import { EffectLog } from './effects.ts';
import { Faults, type Fault } from './faults.ts';
import { Memory } from './memory.ts';
import { Acts } from './acts.ts';

const maxBodyBytes = 8 * 1024 * 1024;

export interface TwinRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The query string exactly as sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface TwinAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** What a twin works with. `M` is its memory: plain JSON. */
export interface TwinContext<M extends object> {
  readonly clock: Clock;
  readonly memory: M;
  /** Ids and serials that it draws: the same under the same seed. */
  readonly chance: Chance;
  /** Where its files lie: memory, effects, and what it exchanges. */
  readonly folder: string;
  /** The hub's address for this system: `<hub>/in/<system id>`. Callbacks go below it. */
  readonly hubUrl: string;
  /** A key or secret that this side holds, as text. */
  key(name: string): string;
  /** Writes to the twin's own log, fsynced: one line per thing that it did to the world (paid, locked, registered ...). */
  effect(kind: string, number: string, detail: Record<string, unknown>): void;
  /** Keeps the memory on disk. Called by the framework after each request and act; call it yourself only in between. */
  save(): void;
  /** One of its people does something after that much business time; survives a restart. Acts that throw are tried again. */
  later(act: string, args: Record<string, unknown>, afterMs: number): void;
  /** Sends bytes to the hub. Throws when the hub does not answer 2xx: the act is then tried again. */
  post(request: {
    method?: string;
    path: string;
    headers: Record<string, string>;
    body: Buffer | string;
  }): Promise<{ status: number; body: Buffer }>;
}

export interface TwinSpec<M extends object> {
  /** The system's id in the hub, e.g. `bank-open`. */
  readonly name: string;
  readonly kind: string;
  readonly dialect: string;
  readonly title: { readonly zh: string; readonly en: string };
  /** Settings that the hub's operator would enter for this system: app ids, institution numbers. No secrets. */
  readonly settings: Readonly<Record<string, string>>;
  /** Values that make it behave in a special way, for whoever tries out what the hub does then. */
  readonly magic?: readonly Magic[];
  /** Made once, when the two sides exchange keys: files for the hub's side and for the twin's. Secrets `.txt`, keys `.pem`. */
  readonly enrol: () => { hub: Record<string, string>; twin: Record<string, string> };
  readonly memory: () => M;
  /** The operation that a request is, for faults; undefined when it is none. */
  readonly operationOf: (request: TwinRequest) => string | undefined;
  readonly handle: (request: TwinRequest, twin: TwinContext<M>) => Promise<TwinAnswer> | TwinAnswer;
  /** What its people do, by name. */
  readonly acts: Readonly<
    Record<string, (args: Record<string, unknown>, twin: TwinContext<M>) => Promise<void> | void>
  >;
  /** For one that faults cannot hit, because it answers nothing: how it is made to misbehave instead. */
  readonly insteadOfFaults?: string;
  /** A server that speaks no HTTP, started and stopped with the twin: the hub goes there. The control port stays HTTP. */
  readonly listen?: (twin: TwinContext<M>, port: number, faults: Faults) => Promise<Listening>;
}

export interface Magic {
  /** Which field: `amount of a payment 付款金额`. */
  readonly where: string;
  /** `…` stands for whatever comes before or after. */
  readonly value: string;
  readonly effect: string;
}

export interface Listening {
  /** `sftp://127.0.0.1:<port>`, `tcp://127.0.0.1:<port>` */
  readonly url: string;
  stop(): Promise<void>;
}

export interface RunningTwin {
  readonly name: string;
  /** Where the hub goes. */
  readonly url: string;
  /** The HTTP server with `/_twin/`; the same as `url` when the twin speaks HTTP. */
  readonly control: string;
  stop(): Promise<void>;
}

/** Only types the parts of a twin against each other. */
export function twin<M extends object>(spec: TwinSpec<M>): TwinSpec<M> {
  return spec;
}

interface TwinPlace {
  /** Folder of this twin's memory and effects. */
  readonly folder: string;
  readonly port: number;
  /** Of the server that speaks no HTTP, when there is one; any when absent. */
  readonly listenPort?: number | undefined;
  readonly hubUrl: string;
  readonly clock: Clock;
  readonly keys: Readonly<Record<string, string>>;
  /** What it draws its ids from; any when absent. */
  readonly seed?: string | undefined;
}

export async function startTwin<M extends object>(spec: TwinSpec<M>, place: TwinPlace): Promise<RunningTwin> {
  const memory = new Memory(join(place.folder, 'memory.json'), spec.memory);
  const effects = new EffectLog(join(place.folder, 'effects.ndjson'), place.clock);
  const faults = new Faults();
  const acts = new Acts(memory, place.clock, (name, args) => spec.acts[name]?.(args, context));
  const context: TwinContext<M> = {
    clock: place.clock,
    memory: memory.value,
    chance: chanceOf(place.seed ?? anySeed(), spec.name),
    folder: place.folder,
    hubUrl: place.hubUrl,
    key: (name) => required(place.keys[name], `${spec.name} holds no key ${name}`),
    effect: (kind, number, detail) => effects.append(kind, number, detail),
    save: () => memory.save(),
    later: (act, args, afterMs) => acts.add(act, args, afterMs),
    post: (request) => postToHub(place.hubUrl, request),
  };
  const server = createServer((req, res) => void serve(req, res).catch(() => res.destroy()));
  await listen(server, place.port);
  const control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const listening = await spec.listen?.(context, place.listenPort ?? 0, faults).catch((thrown: unknown) => {
    server.close();
    throw thrown;
  });
  acts.start();

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await read(req);
    if (request.path.startsWith('/_twin/')) return send(res, await controlled(request));
    const operation = spec.operationOf(request);
    const fault = operation === undefined ? undefined : faults.take(operation);
    if (await faults.before(fault, req, res)) return;
    const answer = await spec.handle(request, context);
    memory.save();
    if (await faults.after(fault, req, res, answer)) return;
    send(res, answer);
  }

  async function controlled(request: TwinRequest): Promise<TwinAnswer> {
    const [, , what, name] = request.path.split('/');
    const body = request.body.length > 0 ? (JSON.parse(request.body.toString()) as Record<string, unknown>) : {};
    switch (`${request.method} ${what}`) {
      case 'GET state':
        return json({
          name: spec.name,
          kind: spec.kind,
          magic: spec.magic ?? [],
          can: Object.keys(spec.acts),
          memory: memory.value,
          acts: acts.pending(),
        });
      case 'GET effects':
        return json(effects.all());
      case 'GET faults':
        return json(faults.list());
      case 'POST faults':
        if (spec.insteadOfFaults !== undefined)
          return json({ error: `faults do not reach ${spec.name}: ${spec.insteadOfFaults}` }, 400);
        try {
          return json(faults.add(body as unknown as Fault));
        } catch (thrown) {
          return json({ error: String(thrown) }, 400);
        }
      case 'DELETE faults':
        return json(faults.clear());
      case 'GET clock':
        return json(place.clock.describe());
      case 'POST clock':
        return json(place.clock.set(body));
      case 'POST acts':
        if (name === undefined || !spec.acts[name])
          return json({ error: `${spec.name} has no act ${name ?? ''}`, acts: Object.keys(spec.acts) }, 404);
        try {
          await spec.acts[name](body, context);
        } catch (thrown) {
          // What its system could not hand over it keeps, and tries again.
          if (thrown instanceof NotReached) {
            acts.add(name, body, 0);
            memory.save();
            return json({ done: name, later: thrown.message }, 202);
          }
          return json({ error: thrown instanceof Error ? thrown.message : String(thrown) }, 400);
        }
        memory.save();
        return json({ done: name });
      default:
        return json(
          { error: 'no such control', controls: ['state', 'effects', 'faults', 'clock', 'acts/<name>'] },
          404,
        );
    }
  }

  return {
    name: spec.name,
    url: listening?.url ?? control,
    control,
    async stop() {
      acts.stop();
      await listening?.stop();
      memory.save();
      effects.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** No answer came: whether it arrived is not known. */
class NotReached extends Error {}

async function postToHub(
  hubUrl: string,
  request: { method?: string; path: string; headers: Record<string, string>; body: Buffer | string },
) {
  const posted = fetch(hubUrl + request.path, {
    method: request.method ?? 'POST',
    headers: request.headers,
    body: new Uint8Array(Buffer.from(request.body)),
    signal: AbortSignal.timeout(10_000),
  });
  const [answer, body] = await posted
    .then(async (said) => [said, Buffer.from(await said.arrayBuffer())] as const)
    .catch((thrown: unknown) => {
      throw new NotReached('the hub was not reached', { cause: thrown });
    });
  if (answer.status < 200 || answer.status >= 300)
    throw new Error(`the hub answered ${answer.status}: ${body.toString().slice(0, 500)}`);
  return { status: answer.status, body };
}

async function read(req: IncomingMessage): Promise<TwinRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  const url = new URL(req.url ?? '/', 'http://twin');
  return {
    method: req.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    rawQuery: url.search.slice(1),
    headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks),
  };
}

function send(res: ServerResponse, answer: TwinAnswer): void {
  const body = Buffer.from(answer.body);
  res.writeHead(answer.status, { 'content-length': String(body.length), ...answer.headers });
  res.end(body);
}

export function json(value: unknown, status = 200): TwinAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function required<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}
