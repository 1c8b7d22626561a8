/** The vendor's own door against the signature that it publishes itself. */
import { expect, test } from '@jest/globals';
import { admit, signatureOf } from '../tencentCloud.ts';

// Both printed in the vendor's manual (签名方法 v3); the second with its secret shown as asterisks.
const published = [
  [
    'content-type;host',
    'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
    '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
  ],
  ['content-type;host;x-tc-action', '*'.repeat(32), '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f'],
] as const;
const body = Buffer.from(
  String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
);
const headers = {
  'content-type': 'application/json; charset=utf-8',
  host: 'cvm.tencentcloudapi.com',
  'x-tc-action': 'DescribeInstances',
  'x-tc-timestamp': '1551113065',
  'x-tc-version': '2017-03-12',
};

test.each(published)('over %s the published signature is due', (names, secretKey, due) => {
  const scope = { secretKey, service: 'cvm', date: '2019-02-25', timestamp: '1551113065', names };
  expect(signatureOf({ headers, body }, scope)).toBe(due);
});

test('a signature that is right is admitted by its time, and a wrong one is not looked at further', () => {
  const [, secretKey, due] = published[0];
  const door = { service: 'cvm', version: '2017-03-12', secretId: 'AKIDEXAMPLE', secretKey };
  const knock = (signature: string, change: Record<string, string> = {}) => {
    const authorization = `TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`;
    const request = {
      method: 'POST',
      path: '/',
      query: {},
      rawQuery: '',
      headers: { ...headers, authorization, ...change },
      body,
    };
    return admit(request, door)?.code;
  };
  expect(knock(due)).toBe('AuthFailure.SignatureExpire');
  expect(knock(due.replace('7', '8'))).toBe('AuthFailure.SignatureFailure');
  expect(knock(due, { host: 'elsewhere' })).toBe('AuthFailure.SignatureFailure');
  expect(knock(due, { authorization: 'Basic eDp5' })).toBe('AuthFailure.InvalidAuthorization');
});
