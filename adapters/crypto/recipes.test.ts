/** One vector or more for every recipe, made with other tools or published, and what none of them may take. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type Given, isSignedBy, signatureBy, textUnder } from './recipe.ts';
import { isSigned, recipes, signed } from './recipes.ts';

interface Vector {
  readonly recipe: keyof typeof recipes;
  readonly what?: string;
  readonly secret: string;
  readonly given: Given;
  readonly signature: string;
}

const fascHeaders = {
  'X-FASC-App-Id': '80000001',
  'X-FASC-Sign-Type': 'HMAC-SHA256',
  'X-FASC-Timestamp': '1767294245000',
  'X-FASC-Nonce': '0123456789abcdef0123456789abcdef',
  bizContent: '{"signTaskId":"t1"}',
};
const lines = {
  method: 'POST',
  path: '/v1/a?b=1',
  timestamp: '1767294245000',
  nonce: '0123456789abcdef',
  body: '{"a":"链"}',
  status: '200',
};

const listed: readonly Vector[] = [
  {
    recipe: 'qimen',
    secret: 'demo_secret',
    given: {
      parameters: {
        app_key: 'demo_key',
        customerId: 'c001',
        format: 'xml',
        method: 'taobao.qimen.stock.query',
        sign_method: 'md5',
        timestamp: '2026-01-02 03:04:05',
        v: '2.0',
        sign: 'is not signed itself',
      },
      body: '<?xml version="1.0" encoding="utf-8"?><request><ownerCode>O1</ownerCode></request>',
    },
    signature: 'D32059F5111406118164A0059400842F',
  },
  {
    recipe: 'flux',
    secret: 'sec',
    given: { data: '{"xmldata":{"header":[]}}' },
    signature: 'NmZlYzc3NDJmZTAyYmIwNjdlZGUxNjAxZGRmMTc4OTU%3D',
  },
  {
    recipe: 'wsUsernameToken', // openssl dgst -sha1 -binary | base64
    secret: 'sec',
    given: { nonce: 'lianshu-nonce-16', created: '2026-11-24T09:00:00Z' },
    signature: 'wHFdKNdU88zAvBEFNnFFvYvaqnM=',
  },
  {
    recipe: 'tsignRequest',
    secret: 'esign_secret',
    given: {
      method: 'POST',
      accept: '*/*',
      contentMd5: 'u2y1xo30ZSlByvZSo2by2A==',
      contentType: 'application/json; charset=UTF-8',
      path: '/v3/sign-flow/create-by-file',
    },
    signature: 'feMAdvUlExEVkyKXwzpdDrhMe+8vp3JQp78IZ6JHl2A=',
  },
  {
    recipe: 'tsignCallback',
    secret: 'esign_secret',
    given: { timestamp: '1713508339505', parameters: { b: 'v2', a: 'v1' }, body: '{"a":1}' },
    signature: '3677a5a6d82313d6fe821c716953a8d1bcecc22e25466f0a2efc58ac5a07caee',
  },
  {
    recipe: 'fasc',
    what: ' of a request',
    secret: 'fasc_secret',
    given: {
      timestamp: '1767294245000',
      parameters: { ...fascHeaders, 'X-FASC-AccessToken': 'tok', 'X-FASC-Api-SubVersion': '5.1', blank: '' },
    },
    signature: '30614e9405aa388a1551f6a9c602ea489929d8a49b5fde61efff1deea900252d',
  },
  {
    recipe: 'fasc',
    what: ' of a callback',
    secret: 'fasc_secret',
    given: { timestamp: '1767294245000', parameters: { ...fascHeaders, 'X-FASC-Event': 'sign-task-finished' } },
    signature: '3ee3954b9aa51de89286bf25e5e4b14b9353836d1618a2642942d9b74514294f',
  },
  {
    recipe: 'qiyuesuo',
    secret: 'sec',
    given: { token: 'tok', timestamp: '1565753984643', nonce: 'n-1' },
    signature: 'f38cef50dfc4f941193782f4400bd726',
  },
  {
    recipe: 'qiyuesuoCallback',
    secret: 'sec',
    given: { timestamp: '1565753984643' },
    signature: '56667bc48871d97aba134fff160df063',
  },
  {
    // Of the published sample of the callback library (企业微信 加解密库).
    recipe: 'wecom',
    secret: 'QDG6eK',
    given: {
      timestamp: '1409659589',
      nonce: '263014780',
      encrypted: 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==',
    },
    signature: '5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3',
  },
  {
    recipe: 'antchain',
    secret: 'ant_secret',
    given: { parameters: { method: 'a.b.c', req_time: '2026-01-02T03:04:05Z', name: "链'(1)*!", sign: 'not' } },
    signature: 'KUEDp8/CvD9yMlVOU+YKW9emPhE=',
  },
  {
    recipe: 'idvRequest',
    secret: 'lines',
    given: lines,
    signature: 'c3dd390207f31e54cb14e74a54669d82b11d7029f95677398927d7672f319ce6',
  },
  {
    recipe: 'idvAnswer',
    secret: 'lines',
    given: lines,
    signature: '5451df847f8e2c953d6177fd5ade699cf1b27d6a2562839418833572af62c881',
  },
  {
    recipe: 'registryRequest',
    secret: 'lines',
    given: lines,
    signature: '5cc4def8667289dde313cdbce2aa3c6570ffcdc80c96dc1a8f83c97dfcee6f80',
  },
  {
    recipe: 'registryAnswer',
    secret: 'lines',
    given: lines,
    signature: 'd4d0f1742b1cbc464a74ab80307946e774429da2dd05c551c361dbdfd4988438',
  },
  {
    recipe: 'registryNotice',
    secret: 'lines',
    given: lines,
    signature: 'b0f1d0c5217cda69aebe484de7819f1fa434076378e93404dd81164055e1b500',
  },
  {
    recipe: 'vatRequest',
    secret: 'lines',
    given: lines,
    signature: 'c9feb751771f48f1fde84d395cd56cae2f0c1e95e10c60cb256e0868b681593a',
  },
  {
    recipe: 'vatAnswer',
    secret: 'lines',
    given: lines,
    signature: '3dd5b9177c5b3a1f7910e08d4e54d6c385d50a2a2c9d0e92c384b7ba38c0b5d5',
  },
  {
    recipe: 'vatNotice',
    secret: 'lines',
    given: lines,
    signature: '992dd8a857eef7afb116d357e69bef7d935470d8382ff7b73db03391649cc3a5',
  },
  {
    recipe: 'quotes',
    secret: 'lines',
    given: lines,
    signature: '55a0203acda3284e1b7bdc5fd008caa69895abec452ee090e9f723b77e130648',
  },
];
const vectors = listed.map((each) => ({ what: '', ...each }));

test.each(vectors)('$recipe$what', ({ recipe: name, secret, given, signature }) => {
  expect(signatureBy(recipes[name], secret, given)).toBe(signature);
});

describe('what is signed by RSA', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const fields = { app_id: '1', msg_id: 'm1', format: 'json', charset: 'UTF-8', sign_type: 'RSA2', notify_url: '' };
  const parameters = { ...fields, timestamp: '2026-01-02 03:04:05', biz_content: '{"a":"1"}', sign: 'not' };

  test('of ICBC is the path and the sorted parameters', () => {
    const given = { path: '/api/x/y/V1', parameters };
    expect(textUnder(recipes.icbc, privateKey, given).toString()).toBe(
      '/api/x/y/V1?app_id=1&biz_content={"a":"1"}&charset=UTF-8&format=json&msg_id=m1&sign_type=RSA2&timestamp=2026-01-02 03:04:05',
    );
    const signature = signed('icbc', privateKey, given);
    expect(isSigned('icbc', publicKey, given, signature)).toBe(true);
    expect(isSigned('icbc', publicKey, { ...given, path: '/api/x/z/V1' }, signature)).toBe(false);
  });

  test.each(['icbc', 'cpcn'] as const)('%s is taken in its own spelling only', (name) => {
    const given = { path: '/a', parameters, xml: Buffer.from('<a/>') };
    const signature = signed(name, privateKey, given);
    expect(isSigned(name, publicKey, given, signature)).toBe(true);
    expect(isSigned(name, publicKey, given, signature.toLowerCase())).toBe(name === 'cpcn');
    for (const other of misspelled(signature)) expect(isSigned(name, publicKey, given, other)).toBe(false);
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(isSigned(name, stranger.publicKey, given, signature)).toBe(false);
  });
});

describe.each(vectors)('$recipe$what', ({ recipe: name, secret, given, signature }) => {
  const recipe = recipes[name];

  test('is taken as it is spelled, and in no other way', () => {
    expect(isSignedBy(recipe, secret, given, signature)).toBe(true);
    for (const other of misspelled(signature)) expect(isSignedBy(recipe, secret, given, other)).toBe(false);
    expect(isSignedBy(recipe, `${secret}0`, given, signature)).toBe(false);
    const inOtherCase = signature === signature.toLowerCase() ? signature.toUpperCase() : signature.toLowerCase();
    expect(isSignedBy(recipe, secret, given, inOtherCase)).toBe(name === 'qimen');
  });

  test('covers all that it names', () => {
    for (const [field, value] of Object.entries(given)) {
      const isNamed = JSON.stringify(recipe).includes(JSON.stringify({ field }));
      if (typeof value === 'string')
        expect(isSignedBy(recipe, secret, { ...given, [field]: `${value}x` }, signature)).toBe(!isNamed);
    }
    const parameters = given['parameters'];
    if (typeof parameters !== 'object' || parameters instanceof Uint8Array) return;
    for (const field of Object.keys(parameters).filter((each) => !['sign', 'blank'].includes(each))) {
      const changed = { ...given, parameters: { ...parameters, [field]: 'x' } };
      expect(signatureBy(recipe, secret, changed)).not.toBe(signature);
    }
  });
});

test('a dialect that forgets a field signs nothing', () => {
  expect(() => signatureBy(recipes.quotes, 'secret', { timestamp: '1', path: '/' })).toThrow(/no body to sign/);
  expect(() => signatureBy(recipes.cpcn, 'secret', { xml: '' })).toThrow(/key of a pair/);
});

test('no recipe stands in the table without a vector', () => {
  const tested = new Set([...vectors.map(({ recipe }) => recipe), 'icbc', 'cpcn']);
  expect(Object.keys(recipes).filter((name) => !tested.has(name))).toEqual([]);
});

function misspelled(signature: string): string[] {
  const last = signature.at(-1) === '0' ? '1' : '0';
  return [
    '',
    signature.slice(1),
    `${signature}0`,
    ` ${signature}`,
    `${signature}\n`,
    `${signature}=`,
    signature.slice(0, -1) + last,
    '链',
  ];
}
