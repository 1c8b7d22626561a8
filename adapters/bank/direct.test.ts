/** Direct links on their worst days: what both banks do to everybody, and what the hub may make of it. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import type { Outcome } from '../adapter.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import { bankCcb, bankPingan, unit } from '../../test/twins.ts';
import service from './bank.service.ts';
import { disbursement } from './case.fixture.ts';
import { inOrder } from './dialects/direct.ts';

let hub: Bench | undefined;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

const number = disbursement.instructionNo;
const payment = { ...disbursement, funderRef: 'BR-1', amount: '100.00' };
const payerAccount = '4100020000000000505';
const today = { accountNo: payerAccount, date: '2026-11-23' };
const banks = [
  { name: 'ccb', twin: bankCcb },
  { name: 'pingan', twin: bankPingan },
] as const;

interface Line {
  readonly entry: string;
  readonly direction: string;
  readonly instructionNo?: string;
  readonly counterparty?: { readonly name: string };
}

function linesOf(outcome: Outcome): Line[] {
  if (outcome.outcome !== 'confirmed') throw new Error(JSON.stringify(outcome));
  return (outcome.response as { lines: Line[] }).lines;
}

const bodyOf = (outcome: Outcome) => (outcome.outcome === 'confirmed' ? outcome.response : outcome);

describe.each(banks)('$name', ({ twin: anyTwin }) => {
  const twin = anyTwin as typeof bankCcb;
  const open = async (at?: string) =>
    (hub = await bench(service, twin, { speed: 1, ...(at === undefined ? {} : { at }) }));
  const act = (name: string, args: object) => hub?.control('POST', `acts/${name}`, args);

  test('money that comes back a day later (退票) is told by the bank, not by us', async () => {
    const running = await open();
    await running.call('bank.disburse', { ...payment, amount: '100.03' });
    await act('settle', { number });
    expect(bodyOf(await running.call('bank.readSettlement', { no: number }))).toMatchObject({
      outcome: 'confirmed',
      response: { status: 'succeeded', amount: '100.03' },
    });
    await act('giveBack', { number });
    const lines = linesOf(await running.call('bank.readStatement', today));
    expect(lines.map(({ entry, direction, instructionNo }) => [entry, direction, instructionNo])).toEqual([
      ['payment', 'debit', number],
      ['return', 'credit', number],
    ]);
    // One of the two banks says so of the transfer too; the other only in the statement.
    const { response } = bodyOf(await running.call('bank.readSettlement', { no: number })) as {
      response: { status: string };
    };
    expect(response.status).toBe(twin.dialect === 'ccb' ? 'succeeded' : 'returned');
  });

  test('a transfer that the bank is not certain of stays pending, and is never sent again under another number', async () => {
    const running = await open();
    await running.call('bank.disburse', { ...payment, amount: '100.04' });
    await act('settle', { number });
    expect(bodyOf(await running.call('bank.readSettlement', { no: number }))).toEqual({ outcome: 'pending' });
    expect(bodyOf(await running.call('bank.queryDisbursement', { no: number }))).toMatchObject({
      outcome: 'confirmed',
    });
    await act('resolve', { number, paid: true });
    expect(bodyOf(await running.call('bank.readSettlement', { no: number }))).toMatchObject({
      response: { status: 'succeeded' },
    });
    expect(await hub?.effects()).toHaveLength(1);
  });

  test('a transfer that fails says why', async () => {
    const running = await open();
    await running.call('bank.disburse', { ...payment, amount: '100.02' });
    await act('settle', { number });
    expect(bodyOf(await running.call('bank.readSettlement', { no: number }))).toMatchObject({
      response: { status: 'failed', reason: '收款账号不存在' },
    });
    expect(await hub?.effects()).toEqual([]);
  });

  test('after the cut-off nothing is taken, and the next morning it is', async () => {
    const running = await open('2026-11-23T22:00:00+08:00');
    const { clock } = running;
    expect(await running.call('bank.disburse', payment)).toMatchObject({ outcome: 'later', code: 'SYSTEM_BUSY' });
    expect(bodyOf(await running.call('bank.queryDisbursement', { no: number }))).toEqual({ outcome: 'notFound' });
    clock.set({ advanceMs: 9 * 3_600_000 });
    expect(await running.call('bank.disburse', payment)).toMatchObject({ outcome: 'confirmed' });
  });

  test('a credit that names no instruction is suspense (暂收), whatever its remark looks like', async () => {
    const running = await open();
    await act('credit', { account: payerAccount, amount: '500.00', words: number });
    const [line] = linesOf(await running.call('bank.readStatement', today));
    expect(line).toMatchObject({ direction: 'credit', amount: '500.00', remark: number });
    expect(line?.instructionNo).toBeUndefined();
  });

  test('rows that come twice where pages meet are there once', async () => {
    const running = await open();
    await act('bookMany', { account: unit.account.accountNo, date: '20261120', count: 70 });
    await act('repeatRows', { on: true });
    const asked = { accountNo: unit.account.accountNo, date: '2026-11-20' };
    expect(linesOf(await running.call('bank.readStatement', asked))).toHaveLength(70);
  });

  test.each(['GB2312', 'GB18030', 'UTF-8'])('what declares %s and is GBK is read as it is', async (declared) => {
    const running = await open();
    await act('credit', { account: payerAccount, name: '厦门象屿股份有限公司', words: '货款' });
    await act('declare', { as: declared });
    const [line] = linesOf(await running.call('bank.readStatement', today));
    expect(line?.counterparty?.name).toBe('厦门象屿股份有限公司');
  });

  test('a day without movements is empty, and closed once it is over', async () => {
    const running = await open();
    expect(bodyOf(await running.call('bank.readStatement', today))).toEqual({ ...today, final: false, lines: [] });
    const before = { ...today, date: '2026-11-22' };
    expect(bodyOf(await running.call('bank.readStatement', before))).toEqual({ ...before, final: true, lines: [] });
  });

  test('a payee whose name is not that of the account is refused', async () => {
    const running = await open();
    const payee = { ...payment.payee, accountName: '厦门某某贸易有限公司' };
    expect(await running.call('bank.disburse', { ...payment, payee })).toMatchObject({
      outcome: 'refused',
      code: 'NAME_MISMATCH',
    });
  });

  test.each([
    ['a name that GBK cannot carry', { payee: { ...payment.payee, accountName: '厦门𠮷贸易有限公司' } }],
    ['a postscript longer than the bank takes', { postscript: '货'.repeat(31) }],
    ['a number longer than the bank takes', { instructionNo: 'PI20261123-000001-0002' }],
  ])('%s is refused before anything is sent', async (_what, change) => {
    const running = await open();
    const { exchanges } = running;
    expect(await running.call('bank.disburse', { ...payment, ...change })).toMatchObject({
      outcome: 'refused',
      code: 'CONTRACT_VIOLATED',
    });
    expect(exchanges.at(-1)?.parts).toEqual([]);
  });

  test.each([
    ['refuse-connection', 'unknown', 'notFound'],
    ['timeout-before-effect', 'unknown', 'notFound'],
    ['timeout-after-effect', 'unknown', 'confirmed'],
    ['reset-after-effect', 'unknown', 'confirmed'],
    ['error-500', 'unknown', 'notFound'],
    ['garbage', 'unknown', 'confirmed'],
  ])('after the fault %s of its sandbox the outcome is %s and the query says %s', async (fault, outcome, found) => {
    hub = await bench(service, twin, { speed: 1, timeoutMs: 2_000 });
    await hub.control('POST', 'faults', { fault, operation: 'disburse' });
    expect(await hub.call('bank.disburse', payment)).toMatchObject({ outcome });
    expect(bodyOf(await hub.call('bank.queryDisbursement', { no: number }))).toMatchObject({ outcome: found });
  });
});

const sentBy = async (twin: typeof bankCcb, operation: string, request: object) => {
  hub = await bench(service, twin, { speed: 1 });
  await hub.call(operation, request);
  return hub.exchanges.at(-1)?.parts[0]?.request ?? Buffer.alloc(0);
};
const example = (name: string) => readFileSync(new URL(`examples/${name}`, import.meta.url), 'utf8').trimEnd();

describe('the messages of the guides are those that are sent', () => {
  test('6W8020, in a form field', async () => {
    const form = (await sentBy(bankCcb, 'bank.disburse', { ...payment, amount: '800000.00' })).toString('latin1');
    const bytes = form
      .replace(/^requestXml=/, '')
      .replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    const xml = iconv.decode(Buffer.from(bytes, 'latin1'), 'gbk');
    expect(xml.replace(/(?<=<PASSWORD>)[^<]+/, '********')).toBe(example('ccb.6W8020.xml'));
  });

  test('6W8010, where the payee is at the bank itself', async () => {
    const payee = { ...payment.payee, bankCode: '105393000019' };
    const form = await sentBy(bankCcb, 'bank.disburse', { ...payment, payee });
    expect(form.toString('latin1')).toContain('6W8010');
  });

  test('4004, behind its header', async () => {
    const twin = bankPingan as unknown as typeof bankCcb;
    const bytes = await sentBy(twin, 'bank.disburse', { ...payment, amount: '800000.00' });
    const text = iconv.decode(bytes.subarray(0, bytes.length - 256), 'gbk');
    expect(text.replace(/^(.{53})\d{34}(?=999999)/, '$12026112309000020261123090000000001')).toBe(
      example('pingan.4004.txt'),
    );
  });
});

test('two different movements under one number say nothing', () => {
  const rows = [
    { no: '1', amount: '1.00' },
    { no: '1', amount: '2.00' },
  ];
  expect(() => inOrder(rows, (row) => row.no)).toThrow(expect.objectContaining({ type: 'OUTCOME_UNKNOWN' }));
  expect(inOrder([...rows.slice(0, 1), ...rows.slice(0, 1)], (row) => row.no)).toHaveLength(1);
});
