import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServiceBroker } from 'moleculer';
import { callAction } from '../cli/nodes.ts';
import { startTelemetry, type Telemetry } from '../cli/telemetry.ts';
import { attachHub } from '../adapters/adapter.ts';
import priceService from '../adapters/price/price.service.ts';
import {
  database,
  ended,
  eventually,
  flowOf,
  liveState,
  node,
  openDatabase,
  shop,
  tell,
} from '../engine/engine.fixture.ts';
import { Exchanges } from '../engine/exchanges.ts';
import { Stay, traceAct } from '../engine/telemetry.ts';

interface SpanJson {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SpanJson[] }[] }[];
}

/** What a collector is: it takes JSON over HTTP. */
const spans: SpanJson[] = [];
let collector: Server;
let telemetry: Telemetry | undefined;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as Export;
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  expect(await startTelemetry()).toBeUndefined();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${port}`;
  telemetry = await startTelemetry();
  await openDatabase();
});

afterAll(async () => {
  await telemetry?.stop();
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  await database.drop();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

const hexOf = (uuid: string) => uuid.replaceAll('-', '');

async function spansOf(trace: string, count: number): Promise<SpanJson[]> {
  return eventually(async () => {
    const found = spans.filter((span) => span.traceId === trace);
    return found.length >= count ? found : undefined;
  });
}

const attribute = (span: SpanJson | undefined, key: string) =>
  span?.attributes.find((each) => each.key === key)?.value.stringValue;

test('all spans of a run, on the node that died and on its heir, are one trace, named by the run', async () => {
  const no = randomUUID();
  let sent = false;
  const flows = [
    flowOf('traced', async (run, order) => {
      await run.record('secret 名字', async () => 1);
      const { serial } = await run.call(shop.operations.pay, order, { system: 'shop' });
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: serial };
    }),
  ];
  const parents: (string | undefined)[] = [];
  const dead = await node(flows, async (call) => {
    parents.push(call.traceparent);
    if (call.operation !== 'shop.pay') return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'away' };
    sent = true;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return { outcome: 'confirmed', response: { serial: 'from the dead' } };
  });
  await tell(dead.engine, 'start.traced', no);
  await eventually(async () => (sent ? true : undefined));
  await database.store.pool.query('update node set state = 3 where state = 1');
  const heir = await node(flows, (call) => {
    parents.push(call.traceparent);
    return { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'queried' } } };
  });
  const exchanges = new Exchanges(database.store, (keys) => heir.engine.signalled(keys));
  await eventually(async () => ((await liveState('traced', no))?.state === 3 ? true : undefined));
  const exchange = randomUUID();
  await exchanges.deliver(
    {
      id: exchange,
      system: 'shop',
      operation: shop.notices.delivered.name,
      direction: 'in',
      run: undefined,
      case: undefined,
      attempt: 1,
      state: 'ok',
      verified: true,
      code: undefined,
      detail: undefined,
      ms: 3,
      request: { no },
      answer: undefined,
      parts: [{ method: 'POST', path: '/', request: Buffer.from('{}'), status: 200, answer: undefined, ms: 3 }],
    },
    [{ notice: shop.notices.delivered.name, key: no, id: no, message: { no } }],
  );
  expect((await ended('traced', no)).outcome).toBe('queried');
  const run = await database.store.pool.query<{ id: string }>('select id from run_done where key = $1', [no]);
  const trace = hexOf(run.rows[0]?.id ?? '');
  await dead.engine.stop();
  await heir.engine.stop();
  const found = await spansOf(trace, 7);
  const named = (name: string) => found.filter((span) => span.name === name);
  expect([...new Set(found.map((span) => span.name))].toSorted()).toEqual([
    'record secret 名字',
    'run traced',
    'shop.pay',
    'shop.queryPay',
    'take shop.delivered',
  ]);
  // One root, which is the first stay; whoever came later hangs below it.
  const roots = found.filter((span) => !span.parentSpanId);
  expect(roots.map(({ spanId, name }) => ({ spanId, name }))).toEqual([
    { spanId: trace.slice(16), name: 'run traced' },
  ]);
  const later = named('run traced').filter((span) => span.parentSpanId);
  expect(later.length).toBeGreaterThanOrEqual(2);
  for (const stay of later) expect(stay.parentSpanId).toBe(trace.slice(16));
  const query = named('shop.queryPay').find((span) => attribute(span, 'lianshu.outcome') === 'confirmed');
  expect(later.map((stay) => stay.spanId)).toContain(query?.parentSpanId);
  expect(parents.filter(Boolean).every((parent) => parent?.startsWith(`00-${trace}-`))).toBe(true);
  // What came from outside is a trace of its own; the run points at it.
  expect(named('take shop.delivered')[0]?.links?.map(({ traceId }) => traceId)).toEqual([hexOf(exchange)]);
  const [inbound] = await spansOf(hexOf(exchange), 1);
  expect(inbound?.name).toBe('receive shop.delivered');
  expect(inbound?.spanId).toBe(named('take shop.delivered')[0]?.links?.[0]?.spanId);
  expect(JSON.stringify(found)).not.toContain('from the dead');
});

test('the act of a service hangs below the call that came over the bus', async () => {
  const broker = new ServiceBroker({ logger: false });
  const run = randomUUID();
  const stay = Stay.begin(run, 'CASE-1', 'bus', true);
  const call = stay?.call('price.quote', 'price', 'key', 1);
  attachHub(broker, {
    system: (id) => ({
      id,
      kind: 'price',
      dialect: 'none',
      url: 'http://127.0.0.1:1',
      party: id,
      allowPrivate: true,
      timeoutMs: 500,
      settings: {},
    }),
    keys: () => ({}) as never,
    now: () => new Date(),
    record: async () => {},
    deliver: async () => {},
    firstSeen: async () => true,
    trace: traceAct,
  });
  broker.createService(priceService);
  await broker.start();
  const [operation = ''] = Object.keys(priceService.actions ?? {});
  const outcome = await callAction(broker, {
    operation: `price.${operation}`,
    system: 'price',
    request: {},
    effect: { key: 'key', attempt: 1, run, case: 'CASE-1' },
    ...(call ? { traceparent: call.traceparent } : {}),
  });
  call?.end(outcome.outcome);
  stay?.end('finished');
  await broker.stop();
  const found = await spansOf(hexOf(run), 3);
  const act = found.find((span) => span.name === `act price.${operation}`);
  expect(act?.parentSpanId).toBe(call?.traceparent.split('-')[2]);
  expect(attribute(act, 'lianshu.outcome')).toBe(outcome.outcome);
});

test('a request on the wire is a span below the act, with its status and nothing of its address', async () => {
  const run = randomUUID();
  const act = traceAct(`00-${hexOf(run)}-${'1'.repeat(16)}-01`, 'bank.disburse', 'bank');
  act?.sent('POST')(200);
  act?.sent('POST')(undefined);
  act?.end('unknown', 'OUTCOME_UNKNOWN');
  const found = await spansOf(hexOf(run), 3);
  const outer = found.find((span) => span.name === 'act bank.disburse');
  const inner = found.filter((span) => span.name === 'HTTP POST');
  expect(outer?.parentSpanId).toBe('1'.repeat(16));
  expect(inner.map((span) => span.parentSpanId)).toEqual([outer?.spanId, outer?.spanId]);
  for (const parent of [undefined, 7, 'garbage', '00-zz-1-01']) traceAct(parent, 'x', 'y')?.end('confirmed');
});
