/**
 * The vectors are C2SP/wycheproof @dac1dd4 `testvectors_v1/json_web_signature_test.json` and `json_web_key_test.json`
 * (Apache-2.0, licence beside the files), unedited.
 */
import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import { verifyJws } from './jose.ts';
import { admitKey, type KeyAlgorithm } from './joseKey.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const algorithms: readonly KeyAlgorithm[] = ['PS256', 'ES256', 'EdDSA', 'RSA-OAEP-256', 'ECDH-ES+A256KW'];

describe('the vectors of wycheproof @dac1dd4', () => {
  test('JWS: 401 cases; 355 invalid, 0 accepted; 46 valid, 8 accepted, 38 not supported for their algorithm', async () => {
    const all = signatureVectors();
    const falseAccepts: number[] = [];
    const counted = { invalid: 0, accepted: 0 };
    const notSupported: Record<string, number> = {};
    for (const { tcId, jws, result, jwk } of all) {
      const accepted = await verifiesWithAny(jws, jwk);
      if (result === 'invalid') {
        counted.invalid += 1;
        if (accepted) falseAccepts.push(tcId);
      } else if (accepted) counted.accepted += 1;
      else notSupported[String(algorithmOf(jws))] = (notSupported[String(algorithmOf(jws))] ?? 0) + 1;
    }
    expect(falseAccepts).toEqual([]);
    expect({ cases: all.length, ...counted }).toEqual({ cases: 401, invalid: 355, accepted: 8 });
    // HMAC: the hub shares no key of a token with anybody. RS: PKCS#1 v1.5. The others: longer than is agreed with anybody.
    expect(notSupported).toEqual({ ES512: 2, HS256: 10, PS384: 6, PS512: 4, RS256: 8, RS384: 4, RS512: 4 });
  });

  test('JWS: were their keys registered for another algorithm than they say, only 338 passes: a good PS256 by a key labelled PS512', async () => {
    const accepted: number[] = [];
    for (const { tcId, jws, result, jwk } of signatureVectors()) {
      const { alg: _alg, ...unlabelled } = jwk;
      if (result === 'invalid' && (await verifiesWithAny(jws, unlabelled))) accepted.push(tcId);
    }
    expect(accepted).toEqual([338]);
  });

  test('JWK: of 21 invalid key sets, 0 are admitted', async () => {
    const falseAccepts: number[] = [];
    let invalid = 0;
    for (const group of vectors<{ jws: string }>('json_web_key_test.json')) {
      const jwks = ((group.public ?? group.private) as { keys?: JsonWebKey[] }).keys ?? [];
      for (const { tcId, result } of group.tests) {
        if (result !== 'invalid') continue;
        invalid += 1;
        if (jwks.every((jwk) => algorithms.some((alg) => admits(jwk, alg)))) falseAccepts.push(tcId);
      }
    }
    expect({ falseAccepts, invalid }).toEqual({ falseAccepts: [], invalid: 21 });
  });

  test('JWK: weak RSA keys (ROCA, 1024 bits, exponent 1) are refused for what they are, not for their label', () => {
    const reasons = vectors<{ comment: string }>('json_web_key_test.json').flatMap((group) => {
      const [jwk] = ((group.public ?? group.private) as { keys?: JsonWebKey[] }).keys ?? [];
      if (jwk?.kty !== 'RSA') return [];
      const { alg: _alg, use: _use, ...unlabelled } = jwk;
      return group.tests.map(({ comment }) => [comment, reasonOf(() => admitKey(unlabelled, 'PS256'))]);
    });
    expect(reasons).toEqual([
      ['acceptsValid', 'admitted'],
      ['rejectsWrongUse', 'admitted'],
      ['rejectsKeyWithRocaVulnerability', 'an RSA key of a kind that can be factored'],
      ['rejects1024bitRsaKey', 'an RSA key of 1024 bits, at least 2048 are needed'],
      ['rejectsPublicExponent1', 'an RSA key with a public exponent other than 65537'],
      ['rejectsModifiedKey', 'the key cannot be read'],
    ]);
  });
});

describe('a key is admitted', () => {
  test('when it fits its algorithm, as an object or as a JWK', () => {
    expect(admitKey(rsa.publicKey, 'PS256').type).toBe('public');
    expect(admitKey(ec.privateKey, 'ES256', 'private').type).toBe('private');
    expect(
      admitKey(
        {
          ...ed.publicKey.export({ format: 'jwk' }),
          use: 'sig',
          key_ops: ['verify'],
          alg: 'EdDSA',
        },
        'EdDSA',
      ).type,
    ).toBe('public');
    expect(
      admitKey({ ...ec.publicKey.export({ format: 'jwk' }), use: 'enc', key_ops: [] }, 'ECDH-ES+A256KW').type,
    ).toBe('public');
    expect(admitKey(rsa.privateKey.export({ format: 'jwk' }), 'RSA-OAEP-256', 'private').type).toBe('private');
  });

  const jwk = (key: KeyObject) => key.export({ format: 'jwk' });
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const odd = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
  const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
  test.each<[string, KeyObject | JsonWebKey, KeyAlgorithm, RegExp]>([
    ['1024 bits', weak, 'PS256', /1024 bits/],
    ['exponent 3', odd, 'PS256', /exponent/],
    ['exponent 1', { ...jwk(rsa.publicKey), e: 'AQ' }, 'PS256', /exponent|read/],
    ['P-384', p384, 'ES256', /P-256/],
    ['secp256k1', koblitz, 'ES256', /P-256/],
    ['RSA for ES256', rsa.publicKey, 'ES256', /type ec/],
    ['a private key where a public one is expected', rsa.privateKey, 'PS256', /public key/],
    ['a private JWK where a public one is expected', jwk(ec.privateKey), 'ES256', /public key/],
    ['use enc for a signature', { ...jwk(rsa.publicKey), use: 'enc' }, 'PS256', /not meant/],
    ['use sig for encryption', { ...jwk(rsa.publicKey), use: 'sig' }, 'RSA-OAEP-256', /not meant/],
    ['key_ops of another operation', { ...jwk(ec.publicKey), key_ops: ['sign'] }, 'ES256', /not meant/],
    ['key_ops of several operations', { ...jwk(ec.publicKey), key_ops: ['verify', 'encrypt'] }, 'ES256', /not meant/],
    ['another alg', { ...jwk(rsa.publicKey), alg: 'RS256' }, 'PS256', /another algorithm/],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }, 'PS256', /public key/],
    ['a point beside the curve', { ...jwk(ec.publicKey), y: jwk(ec.publicKey).x ?? '' }, 'ES256', /read/],
    ['nonsense', { kty: 'RSA' }, 'PS256', /read/],
  ])('but not %s', (_name, key, alg, why) => {
    expect(() => admitKey(key, alg)).toThrow(
      expect.objectContaining({ type: 'KEY_NOT_ADMITTED', message: expect.stringMatching(why) }),
    );
  });
});

interface VectorGroup<T> {
  readonly public?: JsonWebKey;
  readonly private?: JsonWebKey;
  readonly tests: readonly (T & { tcId: number; result: 'valid' | 'invalid' })[];
}

function vectors<T>(name: string): VectorGroup<T>[] {
  const text = readFileSync(new URL(`../../test/vectors/wycheproof/${name}`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { testGroups: VectorGroup<T>[] }).testGroups;
}

function signatureVectors(): { tcId: number; jws: string; result: string; jwk: JsonWebKey }[] {
  return vectors<{ jws: string }>('json_web_signature_test.json').flatMap(({ tests, ...keys }) =>
    tests.map((each) => ({ ...each, jwk: keys.public ?? keys.private ?? {} })),
  );
}

/** Registers the key for every algorithm that it is admitted for. */
async function verifiesWithAny(jws: string, jwk: JsonWebKey): Promise<boolean> {
  for (const alg of ['PS256', 'ES256', 'EdDSA'] as const) {
    if (!admits(jwk, alg)) continue;
    const verified = verifyJws(jws, [{ kid: String(jwk['kid']), alg, key: admitKey(jwk, alg) }]);
    const accepted = await verified.then(
      () => true,
      (thrown: unknown) => {
        if (!isFailure(thrown)) throw thrown;
        return false;
      },
    );
    if (accepted) return true;
  }
  return false;
}

function algorithmOf(jws: string): unknown {
  return (JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { alg?: unknown }).alg;
}

function reasonOf(act: () => unknown): string {
  try {
    act();
    return 'admitted';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function admits(jwk: JsonWebKey, alg: KeyAlgorithm): boolean {
  try {
    admitKey(jwk, alg);
    return true;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return false;
  }
}
