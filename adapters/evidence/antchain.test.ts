/** Signatures of the AntChain gateway, with the vendor's own vector and one that OpenSSL made. */
import { expect, test } from '@jest/globals';
import { encoded, signedResponse, signParameters } from './dialects/antchainSignature.ts';

test("parameters are signed as the vendor's SDK signs them", () => {
  expect(signParameters({ test: 'ok' }, 'secret')).toBe('qlB4B1lFcehlWRelL7Fo4uNHPCs=');
});

test('parameters are sorted and encoded as RFC 3986 has it', () => {
  const parameters = { order_id: 'EV-1', base_info_json: '{"count":7}', b: "a b*c~d!'()", B: '存证' };
  // printf %s 'B=%E5%AD%98…&b=…&base_info_json=…&order_id=EV-1' | openssl dgst -sha1 -hmac antchain_secret -binary | base64
  expect(signParameters(parameters, 'antchain_secret')).toBe('K+qmsTtHc4LM+QsYYAhsw1yHY7o=');
  expect(encoded("a b*c~d!'()")).toBe('a%20b%2Ac~d%21%27%28%29');
});

test('an answer is what its signature is over, byte for byte', () => {
  const body = Buffer.from('{"response":{"result_code":"OK"},"sign":"LRY9lTEGxf9Z66WWXc0rjC89wGo="}');
  expect(signedResponse(body, 'antchain_secret')?.toString()).toBe('{"result_code":"OK"}');
});

test.each([
  ['another secret', '{"response":{"result_code":"OK"},"sign":"LRY9lTEGxf9Z66WWXc0rjC89wGo="}', 'other'],
  ['a blank more', '{"response":{"result_code": "OK"},"sign":"LRY9lTEGxf9Z66WWXc0rjC89wGo="}', 'antchain_secret'],
  ['no signature', '{"response":{"result_code":"OK"}}', 'antchain_secret'],
  [
    'something behind',
    '{"response":{"result_code":"OK"},"sign":"LRY9lTEGxf9Z66WWXc0rjC89wGo=","response":{}}',
    'antchain_secret',
  ],
  [
    'something before',
    '{"x":1,"response":{"result_code":"OK"},"sign":"LRY9lTEGxf9Z66WWXc0rjC89wGo="}',
    'antchain_secret',
  ],
  ['a list', '[]', 'antchain_secret'],
  ['nothing', '', 'antchain_secret'],
])('with %s it is not', (_, body, secret) => {
  expect(signedResponse(Buffer.from(body), secret)).toBeUndefined();
});
