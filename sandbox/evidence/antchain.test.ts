/** The gateway's own way to sign, with the vectors that the hub's side is held against too. */
import { expect, test } from '@jest/globals';
import { envelope, signatureOf } from './antchain.twin.ts';

test.each([
  [{ test: 'ok' }, 'secret', 'qlB4B1lFcehlWRelL7Fo4uNHPCs='],
  [
    { order_id: 'EV-1', base_info_json: '{"count":7}', b: "a b*c~d!'()", B: '存证' },
    'antchain_secret',
    'K+qmsTtHc4LM+QsYYAhsw1yHY7o=',
  ],
])('parameters %j are signed as the vendor and OpenSSL sign them', (parameters, secret, due) => {
  expect(signatureOf(parameters as unknown as Record<string, string>, secret).toString('base64')).toBe(due);
});

test('an answer is an envelope around the bytes that are signed', () => {
  expect(envelope(Buffer.from('{"result_code":"OK"}'), 'antchain_secret').toString()).toBe(
    '{"response":{"result_code":"OK"},"sign":"LRY9lTEGxf9Z66WWXc0rjC89wGo="}',
  );
});
