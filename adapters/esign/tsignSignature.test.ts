import { expect, test } from '@jest/globals';
import { contentMd5, isToldBy, tsignHeaders, tsignSignature } from './dialects/tsignSignature.ts';

const body = Buffer.from('{"a":1}');

test('a request is signed as in the recorded vector', () => {
  expect(contentMd5(body)).toBe('u2y1xo30ZSlByvZSo2by2A==');
  const signature = tsignSignature('esign_secret', { method: 'POST', path: '/v3/sign-flow/create-by-file', body });
  expect(signature).toBe('feMAdvUlExEVkyKXwzpdDrhMe+8vp3JQp78IZ6JHl2A=');
});

test('a callback is signed as in the recorded vector, whatever the order of its query', () => {
  const expected = '3677a5a6d82313d6fe821c716953a8d1bcecc22e25466f0a2efc58ac5a07caee';
  for (const query of [
    { a: 'v1', b: 'v2' },
    { b: 'v2', a: 'v1' },
  ]) {
    const told = { timestamp: '1713508339505', query, body };
    expect(isToldBy('esign_secret', told, expected)).toBe(true);
    expect(isToldBy('esign_secret', { ...told, timestamp: '1713508339506' }, expected)).toBe(false);
    expect(isToldBy('esign_secret', told, expected.slice(1))).toBe(false);
  }
});

test('a request without a body carries no Content-MD5, and the order of its query does not matter', () => {
  expect(tsignHeaders('app', 'secret', { method: 'GET', path: '/v3/x' })).not.toHaveProperty('Content-MD5');
  const sign = (path: string): string => tsignSignature('secret', { method: 'GET', path });
  expect(sign('/v3/x?B=1&a=2')).toBe(sign('/v3/x?a=2&B=1'));
});
