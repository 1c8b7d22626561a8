/**
 * Puts an adapter before its twin, over real HTTP: what every adapter's test starts from. The hub behind the adapter is
 * a few lines of memory; engine and ledger have tests of their own.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import {
  attachHub,
  type Exchange,
  type HubPort,
  type Outcome,
  type System,
  type WireReply,
} from '../adapters/adapter.ts';
import { keysFrom } from '../adapters/crypto/keys.ts';
import { Clock } from '../sandbox/clock.ts';
import type { EffectLine } from '../sandbox/effects.ts';
import { startTwin, type TwinSpec } from '../sandbox/twin.ts';

export interface Fact {
  readonly notice: string;
  readonly key: string;
  readonly id: string;
  readonly message: unknown;
}

export interface Bench {
  readonly system: System;
  readonly clock: Clock;
  readonly exchanges: Exchange[];
  readonly facts: Fact[];
  /** Address of the hub's edge for this system; a test may post to it directly. */
  readonly edge: string;
  call(operation: string, request: unknown): Promise<Outcome>;
  /** Waits until the twin told something. */
  fact(notice: string, withinMs?: number): Promise<Fact>;
  control(method: string, what: string, body?: unknown): Promise<unknown>;
  effects(): Promise<EffectLine[]>;
  stop(): Promise<void>;
}

/** Key pairs are the dear part of a start: the tests of one file share them. */
const enrolled = new WeakMap<() => unknown, ReturnType<TwinSpec<object>['enrol']>>();

export async function bench<M extends object>(
  service: ServiceSchema,
  spec: TwinSpec<M>,
  options: { timeoutMs?: number; speed?: number; at?: string } = {},
): Promise<Bench> {
  const home = mkdtempSync(join(tmpdir(), 'lianshu-bench-'));
  const keys = enrolled.get(spec.enrol) ?? spec.enrol();
  enrolled.set(spec.enrol, keys);
  for (const side of ['hub', 'twin'] as const) {
    mkdirSync(join(home, spec.name, side), { recursive: true });
    for (const [name, text] of Object.entries(keys[side]))
      writeFileSync(join(home, spec.name, side, name), text, { mode: 0o600 });
  }
  const clock = new Clock({
    realMs: Date.now(),
    businessMs: Date.parse(options.at ?? '2026-11-23T09:00:00+08:00'),
    speed: options.speed ?? 3600,
  });
  // Whoever runs a bench ends it; a broker that ends the process by itself would leave the bench's folder behind.
  const broker = new ServiceBroker({ logger: false, requestTimeout: 60_000, skipProcessEventRegistration: true });
  const exchanges: Exchange[] = [];
  const facts: Fact[] = [];
  const nonces = new Set<string>();

  // The edge first: the twin must know where to post.
  const serveEdge = async (req: IncomingMessage, res: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(req.url ?? '/', 'http://edge');
    const reply: WireReply = await broker.call(`${spec.kind}.receive`, {
      system: spec.name,
      inbound: {
        method: req.method ?? 'POST',
        path: url.pathname.slice(`/in/${spec.name}`.length) || '/',
        query: Object.fromEntries(url.searchParams),
        headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString('base64'),
      },
    });
    res.writeHead(reply.status, reply.headers);
    res.end(Buffer.from(reply.body, 'base64'));
  };
  const edgeServer = createServer((req, res) => void serveEdge(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => edgeServer.listen(0, '127.0.0.1', resolve));
  const edge = `http://127.0.0.1:${(edgeServer.address() as AddressInfo).port}/in/${spec.name}`;
  const running = await startTwin(spec, { folder: join(home, 'state'), port: 0, hubUrl: edge, clock, keys: keys.twin });
  const system: System = {
    id: spec.name,
    kind: spec.kind,
    dialect: spec.dialect,
    url: running.url,
    party: spec.name,
    allowPrivate: true,
    // Tests of faults choose a short one; without faults only a busy machine would meet it.
    timeoutMs: options.timeoutMs ?? 10_000,
    settings: spec.settings,
  };
  const hub: HubPort = {
    system: () => system,
    keys: (id) => keysFrom(home, id),
    now: () => clock.now(),
    record: async (exchange) => void exchanges.push(exchange),
    deliver: async (exchange, delivered) => {
      exchanges.push(exchange);
      for (const fact of delivered)
        if (!facts.some((f) => f.notice === fact.notice && f.id === fact.id)) facts.push(fact);
    },
    firstSeen: async (id, nonce) => !nonces.has(`${id}/${nonce}`) && Boolean(nonces.add(`${id}/${nonce}`)),
  };
  attachHub(broker, hub);
  broker.createService(service);
  await broker.start();

  const control = async (method: string, what: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${running.control}/_twin/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.json();
  };
  return {
    system,
    clock,
    exchanges,
    facts,
    edge,
    control,
    call: (operation, request) => broker.call(operation, { system: spec.name, request }),
    effects: async () => (await control('GET', 'effects')) as EffectLine[],
    async fact(notice, withinMs = 10_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = facts.find((fact) => fact.notice === notice);
        if (found) return found;
        if (Date.now() > deadline)
          throw new Error(
            `${notice} did not come within ${withinMs} ms; exchanges: ${JSON.stringify(exchanges.map((e) => [e.operation, e.state, e.detail]))}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async stop() {
      await broker.stop();
      await running.stop();
      edgeServer.closeAllConnections();
      await new Promise((resolve) => edgeServer.close(resolve));
      rmSync(home, { recursive: true, force: true });
    },
  };
}
