/**
 * A counterparty's call as an adapter makes it: the hub's own HTTP client and the seal of the open bank API, a detached
 * PS256 signature over the one exchange, on the request and on the answer. Both sides of the bench call through this.
 */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import type { HubPort, System } from '../../adapters/adapter.ts';
import { seal, verifySeal } from '../../adapters/bank/dialects/openSeal.ts';
import type { Keys } from '../../adapters/crypto/keys.ts';
import { type Wire, wireTo } from '../../adapters/wire.ts';

export interface ClientSetting {
  readonly bankUrl: string;
  /** PEM: our half and theirs. */
  readonly hubPrivateKey: string;
  readonly bankPublicKey: string;
}

export const participantNo = 'P-BENCH';
export const kids = { hub: 'hub-sign', bank: 'bank-sign' } as const;
export const orderPath = '/v1/orders';
const timeoutMs = 10_000;

export interface Order {
  readonly no: string;
}

export type Client = (order: Order) => Promise<Order>;

/** @throws Failure when the answer is not verifiably the bank's answer to this very request */
export function signedClient(setting: ClientSetting): Client {
  const hub = portOf(setting);
  const system = hub.system('bench');
  return async (order) => {
    const { wire } = wireTo(hub, system, '');
    return call(wire, order);
  };
}

async function call(wire: Wire, order: Order): Promise<Order> {
  const body = Buffer.from(JSON.stringify(order));
  const requestId = randomUUID();
  const timestamp = new Date().toISOString();
  const subject = ['POST', orderPath];
  const signature = await seal({ kind: 'REQUEST', subject, timestamp, requestId, body }, wire);
  const answer = await wire.send({
    method: 'POST',
    path: orderPath,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-participant': participantNo,
      'x-request-id': requestId,
      'x-timestamp': timestamp,
      'x-jws-signature': signature,
    },
    body,
  });
  const { status, headers } = answer;
  await verifySeal(
    headers['x-jws-signature'] ?? '',
    {
      kind: 'ANSWER',
      subject: [String(status)],
      timestamp: headers['x-timestamp'] ?? '',
      requestId,
      body: answer.body,
    },
    wire,
  );
  const said = JSON.parse(answer.body.toString()) as Order;
  if (said.no !== order.no) throw new Error(`the answer is about ${said.no}, not ${order.no}`);
  return said;
}

/** As much of a hub as a wire needs. */
function portOf({ bankUrl, hubPrivateKey, bankPublicKey }: ClientSetting): HubPort {
  const [ours, theirs] = [createPrivateKey(hubPrivateKey), createPublicKey(bankPublicKey)];
  const keys: Keys = {
    secret: (name) => absent(name),
    privateKey: (name) => (name === 'sign' ? ours : absent(name)),
    publicKey: (name) => (name === 'bank-sign' ? theirs : absent(name)),
  };
  const system: System = {
    id: 'bench',
    kind: 'bank',
    dialect: 'open',
    url: bankUrl,
    party: 'bank',
    allowPrivate: true,
    timeoutMs,
    settings: { participantNo, hubSignKid: kids.hub, bankSignKid: kids.bank },
  };
  return {
    system: () => system,
    keys: () => keys,
    now: () => new Date(),
    record: async () => undefined,
    deliver: async () => undefined,
    firstSeen: async () => true,
  };
}

function absent(name: string): never {
  throw new Error(`there is no key ${name}`);
}
