/**
 * Stands before the hub and remembers what the hub acknowledged: each message that it answered with 2xx, noted before the
 * sender hears of it. The hub's address changes with each restart, the doorman's does not.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Acknowledged {
  readonly path: string;
  readonly body: Buffer;
  /** Of a signed message to the hub's own API. */
  readonly caller: string | undefined;
  readonly id: string | undefined;
}

export interface Doorman {
  readonly url: string;
  readonly acknowledged: Acknowledged[];
  /** Where the hub is; undefined while there is none. */
  hub: string | undefined;
  close(): Promise<void>;
}

/** Longer than any sender waits. */
const answerMs = 15_000;
const bodyBytesMax = 16 * 1024 * 1024;

export async function openDoorman(): Promise<Doorman> {
  const agent = new Agent({ keepAlive: false });
  const acknowledged: Acknowledged[] = [];
  const server = createServer((req, res) => {
    pass(doorman, agent, req, res).catch(() => res.destroy());
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const doorman: Doorman = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acknowledged,
    hub: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      agent.destroy();
    },
  };
  return doorman;
}

/** A hub that is gone is a connection that breaks, here as without a doorman. */
async function pass(doorman: Doorman, agent: Agent, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await bodyOf(req);
  const { hub } = doorman;
  if (hub === undefined) throw new Error('no hub');
  const answer = await new Promise<IncomingMessage>((done, fail) => {
    const asking = request(`${hub}${req.url ?? '/'}`, {
      agent,
      method: req.method ?? 'GET',
      headers: { ...req.headers, host: new URL(hub).host },
      signal: AbortSignal.timeout(answerMs),
    });
    asking.once('response', done);
    asking.once('error', fail);
    asking.end(body);
  });
  const answered = await bodyOf(answer);
  const status = answer.statusCode ?? 0;
  if (req.method !== 'GET' && status >= 200 && status < 300) {
    const { 'x-lianshu-caller': caller, 'webhook-id': id } = req.headers;
    doorman.acknowledged.push({ path: req.url ?? '', body, caller: caller?.toString(), id: id?.toString() });
  }
  res.writeHead(status, answer.headers).end(answered);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error(`more than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
