/** What the bank tells by itself, and what others tell in its name. */
import { constants, createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bankOpen } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import bankService from './bank.service.ts';

const keys = bankOpen.enrol();
const { participantNo, bankSignKid } = bankOpen.settings;
const rejected = { applNo: 'FA-1', bankRef: 'BR1', status: '01', decTime: '20261123100000', reason: '否决' };
const notice = JSON.stringify({ id: 'NT1', type: 'CREDIT_DECISION', data: rejected });

let hub: Bench;
beforeEach(async () => {
  hub = await bench(bankService, { ...bankOpen, enrol: () => keys }, { speed: 1 });
});
afterEach(() => hub.stop());

interface Change {
  body?: string;
  sentBody?: string;
  path?: string;
  sentPath?: string;
  timestamp?: string;
  requestId?: string;
  participant?: string;
  key?: string;
  header?: object;
  kind?: string;
}

/** Signs a notice as the README says, with nothing of ours but node:crypto. */
function signed(change: Change = {}): { path: string; headers: Record<string, string>; body: string } {
  const body = change.body ?? notice;
  const timestamp = change.timestamp ?? new Date().toISOString();
  const requestId = change.requestId ?? randomUUID();
  const participant = change.participant ?? participantNo ?? '';
  const hash = createHash('sha256').update(body).digest('hex');
  const text = [
    `BANK-OPEN-1 ${change.kind ?? 'NOTICE'}`,
    participant,
    'POST',
    change.path ?? '/notices',
    timestamp,
    requestId,
    hash,
  ].join('\n');
  const head = Buffer.from(JSON.stringify(change.header ?? { alg: 'PS256', kid: bankSignKid })).toString('base64url');
  const key = {
    key: change.key ?? keys.twin['sign.pem'] ?? '',
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  };
  const signature = sign('sha256', Buffer.from(`${head}.${Buffer.from(text).toString('base64url')}`), key).toString(
    'base64url',
  );
  return {
    path: change.sentPath ?? '/notices',
    headers: {
      'x-participant': participant,
      'x-timestamp': timestamp,
      'x-request-id': requestId,
      'x-jws-signature': `${head}..${signature}`,
    },
    body: change.sentBody ?? body,
  };
}

async function deliver(message: {
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}): Promise<[number, unknown]> {
  const answer = await fetch(hub.edge + message.path, { method: 'POST', headers: message.headers, body: message.body });
  const told = (await answer.json()) as { code: unknown };
  return [answer.status, answer.status === 200 ? told : told.code];
}

const taken = [200, { code: '0000', id: 'NT1' }];

test('a genuine retry of a notice is one fact and gets the same reply', async () => {
  expect(await deliver(signed())).toEqual(taken);
  expect(await deliver(signed())).toEqual(taken);
  expect(hub.facts).toEqual([
    {
      notice: 'bank.creditDecided',
      key: 'FA-1',
      id: 'FA-1/2026-11-23T10:00:00+08:00',
      message: {
        applicationNo: 'FA-1',
        funderRef: 'BR1',
        verdict: 'rejected',
        decidedAt: '2026-11-23T10:00:00+08:00',
        reason: '否决',
      },
    },
  ]);
});

test('a recorded notice that is played again is refused', async () => {
  const once = signed();
  expect(await deliver(once)).toEqual(taken);
  expect(await deliver(once)).toEqual([401, 'NONCE_REUSED']);
  expect(hub.facts).toHaveLength(1);
});

test('a forged notice does not use up the request id of the genuine one', async () => {
  const genuine = signed();
  expect(await deliver({ ...genuine, body: genuine.body.replace('01', '00') })).toEqual([401, 'SIGNATURE_MISMATCH']);
  expect(await deliver(genuine)).toEqual(taken);
});

const stranger = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test.each<[string, Change, string]>([
  ['signed by a stranger', { key: stranger.privateKey }, 'SIGNATURE_MISMATCH'],
  ["signed with the hub's own key", { key: keys.hub['sign.pem'] ?? '' }, 'SIGNATURE_MISMATCH'],
  ['with another body', { sentBody: notice.replace('"01"', '"00"') }, 'SIGNATURE_MISMATCH'],
  ['signed for another path', { path: '/v1/releases' }, 'SIGNATURE_MISMATCH'],
  ['signed as a request', { kind: 'REQUEST' }, 'SIGNATURE_MISMATCH'],
  ['for another participant', { participant: 'LS000002' }, 'SIGNATURE_MISMATCH'],
  ['under an unknown key name', { header: { alg: 'PS256', kid: 'bank-sign-0' } }, 'SIGNATURE_MISMATCH'],
  ['that names another algorithm', { header: { alg: 'RS256', kid: bankSignKid } }, 'SIGNATURE_MISMATCH'],
  [
    'with an unencoded payload (b64)',
    { header: { alg: 'PS256', kid: bankSignKid, b64: false, crit: ['b64'] } },
    'SIGNATURE_MISMATCH',
  ],
  ['six minutes old', { timestamp: minutesAgo(6) }, 'TIMESTAMP_OUTSIDE_WINDOW'],
  ['six minutes ahead', { timestamp: minutesAgo(-6) }, 'TIMESTAMP_OUTSIDE_WINDOW'],
  ['with a timestamp that is none', { timestamp: 'yesterday' }, 'SIGNATURE_MISMATCH'],
  ['with a request id that is none', { requestId: 'x' }, 'SIGNATURE_MISMATCH'],
  ['to another address', { sentPath: '/notices/1' }, 'METHOD_UNKNOWN'],
  ['with a query', { sentPath: '/notices?a=1' }, 'METHOD_UNKNOWN'],
  ['that is no JSON', { body: '{"id":' }, 'BODY_MALFORMED'],
  ['that is empty', { body: '' }, 'BODY_MALFORMED'],
  ['with a field twice', { body: '{"id":"1","id":"2"}' }, 'BODY_MALFORMED'],
  ['with a field too many', { body: notice.replace('{"id"', '{"x":1,"id"') }, 'CONTRACT_VIOLATED'],
  ['of a type that has no mapping', { body: notice.replace('CREDIT_DECISION', 'LIMIT_FROZEN') }, 'EXT_CODE_UNMAPPED'],
  ['of a status that has no mapping', { body: notice.replace('"01"', '"77"') }, 'EXT_CODE_UNMAPPED'],
  ['of an approval without terms', { body: notice.replace('"01"', '"00"') }, 'CONTRACT_VIOLATED'],
  ['of a day that does not exist', { body: notice.replace('20261123', '20260230') }, 'CONTRACT_VIOLATED'],
])('a notice %s is refused and is no fact', async (_, change, code) => {
  const [status, told] = await deliver(signed(change));
  expect(told).toBe(code);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(hub.facts).toEqual([]);
});

test('a notice without any signature, and bytes that are no text, are refused', async () => {
  expect(await deliver({ path: '/notices', headers: {}, body: notice })).toEqual([401, 'SIGNATURE_MISMATCH']);
  expect(await deliver({ ...signed(), body: Uint8Array.of(0xff, 0x00) })).toEqual([401, 'SIGNATURE_MISMATCH']);
});
