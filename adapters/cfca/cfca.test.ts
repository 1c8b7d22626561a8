import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cfcaIdv } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import service from './cfca.service.ts';
import { signed } from '../crypto/recipes.ts';
import { seal, signAnswer } from './dialects/idv.ts';

const enterprise = {
  requestNo: 'IDV20261123-000001',
  name: '福建闽江钢材有限公司',
  uscc: '91350100MA32000B1T',
  legalRepName: '郑海峰',
  legalRepIdNo: '350100198202030024',
};
const bankcard = {
  requestNo: 'IDV20261123-000002',
  name: '吴晓燕',
  idNo: '350100199005050071',
  cardNo: '6222024100001230006',
  phone: '13800000012',
};
/** Its register cannot be reached while the vendor's channel is down. */
const unreachable = {
  ...enterprise,
  requestNo: 'IDV20261123-000003',
  name: '沙箱渠道异常有限公司',
  uscc: '91350200MA9000014Y',
};

let vendor: Bench;
beforeEach(async () => {
  vendor = await bench(service, cfcaIdv, { timeoutMs: 400 });
});
afterEach(() => vendor.stop());

test('the recipes give what OpenSSL gives', () => {
  const body = Buffer.from('{"requestNo":"R1"}');
  const part = { method: 'POST', path: '/idv/v1/query', timestamp: '1795390200000', nonce: '0123456789abcdef', body };
  expect(signed('idvRequest', 'idv_test_secret', part)).toBe(
    '01e7c058789f18ff3fff0fe0ff792e56abfc8f94983a6574f16c5c5d58c9715a',
  );
  expect(signAnswer('idv_test_secret', { status: 200, nonce: '0123456789abcdef', body })).toBe(
    'a766a4b9d0e9d3de823c6ad63499ede7a024a2f78d587bd67faa9ad1df784c99',
  );
  const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  expect(seal('0123456789abcdeffedcba9876543210', '郑海峰', iv)).toBe('AAECAwQFBgcICQoLDA0ODxd0MNt7Y1R9+9ofZ8I2rZU=');
});

describe('a check', () => {
  test('of a company and of a card that are as registered is a match', async () => {
    expect(await vendor.call('cfca.verifyEnterprise', enterprise)).toMatchObject(confirmed('match', []));
    expect(await vendor.call('cfca.verifyBankcard', bankcard)).toMatchObject(confirmed('match', []));
    expect(await verified()).toEqual([
      [enterprise.requestNo, { resultCode: '01', billed: true }],
      [bankcard.requestNo, { resultCode: '01', billed: true }],
    ]);
  });

  test('names the factors that differ, in our words', async () => {
    const outcome = await vendor.call('cfca.verifyBankcard', { ...bankcard, phone: '13900000000', name: '吴小燕' });
    expect(outcome).toMatchObject(confirmed('mismatch', ['name', 'phone']));
  });

  test('of a company that the register does not hold is not found and not charged; once registered, it matches', async () => {
    const young = { ...enterprise, uscc: '91350200MA99999X1K', name: '厦门新设贸易有限公司' };
    expect(await vendor.call('cfca.verifyEnterprise', young)).toMatchObject({
      response: { result: 'notFound', charged: false },
    });
    const { uscc, name: entName, legalRepName: legalName, legalRepIdNo: legalIdNo } = young;
    await vendor.control('POST', 'acts/register', { uscc, entName, legalName, legalIdNo });
    const again = await vendor.call('cfca.verifyEnterprise', { ...young, requestNo: 'IDV20261123-000009' });
    expect(again).toMatchObject(confirmed('match', []));
  });

  test('keeps what says something about a person out of sight on the way', async () => {
    await vendor.call('cfca.verifyBankcard', bankcard);
    const sent = vendor.exchanges.flatMap(({ parts }) => parts.map(({ request }) => request.toString())).join();
    for (const personal of [bankcard.name, bankcard.idNo, bankcard.cardNo, bankcard.phone])
      expect(sent).not.toContain(personal);
  });

  test('of a code with a wrong check digit never leaves the hub', async () => {
    const outcome = await vendor.call('cfca.verifyEnterprise', { ...enterprise, uscc: '91350100MA32000B1U' });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'USCC_CHECKDIGIT' });
    expect(vendor.exchanges[0]?.parts).toHaveLength(0);
  });

  test('with a malformed identity number is refused by the vendor', async () => {
    const outcome = await vendor.call('cfca.verifyBankcard', { ...bankcard, idNo: '350100199005050072' });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'SYSTEM_REFUSED', externalCode: '07' });
  });
});

describe('the same request number', () => {
  test('gives the first answer again and is charged once', async () => {
    const first = await vendor.call('cfca.verifyEnterprise', enterprise);
    expect(await vendor.call('cfca.verifyEnterprise', enterprise)).toEqual(first);
    expect(await verified()).toHaveLength(1);
  });

  test('with other factors is a conflict', async () => {
    await vendor.call('cfca.verifyEnterprise', enterprise);
    const outcome = await vendor.call('cfca.verifyEnterprise', { ...enterprise, legalRepName: '郑海' });
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'IDEMPOTENCY_CONFLICT' });
    expect(await verified()).toHaveLength(1);
  });
});

test('after three mismatches within a day the subject is locked; a day later it is not', async () => {
  const attempt = (n: number, legalRepName: string) =>
    vendor.call('cfca.verifyEnterprise', { ...enterprise, requestNo: `IDV20261123-00010${n}`, legalRepName });
  for (const n of [1, 2, 3]) expect(await attempt(n, `郑${n}`)).toMatchObject(confirmed('mismatch', ['legalRepName']));
  expect(await attempt(4, '郑海峰')).toMatchObject({ outcome: 'refused', code: 'SYSTEM_REFUSED', externalCode: '05' });
  expect(await vendor.call('cfca.queryVerification', { no: 'IDV20261123-000104' })).toMatchObject({
    response: { outcome: 'refused' },
  });
  await vendor.control('POST', 'clock', { advanceMs: 25 * 3_600_000 });
  expect(await attempt(5, '郑海峰')).toMatchObject(confirmed('match', []));
});

test('a channel error is unknown and unbilled, and the same number may ask again', async () => {
  expect(await vendor.call('cfca.verifyEnterprise', unreachable)).toMatchObject({
    outcome: 'unknown',
    code: 'IDV_CHANNEL',
    externalCode: '04',
  });
  expect(await query(unreachable.requestNo)).toEqual({ outcome: 'notFound' });
  expect(await verified()).toHaveLength(0);
  await vendor.control('POST', 'acts/channelUp');
  expect(await vendor.call('cfca.verifyEnterprise', unreachable)).toMatchObject({ response: { result: 'notFound' } });
});

describe('when the answer does not come as it should', () => {
  test.each(['timeout-after-effect', 'reset-after-effect', 'garbage'])(
    '%s: unknown, and the query tells what it was',
    async (fault) => {
      await vendor.control('POST', 'faults', { fault, operation: 'verifyEnterprise' });
      expect(await vendor.call('cfca.verifyEnterprise', enterprise)).toMatchObject({ outcome: 'unknown' });
      expect(await query(enterprise.requestNo)).toMatchObject({ outcome: 'confirmed', response: { result: 'match' } });
      expect(await verified()).toHaveLength(1);
    },
  );

  test.each(['timeout-before-effect', 'error-500', 'refuse-connection'])(
    '%s: unknown, and the query never heard of it',
    async (fault) => {
      await vendor.control('POST', 'faults', { fault, operation: 'verifyEnterprise' });
      expect(await vendor.call('cfca.verifyEnterprise', enterprise)).toMatchObject({ outcome: 'unknown' });
      expect(await query(enterprise.requestNo)).toEqual({ outcome: 'notFound' });
    },
  );

  test('a query that breaks is unknown itself', async () => {
    await vendor.control('POST', 'faults', { fault: 'garbage' });
    expect(await vendor.call('cfca.queryVerification', { no: 'X' })).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
  });
});

test('an answer of someone who does not hold the secret proves nothing', async () => {
  const stranger = await bench(service, { ...cfcaIdv, enrol: () => withOtherSecret(cfcaIdv.enrol()) });
  try {
    expect(await stranger.call('cfca.verifyEnterprise', enterprise)).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
  } finally {
    await stranger.stop();
  }
});

test('a message to the hub is refused: this vendor never calls', async () => {
  const answer = await fetch(`${vendor.edge}/anything`, { method: 'POST', body: '{' });
  expect([answer.status, vendor.facts.length]).toEqual([404, 0]);
});

function confirmed(result: string, mismatched: string[]) {
  return { outcome: 'confirmed', response: { result, mismatched, charged: true } };
}

async function query(no: string): Promise<unknown> {
  const outcome = await vendor.call('cfca.queryVerification', { no });
  return outcome.outcome === 'confirmed' ? outcome.response : outcome;
}

async function verified(): Promise<unknown[]> {
  return (await vendor.effects())
    .filter(({ kind }) => kind === 'verified')
    .map(({ number, detail }) => [number, detail]);
}

function withOtherSecret(keys: ReturnType<typeof cfcaIdv.enrol>) {
  return { hub: keys.hub, twin: { ...keys.twin, 'idv-secret.txt': 'another' } };
}
