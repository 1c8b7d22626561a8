/**
 * The other side, which nothing of this kills: keeps its own log of what it did, written before it answers, and tells
 * by callbacks until it is told "taken". A part of its answers is late, lost or a refusal for the moment.
 */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { chance } from '../chance.ts';
import type { Done } from './world.ts';

const settings = JSON.parse(process.env['CHAOS_COUNTERPARTY'] ?? '{}') as { log: string; seed: number };
const random = chance(settings.seed);
const serials = new Map<string, string>();
let hubs: readonly string[] = [];
let owed = 0;
let repeated = 0;
const acknowledged: string[] = [];

const deliverAfterMs = 50;
const deliverWithinMs = 1_500;
const againMs = 150;
const callbackMs = 5_000;
const lateMs = 3_000;
/** So that at any moment some runs wait for an answer. */
const answersWithinMs = 600;

const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
server.listen(0, '127.0.0.1', () => {
  process.send?.({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', (message: { hubs?: readonly string[]; report?: true }) => {
  if (message.hubs) hubs = message.hubs;
  if (message.report) process.send?.({ kind: 'report', owed, repeated, acknowledged });
});
process.once('disconnect', () => process.exit(0));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const { no } = JSON.parse(Buffer.concat(parts).toString()) as { no: string };
  const operation = (request.url ?? '').slice(1);
  if (operation.includes('query')) {
    const serial = serials.get(`${operation.replace(/query(.)/, (_, first: string) => first.toLowerCase())} ${no}`);
    return say(
      response,
      serial === undefined ? { outcome: 'notFound' } : { outcome: 'confirmed', response: { serial } },
    );
  }
  const mood = random();
  await sleep(random() * answersWithinMs);
  if (mood < 0.06) return void response.writeHead(503).end();
  if (mood < 0.09) return void response.destroy();
  if (operation === 'shop.price') return say(response, { serial: 'price' });
  const serial = perform(operation, no);
  if (mood < 0.14) return void response.destroy();
  if (mood < 0.16) await sleep(lateMs);
  return say(response, { serial });
}

function say(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The same number again has no second effect, as it promises. */
function perform(operation: string, no: string): string {
  const key = `${operation} ${no}`;
  const known = serials.get(key);
  if (known !== undefined) {
    repeated += 1;
    return known;
  }
  const serial = `S${serials.size + 1}`;
  const done: Done = { kind: operation, no };
  appendFileSync(settings.log, `${JSON.stringify(done)}\n`);
  serials.set(key, serial);
  if (operation === 'shop.pay') void deliver(no);
  return serial;
}

async function deliver(no: string): Promise<void> {
  owed += 1;
  await sleep(deliverAfterMs + random() * deliverWithinMs);
  for (let at = 0; ; at += 1) {
    const hub = hubs[at % Math.max(1, hubs.length)];
    const taken =
      hub !== undefined &&
      (await fetch(`${hub}/shop.delivered`, {
        method: 'POST',
        body: JSON.stringify({ no }),
        signal: AbortSignal.timeout(callbackMs),
      }).then(
        (reply) => reply.ok,
        () => false,
      ));
    if (taken) break;
    await sleep(againMs);
  }
  owed -= 1;
  acknowledged.push(no);
}
