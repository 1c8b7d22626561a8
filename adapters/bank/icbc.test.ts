/** What the conformance suite does not see of ICBC: vectors, the other agreements, a payment's bad days, pages. */
import { constants, createSign, privateEncrypt } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { bankIcbc, funder, icbcSeal, type Bank, type TwinAnswer, type TwinRequest } from '../../test/twins.ts';
import bankService from './bank.service.ts';
import { application, approved, disbursement } from './case.fixture.ts';
import { decrypt, encrypt, signedText } from './dialects/icbcEnvelope.ts';

let hub: Bench | undefined;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

test('the vector: sixteen times 01, no first block, and the text that is signed', () => {
  const key = Buffer.alloc(16, 1);
  expect(encrypt(Buffer.from('{"a":"1"}'), key)).toBe('lJDkQXdTPBwaKwXHNekITA==');
  expect(decrypt('lJDkQXdTPBwaKwXHNekITA==', key).toString()).toBe('{"a":"1"}');
  const fields = {
    msg_id: 'm1',
    sign_type: 'RSA2',
    timestamp: '2026-01-02 03:04:05',
    app_id: '1',
    charset: 'UTF-8',
    format: 'json',
    biz_content: '{"a":"1"}',
    notify_url: '',
    sign: 'never',
  };
  expect(signedText('/api/x/y/V1', fields)).toBe(
    '/api/x/y/V1?app_id=1&biz_content={"a":"1"}&charset=UTF-8&format=json&msg_id=m1&sign_type=RSA2&timestamp=2026-01-02 03:04:05',
  );
});

const keys = bankIcbc.enrol();
const gateway = keys.twin['gateway-private.pem'] ?? '';
type Tamper = (answer: TwinAnswer, request: TwinRequest) => TwinAnswer;

async function start(settings: Record<string, string> = {}, tamper: Tamper = (answer) => answer): Promise<Bench> {
  const spec = {
    ...bankIcbc,
    settings: { ...bankIcbc.settings, ...settings },
    enrol: () => keys,
    handle: async (request: TwinRequest, bank: Bank) =>
      tamper(await bankIcbc.handle(request, bank as Parameters<typeof bankIcbc.handle>[1]), request),
  };
  hub = await bench(bankService, spec as typeof bankIcbc, { speed: 1 });
  return hub;
}

const contentOf = (answer: TwinAnswer) =>
  /^\{"response_biz_content":(.*),"sign":"[^"]*"\}$/s.exec(Buffer.from(answer.body).toString())?.[1] ?? '';
const framedBy = (content: string, sign: string): TwinAnswer => ({
  status: 200,
  body: `{"response_biz_content":${content},"sign":"${sign}"}`,
});

describe('what is agreed decides, and not what a message says of itself', () => {
  test('without encryption everything is in the open, notifications and replies too, and everything is signed', async () => {
    const bank = await start({ encryptType: 'none' });
    await approved(bank);
    expect(await bank.fact('bank.creditDecided')).toMatchObject({ message: { verdict: 'approved' } });
    const [sent] = bank.exchanges.flatMap(({ parts }) => parts);
    expect(new URLSearchParams(sent?.request.toString()).get('biz_content')).toContain(application.applicationNo);
  });

  test('with encryption neither a borrower nor an account travels in the open', async () => {
    const bank = await start();
    await approved(bank);
    await bank.fact('bank.creditDecided');
    const travelled = bank.exchanges.flatMap(({ parts }) => parts).flatMap((part) => [part.request, part.answer]);
    const shown = travelled.map((bytes) => decodeURIComponent((bytes?.toString() ?? '').replaceAll('+', ' '))).join();
    expect(shown).not.toContain(application.borrower.uscc);
    expect(shown).not.toContain(application.payee.accountNo);
  });

  test('a gateway that still signs with SHA-1 is believed where that was agreed, and nowhere else', async () => {
    const old: Tamper = (answer) =>
      framedBy(contentOf(answer), createSign('sha1').update(contentOf(answer)).sign(gateway, 'base64'));
    expect(await (await start({ gatewaySignType: 'RSA' }, old)).call('bank.applyCredit', application)).toMatchObject({
      outcome: 'confirmed',
    });
    await hub?.stop();
    expect(await (await start({}, old)).call('bank.applyCredit', application)).toMatchObject({
      code: 'ANSWER_UNVERIFIED',
    });
  });

  test('a signature without its padding is none', async () => {
    const bank = await start({}, (answer) => {
      const padded = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(253, 255), Buffer.from([0])]);
      const forged = privateEncrypt({ key: gateway, padding: constants.RSA_NO_PADDING }, padded);
      return framedBy(contentOf(answer), forged.toString('base64'));
    });
    expect(await bank.call('bank.applyCredit', application)).toMatchObject({ code: 'ANSWER_UNVERIFIED' });
  });

  test('a notification in the open where it should be sealed is refused, though well signed', async () => {
    const bank = await start();
    const text = (fields: Record<string, string>) => icbcSeal.orderedText('/in/bank-icbc/notify', fields);
    const fields = {
      from: 'icbc-api',
      api: '/scf/creditdecided/V1',
      app_id: icbcSeal.identity.appId,
      charset: 'UTF-8',
      format: 'json',
      timestamp: new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
      biz_content: '{"msg_id":"m","appl_no":"FA-1","ref_no":"B","appr_status":"2","appr_time":"2026-11-23 09:00:00"}',
      sign_type: 'RSA2',
    };
    const body = new URLSearchParams({ ...fields, sign: icbcSeal.rsaSign(text(fields), gateway) });
    const reply = await fetch(`${bank.edge}/notify`, { method: 'POST', body });
    expect([reply.status, bank.facts]).toEqual([422, []]);
  });
});

describe('an answer', () => {
  test.each([
    ['without the number of its message', (id: string) => `{"return_code":500020,"return_msg":"非法调用","x":"${id}"}`],
    [
      'that names a field twice',
      (id: string) => `{"return_code":0,"return_code":902001,"return_msg":"","msg_id":"${id}"}`,
    ],
    [
      'with a return code in scientific notation',
      (id: string) => `{"return_code":"9e5","return_msg":"","msg_id":"${id}"}`,
    ],
    ['that is a second one behind the first', (id: string) => `{"msg_id":"${id}"},"sign":"x"},{"a":1}`],
  ])('%s says nothing, though the gateway signed it', async (_, content) => {
    const bank = await start({}, (_answer, request) => {
      const said = content(new URLSearchParams(request.body.toString()).get('msg_id') ?? '');
      return framedBy(said, icbcSeal.rsaSign(said, gateway));
    });
    expect(await bank.call('bank.applyCredit', application)).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
  });
});

describe("a payment's bad days", () => {
  const paid = async (amount: string) => {
    const bank = await start();
    const funderRef = await approved(bank);
    const request = { ...disbursement, funderRef, amount };
    const no = { no: request.instructionNo };
    const settle = () => bank.control('POST', 'acts/settle', { instructionNo: request.instructionNo });
    return { bank, request, no, settle, first: await bank.call('bank.disburse', request) };
  };
  const confirmed = (response: object) => ({ outcome: 'confirmed', response });

  test.each([
    ['1000.05', '-500042'],
    ['1000.06', undefined],
  ])('%s: taken, and no answer says so (%s): unknown; the query tells, and it is paid once', async (amount, code) => {
    const { bank, request, no, settle, first } = await paid(amount);
    expect(first).toMatchObject({ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' });
    expect((first as { externalCode?: string }).externalCode).toBe(code);
    const found = await bank.call('bank.queryDisbursement', no);
    expect(found).toMatchObject(confirmed({ outcome: 'confirmed' }));
    expect(await bank.call('bank.disburse', request)).toMatchObject({ outcome: 'confirmed' });
    await settle();
    expect((await bank.effects()).filter(({ kind }) => kind === 'disbursed')).toHaveLength(1);
  });

  test('…000.04: the bank does not know itself (95): under way, never a no, and then it succeeds', async () => {
    const { bank, no, settle } = await paid('1000.04');
    await settle();
    expect(await bank.call('bank.readSettlement', no)).toMatchObject(confirmed({ outcome: 'pending' }));
    await settle();
    expect(await bank.call('bank.readSettlement', no)).toMatchObject(confirmed({ response: { status: 'succeeded' } }));
  });

  test('…000.03: succeeds, comes back a day later, and both are told and stand in the statement', async () => {
    const { bank, no, settle } = await paid('1000.03');
    await settle();
    await bank.control('POST', 'clock', { advanceMs: 86_400_000 + 60_000 });
    expect(await bank.call('bank.readSettlement', no)).toMatchObject(confirmed({ outcome: 'confirmed' }));
    while (bank.facts.filter(({ notice }) => notice === 'bank.disbursementSettled').length < 2)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(bank.facts.map(({ id }) => id).slice(-2)).toEqual([`${no.no}/succeeded`, `${no.no}/returned`]);
    const day = await bank.call('bank.readStatement', { accountNo: funder.account.accountNo, date: '2026-11-24' });
    expect(day).toMatchObject(
      confirmed({ final: false, lines: [{ direction: 'credit', entry: 'return', instructionNo: no.no }] }),
    );
  });

  test('a second application for an order that is under review is refused by its own code', async () => {
    const bank = await start();
    await bank.call('bank.applyCredit', application);
    expect(await bank.call('bank.applyCredit', { ...application, applicationNo: 'FA-2' })).toMatchObject({
      outcome: 'refused',
      code: 'FUNDER_INFLIGHT_EXISTS',
      externalCode: '902001',
    });
  });
});

test('a day of several pages is read to its end, each movement once; money of nobody is money of nobody', async () => {
  const bank = await start();
  for (let i = 1; i <= 205; i += 1)
    await bank.control('POST', 'acts/enter', {
      day: '20261120',
      amount: `${i}.00`,
      ...(i === 7 ? {} : { name: '某' }),
    });
  const read = await bank.call('bank.readStatement', { accountNo: funder.account.accountNo, date: '2026-11-20' });
  const { lines, final, closing } = (
    read as { response: { lines: Record<string, unknown>[]; final: boolean; closing: string } }
  ).response;
  expect([lines.length, new Set(lines.map((line) => line['serial'])).size, final, closing]).toEqual([
    205,
    205,
    true,
    '100021115.00',
  ]);
  expect(lines[6]).toMatchObject({ amount: '7.00', entry: 'other' });
  expect(lines[6]).not.toHaveProperty('instructionNo');
  expect(lines[6]).not.toHaveProperty('counterparty');
  expect(bank.exchanges.at(-1)?.parts).toHaveLength(3);
});
