import { expect, test } from '@jest/globals';
import { invoiceAt } from './taxSource.ts';
import { admitted, answerHeaders, noticeHeaders, routeOf, wrongIn } from './vatWire.ts';

/** The same as in `adapters/crypto/recipes.test.ts`, made with OpenSSL: both sides come to the same signatures. */
const secret = 'lines';
const request = {
  method: 'POST',
  path: '/v1/a?b=1',
  query: {},
  rawQuery: '',
  headers: { 'x-vat-timestamp': '1767294245000', 'x-vat-nonce': '0123456789abcdef' },
  body: Buffer.from('{"a":"链"}'),
};
const vectors = {
  request: 'c9feb751771f48f1fde84d395cd56cae2f0c1e95e10c60cb256e0868b681593a',
  answer: '3dd5b9177c5b3a1f7910e08d4e54d6c385d50a2a2c9d0e92c384b7ba38c0b5d5',
};

test('a request and an answer are signed as the vectors say', () => {
  const headers = { ...request.headers, 'x-vat-app': 'A', 'x-vat-signature': vectors.request };
  // Authentic, and long ago.
  expect(admitted({ ...request, headers }, { app: 'A', secret, nonces: {} })).toMatchObject({ code: 'X003' });
  expect(answerHeaders(secret, request, 200, request.body)['x-vat-signature']).toBe(vectors.answer);
});

test.each([
  ['another app', { 'x-vat-app': 'B' }],
  ['another signature', { 'x-vat-signature': '00'.repeat(32) }],
  ['no signature', { 'x-vat-signature': '' }],
])('%s is a stranger', (_, change) => {
  const headers = { ...request.headers, 'x-vat-app': 'A', 'x-vat-signature': vectors.request, ...change };
  expect(admitted({ ...request, headers }, { app: 'A', secret, nonces: {} })).toBe('stranger');
});

test('each notice has a nonce of its own', () => {
  const [one, other] = [noticeHeaders(secret, 'A', request.body), noticeHeaders(secret, 'A', request.body)];
  expect(one['x-vat-nonce']).toMatch(/^[0-9a-f]{32}$/);
  expect(one['x-vat-nonce']).not.toBe(other['x-vat-nonce']);
});

test.each([
  ['POST', '/v2/invoice/checks', 'checkInvoice'],
  ['GET', '/v2/invoice/checks/FP-1', 'queryCheck'],
  ['GET', '/v2/invoice/checks/FP-1/change', 'readChange'],
  ['GET', '/v2/invoice/checks', undefined],
  ['POST', '/v2/invoice/checks/FP-1', undefined],
  ['GET', '/v2/invoice/checks/FP%2f1', undefined],
])('%s %s is %s', (method, path, operation) => {
  expect(routeOf({ ...request, method, path })?.operation).toBe(operation);
});

const form = {
  serialNo: 'FP-1',
  invoiceKind: '31',
  invoiceCode: '',
  invoiceNo: '26351000000000000100',
  invoiceDate: '20261120',
  invoiceSum: '1130000.00',
  verifyCode: '',
};
test.each([
  ['nothing', {}, undefined],
  ['a kind that is not checked', { invoiceKind: '99' }, '0005'],
  ['a field more', { strange: '1' }, '0005'],
  ['an amount as a number', { invoiceSum: 1130000 }, '0005'],
  ['a code on a fully digital invoice', { invoiceCode: '3502261130' }, '1009'],
  ['eight digits on a fully digital invoice', { invoiceNo: '00000100' }, '1009'],
  ['no total', { invoiceSum: '' }, '1008'],
  ['no check code', { invoiceKind: '04', invoiceCode: '3502261130', invoiceNo: '00001100' }, '1008'],
])('%s wrong in a form is %s', (_, change, code) => {
  expect(wrongIn({ ...form, ...change })?.code).toBe(code);
});

test('what an invoice says of itself adds up', () => {
  const fen = (amount: string) => BigInt(amount.replace('.', ''));
  for (const [code, no] of [
    ['', '26351000000000000100'],
    ['3502261130', '00002100'],
    ['', '26352000000000000120'],
  ] as const) {
    const found = invoiceAt(code, no, undefined);
    const lines = (found?.detailList ?? []) as readonly { amount: string; tax: string }[];
    expect(lines.reduce((sum, { amount }) => sum + fen(amount), 0n)).toBe(fen(found?.total ?? ''));
    expect(lines.reduce((sum, { tax }) => sum + fen(tax), 0n)).toBe(fen(found?.totalTax ?? ''));
    expect(fen(found?.total ?? '') + fen(found?.totalTax ?? '')).toBe(fen(found?.amount ?? ''));
  }
  expect(invoiceAt('3502261130', '26351000000000000100', undefined)).toBeUndefined();
});
