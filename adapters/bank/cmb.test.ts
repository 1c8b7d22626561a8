/** What the conformance suite does not see of CMB: the vector, plain text, duplicates, returns, pages. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { bankCmb, cmbSeal, type TwinAnswer, type TwinRequest } from '../../test/twins.ts';
import { sm2PrivateKey, sm2Sign, sm2Verify, sm3, sm4CbcEncrypt } from '../crypto/gm.ts';
import { za } from '../crypto/sm2Signature.ts';
import bankService from './bank.service.ts';
import { disbursement } from './case.fixture.ts';
import { canonicalText, paddedId } from './dialects/cmbEnvelope.ts';

describe('the vector', () => {
  /** The key of GB/T 32918.5. */
  const number = Buffer.from('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8', 'hex');
  const source =
    '{"request":{"body":{"ntqacinfx":[{"accnbr":"755900000000001","bbknbr":"75"}]},"head":{"funcode":"NTQACINF","reqid":"2026010203040512300001","userid":"U001"}},"signature":{"sigdat":"__signature_sigdat__","sigtim":"20260102030405"}}';
  const id = paddedId('U001');
  const key = sm2PrivateKey(number);

  test('the canonical text has its keys in order at every depth; lists keep theirs', () => {
    const message = {
      signature: { sigtim: '20260102030405', sigdat: '__signature_sigdat__' },
      request: {
        head: { userid: 'U001', reqid: '2026010203040512300001', funcode: 'NTQACINF' },
        body: { ntqacinfx: [{ bbknbr: '75', accnbr: '755900000000001' }] },
      },
    };
    expect(canonicalText(message)).toBe(source);
    expect(canonicalText({ b: [2, 1, { d: null, c: true }], a: '"\n' })).toBe(
      '{"a":"\\"\\n","b":[2,1,{"c":true,"d":null}]}',
    );
  });

  test('ZA, digest and cipher text are those of the vector', () => {
    expect(id.toString()).toBe('U001000000000000');
    expect(za(key, id).toString('hex')).toBe('b2f3baf4796a3b46ac183292442dc316e24500ca1de747d984a277052d21e188');
    expect(sm3(za(key, id), source).toString('hex')).toBe(
      '33c344673340100777fa9f2569c2b6beb3131416a7515a855a7b0b168f18e85e',
    );
    const sealed = sm4CbcEncrypt(Buffer.from('0123456789abcdef'), id, Buffer.from(source)).toString('base64');
    expect(sealed.slice(0, 32)).toBe('eb+rqqHF8Qq8oFoGWY2emLuF6Oahknbt');
  });

  test('what OpenSSL signs, another library verifies, and the other way round', () => {
    const point = key.point.toString('hex');
    const ours = sm2Sign(key, Buffer.from(source), { form: 'raw', userId: id });
    expect(cmbSeal.isSigned(source, ours.toString('base64'), point, 'U001')).toBe(true);
    const theirs = Buffer.from(cmbSeal.signed(source, number.toString('hex'), point, 'U001'), 'base64');
    expect(sm2Verify(key, Buffer.from(source), theirs, { form: 'raw', userId: id })).toBe(true);
    expect(sm2Verify(key, Buffer.from(source), theirs, { form: 'raw' })).toBe(false);
  });
});

let hub: Bench | undefined;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

const enrolled = bankCmb.enrol();
const twinKey = (name: string) => enrolled.twin[name] ?? '';
const keys = {
  symmetric: twinKey('symmetric.txt'),
  bankPrivate: twinKey('bank-private.txt'),
  bankPublic: twinKey('bank-public.txt'),
};

type Tamper = (answer: TwinAnswer, request: TwinRequest) => TwinAnswer;
async function start(tamper: Tamper = (answer) => answer): Promise<Bench> {
  const handle: typeof bankCmb.handle = async (request, bank) => tamper(await bankCmb.handle(request, bank), request);
  hub = await bench(bankService, { ...bankCmb, enrol: () => enrolled, handle }, { speed: 1 });
  return hub;
}
const request = { ...disbursement, funderRef: 'BR1', amount: '10.00' };
const no = { no: request.instructionNo };
const act = (bank: Bench, name: string) =>
  bank.control('POST', `acts/${name}`, { instructionNo: request.instructionNo });
const confirmed = (response: object) => ({ outcome: 'confirmed', response });

test('plain text of the gateway is told, and believed by nobody: the outcome is unknown', async () => {
  const bank = await start(() => cmbSeal.text('CDCServer:ErrMsg:IP不在白名单内'));
  expect(await bank.call('bank.disburse', request)).toMatchObject({
    outcome: 'unknown',
    code: 'ANSWER_UNVERIFIED',
    externalCode: 'CDCServer:ErrMsg',
    detail: expect.stringContaining('IP不在白名单内'),
  });
});

test.each([['10000.06'], ['10000.08']])(
  '%s is taken and not answered: asked again, it is the same payment',
  async (amount) => {
    const bank = await start();
    const first = await bank.call('bank.disburse', { ...request, amount });
    expect(first).toMatchObject({ outcome: 'unknown' });
    const again = await bank.call('bank.disburse', { ...request, amount });
    const found = await bank.call('bank.queryDisbursement', no);
    expect(again).toMatchObject(confirmed({ bankNo: '0000000001' }));
    expect(found).toMatchObject(confirmed({ outcome: 'confirmed', response: { bankNo: '0000000001' } }));
    await act(bank, 'settle');
    expect(await bank.effects()).toHaveLength(1);
  },
);

test('a reference that holds another payee, name or amount is a conflict, whatever was paid', async () => {
  const bank = await start();
  await bank.call('bank.disburse', request);
  const others = [
    { ...request, amount: '10.01' },
    { ...request, payee: { ...request.payee, accountNo: '4100020000000000999' } },
    { ...request, payee: { ...request.payee, accountName: '另一家公司' } },
  ];
  for (const other of others)
    expect(await bank.call('bank.disburse', other)).toMatchObject({ outcome: 'refused', code: 'IDEMPOTENCY_CONFLICT' });
});

test('a duplicate whose query fails is unknown, even where the query itself came to nothing', async () => {
  let calls = 0;
  const bank = await start((answer) => ((calls += 1) === 3 ? cmbSeal.text('CDCServer:ErrMsg:busy') : answer));
  await bank.call('bank.disburse', request);
  expect(await bank.call('bank.disburse', request)).toMatchObject({ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' });
});

test('…000.03: succeeded, then returned: the day and the reason are those of the list of returns', async () => {
  const bank = await start();
  await bank.call('bank.disburse', { ...request, amount: '1000.03' });
  await act(bank, 'settle');
  expect(await bank.call('bank.readSettlement', no)).toMatchObject(
    confirmed({ response: { status: 'succeeded', settledAt: '2026-11-23T00:00:00+08:00' } }),
  );
  await bank.control('POST', 'clock', { advanceMs: 86_400_000 });
  await act(bank, 'bounce');
  expect(await bank.call('bank.readSettlement', no)).toMatchObject(
    confirmed({
      response: {
        status: 'returned',
        amount: '1000.03',
        settledAt: '2026-11-24T00:00:00+08:00',
        reason: '收款行退票：账号户名不符',
      },
    }),
  );
  const day = await bank.call('bank.readStatement', { accountNo: cmbSeal.identity.debitAccount, date: '2026-11-24' });
  expect(day).toMatchObject(
    confirmed({ final: false, lines: [{ entry: 'return', direction: 'credit', instructionNo: no.no }] }),
  );
});

test.each([
  ['1000.04', 'settle', 'pending'],
  ['1000.05', 'settle', 'pending'],
  ['1000.07', 'settle', 'pending'],
  ['1000.07', 'expire', 'confirmed'],
  ['1000.02', 'settle', 'confirmed'],
])('%s after %s: the result is %s', async (amount, people, outcome) => {
  const bank = await start();
  await bank.call('bank.disburse', { ...request, amount });
  await act(bank, people);
  expect(await bank.call('bank.readSettlement', no)).toMatchObject(confirmed({ outcome }));
  if (outcome === 'confirmed') expect(await bank.effects()).toEqual([]);
});

const { debitAccount: accountNo } = cmbSeal.identity;
const enterDay = async (bank: Bench, lines: number) => {
  for (let i = 1; i <= lines; i += 1)
    await bank.control('POST', 'acts/enter', { day: '20261120', amount: `${i}.00`, remark: '暂收' });
};

test('a day of several pages is read to its end, each movement once; money of nobody is money of nobody', async () => {
  const bank = await start();
  await enterDay(bank, 65);
  const read = await bank.call('bank.readStatement', { accountNo, date: '2026-11-20' });
  const { lines, final } = (read as { response: { lines: Record<string, unknown>[]; final: boolean } }).response;
  expect([lines.length, new Set(lines.map((line) => line['serial'])).size, final]).toEqual([65, 65, true]);
  expect(lines[0]).toMatchObject({ amount: '1.00', direction: 'credit', entry: 'other', remark: '暂收' });
  expect(lines[0]).not.toHaveProperty('instructionNo');
  expect(bank.exchanges.at(-1)?.parts).toHaveLength(3);
});

test('a page that lacks a movement that its head counts is no page', async () => {
  const bank = await start((answer) => {
    const plain = cmbSeal.deciphered(Buffer.from(answer.body).toString(), keys.symmetric, cmbSeal.identity.userId);
    const message = JSON.parse(plain?.toString() ?? '') as Parameters<typeof cmbSeal.sealed>[0] & {
      response: { body: { ntqactrsz2: unknown[] } };
    };
    message.response.body.ntqactrsz2.pop();
    return cmbSeal.sealed(message, keys);
  });
  await enterDay(bank, 3);
  expect(await bank.call('bank.readStatement', { accountNo, date: '2026-11-20' })).toMatchObject({
    outcome: 'unknown',
    detail: expect.stringContaining('a page of 3 movements with 2 of them'),
  });
});

test('what this bank does not have is refused before anything is sent', async () => {
  const bank = await start();
  for (const operation of ['quoteRepayment', 'readDecision', 'applyCredit'])
    expect(await bank.call(`bank.${operation}`, {})).toMatchObject({ code: 'OPERATION_NOT_OFFERED' });
  expect((await fetch(`${bank.edge}/notify`, { method: 'POST', body: 'x' })).status).toBe(404);
});
