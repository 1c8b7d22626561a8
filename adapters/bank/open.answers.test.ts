/** What the hub concludes from answers that fail, lie or do not come. No defect of an answer says that nothing happened. */
import { constants, createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type Bank,
  bankOpen,
  signedAnswer,
  identity,
  signedText,
  type TwinAnswer,
  type TwinRequest,
} from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import bankService from './bank.service.ts';
import { application, approved, disbursement } from './case.fixture.ts';
import { sealedText } from './dialects/openSeal.ts';

let hub: Bench | undefined;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

test('the signed text is these seven lines', () => {
  const subject = ['POST', '/v1/releases'];
  const requestId = '00000000-0000-4000-8000-000000000001';
  const text = sealedText('LS000001', {
    kind: 'REQUEST',
    subject,
    timestamp: '2026-11-23T01:00:00.000Z',
    requestId,
    body: Buffer.from('{}'),
  });
  expect(text.toString()).toBe(
    'BANK-OPEN-1 REQUEST\nLS000001\nPOST\n/v1/releases\n2026-11-23T01:00:00.000Z\n00000000-0000-4000-8000-000000000001\n' +
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  );
});

/** Made once: RSA keys take longer than all that a test here does. */
const keys = bankOpen.enrol();

type Tamper = (answer: TwinAnswer, request: TwinRequest, bank: Bank) => TwinAnswer | Promise<TwinAnswer>;

const start = async (tamper: Tamper = (answer) => answer): Promise<Bench> => {
  const spec = {
    ...bankOpen,
    enrol: () => keys,
    handle: async (request: TwinRequest, bank: Bank) => tamper(await bankOpen.handle(request, bank), request, bank),
  };
  hub = await bench(bankService, spec, { speed: 1, timeoutMs: 1_500 });
  return hub;
};
const bytesOf = (answer: TwinAnswer) => Buffer.from(answer.body);
const resigned = (text: (body: string) => string, status?: number): Tamper => {
  return (answer, request, bank) =>
    signedAnswer(request, bank, status ?? answer.status, Buffer.from(text(bytesOf(answer).toString())));
};
const unverified = { outcome: 'unknown', code: 'ANSWER_UNVERIFIED' };

describe('an answer is not believed', () => {
  const without =
    (name: string): Tamper =>
    (answer) => ({
      ...answer,
      headers: Object.fromEntries(Object.entries(answer.headers ?? {}).filter(([each]) => each !== name)),
    });
  const withSignature =
    (make: (text: string, bank: Bank) => string): Tamper =>
    (answer, request, bank) => {
      const headers = answer.headers ?? {};
      const text = signedText('ANSWER', {
        participantNo: identity.participantNo,
        subject: [String(answer.status)],
        timestamp: headers['x-timestamp'] ?? '',
        requestId: request.headers['x-request-id'] ?? '',
        body: answer.body,
      });
      return { ...answer, headers: { ...headers, 'x-jws-signature': make(text, bank) } };
    };
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const detached = (header: object, text: string, signer: (input: Buffer) => Buffer): string => {
    const head = Buffer.from(JSON.stringify(header)).toString('base64url');
    return `${head}..${signer(Buffer.from(`${head}.${Buffer.from(text).toString('base64url')}`)).toString('base64url')}`;
  };
  const kid = identity.bankSignKid;
  const publicPem = (bank: Bank) => createPublicKey(bank.key('sign.pem')).export({ type: 'spki', format: 'pem' });
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

  test.each<[string, Tamper]>([
    ['without a signature', without('x-jws-signature')],
    ['without a timestamp', without('x-timestamp')],
    ['with another body', (answer) => ({ ...answer, body: bytesOf(answer).toString().replace('BR', 'BX') })],
    ['with another status', (answer) => ({ ...answer, status: 201 })],
    [
      'signed by another key',
      withSignature((text) =>
        detached({ alg: 'PS256', kid }, text, (input) => sign('sha256', input, { key: other, ...pss })),
      ),
    ],
    [
      'signed by nobody (alg none)',
      withSignature((text) => detached({ alg: 'none', kid }, text, () => Buffer.alloc(0))),
    ],
    [
      'signed with the public key as a secret (HS256)',
      withSignature((text, bank) =>
        detached({ alg: 'HS256', kid }, text, (input) => createHmac('sha256', publicPem(bank)).update(input).digest()),
      ),
    ],
    [
      'signed with the old padding (RS256)',
      withSignature((text, bank) =>
        detached({ alg: 'RS256', kid }, text, (input) => sign('sha256', input, bank.key('sign.pem'))),
      ),
    ],
    [
      'with its own key in the header',
      withSignature((text) => {
        const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
        return detached({ alg: 'PS256', kid, jwk }, text, (input) => sign('sha256', input, { key: other, ...pss }));
      }),
    ],
    ['that is no JSON, though well signed', resigned(() => '<html>')],
    [
      'that names a field twice, though well signed',
      resigned((body) => body.replace('"code"', '"code":"9999","code"')),
    ],
  ])('%s', async (_, tamper) => {
    const bank = await start(tamper);
    expect(await bank.call('bank.applyCredit', application)).toMatchObject(unverified);
    expect(await bank.effects()).toHaveLength(1); // It was done, and that is why the outcome is unknown and not refused.
  });

  test('when it was given to another request', async () => {
    let earlier: TwinAnswer | undefined;
    const bank = await start((answer) => (earlier ??= answer));
    expect(await bank.call('bank.queryApplication', { no: 'FA-1' })).toMatchObject({
      outcome: 'confirmed',
      response: { outcome: 'notFound' },
    });
    expect(await bank.call('bank.queryApplication', { no: 'FA-1' })).toMatchObject(unverified);
  });

  test('when it is a refusal without a signature', async () => {
    const bank = await start(() => ({ status: 409, body: JSON.stringify({ code: '2001', message: 'no' }) }));
    expect(await bank.call('bank.applyCredit', application)).toMatchObject(unverified);
  });
});

describe('a well signed answer', () => {
  test.each([
    ['2099', 409, { outcome: 'unknown', code: 'EXT_CODE_UNMAPPED', externalCode: '2099' }],
    ['5000', 500, { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', externalCode: '5000' }],
    ['5003', 503, { outcome: 'later', code: 'SYSTEM_BUSY', externalCode: '5003' }],
    ['1103', 401, { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', externalCode: '1103' }],
    ['0000', 500, { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' }],
  ])('with code %s and status %d means %j', async (code, status, outcome) => {
    const bank = await start(resigned(() => JSON.stringify({ code, message: 'x', data: { bankRef: 'BR1' } }), status));
    expect(await bank.call('bank.applyCredit', application)).toMatchObject(outcome);
  });

  test('that lacks what it should say, says something else too, or is about another number is unknown', async () => {
    const answers = [{}, { bankRef: 'BR1', extra: 1 }, { bankRef: 7 }].map((data) =>
      JSON.stringify({ code: '0000', message: 'ok', data }),
    );
    const settled = { instrNo: 'OTHER', status: 'P', amt: '1.00' };
    answers.push(JSON.stringify({ code: '0000', message: 'ok', data: settled }));
    const bank = await start(resigned(() => answers.shift() ?? '', 200));
    for (let i = 0; i < 3; i++)
      expect(await bank.call('bank.applyCredit', application)).toMatchObject({ outcome: 'unknown' });
    expect(await bank.call('bank.readSettlement', { no: 'PI-1' })).toMatchObject({
      outcome: 'unknown',
      code: 'OUTCOME_UNKNOWN',
    });
  });

  test('with a status that has no mapping is unknown', async () => {
    const bank = await start(
      resigned(
        () => JSON.stringify({ code: '0000', message: 'ok', data: { instrNo: 'PI-1', status: 'U', amt: '1.00' } }),
        200,
      ),
    );
    expect(await bank.call('bank.readSettlement', { no: 'PI-1' })).toMatchObject({
      outcome: 'unknown',
      code: 'EXT_CODE_UNMAPPED',
      externalCode: 'U',
    });
  });
});

describe('when the road breaks', () => {
  test.each([
    ['refuse-connection', 'unknown', 'notFound', 0],
    ['timeout-before-effect', 'unknown', 'notFound', 0],
    ['timeout-after-effect', 'unknown', 'confirmed', 1],
    ['reset-after-effect', 'unknown', 'confirmed', 1],
    ['garbage', 'unknown', 'confirmed', 1],
    ['error-500', 'unknown', 'notFound', 0],
  ])('%s: the outcome is %s, the query says %s', async (fault, outcome, found, payments) => {
    const bank = await start();
    const funderRef = await approved(bank);
    await bank.control('POST', 'faults', { fault, operation: 'disburse' });
    expect(await bank.call('bank.disburse', { ...disbursement, funderRef })).toMatchObject({ outcome });
    expect(await bank.call('bank.queryDisbursement', { no: disbursement.instructionNo })).toMatchObject({
      outcome: 'confirmed',
      response: { outcome: found },
    });
    await bank.control('POST', 'acts/settle', { instructionNo: disbursement.instructionNo }).catch(() => undefined);
    expect((await bank.effects()).filter((effect) => effect.kind === 'disbursed')).toHaveLength(payments);
  });
});

test('a package for another recipient is refused by the bank and leaves nothing there', async () => {
  const keys = bankOpen.enrol();
  const stranger = bankOpen.enrol().hub['bank-encrypt.pem'] ?? '';
  hub = await bench(
    bankService,
    { ...bankOpen, enrol: () => ({ ...keys, hub: { ...keys.hub, 'bank-encrypt.pem': stranger } }) },
    // No fault is planned here: only a slow machine would meet the deadline.
    { speed: 1, timeoutMs: 15_000 },
  );
  expect(await hub.call('bank.applyCredit', application)).toMatchObject({
    outcome: 'refused',
    code: 'SYSTEM_REFUSED',
    externalCode: '1104',
  });
  expect(await hub.effects()).toEqual([]);
});

test('the data package does not travel in the open', async () => {
  const bank = await start();
  await bank.call('bank.applyCredit', application);
  const sent = bank.exchanges.flatMap((exchange) => exchange.parts).map((part) => part.request.toString());
  expect(sent).toHaveLength(1);
  const inner = (sent[0] ?? '').split(/[".]/).map((piece) => Buffer.from(piece, 'base64url').toString());
  expect(
    [sent[0], ...inner].some(
      (text) => text?.includes(application.applicationNo) || text?.includes(application.borrower.uscc),
    ),
  ).toBe(false);
});
