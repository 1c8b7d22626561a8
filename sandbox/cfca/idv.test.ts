import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { admit, answerHeaders, unseal } from './idvWire.ts';

// Made with OpenSSL's command line; the adapter's recipe is held to the same.
const secret = 'idv_test_secret';
const keyHex = '0123456789abcdeffedcba9876543210';
const body = Buffer.from('{"requestNo":"R1"}');
const vector = {
  timestamp: '1795390200000',
  nonce: '0123456789abcdef',
  request: '01e7c058789f18ff3fff0fe0ff792e56abfc8f94983a6574f16c5c5d58c9715a',
  answer: 'a766a4b9d0e9d3de823c6ad63499ede7a024a2f78d587bd67faa9ad1df784c99',
  sealed: 'AAECAwQFBgcICQoLDA0ODxd0MNt7Y1R9+9ofZ8I2rZU=',
};

test('the signature of the vector is admitted, and only then its old timestamp looked at', () => {
  expect(
    admitted({ 'x-idv-timestamp': vector.timestamp, 'x-idv-nonce': vector.nonce, 'x-idv-signature': vector.request }),
  ).toBe('A2');
  expect(
    admitted({ 'x-idv-timestamp': vector.timestamp, 'x-idv-nonce': vector.nonce, 'x-idv-signature': vector.answer }),
  ).toBe('A1');
});

test('answers carry the signature of the vector', () => {
  expect(answerHeaders(secret, { status: 200, nonce: vector.nonce, body })['x-idv-signature']).toBe(vector.answer);
});

test('a sealed field is deciphered', () => {
  const idNo = sealedWith('350100198202030024');
  expect(
    unseal({ requestNo: 'R1', legalName: vector.sealed, legalIdNo: idNo }, '/idv/v1/enterprise-four', keyHex),
  ).toEqual({
    clear: { requestNo: 'R1', legalName: '郑海峰', legalIdNo: '350100198202030024' },
  });
});

test.each([
  ['noise instead of a sealed field', { legalName: 'bm9pc2U=', legalIdNo: vector.sealed }, 'A5'],
  [
    'a wrong check digit of the identity number',
    { legalName: vector.sealed, legalIdNo: sealedWith('350100198202030023') },
    '07',
  ],
])('%s is refused', (_, fields, resultCode) => {
  expect(unseal({ requestNo: 'R1', ...fields }, '/idv/v1/enterprise-four', keyHex)).toMatchObject({
    refusal: { resultCode },
  });
});

test('a nonce is taken once', () => {
  const nonces = {};
  expect(admitted(signed('0123456789abcdef'), nonces)).toBe('taken');
  expect(admitted(signed('0123456789abcdef'), nonces)).toBe('A3');
  expect(admitted(signed('fedcba9876543210'), nonces)).toBe('taken');
});

test('an application that was never enrolled is a stranger', () => {
  expect(admitted({ ...signed('0123456789abcdef'), 'x-idv-app': 'other' })).toBe('stranger');
});

test.each(['{"requestNo":1}', '{"requestNo":"R1","more":"x"}', '[]', '{', '{"requestNo":"__proto__"}'])(
  '%s is not a request',
  (text) => {
    expect(admitted(signed('0123456789abcdef', Buffer.from(text)), {}, Buffer.from(text))).toBe('A5');
  },
);

function admitted(headers: Record<string, string>, nonces: Record<string, number> = {}, bytes: Buffer = body): string {
  const request = {
    method: 'POST',
    path: '/idv/v1/query',
    query: {},
    rawQuery: '',
    headers: { 'x-idv-app': 'app', ...headers },
    body: bytes,
  };
  const verdict = admit(request, { appId: 'app', secret, nonces });
  if (verdict === 'stranger') return verdict;
  return 'refusal' in verdict ? verdict.refusal.resultCode : 'taken';
}

function signed(nonce: string, bytes: Buffer = body): Record<string, string> {
  const timestamp = String(Date.now());
  const lines = ['POST', '/idv/v1/query', timestamp, nonce, createHash('sha256').update(bytes).digest('hex')];
  return {
    'x-idv-timestamp': timestamp,
    'x-idv-nonce': nonce,
    'x-idv-signature': createHmac('sha256', secret).update(lines.join('\n')).digest('hex'),
  };
}

function sealedWith(text: string): string {
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv('sm4-cbc', Buffer.from(keyHex, 'hex'), iv);
  return Buffer.concat([iv, cipher.update(text), cipher.final()]).toString('base64');
}
