import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../contracts/failures.ts';
import { readAddress } from './query.ts';
import { scrubbed } from './scrub.ts';
import { signatureOf, verifySigned } from './signature.ts';

/** The vector of the Standard Webhooks libraries. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  body: Buffer.from('{"test": 2432232314}'),
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const headersOf = (id: string, timestamp: string, signature: string) => ({
  'x-lianshu-caller': 'a',
  'webhook-id': id,
  'webhook-timestamp': timestamp,
  'webhook-signature': signature,
});

test('signs and verifies as the libraries of Standard Webhooks do', () => {
  expect(signatureOf(vector.secret, vector.id, vector.timestamp, vector.body)).toBe(vector.signature);
  const headers = headersOf(vector.id, vector.timestamp, vector.signature);
  const nowMs = Number(vector.timestamp) * 1000;
  expect(verifySigned(headers, vector.body, () => vector.secret, nowMs)).toEqual({ caller: 'a', id: vector.id });
});

test('no other body, id or moment verifies', () => {
  const nowMs = Number(vector.timestamp) * 1000;
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.stringMatching(/^[\w:-]{1,20}$/),
      fc.integer({ min: -299, max: 299 }),
      (body, id, by) => {
        const timestamp = String(Number(vector.timestamp) + by);
        const headers = headersOf(id, timestamp, vector.signature);
        expect(() => verifySigned(headers, Buffer.from(body), () => vector.secret, nowMs)).toThrow('no signature');
      },
    ),
  );
});

test('an address is read as it was written, or refused as a failure', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 8 }),
      (query) => {
        const text = Object.entries(query).map(
          ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
        );
        expect(Object.entries(readAddress(`/x?${text.join('&')}`).query)).toEqual(Object.entries(query));
      },
    ),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        readAddress(`/x?${text}`);
      } catch (thrown) {
        expect(isFailure(thrown)).toBe(true);
      }
    }),
  );
});

test('numbers of people and accounts in words are masked, numbers of documents are not', () => {
  expect(scrubbed('客户350100198202030024账号4100020000000000202电话13800000012')).toBe(
    '客户350***********0024账号************0202电话138****0012',
  );
  expect(scrubbed('order 4500001234 of 20261123: 2857190.00')).toBe('order 4500001234 of 20261123: 2857190.00');
});
