import { createHmac, createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { registryZd, dealers, funder } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import { signed } from '../crypto/recipes.ts';
import { signAnswer, signRequest } from './dialects/providerSignature.ts';
import service from './registry.service.ts';

const pledgor = { name: dealers[0]?.name ?? '', uscc: dealers[0]?.uscc ?? '' };
const registration = {
  requestNo: 'REG20261123-000001',
  business: 'warehouseReceiptPledge',
  pledgor,
  pledgee: { name: funder.name, uscc: funder.uscc },
  contractNo: 'PLEDGE-2026-0001',
  securedAmount: '950000.00',
  termMonths: 3,
  description: '电子仓单 EWR-2026-0001 项下螺纹钢 HRB400E 12mm 300.000 吨',
};

let port: Bench;
/** The port's secret, so that a test can play the counterparty. */
let secret: string;
beforeEach(async () => {
  const keys = registryZd.enrol();
  secret = keys.twin['registry-secret.txt'] ?? '';
  // Business time stands nearly still: the clerk acts when a test says so.
  port = await bench(service, { ...registryZd, enrol: () => keys }, { timeoutMs: 400, speed: 1 });
});
afterEach(() => port.stop());

test('the recipes give what OpenSSL gives', () => {
  const part = { timestamp: '1795395600000', nonce: '0123456789abcdef', body: Buffer.from('{"requestNo":"R1"}') };
  const post = { ...part, method: 'POST', path: '/v1/registrations' };
  expect(signRequest('registry_test_secret', post)).toBe(
    '6a3c4bb8680833270a92131ec10ed510bfb4cb0c49bb5dea7be782e5bd72891b',
  );
  expect(signAnswer('registry_test_secret', { ...post, status: 200 })).toBe(
    'b66d94d198e22d46586e21f5c5206750f8bcd4174126ae8e0c3816db098c210d',
  );
  expect(signed('registryNotice', 'registry_test_secret', { ...post, path: '/notices' })).toBe(
    '212b4ca977dd6b48f73b5f61177fed6613e1477e1b2197c4f79f3d3f253daf79',
  );
});

describe('a search', () => {
  test('by a name without registrations finds none, and is numbered', async () => {
    expect(await port.call('registry.search', { debtorName: pledgor.name })).toMatchObject({
      outcome: 'confirmed',
      response: {
        searchNo: expect.stringMatching(/^CX/),
        searchedAt: expect.stringMatching(/^2026-11-23T09:0\d:\d\d\+08:00$/),
        hits: [],
      },
    });
  });

  test('finds what others registered, related or not, by the exact name only', async () => {
    const hits = async (debtorName: string) =>
      ((await port.call('registry.search', { debtorName })) as { response: { hits: { description: string }[] } })
        .response.hits;
    expect(await hits('沙箱在先登记贸易有限公司')).toMatchObject([
      {
        registrationNo: '2026060900054321',
        securedParty: '沙箱商业银行厦门分行',
        registeredAt: '2026-06-09T15:01:02+08:00',
      },
    ]);
    expect((await hits('泉州海峡建材有限公司'))[0]?.description).toContain('起重机');
    expect(await hits('泉州海峡建材')).toEqual([]);
    expect(await hits('漳州金阳物资有限公司')).toEqual([]);
    expect(await hits('漳州金阳贸易有限公司')).toHaveLength(1);
  });
});

describe('a registration', () => {
  test('is taken at once, told hours later, and read the same way', async () => {
    const taken = await port.call('registry.register', registration);
    expect(taken).toMatchObject({ outcome: 'confirmed', response: { acceptNo: expect.stringMatching(/^SL20261123/) } });
    expect(await answer('queryRequest', registration.requestNo)).toEqual({
      outcome: 'confirmed',
      response: (taken as { response: object }).response,
    });
    expect(await answer('readRegistration', registration.requestNo)).toEqual({ outcome: 'pending' });
    await port.control('POST', 'clock', { advanceMs: 2 * 3_600_000 });
    const told = await port.fact('registry.registered');
    expect(told).toMatchObject({
      key: registration.requestNo,
      message: { requestNo: registration.requestNo, amendCode: expect.stringMatching(/^\d{8}$/) },
    });
    expect(await answer('readRegistration', registration.requestNo)).toEqual({
      outcome: 'confirmed',
      response: told.message,
    });
    expect(await done('registered')).toEqual([registration.requestNo]);
  });

  test('lasts exactly its term and gives a certificate of which only the digest goes on', async () => {
    const { registeredAt, expiresAt, certificateSha256 } = await registered();
    expect([registeredAt.slice(0, 10), expiresAt.slice(0, 10)]).toEqual(['2026-11-23', '2027-02-23']);
    expect(expiresAt.slice(10)).toBe(registeredAt.slice(10));
    const { memory } = (await port.control('GET', 'state')) as {
      memory: { requests: Record<string, { result: { certificate: { content: string } } }> };
    };
    const pdf = Buffer.from(memory.requests[registration.requestNo]?.result.certificate.content ?? '', 'base64');
    expect(createHash('sha256').update(pdf).digest('hex')).toBe(certificateSha256);
    expect(JSON.stringify(port.facts)).not.toContain('JVBERi');
  });

  test('is found by the next search until it is cancelled', async () => {
    const { registrationNo, amendCode } = await registered();
    expect(await port.call('registry.search', { debtorName: pledgor.name })).toMatchObject({
      response: { hits: [{ registrationNo, securedParty: funder.name, description: registration.description }] },
    });
    await port.call('registry.cancel', { requestNo: 'REG-C1', registrationNo, amendCode, reason: '主债权消灭' });
    await port.control('POST', 'acts/process');
    await port.fact('registry.registrationChanged');
    expect(await port.call('registry.search', { debtorName: pledgor.name })).toMatchObject({ response: { hits: [] } });
  });

  test('that the clerk sends back is refused when it is read, and no fact', async () => {
    await port.call('registry.register', registration);
    await port.control('POST', 'acts/refuse', { requestNo: registration.requestNo, reason: '担保物描述不明确' });
    expect(await answer('readRegistration', registration.requestNo)).toMatchObject({
      outcome: 'refused',
      code: 'SYSTEM_REFUSED',
    });
    await until(() => port.exchanges.some(({ direction, state }) => direction === 'in' && state === 'ok'));
    expect([port.facts, await done('registered')]).toEqual([[], []]);
  });

  test('with the same number twice is one, and with other content under the number a conflict', async () => {
    const first = await port.call('registry.register', registration);
    expect(await port.call('registry.register', registration)).toEqual(first);
    expect(await port.call('registry.register', { ...registration, securedAmount: '950000.01' })).toMatchObject({
      outcome: 'refused',
      code: 'IDEMPOTENCY_CONFLICT',
    });
    await port.control('POST', 'acts/process');
    await port.control('POST', 'acts/process');
    expect(await done('registered')).toEqual([registration.requestNo]);
  });

  test.each(['..', 'a/b', 'a b', '%2e', '登记'])(
    'under the number %s never leaves the hub: numbers stand in paths',
    async (requestNo) => {
      expect(await port.call('registry.register', { ...registration, requestNo })).toMatchObject({
        outcome: 'refused',
        code: 'CONTRACT_VIOLATED',
      });
      expect(await port.call('registry.queryRequest', { no: requestNo })).toMatchObject({ outcome: 'refused' });
      expect(port.exchanges.flatMap(({ parts }) => parts)).toHaveLength(0);
    },
  );
});

describe('a change', () => {
  test('of the description is told and seen by others', async () => {
    const { registrationNo, amendCode } = await registered();
    await port.call('registry.amend', {
      requestNo: 'REG-A1',
      registrationNo,
      amendCode,
      description: '电子仓单 EWR-2026-0002',
    });
    expect(await answer('readChange', 'REG-A1')).toEqual({ outcome: 'pending' });
    await port.control('POST', 'acts/process');
    const told = await port.fact('registry.registrationChanged');
    expect(told).toMatchObject({ key: 'REG-A1', message: { registrationNo, change: 'amended' } });
    expect(await answer('readChange', 'REG-A1')).toEqual({ outcome: 'confirmed', response: told.message });
    expect(await port.call('registry.search', { debtorName: pledgor.name })).toMatchObject({
      response: { hits: [{ description: '电子仓单 EWR-2026-0002' }] },
    });
    expect(await done('amended')).toEqual(['REG-A1']);
  });

  test('with a wrong amend code is refused, also when asked about later', async () => {
    const { registrationNo } = await registered();
    const request = { requestNo: 'REG-A2', registrationNo, amendCode: 'guessed', description: 'x' };
    for (const _ of [1, 2])
      expect(await port.call('registry.amend', request)).toMatchObject({
        outcome: 'refused',
        code: 'SYSTEM_REFUSED',
        externalCode: '2002',
      });
    expect(await answer('queryRequest', 'REG-A2')).toMatchObject({ outcome: 'refused' });
    expect(await answer('readChange', 'REG-A2')).toMatchObject({ outcome: 'refused' });
  });

  test('of a registration that ended, or that there is none of, is refused', async () => {
    const { registrationNo, amendCode } = await registered();
    const cancel = (requestNo: string, no = registrationNo) =>
      port.call('registry.cancel', { requestNo, registrationNo: no, amendCode, reason: '结清' });
    await cancel('REG-C2');
    await cancel('REG-C3'); // Taken: the first is not entered yet.
    await port.control('POST', 'acts/process');
    expect(await answer('readChange', 'REG-C2')).toMatchObject({ response: { change: 'cancelled' } });
    expect(await answer('readChange', 'REG-C3')).toMatchObject({ outcome: 'refused' });
    expect(await cancel('REG-C4')).toMatchObject({ outcome: 'refused', externalCode: '2003' });
    expect(await cancel('REG-C5', '2026000000000000')).toMatchObject({ outcome: 'refused', externalCode: '2001' });
    expect(await done('cancelled')).toEqual(['REG-C2']);
  });
});

describe('when the answer does not come as it should', () => {
  test.each(['timeout-after-effect', 'reset-after-effect', 'garbage'])(
    '%s: unknown, and the query knows the request',
    async (fault) => {
      await port.control('POST', 'faults', { fault, operation: 'register' });
      expect(await port.call('registry.register', registration)).toMatchObject({ outcome: 'unknown' });
      expect(await answer('queryRequest', registration.requestNo)).toMatchObject({ outcome: 'confirmed' });
      expect(await port.call('registry.register', registration)).toMatchObject({ outcome: 'confirmed' });
      await port.control('POST', 'acts/process');
      expect(await done('registered')).toEqual([registration.requestNo]);
    },
  );

  test.each(['timeout-before-effect', 'error-500', 'refuse-connection'])(
    '%s: unknown, and the query never heard of it',
    async (fault) => {
      await port.control('POST', 'faults', { fault, operation: 'register' });
      expect(await port.call('registry.register', registration)).toMatchObject({ outcome: 'unknown' });
      for (const operation of ['queryRequest', 'readRegistration', 'readChange']) {
        expect(await answer(operation, registration.requestNo)).toEqual({ outcome: 'notFound' });
      }
    },
  );

  test('an answer of someone who does not hold the secret proves nothing', async () => {
    const stranger = await bench(service, {
      ...registryZd,
      enrol: () => ({ hub: { 'registry-secret.txt': 'one' }, twin: { 'registry-secret.txt': 'other' } }),
    });
    try {
      expect(await stranger.call('registry.search', { debtorName: pledgor.name })).toMatchObject({
        outcome: 'unknown',
        code: 'ANSWER_UNVERIFIED',
      });
    } finally {
      await stranger.stop();
    }
  });
});

describe('a notice', () => {
  const progress = () => ({
    requestNo: 'REG-X1',
    acceptNo: 'SL1',
    type: 'CANCELLATION',
    state: 'DONE',
    result: { registrationNo: '2026112300000001', changedAt: '2026-11-23 10:00:00' },
  });

  test('that is authentic is one fact, however often it is sent anew', async () => {
    for (const _ of [1, 2, 3])
      expect(await post({ noticeId: 'TZ1', ...progress() })).toEqual([200, { code: '0000', noticeId: 'TZ1' }]);
    expect(port.facts).toMatchObject([
      { notice: 'registry.registrationChanged', key: 'REG-X1', message: { at: '2026-11-23T10:00:00+08:00' } },
    ]);
  });

  test('that is replayed byte by byte is refused, and one fact stays one', async () => {
    const nonce = randomBytes(16).toString('hex');
    expect((await post({ noticeId: 'TZ1', ...progress() }, { nonce }))[0]).toBe(200);
    expect(await post({ noticeId: 'TZ1', ...progress() }, { nonce })).toMatchObject([401, { code: 'NONCE_REUSED' }]);
    expect(port.facts).toHaveLength(1);
  });

  test.each([
    ['a wrong secret', { key: 'wrong' }, 401, 'SIGNATURE_MISMATCH'],
    ['a signature of another path', { signedPath: '/other' }, 401, 'SIGNATURE_MISMATCH'],
    ['the signature of a request', { word: 'REQUEST' }, 401, 'SIGNATURE_MISMATCH'],
    ['an old timestamp', { timestamp: String(Date.now() - 6 * 60_000) }, 401, 'TIMESTAMP_OUTSIDE_WINDOW'],
    ['a timestamp that is none', { timestamp: 'now' }, 401, 'TIMESTAMP_OUTSIDE_WINDOW'],
    ['a nonce that anybody guesses', { nonce: '1' }, 400, 'BODY_MALFORMED'],
  ])('with %s is refused and no fact', async (_, change, status, code) => {
    expect(await post({ noticeId: 'TZ1', ...progress() }, change)).toMatchObject([status, { code }]);
    expect(port.facts).toHaveLength(0);
  });

  test.each([
    ['noise', '{', 400],
    ['a list', [], 422],
    ['a field too many', { noticeId: 'TZ1', ...progress(), extra: 1 }, 422],
    ['a duplicate key', '{"noticeId":"a","noticeId":"b"}', 400],
    ['a state that nobody mapped', { noticeId: 'TZ1', ...progress(), state: 'ARCHIVED' }, 502],
    ['a type that nobody mapped', { noticeId: 'TZ1', ...progress(), type: 'OBJECTION' }, 502],
    [
      'a day that does not exist',
      { noticeId: 'TZ1', ...progress(), result: { registrationNo: '1', changedAt: '2026-02-30 10:00:00' } },
      422,
    ],
    ['nothing to tell', { noticeId: 'TZ1', ...progress(), result: undefined }, 502],
  ])('that is signed but holds %s is refused and no fact', async (_, body, status) => {
    expect((await post(body))[0]).toBe(status);
    expect(port.facts).toHaveLength(0);
  });

  test('that the hub could not take is sent again under a new nonce', async () => {
    await port.call('registry.register', registration);
    // The hub's memory is away for a moment: nothing is committed, so nothing is acknowledged.
    const away = {
      push: () => {
        throw new Error('away');
      },
    };
    Object.assign(port.facts, away);
    await port.control('POST', 'acts/process');
    await until(() => port.exchanges.some(({ direction, state }) => direction === 'in' && state === 'refused'));
    Reflect.deleteProperty(port.facts, 'push');
    expect(await port.fact('registry.registered')).toMatchObject({ key: registration.requestNo });
  });
});

async function registered() {
  await port.call('registry.register', registration);
  await port.control('POST', 'acts/process');
  const { message } = await port.fact('registry.registered');
  return message as {
    registrationNo: string;
    amendCode: string;
    certificateSha256: string;
    registeredAt: string;
    expiresAt: string;
  };
}

async function answer(operation: string, no: string): Promise<unknown> {
  const outcome = await port.call(`registry.${operation}`, { no });
  return outcome.outcome === 'confirmed' ? outcome.response : outcome;
}

async function done(kind: string): Promise<string[]> {
  return (await port.effects()).filter((line) => line.kind === kind).map(({ number }) => number);
}

interface Forged {
  readonly key?: string;
  readonly signedPath?: string;
  readonly word?: string;
  readonly timestamp?: string;
  readonly nonce?: string;
}

/** A notice as the port signs it, or as someone else would. */
async function post(content: unknown, forged: Forged = {}): Promise<[number, unknown]> {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const { key = secret, signedPath = '/notices', word = 'NOTICE' } = forged;
  const { timestamp = String(Date.now()), nonce = randomBytes(16).toString('hex') } = forged;
  const digest = createHash('sha256').update(body).digest('hex');
  const signature = createHmac('sha256', key)
    .update([word, 'POST', signedPath, timestamp, nonce, digest].join('\n'))
    .digest('hex');
  const headers = { 'x-registry-timestamp': timestamp, 'x-registry-nonce': nonce, 'x-registry-signature': signature };
  const reply = await fetch(`${port.edge}/notices`, { method: 'POST', headers, body });
  return [reply.status, await reply.json()];
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
}
