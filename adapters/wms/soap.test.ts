/** What neither the suite nor the attacks see of the SOAP service: nonces, keys that are changed, clocks, the guide's own message. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import type { Inbound, System } from '../adapter.ts';
import { keysFrom } from '../crypto/keys.ts';
import type { Wire } from '../wire.ts';
import { soapDialect } from './dialects/soap.ts';
import { contents, envelope, type Operation, payload, token } from './soap.fixture.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

const username = 'warehouse-xm01';
const seen = new Set<string>();
const refuse = (): never => {
  throw new Error('nothing leaves');
};

function wireWith(secrets: readonly string[], settings: Record<string, string> = {}): Wire {
  const system: System = {
    id: 'wms-soap',
    kind: 'wms',
    dialect: 'soap',
    url: 'http://127.0.0.1:1',
    party: 'wms-soap',
    allowPrivate: true,
    timeoutMs: 1_000,
    settings: { username, ...settings },
  };
  const [newest = ''] = secrets;
  const keys = { ...keysFrom('/nowhere', 'wms-soap'), secret: newestThatFits };
  function newestThatFits(_name: string, fits?: (secret: string) => boolean): string {
    return secrets.find((each) => fits?.(each) ?? true) ?? newest;
  }
  const firstSeen = async (nonce: string) => !seen.has(nonce) && Boolean(seen.add(nonce));
  const road = { send: refuse, sendFramed: refuse, sendMail: refuse, files: refuse };
  return { system, keys, key: '', now: () => new Date(), firstSeen, ...road };
}

function inboundOf(operation: Operation, body: string, headers: Record<string, string> = {}): Inbound {
  return {
    method: 'POST',
    path: '/soap',
    query: {},
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: `"urn:lianshu:wms:1/${operation}"`,
      ...headers,
    },
    body: Buffer.from(body),
  };
}

async function told(inbound: Inbound, wire: Wire): Promise<unknown> {
  try {
    const received = await soapDialect.receive?.(inbound, wire);
    return received?.notices.map(({ notice }) => notice);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return thrown.type;
  }
}

const count = (how: Parameters<typeof token>[2] = {}, secret = 'sec') =>
  inboundOf('ReportStockCount', envelope(token(username, secret, how), payload('ReportStockCount')));

test('the message of the guide is taken when it was made, and never again', async () => {
  const file = readFileSync(join(import.meta.dirname, 'examples/soap.NotifyInbound.http'), 'utf8');
  const [, body = ''] = file.split('\n\n');
  const inbound = inboundOf('NotifyInbound', body.trim());
  expect(file).toContain(`SOAPAction: ${inbound.headers['soapaction']}`);
  const wire = wireWith(['sec']);
  expect(await told(inbound, wire)).toBe('TIMESTAMP_OUTSIDE_WINDOW');
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-24T01:07:00Z'));
  expect(await told(inbound, wire)).toEqual(['goodsReceived']);
  expect(await told(inbound, wire)).toBe('NONCE_REUSED');
});

test('a nonce is spent by whoever holds the password, and by nobody else', async () => {
  const nonce = Buffer.from('a nonce of 20 bytes.');
  const wire = wireWith(['sec']);
  expect(await told(count({ nonce }, 'another'), wire)).toBe('SIGNATURE_MISMATCH');
  expect(await told(count({ nonce }), wire)).toEqual(['stockCounted']);
  expect(await told(count({ nonce }), wire)).toBe('NONCE_REUSED');
  // Another time makes another digest, and the nonce is still the same.
  expect(await told(count({ nonce, at: new Date(Date.now() - 60_000) }), wire)).toBe('NONCE_REUSED');
});

test('while a password is changed, both are taken', async () => {
  const wire = wireWith(['next', 'sec']);
  expect(await told(count(), wire)).toEqual(['stockCounted']);
  expect(await told(count({}, 'next'), wire)).toEqual(['stockCounted']);
  expect(await told(count({}, 'last'), wire)).toBe('SIGNATURE_MISMATCH');
});

test.each([
  [-299, 'taken'],
  [-301, 'TIMESTAMP_OUTSIDE_WINDOW'],
  [299, 'taken'],
  [301, 'TIMESTAMP_OUTSIDE_WINDOW'],
])('a clock that differs by %d s: %s', async (seconds, due) => {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now);
  const verdict = await told(count({ at: new Date(now + seconds * 1000) }), wireWith(['sec']));
  expect(verdict).toEqual(due === 'taken' ? ['stockCounted'] : due);
});

test('lots of one piece and a half, and a count that differs without a reason, are refused', async () => {
  const pieces = { lot: [{ lotNo: 'L', materialCode: 'M', quantity: '1.5', unit: 'C62' }] };
  const differing = { lot: [{ lotNo: 'L', materialCode: 'M', counted: '1', book: '2', unit: 'TNE' }] };
  for (const [operation, lots] of [
    ['NotifyInbound', pieces],
    ['ReportStockCount', differing],
  ] as const) {
    const body = payload(operation, { ...contents[operation], lots });
    const inbound = inboundOf(operation, envelope(token(username, 'sec'), body));
    expect(await told(inbound, wireWith(['sec']))).toBe('CONTRACT_VIOLATED');
  }
});

test('the address in the WSDL is the public one where that is told, and no header can write into it', async () => {
  const asked = { method: 'GET', path: '/soap', query: { wsdl: '' }, body: Buffer.alloc(0) };
  const locationOf = async (host: string, settings: Record<string, string> = {}) => {
    const received = await soapDialect.receive?.({ ...asked, headers: { host } }, wireWith(['sec'], settings));
    return /location="([^"]*)"/.exec(received?.reply.body.toString() ?? '')?.[1];
  };
  expect(await locationOf('hub:8080')).toBe('http://hub:8080/in/wms-soap/soap');
  const publicUrl = 'https://hub.bank.example/';
  expect(await locationOf('hub:8080', { publicUrl })).toBe('https://hub.bank.example/in/wms-soap/soap');
  await expect(locationOf('hub"/><x a="')).rejects.toMatchObject({ type: 'HOST_NOT_SERVED' });
});
