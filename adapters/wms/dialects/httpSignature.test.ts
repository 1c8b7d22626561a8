/** RFC 9421 against its own vector (B.2.5), and the one form of it that is taken here. */
import { expect, test } from '@jest/globals';
import { contentDigest, hmacOf, signatureBase, signed, verifiedAt } from './httpSignature.ts';

const vectorSecret = Buffer.from(
  'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
  'base64',
);

test('signs as RFC 9421 B.2.5 says', () => {
  const base = signatureBase(
    [
      ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
      ['@authority', 'example.com'],
      ['content-type', 'application/json'],
    ],
    '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
  );
  expect(hmacOf(base, vectorSecret)).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=');
});

test('digests as RFC 9530 says', () => {
  expect(contentDigest(Buffer.from('{"hello": "world"}\n'))).toBe(
    'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:',
  );
});

const components = [
  ['@method', 'POST'],
  ['content-digest', contentDigest(Buffer.from('{}'))],
] as const;
const how = { keyId: 'warehouse', secret: Buffer.from('s') };

test('what was signed is known by when, and nothing else is', () => {
  const headers: Record<string, string> = signed(components, { ...how, createdSeconds: 1_700_000_000 });
  expect(verifiedAt(headers, components, how)).toBe(1_700_000_000);
  const input = headers['signature-input'] ?? '';
  for (const other of [
    {},
    { signature: headers['signature'] ?? '' },
    { ...headers, 'signature-input': input.replace('1700000000', '1700000001') },
    { ...headers, 'signature-input': input.replace('hmac-sha256', 'none') },
    { ...headers, 'signature-input': input.replace(' "content-digest"', '') },
    { ...headers, 'signature-input': input.replace('sig1', 'sig2') },
    { ...headers, 'signature-input': `${input}, sig2=();created=1` },
    { ...headers, signature: 'sig1=::' },
  ])
    expect(verifiedAt(other as Record<string, string>, components, how)).toBeUndefined();
  expect(verifiedAt(headers, components, { ...how, keyId: 'hub' })).toBeUndefined();
  expect(verifiedAt(headers, components, { ...how, secret: Buffer.from('t') })).toBeUndefined();
  expect(verifiedAt(headers, [['@method', 'PUT'], components[1]], how)).toBeUndefined();
});
