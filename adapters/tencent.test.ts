/** The signature of Tencent Cloud against the two that its manual prints (签名方法 v3). */
import { expect, test } from '@jest/globals';
import { tc3Authorization } from './tencent.ts';

const common = {
  secretId: 'AKIDEXAMPLE',
  service: 'cvm',
  timestamp: '1551113065',
  body: Buffer.from(String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`),
};
const headers = { 'content-type': 'application/json; charset=utf-8', host: 'cvm.tencentcloudapi.com' };

test.each([
  [headers, 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE', '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168'],
  [
    { ...headers, 'x-tc-action': 'describeinstances' },
    '*'.repeat(32),
    '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
  ],
])('over %j it is the published one', (signed, secret, due) => {
  expect(tc3Authorization({ ...common, secret, headers: signed })).toBe(
    `TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=${Object.keys(signed).join(';')}, Signature=${due}`,
  );
});
