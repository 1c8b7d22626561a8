/** The bank's door, knocked at with node:crypto and jose: what it takes, what it refuses, and that it signs both. */
import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CompactEncrypt, CompactSign } from 'jose';
import nodeJose from 'node-jose';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { dealers, unit } from '../world.ts';
import { bankOpen } from './open.twin.ts';
import { identity, signedText } from './seal.ts';

const keys = bankOpen.enrol();
const hubKey = keys.hub['sign.pem'] ?? '';
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
const folder = mkdtempSync(join(tmpdir(), 'bank-open-'));
let bank: RunningTwin;
beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  bank = await startTwin(bankOpen, { folder, port: 0, hubUrl: 'http://127.0.0.1:1', clock, keys: keys.twin });
});
afterAll(async () => {
  await bank.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the signed text is these seven lines', () => {
  const text = signedText('REQUEST', {
    participantNo: 'LS000001',
    subject: ['POST', '/v1/releases'],
    timestamp: '2026-11-23T01:00:00.000Z',
    requestId: '00000000-0000-4000-8000-000000000001',
    body: '{}',
  });
  expect(text).toBe(
    'BANK-OPEN-1 REQUEST\nLS000001\nPOST\n/v1/releases\n2026-11-23T01:00:00.000Z\n00000000-0000-4000-8000-000000000001\n' +
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  );
});

interface Knock {
  method?: string;
  path?: string;
  sentPath?: string;
  body?: string;
  sentBody?: string;
  timestamp?: string;
  requestId?: string;
  participant?: string;
  header?: object;
  signer?: (input: Buffer) => Buffer;
  signature?: string;
}

async function knock(change: Knock = {}) {
  const method = change.method ?? (change.body === undefined ? 'GET' : 'POST');
  const path = change.path ?? '/v1/applications/NONE';
  const timestamp = change.timestamp ?? new Date().toISOString();
  const requestId = change.requestId ?? randomUUID();
  const hash = createHash('sha256')
    .update(change.body ?? '')
    .digest('hex');
  const text = ['BANK-OPEN-1 REQUEST', identity.participantNo, method, path, timestamp, requestId, hash].join('\n');
  const head = Buffer.from(JSON.stringify(change.header ?? { alg: 'PS256', kid: identity.hubSignKid })).toString(
    'base64url',
  );
  const signer = change.signer ?? ((input: Buffer) => sign('sha256', input, { key: hubKey, ...pss }));
  const signature = `${head}..${signer(Buffer.from(`${head}.${Buffer.from(text).toString('base64url')}`)).toString('base64url')}`;
  const body = change.sentBody ?? change.body;
  const answer = await fetch(bank.url + (change.sentPath ?? path), {
    method,
    headers: {
      'x-participant': change.participant ?? identity.participantNo,
      'x-timestamp': timestamp,
      'x-request-id': requestId,
      'x-jws-signature': change.signature ?? signature,
    },
    ...(body === undefined ? {} : { body }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    requestId,
    signature,
    code: (JSON.parse(bytes.toString()) as { code: string }).code,
  };
}

describe('the door', () => {
  test('answers a whole call, and its own signature binds status, request and body', async () => {
    const { status, headers, bytes, requestId, code } = await knock();
    expect([status, code]).toEqual([404, '4040']);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const text = [
      'BANK-OPEN-1 ANSWER',
      identity.participantNo,
      '404',
      headers.get('x-timestamp'),
      requestId,
      hash,
    ].join('\n');
    const [head = '', middle, signature = ''] = (headers.get('x-jws-signature') ?? '').split('.');
    expect([JSON.parse(Buffer.from(head, 'base64url').toString()), middle]).toEqual([
      { alg: 'PS256', kid: 'bank-sign-1' },
      '',
    ]);
    const input = Buffer.from(`${head}.${Buffer.from(text).toString('base64url')}`);
    expect(
      verify('sha256', input, { key: keys.hub['bank-sign.pem'] ?? '', ...pss }, Buffer.from(signature, 'base64url')),
    ).toBe(true);
  });

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const hubPublic = createPublicKey(hubKey).export({ type: 'spki', format: 'pem' });
  const { hubSignKid: kid } = identity;
  test.each<[string, Knock, string]>([
    ['moved to another path', { body: '{}', path: '/v1/releases', sentPath: '/v1/disbursements' }, '1101'],
    ['moved to another number', { sentPath: '/v1/applications/OTHER' }, '1101'],
    ['given a query', { sentPath: '/v1/applications/NONE?x=1' }, '1101'],
    ['given another body', { body: '{}', path: '/v1/releases', sentBody: '{ }' }, '1101'],
    ['of another participant', { participant: 'LS000002' }, '1101'],
    ['six minutes old', { timestamp: new Date(Date.now() - 360_000).toISOString() }, '1102'],
    ['six minutes ahead', { timestamp: new Date(Date.now() + 360_000).toISOString() }, '1102'],
    ['with a request id that is none', { requestId: 'x' }, '1101'],
    ['without a signature', { signature: '' }, '1101'],
    ['of a stranger', { signer: (input) => sign('sha256', input, { key: other.privateKey, ...pss }) }, '1101'],
    ['with alg none', { header: { alg: 'none', kid }, signer: () => Buffer.alloc(0) }, '1101'],
    [
      'with the public key as a secret',
      { header: { alg: 'HS256', kid }, signer: (input) => createHmac('sha256', hubPublic).update(input).digest() },
      '1101',
    ],
    [
      'with another algorithm',
      { header: { alg: 'RS256', kid }, signer: (input) => sign('sha256', input, hubKey) },
      '1101',
    ],
    [
      'with its own key in the header',
      {
        header: { alg: 'PS256', kid, jwk: other.publicKey.export({ format: 'jwk' }) },
        signer: (input) => sign('sha256', input, { key: other.privateKey, ...pss }),
      },
      '1101',
    ],
    ['for no service', { path: '/v1/nothing' }, '1003'],
    ['with a body that is no JSON', { body: '{', path: '/v1/releases' }, '1001'],
    ['with a body that lacks its fields', { body: '{}', path: '/v1/releases' }, '1002'],
    ['with a field too many', { body: '{"package":"x","more":1}', path: '/v1/applications' }, '1002'],
    ['for a day that does not exist', { path: '/v1/loans/LN1/quote?date=20260230' }, '1002'],
  ])('refuses a call %s', async (_, change, code) => {
    expect((await knock(change)).code).toBe(code);
  });

  test('refuses a recorded call, and takes the same content under a new request id', async () => {
    const requestId = randomUUID();
    expect([(await knock({ requestId })).code, (await knock({ requestId })).code, (await knock()).code]).toEqual([
      '4040',
      '1103',
      '4040',
    ]);
  });
});

describe('a data package', () => {
  const dealer = dealers[0];
  const account = {
    acctName: unit.account.accountName,
    acctNo: unit.account.accountNo,
    openBank: unit.account.bankName,
    cnaps: unit.account.bankCode,
  };
  const application = {
    applNo: 'FA-9',
    prodCode: 'SP01',
    borrower: { custName: dealer?.name, creditCode: dealer?.uscc },
    applAmt: '100.00',
    ccy: '156',
    termDays: 90,
    purpose: '货款',
    payee: account,
    order: { orderNo: 'PO-9', orderAmt: '200.00', orderDate: '20261120' },
    goods: [{ code: 'A', name: 'A', qty: '1.000', unit: 'TNE', price: '200.00' }],
    docs: [],
    checks: { enterprise: 'V-1', agent: 'V-2' },
    openItems: '0.00',
  };
  const plain = { participantNo: identity.participantNo, bankNo: identity.bankNo, application };
  const ours = createPublicKey(keys.hub['bank-encrypt.pem'] ?? '');
  const jws = (content: object, header: object = {}) =>
    new CompactSign(Buffer.from(JSON.stringify(content)))
      .setProtectedHeader({ alg: 'PS256', kid: identity.hubSignKid, typ: 'credit-package', ...header })
      .sign(createPrivateKey(hubKey));
  const jwe = (inner: string, header: object = {}, key = ours) =>
    new CompactEncrypt(Buffer.from(inner))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: identity.bankEncryptKid, cty: 'JOSE', ...header })
      .encrypt(key);
  const handIn = async (sealed: string) =>
    (await knock({ body: JSON.stringify({ package: sealed }), path: '/v1/applications' })).code;

  test('that is for another recipient, not signed, signed for another purpose or bank, or compressed, is not opened', async () => {
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const signed = await jws(plain);
    const key = await nodeJose.JWK.asKey(keys.hub['bank-encrypt.pem'] ?? '', 'pem', {
      kid: identity.bankEncryptKid,
      alg: 'RSA-OAEP-256',
    });
    const options = { format: 'compact', contentAlg: 'A256GCM', zip: true, fields: { cty: 'JOSE' } } as const;
    const zipped = await nodeJose.JWE.createEncrypt(options, key).update(Buffer.from(signed)).final();
    expect(JSON.parse(Buffer.from(zipped.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      zip: 'DEF',
      kid: identity.bankEncryptKid,
    });
    const packages = [
      await jwe(signed, {}, stranger),
      await jwe(JSON.stringify(plain)),
      await jwe(await jws(plain, { typ: 'JWT' })),
      await jwe(await jws({ ...plain, bankNo: 'BKOTHER1' })),
      await jwe(signed, { enc: 'A128CBC-HS256' }),
      await jwe(signed, { cty: 'JWT' }),
      zipped,
      signed,
      'a.b.c.d.e',
    ];
    expect(await Promise.all(packages.map(handIn))).toEqual(packages.map(() => '1104'));
    expect(await (await fetch(`${bank.url}/_twin/effects`)).json()).toEqual([]);
  });

  test('that is sealed anew under the same number has one effect', async () => {
    expect(await handIn(await jwe(await jws(plain)))).toBe('0000');
    expect(await handIn(await jwe(await jws(plain)))).toBe('0000');
    expect(await handIn(await jwe(await jws({ ...plain, application: { ...application, termDays: 60 } })))).toBe(
      '2002',
    );
    expect(await (await fetch(`${bank.url}/_twin/effects`)).json()).toHaveLength(1);
  });
});
