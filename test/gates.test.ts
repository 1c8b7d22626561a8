/**
 * The gates: everything in the corpus of bad input, sent to a hub that runs as a user starts it. Each ends in a clean
 * refusal: nothing is dispatched, nothing blocks, nothing dies. What was counted is printed by class.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { framing, type BadRequest } from './gates/framing.ts';
import type { BadInput } from './gates/input.ts';
import { figures, jsonSuite, strangeNames, typeConfusion } from './gates/json.ts';
import { goodSoap, soapAttacks } from './gates/soap.ts';
import { withToken } from './gates/soapTokens.ts';
import { xmlAttacks, xmlSuite } from './gates/xml.ts';
import { newHome, root, rowsOf, startTestHub, type Home, type TestHub } from './hub.ts';

const blockMsMax = 100;
/** A machine that is busy elsewhere delays a hub; a block that is the hub's own comes back each time. */
const looksMax = 4;
const batch = 25;
const bodyBytesMax = 2_097_152;
const suiteMs = 240_000;
const unreadable = new Set([400, 413, 415]);

let home: Home;
let hub: TestHub;
/** What the hub's process had used of the processor at the last look. */
let cpuMs = 0;
let secret: Buffer;
let password: string;
let wssePassword: string;

beforeAll(async () => {
  home = await newHome();
  hub = await startTestHub(home);
  const key = (...parts: string[]) => readFileSync(join(home.folder, 'keys', ...parts), 'utf8').trim();
  secret = Buffer.from(key('unit', 'hub', 'webhook.txt').replace(/^whsec_/, ''), 'base64');
  password = key('sap-s4', 'hub', 'inbound-password.txt');
  wssePassword = key('wms-soap', 'hub', 'wssePassword.txt');
}, suiteMs);
afterAll(async () => {
  await hub?.stop();
  await home?.remove();
});

const order = {
  orderNo: '4500099001',
  orderDate: '2026-11-20',
  currency: 'CNY',
  total: '2857200.00',
  buyer: { externalNo: '0000017101', name: '福建闽江钢材有限公司' },
  seller: { externalNo: '1000' },
  lines: [
    {
      lineNo: '10',
      materialCode: 'AL-A00',
      quantity: '142.860',
      unit: 'TNE',
      unitPrice: '20000.00',
      amount: '2857200.00',
    },
  ],
  messageNo: 'MSG-GATES',
  sentAt: '2026-11-20T09:00:00Z',
};
const idoc = readFileSync(join(root, 'adapters/sap/examples/orders05.xml'), 'utf8');

test('no JSON of the corpus is taken, and each text has one verdict', () => pass([...jsonSuite()]), suiteMs);
test('an order with a field that is something else is refused', () => pass(typeConfusion(order)), suiteMs);
test(
  'an order with strange names or figures is refused',
  () => pass([...strangeNames(order), ...figures(order)]),
  suiteMs,
);
test('no XML of the corpus is taken', () => pass(xmlSuite()), suiteMs);
test('no attack by XML is taken', () => pass(xmlAttacks(idoc)), suiteMs);
test(
  'no attack by SOAP is taken, and what it was made of is',
  async () => {
    await pass(soapAttacks());
    for (const input of goodSoap()) expect([input.id, (await send(input)).status]).toEqual([input.id, 200]);
  },
  suiteMs,
);

test(
  'no frame of HTTP that is not whole and plain reaches a handler',
  async () => {
    const body = JSON.stringify(order);
    const signed = Object.entries(signedHeaders(Buffer.from(body)))
      .map(([name, value]) => `${name}: ${value}`)
      .join('\r\n');
    const requests = framing(new URL(hub.url).host, signed, body);
    const before = await taken();
    const wrong: string[] = [];
    for (const frame of requests) wrong.push(...(await faultsOfFrame(frame)));
    expect(wrong).toEqual([]);
    expect(await taken()).toEqual(before);
    tell('HTTP frames', requests.length, await lagMs());
  },
  suiteMs,
);

/** Sends all, a few at once; counts by class. */
async function pass(inputs: readonly BadInput[]): Promise<void> {
  const before = await taken();
  const wrong: string[] = [];
  const classes = new Map<string, { count: number; blockMs: number }>();
  for (let from = 0; from < inputs.length; from += batch) {
    const some = inputs.slice(from, from + batch);
    await lagMs();
    wrong.push(...(await Promise.all(some.map(faultsOf))).flat());
    const blockMs = await blockOf(some);
    for (const input of some) {
      const counted = classes.get(input.class) ?? { count: 0, blockMs: 0 };
      classes.set(input.class, { count: counted.count + 1, blockMs: Math.max(counted.blockMs, blockMs) });
    }
  }
  for (const [name, { count, blockMs }] of classes) {
    tell(name, count, blockMs);
    if (blockMs > blockMsMax) wrong.push(`${name}: blocks for ${Math.round(blockMs)} ms`);
  }
  expect(wrong).toEqual([]);
  expect(await taken()).toEqual(before);
}

/** The longest delay of the hub's event loop over these; looked at again, one by one, when it was long. */
async function blockOf(inputs: readonly BadInput[]): Promise<number> {
  const together = await lagMs();
  if (together <= blockMsMax) return together;
  const alone: number[] = [];
  for (const input of inputs) {
    let least = Infinity;
    for (let look = 0; look < looksMax && least > blockMsMax; look += 1) {
      await faultsOf(input);
      least = Math.min(least, await lagMs());
    }
    alone.push(least);
  }
  return Math.max(...alone);
}

async function faultsOf(input: BadInput): Promise<string[]> {
  const name = `${input.class}: ${input.id}`;
  const [first, second] = [await send(input), await send(input)];
  const faults = [first, second].flatMap(({ status, code, text }) => [
    ...(input.must === 'unreadable' && !unreadable.has(status) ? [`${name} was answered ${status} ${code}`] : []),
    ...(isRefusal(status, text) ? [] : [`${name} was answered ${status} ${code}`]),
    ...(code === '' ? [`${name} was refused with no code`] : []),
    ...(/\bat .*\.ts:\d|node_modules|node:internal/.test(text) ? [`${name} shows a stack`] : []),
  ]);
  return [
    ...new Set(faults),
    ...(first.status === second.status && first.code === second.code ? [] : [`${name} has two verdicts`]),
  ];
}

/** SOAP says it by a fault, which HTTP calls 500. */
function isRefusal(status: number, text: string): boolean {
  return status === 500 ? text.includes('<faultcode>soap:') : status >= 400 && status <= 499;
}

function send(input: BadInput): Promise<{ status: number; code: string; text: string }> {
  const { door } = input;
  const body = door === 'soap' ? withToken(input.body, wssePassword) : input.body;
  const basic = `Basic ${Buffer.from(`SAP_S4:${password}`).toString('base64')}`;
  const [path, headers] =
    door === 'json'
      ? ['/v1/orders', signedHeaders(body)]
      : door === 'xml'
        ? ['/in/sap-s4/idoc', { 'content-type': 'text/xml', authorization: basic }]
        : ['/in/wms-soap/soap', input.headers ?? {}];
  return new Promise((done, fail) => {
    const length = { 'content-length': String(body.length) };
    const asked = request(hub.url + path, { method: 'POST', headers: { ...headers, ...length } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('close', () =>
        done({ status: answer.statusCode ?? 0, code: /(?:"code":"|<p:code>)([A-Z0-9_]+)/.exec(text)?.[1] ?? '', text }),
      );
      // Who is told that a body is too large may still be sending it.
      asked.removeAllListeners('error').on('error', () => undefined);
    });
    asked.on('error', fail);
    // What is too large by its head alone is refused before it is sent: who goes on sending may not hear of it.
    if (body.length <= bodyBytesMax) asked.end(body);
    else asked.flushHeaders();
  });
}

function signedHeaders(body: Buffer): Record<string, string> {
  const id = `msg_${randomUUID()}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'x-lianshu-caller': 'unit',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${mac}`,
  };
}

/** Refused with a problem, or the connection closed without a word; never taken. */
async function faultsOfFrame({ id, text }: BadRequest): Promise<string[]> {
  const answer = await exchange(text);
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  return [
    ...statuses.filter((status) => status < 400 || status > 499).map((status) => `${id} was answered ${status}`),
    ...(answer !== '' && statuses.length === 0 ? [`${id} was answered with no HTTP`] : []),
    ...(/\.ts:\d|node:internal/.test(answer) ? [`${id} shows a stack`] : []),
  ];
}

function exchange(text: string): Promise<string> {
  const { hostname, port } = new URL(hub.url);
  return new Promise((done) => {
    let answer = '';
    const socket = createConnection({ host: hostname, port: Number(port) }, () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      answer += part;
      socket.end();
    });
    socket.on('error', () => done(answer));
    socket.on('close', () => done(answer));
    socket.setTimeout(3_000, () => socket.destroy());
  });
}

/** Rows that only something taken leaves. */
async function taken(): Promise<object[]> {
  return rowsOf(
    home,
    `select (select count(*) from signal) signals, (select count(*) from run_key) runs, (select count(*) from cases) cases,
       (select count(*) from exchange where direction = 'in' and state = 'ok') accepted`,
  );
}

/** The longest delay of the hub's event loop since it was last asked. */
/**
 * How long the hub's event loop stood still at a stretch since the last look. A loop that works for so long uses the processor for so
 * long: what it only waited for one that others had is no block of its own.
 */
async function lagMs(): Promise<number> {
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  const [lag, cpu] = ['nodejs_eventloop_lag_max_seconds', 'process_cpu_seconds_total'].map((name) => {
    const seconds = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (seconds === undefined) throw new Error(`the hub does not tell ${name}`);
    return Number(seconds) * 1_000;
  }) as [number, number];
  const used = cpu - cpuMs;
  cpuMs = cpu;
  return Math.min(lag, used);
}

function tell(name: string, count: number, blockMs: number): void {
  process.stdout.write(
    `gates: ${name.padEnd(22)}${String(count).padStart(6)} refused, longest block ${blockMs.toFixed(0)} ms\n`,
  );
}
