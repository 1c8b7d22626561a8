/** The counterparty: takes an order only when its seal verifies, and seals what it answers. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Sealed, sealedText } from '../../../adapters/bank/dialects/openSeal.ts';
import { signDetached, verifyDetached } from '../../../adapters/crypto/jose.ts';
import { answerTo } from '../../engine/answer.ts';
import { kids, orderPath, participantNo } from '../client.ts';

interface Setting {
  readonly bankPrivateKey: string;
  readonly hubPublicKey: string;
}

interface Bank {
  readonly own: Parameters<typeof signDetached>[1];
  readonly hub: Parameters<typeof signDetached>[1];
}

let port = 0;
const server = createServer();

answerTo({
  open: async ({ bankPrivateKey, hubPublicKey }: Setting) => {
    const bank: Bank = {
      own: { kid: kids.bank, alg: 'PS256', key: createPrivateKey(bankPrivateKey) },
      hub: { kid: kids.hub, alg: 'PS256', key: createPublicKey(hubPublicKey) },
    };
    server.on('request', (request, response) => void serve(bank, request, response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ({ port } = server.address() as AddressInfo);
  },
  port: async () => port,
  stop: async () => {
    server.closeAllConnections();
    server.close();
  },
});

async function serve(bank: Bank, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request);
    const requestId = headerOf(request, 'x-request-id');
    const asked: Sealed = {
      kind: 'REQUEST',
      subject: [request.method ?? '', request.url ?? ''],
      timestamp: headerOf(request, 'x-timestamp'),
      requestId,
      body,
    };
    await verifyDetached(headerOf(request, 'x-jws-signature'), sealedText(participantNo, asked), [bank.hub]);
    if (request.url !== orderPath) throw new Error('not a path of this bank');
    const timestamp = new Date().toISOString();
    const answer: Sealed = { kind: 'ANSWER', subject: ['200'], timestamp, requestId, body };
    const signature = await signDetached(sealedText(participantNo, answer), bank.own);
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-timestamp': timestamp,
      'x-jws-signature': signature,
    });
    response.end(body);
  } catch {
    response.writeHead(400);
    response.end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
