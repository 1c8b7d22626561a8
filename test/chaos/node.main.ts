/**
 * One node without finance: the real engine, retries, store and broker, the orders' flow, and services whose actions are
 * real HTTP calls to the counterparty. Facts come in over HTTP and are answered after their commit, as at the hub's edge.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Context, ServiceBroker } from 'moleculer';
import { exchangeHttp } from '../../adapters/http.ts';
import { callAction, joinNodes } from '../../cli/nodes.ts';
import { consequenceOf, isFailure } from '../../contracts/failures.ts';
import { Clock } from '../../engine/clock.ts';
import { Engine } from '../../engine/engine.ts';
import { Exchanges, type ExchangeRow } from '../../engine/exchanges.ts';
import type { ActionCall, ActionOutcome } from '../../engine/host.ts';
import { openRetries, type Retries } from '../../engine/retries.ts';
import config from '../../moleculer.config.ts';
import { openStore } from '../../store/store.ts';
import { counterpartyId, orderFlow, post, shop, type NodeSettings, type NodeWord } from './world.ts';

const settings = JSON.parse(process.env['CHAOS_NODE'] ?? '{}') as NodeSettings;
/** Enough to tell the first commit after a fault to 10 ms. */
const toldEveryMs = 10;
const counterpartyMs = 1_500;
const bodyBytesMax = 10_000;

function tell(word: NodeWord): void {
  if (process.connected) process.send?.(word, () => undefined);
}

async function start(): Promise<void> {
  const store = await openStore(settings.databaseUrl, { maxConnections: 10, applicationName: 'lianshu-chaos' });
  const clock = new Clock(settings.clock);
  const broker = new ServiceBroker(config);
  let retries: Retries | undefined;
  const engine = new Engine({
    store,
    url: settings.databaseUrl,
    clock,
    flows: [orderFlow],
    call: (call) => callAction(broker, call),
    retry: (run, realMs) => retries?.retry(run, realMs),
  });
  listen(engine);
  const exchanges = new Exchanges(store, (keys) => engine.signalled(keys));
  joinNodes(broker, engine);
  for (const service of [shop, post].filter(({ name }) => settings.services.includes(name as 'shop')))
    broker.createService({ name: service.name, actions: actionsOf(Object.values(service.operations)) });
  await broker.start();
  retries = await openRetries(settings.databaseUrl, (run) => engine.wake(run), []);
  await engine.start();
  const server = createServer((request, response) => {
    receive(exchanges, request).then(
      () => response.writeHead(200).end(),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, '127.0.0.1', () =>
    tell({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
}

function listen(engine: Engine): void {
  let toldAt = 0;
  engine.events.on('entries', () => {
    const at = Date.now();
    if (at - toldAt < toldEveryMs) return;
    toldAt = at;
    tell({ kind: 'committed', at });
  });
  engine.events.on('run', (_run, _caseId, reason) => {
    if (reason === 'lost') tell({ kind: 'lost' });
  });
  engine.events.on('problem', (message) => tell({ kind: 'problem', message }));
}

function actionsOf(operations: readonly { readonly name: string }[]) {
  return Object.fromEntries(
    operations.map(({ name }) => [
      name.slice(name.indexOf('.') + 1),
      (context: Context<ActionCall>) => ask(name, context.params.request),
    ]),
  );
}

async function ask(operation: string, request: unknown): Promise<ActionOutcome> {
  try {
    const answer = await exchangeHttp({
      url: `${settings.counterpartyUrl}/${operation}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(request)),
      timeoutMs: counterpartyMs,
      allowPrivate: true,
    });
    if (answer.status === 503) return { outcome: 'later', code: 'SYSTEM_BUSY', detail: 'busy' };
    if (answer.status !== 200) return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: String(answer.status) };
    return { outcome: 'confirmed', response: JSON.parse(answer.body.toString()) };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return { outcome: consequenceOf(thrown), code: thrown.type, detail: thrown.message };
  }
}

/** Resolves after the commit. */
async function receive(exchanges: Exchanges, request: IncomingMessage): Promise<void> {
  const notice = (request.url ?? '').slice(1);
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>)
    if (parts.push(part) > bodyBytesMax) throw new Error('long');
  const message = JSON.parse(Buffer.concat(parts).toString()) as { no: string };
  const exchange: ExchangeRow = {
    id: randomUUID(),
    system: counterpartyId,
    operation: notice,
    direction: 'in',
    run: undefined,
    case: undefined,
    attempt: 1,
    state: 'ok',
    verified: true,
    code: undefined,
    detail: undefined,
    ms: 0,
    request: message,
    answer: undefined,
    parts: [
      { method: 'POST', path: `/${notice}`, request: Buffer.concat(parts), status: 204, answer: undefined, ms: 0 },
    ],
  };
  await exchanges.deliver(exchange, [{ notice, key: message.no, id: message.no, message }]);
}

// Whoever started it is gone: a node that nobody watches must not go on.
process.once('disconnect', () => process.exit(0));
await start();
