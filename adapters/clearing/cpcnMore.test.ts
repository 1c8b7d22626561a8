/** Splits, refunds and accounts before the gateway: what it allows, how things end, and that no fen comes or goes. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clearingCpcn, dealers, funder, warehouse } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import { txSnOf } from '../../mappings/clearing/cpcnTxSn.ts';
import { formOf, openNotice, xmlOf } from './dialects/cpcnEnvelope.ts';
import service from './clearing.service.ts';
import { createPrivateKey, createPublicKey } from 'node:crypto';

const [dealer] = dealers;
if (!dealer) throw new Error('the world has a dealer');
const sideOf = ({ name, uscc, account }: typeof dealer | typeof funder | typeof warehouse) => ({
  company: { name, uscc },
  account,
});
const common = { currency: 'CNY', loanNo: 'LN20260901-000007', postscript: '归还借款本息' };
const collection = (amount: string) => ({
  instructionNo: 'RP20261123-000001',
  payer: sideOf(dealer),
  payee: sideOf(funder),
  amount,
  ...common,
});
const split = (first: string, second: string, amount: string) => ({
  instructionNo: 'SP20261123-000001',
  payer: sideOf(dealer),
  amount,
  parts: [
    { partNo: 1, payee: sideOf(funder), amount: first },
    { partNo: 7, payee: sideOf(warehouse), amount: second },
  ],
  ...common,
});
const refund = (sequence: number, amount: string) => ({
  instructionNo: `RF20261124-00000${sequence}`,
  collectionNo: 'RP20261123-000001',
  amount,
  currency: 'CNY',
  reason: '多扣利息退回',
});
const opening = (accountNo: string, no = 'OP20261123-000001', uscc = '91350300MA37000G81') => ({
  requestNo: no,
  company: { name: '莆田妈祖建材有限公司', uscc },
  legalRep: { name: '林志明', idNo: '350300198909090018', phone: '13800000041' },
  licence: { issuedOn: '2018-05-04', expiresOn: '2048-05-03' },
  account: { ...dealer.account, accountName: '莆田妈祖建材有限公司', accountNo },
  documentsNo: '20261123090000001IMG',
});

let cpcn: Bench;
beforeEach(async () => {
  cpcn = await bench(service, clearingCpcn, { speed: 1 });
});
afterEach(() => cpcn.stop());

const act = (name: string, no: string) => cpcn.control('POST', `acts/${name}`, { TxSN: txSnOf(no) });
async function booksOf(): Promise<Record<string, bigint>> {
  const { memory } = (await cpcn.control('GET', 'state')) as { memory: { books: Record<string, { fen: string }> } };
  return Object.fromEntries(Object.entries(memory.books).map(([account, { fen }]) => [account, BigInt(fen)]));
}
const sumOf = (books: Record<string, bigint>) => Object.values(books).reduce((sum, fen) => sum + fen, 0n);

describe('a split', () => {
  const [from, one, other] = [dealer, funder, warehouse].map(({ account }) => account.accountNo) as [
    string,
    string,
    string,
  ];

  test.each([
    ['7.00', '3.01', '10.01', 'succeeded', [-1001n, 700n, 301n]],
    ['7.00', '1000.04', '1007.04', 'partly', [-700n, 700n, 0n]],
    ['1000.04', '2000.04', '3000.08', 'failed', [0n, 0n, 0n]],
    ['500000000.00', '0.01', '500000000.01', 'failed', [0n, 0n, 0n]],
  ])('of %s and %s out of %s: %s', async (first, second, amount, status, moved) => {
    const before = await booksOf();
    expect(await cpcn.call('clearing.split', split(first, second, amount))).toMatchObject({ outcome: 'confirmed' });
    await act('settle', 'SP20261123-000001');
    const { message } = await cpcn.fact('clearing.splitSettled');
    expect(message).toMatchObject({ status, amount, parts: [{ partNo: 1 }, { partNo: 7 }] });
    expect(await cpcn.call('clearing.readSplit', { no: 'SP20261123-000001' })).toMatchObject({
      response: { response: message },
    });
    const after = await booksOf();
    expect([from, one, other].map((account) => (after[account] ?? 0n) - (before[account] ?? 0n))).toEqual(moved);
    expect(sumOf(after)).toBe(sumOf(before));
  });

  test('to somebody whose account it is not is refused', async () => {
    const request = split('7.00', '3.01', '10.01');
    const strange = {
      ...request,
      parts: [request.parts[0], { ...request.parts[1], payee: { ...sideOf(warehouse), account: funder.account } }],
    };
    expect(await cpcn.call('clearing.split', strange)).toMatchObject({
      outcome: 'refused',
      code: 'PAYEE_NOT_MANDATED',
    });
  });

  test('is not told by the query of plain collections, nor refunded as one', async () => {
    await cpcn.call('clearing.split', split('7.00', '3.01', '10.01'));
    await act('settle', 'SP20261123-000001');
    const back = { ...refund(1, '1.00'), collectionNo: 'SP20261123-000001' };
    expect(await cpcn.call('clearing.refund', back)).toMatchObject({ outcome: 'refused', externalCode: 'X010' });
  });
});

describe('refunds', () => {
  beforeEach(async () => {
    await cpcn.call('clearing.collect', collection('10000.00'));
  });

  test('of what is not settled yet are refused', async () => {
    expect(await cpcn.call('clearing.refund', refund(1, '1.00'))).toMatchObject({ externalCode: 'X010' });
  });

  test('never exceed the collection, under way or done; what came back may be given again', async () => {
    const before = await booksOf();
    await act('settle', 'RP20261123-000001');
    const settled = await booksOf();
    expect(await cpcn.call('clearing.refund', refund(1, '6000.05'))).toMatchObject({ outcome: 'confirmed' });
    expect(await cpcn.call('clearing.refund', refund(2, '4000.00'))).toMatchObject({ externalCode: 'X009' });
    expect(await cpcn.call('clearing.refund', refund(3, '3999.95'))).toMatchObject({ outcome: 'confirmed' });
    for (const sequence of [1, 3]) await act('settleRefund', refund(sequence, '').instructionNo);
    expect(await booksOf()).toEqual(before);
    await act('giveBackRefund', refund(1, '').instructionNo);
    const told = cpcn.facts.filter(({ notice }) => notice === 'clearing.refundSettled').map(({ id }) => id);
    expect(told).toEqual(['RF20261124-000001/succeeded', 'RF20261124-000003/succeeded', 'RF20261124-000001/returned']);
    expect(await cpcn.call('clearing.refund', refund(4, '6000.05'))).toMatchObject({ outcome: 'confirmed' });
    expect(sumOf(await booksOf())).toBe(sumOf(settled));
  });

  test('that fail leave all as it was, and the query says refused', async () => {
    await act('settle', 'RP20261123-000001');
    const settled = await booksOf();
    await cpcn.call('clearing.refund', refund(1, '1000.04'));
    await act('settleRefund', refund(1, '').instructionNo);
    expect(await cpcn.call('clearing.queryRefund', { no: refund(1, '').instructionNo })).toMatchObject({
      response: { outcome: 'refused' },
    });
    expect(await cpcn.call('clearing.readRefund', { no: refund(1, '').instructionNo })).toMatchObject({
      response: { response: { status: 'failed' } },
    });
    expect(await booksOf()).toEqual(settled);
  });
});

describe('an account', () => {
  test.each([
    ['41000200000007079', 'opened'],
    ['4100020000000004', 'openedUnbound'],
    ['4100020000000005', 'refused'],
  ])('to be bound to %s is %s', async (accountNo, status) => {
    expect(await cpcn.call('clearing.openAccount', opening(accountNo))).toMatchObject({ outcome: 'confirmed' });
    expect(await cpcn.call('clearing.readOpening', { no: 'OP20261123-000001' })).toMatchObject({
      response: { outcome: 'pending' },
    });
    await act('review', 'OP20261123-000001');
    const { message } = await cpcn.fact('clearing.accountChanged');
    expect(message).toMatchObject({ requestNo: 'OP20261123-000001', status });
    const balance = await cpcn.call('clearing.readBalance', { uscc: '91350300MA37000G81' });
    if (status === 'refused') expect(balance).toMatchObject({ outcome: 'refused', externalCode: 'X011' });
    else expect(balance).toMatchObject({ response: { available: '0.00', status: 'normal' } });
  });

  test('that is there already is not opened again, nor one bank account bound twice', async () => {
    await cpcn.call('clearing.openAccount', opening('41000200000007079'));
    await act('review', 'OP20261123-000001');
    for (const again of [
      opening('41000200000007078', 'OP20261123-000002'),
      opening('41000200000007079', 'OP20261123-000003', '91350300MA37000H82'),
    ])
      expect(await cpcn.call('clearing.openAccount', again)).toMatchObject({
        outcome: 'refused',
        externalCode: 'X012',
      });
  });

  test('of a company shows what a collection left there', async () => {
    await cpcn.call('clearing.collect', collection('0.01'));
    await act('settle', 'RP20261123-000001');
    expect(await cpcn.call('clearing.readBalance', { uscc: dealer.uscc })).toMatchObject({
      response: { available: '499999999.99' },
    });
    expect(await cpcn.call('clearing.readBalance', { uscc: funder.uscc })).toMatchObject({
      response: { available: '500000000.01' },
    });
  });
});

test('the address for notices goes with what is told about later, and with nothing else', async () => {
  const told = await bench(service, {
    ...clearingCpcn,
    settings: { ...clearingCpcn.settings, noticeUrl: 'https://hub.example/in' },
  });
  try {
    await told.call('clearing.collect', collection('10.00'));
    await told.call('clearing.queryCollection', { no: 'RP20261123-000001' });
    const sent = told.exchanges
      .flatMap(({ parts }) => parts)
      .map(({ request }) => xmlIn(request).includes('<NoticeURL>https://hub.example/in</NoticeURL>'));
    expect(sent).toEqual([true, false]);
  } finally {
    await told.stop();
  }
});

test('fields of fields survive the envelope: once, again and again, and none is taken for a plain one', () => {
  const { hub, twin } = clearingCpcn.enrol();
  const body = { TxSN: '1', Amount: '3' };
  const groups = {
    SplitItems: [{ SplitAmount: '1' }, { SplitAmount: '2' }],
    Corporation: [{ CorporationName: '甲<乙>&丙' }],
  };
  const xml = xmlOf({ root: 'Request', head: { TxCode: '5038' }, body, groups });
  const form = formOf(xml, createPrivateKey(twin['cpcn-private.pem'] ?? ''));
  const opened = openNotice(form, () => createPublicKey(hub['cpcn-public.pem'] ?? ''));
  expect(JSON.parse(JSON.stringify(opened))).toEqual({ root: 'Request', head: { TxCode: '5038' }, body, groups });
});

function xmlIn(form: Buffer): string {
  return Buffer.from(new URLSearchParams(form.toString()).get('message') ?? '', 'base64').toString();
}
