/** A bank by files, over real SFTP: what the conformance suite cannot see, because it takes several files or a day. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { bench, type Bench } from '../../test/adapter.ts';
import { bankIso20022, funder } from '../../test/twins.ts';
import { IsoStatus, namespaces } from '../../contracts/bank/iso20022.wire.ts';
import { isFailure } from '../../contracts/failures.ts';
import { toOrder } from '../../mappings/bank/iso20022.ts';
import bankService from './bank.service.ts';
import * as given from './case.fixture.ts';
import { readIso, writeIso } from './dialects/iso20022Xml.ts';

let the: Bench;
let turn = 0;
beforeAll(async () => {
  the = await bench(bankService, bankIso20022, { speed: 0 });
});
afterAll(() => the.stop());

const act = (name: string, args: object = {}) => the.control('POST', `acts/${name}`, args);
const accountNo = funder.account.accountNo;
const query = (operation: string, no: string) => the.call(`bank.${operation}`, { no });
const statement = async (date: string) => {
  const outcome = await the.call('bank.readStatement', { accountNo, date });
  return outcome as unknown as { outcome: string; code: string; response: { lines: Record<string, unknown>[] } };
};
async function ordered(amount: string): Promise<string> {
  const instructionNo = `PI20261123-${String((turn += 1)).padStart(6, '0')}`;
  const request = { ...given.disbursement, instructionNo, funderRef: 'BR-1', amount };
  expect(await the.call('bank.disburse', request)).toEqual({
    outcome: 'confirmed',
    response: { bankNo: `MSG-${instructionNo}` },
  });
  return instructionNo;
}
const settled = (status: string) => ({
  outcome: 'confirmed',
  response: { outcome: 'confirmed', response: expect.objectContaining({ status }) },
});
const pending = { outcome: 'confirmed', response: { outcome: 'pending' } };

test('the order in the guide is, byte for byte, what is written', () => {
  const place = new URL('../../mappings/bank/examples/iso20022.toOrder.json', import.meta.url);
  const { from } = JSON.parse(readFileSync(place, 'utf8')) as { from: Parameters<typeof toOrder>[0] };
  const file = readFileSync(new URL('examples/iso20022.pain.001.xml', import.meta.url));
  expect(writeIso(namespaces.order, toOrder(from)).toString()).toBe(file.toString());
});

test('while the bank says nothing, the order is taken and its payment is pending; then file by file it is told', async () => {
  const no = await ordered('10.00');
  expect(await query('queryDisbursement', no)).toMatchObject({ response: { outcome: 'confirmed' } });
  expect(await query('readSettlement', no)).toEqual(pending);
  await act('collect');
  await act('accept', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(pending);
  await act('execute', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(settled('succeeded'));
});

test('the same status in a second file, and older ones after it, change nothing', async () => {
  const no = await ordered('10.00');
  await act('settle', { instructionNo: no });
  const before = await query('readSettlement', no);
  await act('tell', { instructionNo: no });
  await act('tell', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(before);
});

test('a notification that comes before the status tells that it was paid', async () => {
  const no = await ordered('1000.06');
  await act('settle', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(settled('succeeded'));
  await act('tell', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(settled('succeeded'));
});

test.each([
  ['1000.02', 'AM04 付款账户余额不足', 'LIMIT_INSUFFICIENT'],
  ['1000.04', 'AC01 收款账号不存在', 'SYSTEM_REFUSED'],
])('%s is refused: %s', async (amount, reason, code) => {
  const no = await ordered(amount);
  await act('settle', { instructionNo: no });
  expect(await query('queryDisbursement', no)).toMatchObject({ response: { outcome: 'refused', code } });
  expect(await query('readSettlement', no)).toMatchObject({
    response: { response: { status: 'failed', amount, reason } },
  });
});

test('what is under examination stays pending', async () => {
  const no = await ordered('1000.05');
  await act('settle', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(pending);
});

test('money that came back is returned, by notification and in the statement of its day', async () => {
  const no = await ordered('1000.03');
  await act('settle', { instructionNo: no });
  expect(await query('readSettlement', no)).toEqual(settled('succeeded'));
  await act('bounce', { instructionNo: no });
  expect(await query('readSettlement', no)).toMatchObject({
    response: { response: { status: 'returned', amount: '1000.03', reason: 'AC04 收款账户已销户' } },
  });
  await act('closeDay', { whole: true });
  const { response } = await statement('2026-11-23');
  expect(response.lines.filter(({ instructionNo }) => instructionNo === no)).toMatchObject([
    { direction: 'debit', entry: 'payment', amount: '1000.03' },
    { direction: 'credit', entry: 'return', amount: '1000.03' },
  ]);
});

test('a statement that is still being written is not there; a re-issued one takes its place; suspense has no number', async () => {
  await act('deposit', { amount: '77.00', name: '来款 & <公司>' });
  const before = await statement('2026-11-23');
  expect(before.response.lines.some(({ amount }) => amount === '77.00')).toBe(false);
  await act('closeDay', {}); // Half of it, and no companion.
  expect(await statement('2026-11-23')).toEqual(before);
  await act('finishDay', { on: '2026-11-23', sequence: 2 });
  const after = await statement('2026-11-23');
  const suspense = after.response.lines.filter(({ amount }) => amount === '77.00');
  expect(suspense).toMatchObject([{ direction: 'credit', entry: 'payment', counterparty: { name: '来款 & <公司>' } }]);
  expect(suspense[0]).not.toHaveProperty('instructionNo');
  expect(await statement('2026-11-22')).toMatchObject({ outcome: 'later', code: 'FILE_NOT_READY' });
});

test('an element in place of a text, twice what is there once, or another namespace inside is refused', () => {
  const ok =
    '<CstmrPmtStsRpt><GrpHdr><CreDtTm>2026-11-23T09:20:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>' +
    '<OrgnlMsgId>M</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>ACTC</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt>';
  const document = (content: string) => Buffer.from(`<Document xmlns="${namespaces.status}">${content}</Document>`);
  const read = (content: string) => {
    try {
      return readIso(document(content), namespaces.status, IsoStatus).CstmrPmtStsRpt.OrgnlGrpInfAndSts.GrpSts;
    } catch (thrown) {
      return isFailure(thrown) ? thrown.type : thrown;
    }
  };
  expect(read(ok)).toBe('ACTC');
  expect(read(ok.replace('<GrpSts>', '<GrpHdr xmlns="urn:x"/><GrpSts>'))).toBe('ACTC');
  for (const wrong of [
    ok.replace('<GrpSts>', '<GrpSts>RJCT</GrpSts><GrpSts>'),
    ok.replace('ACTC', '<Cd>ACTC</Cd>'),
    ok.replace('<GrpSts>', '<GrpSts xmlns="urn:x">'),
    ok.replaceAll('CstmrPmtStsRpt', 'constructor'),
  ])
    expect(read(wrong)).toBe('CONTRACT_VIOLATED');
});
