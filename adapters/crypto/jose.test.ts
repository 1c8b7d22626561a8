import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CompactEncrypt, CompactSign } from 'jose';
import nodeJose from 'node-jose';
import {
  decryptJwe,
  encryptJwe,
  signDetached,
  signJws,
  verifyDetached,
  verifyJws,
  type SigningAlgorithm,
  type SigningKey,
} from './jose.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pairs = { PS256: rsa, ES256: ec, EdDSA: ed } as const;
const signer = (alg: SigningAlgorithm): SigningKey => ({
  kid: `k-${alg}`,
  alg,
  key: pairs[alg].privateKey,
});
const registry: SigningKey[] = (['PS256', 'ES256', 'EdDSA'] as const).map((alg) => ({
  ...signer(alg),
  key: pairs[alg].publicKey,
}));
const rsaWrap = { kid: 'w', alg: 'RSA-OAEP-256', key: rsa.publicKey } as const;
const rsaUnwrap = { ...rsaWrap, key: rsa.privateKey };
const ecWrap = { kid: 'e', alg: 'ECDH-ES+A256KW', key: ec.publicKey } as const;
const ecUnwrap = { ...ecWrap, key: ec.privateKey };
const order = Buffer.from('{"orderNo":"PO-1","amount":"100.00"}');

describe.each(['PS256', 'ES256', 'EdDSA'] as const)('%s', (alg) => {
  test('what is signed verifies, attached and detached', async () => {
    const token = await signJws(order, signer(alg), { typ: 'order+jws' });
    const { payload, kid } = await verifyJws(token, registry, { typ: 'order+jws' });
    expect([Buffer.from(payload).toString(), kid]).toEqual([order.toString(), `k-${alg}`]);
    const detached = await signDetached(order, signer(alg));
    expect(detached).toMatch(/^[\w-]+\.\.[\w-]+$/);
    expect(await verifyDetached(detached, order, registry)).toEqual({ kid: `k-${alg}` });
  });

  test('no other byte of the body, the header or the signature passes', async () => {
    const token = await signJws(order, signer(alg));
    for (let at = 0; at < token.length; at += 3) {
      const other = token[at] === 'A' ? 'B' : 'A';
      await expectMismatch(verifyJws(token.slice(0, at) + other + token.slice(at + 1), registry));
    }
    await expectMismatch(verifyDetached(await signDetached(order, signer(alg)), Buffer.from('{}'), registry));
  });
});

describe('a token is refused', () => {
  test('when it is spelled in another way', async () => {
    const token = await signJws(order, signer('ES256'));
    const [head, payload, signature] = token.split('.');
    const spellings = [
      ` ${token}`,
      `${token}\n`,
      `${token}=`,
      `${token}.`,
      `${token}.x`,
      `.${token}`,
      token.replace('.', '..'),
      `${head}.${payload}`,
      '',
      '..',
    ];
    spellings.push(
      `${head}.${payload}. ${signature}`,
      `${head}\r\n.${payload}.${signature}`,
      `${head}.${payload}.${lastBitFlipped(signature ?? '')}`,
    );
    for (const spelling of spellings) await expectMismatch(verifyJws(spelling, registry));
    await expectMismatch(verifyDetached(token, order, registry));
    await expectMismatch(verifyDetached(`${head}..${signature}.`, order, registry));
    await expectMismatch(verifyDetached(`${head}..`, order, registry));
  });

  test('when its header says more, less or something else than ours', async () => {
    const sign = (header: object) =>
      new CompactSign(order).setProtectedHeader(header as { alg: string }).sign(ec.privateKey);
    const own = { alg: 'ES256', kid: 'k-ES256' };
    expect((await verifyJws(await sign(own), registry)).kid).toBe('k-ES256');
    const jwk = ec.publicKey.export({ format: 'jwk' });
    for (const more of [
      { jwk },
      { jku: 'https://a/' },
      { x5u: 'https://a/' },
      { x5c: ['a'] },
      { zip: 'DEF' },
      { typ: 'JWT' },
      { cty: 'a' },
      { a: 1 },
    ]) {
      await expectMismatch(verifyJws(await sign({ ...own, ...more }), registry));
    }
    await expectMismatch(verifyJws(await sign({ alg: 'ES256' }), registry));
    await expectMismatch(verifyJws(await sign({ ...own, kid: 'another' }), registry));
    await expectMismatch(verifyJws(await sign({ ...own, kid: 'k-PS256' }), registry));
    await expectMismatch(verifyJws(await sign(own), registry, { typ: 'order+jws' }));
    await expectMismatch(verifyJws(await sign(own), [...registry, ...registry]));
    await expectMismatch(verifyJws(await sign(own), []));
  });

  test('when its header is not plain JSON, or names no algorithm or a symmetric one', async () => {
    for (const header of [
      '',
      '[]',
      'null',
      '{"alg":"none"}',
      '{"alg":"none","kid":"k-ES256"}',
      '{"alg":"HS256","kid":"k-PS256"}',
      '{"alg":"ES256","alg":"ES256","kid":"k-ES256"}',
      '\ufeff{}',
    ]) {
      const token = `${Buffer.from(header).toString('base64url')}.${order.toString('base64url')}.AAAA`;
      await expectMismatch(verifyJws(token, registry));
      await expectMismatch(verifyJws(token.replace(/AAAA$/, ''), registry));
    }
  });

  test('when it is larger than agreed', async () => {
    const large = await signJws(Buffer.alloc(20_000), signer('ES256'));
    await expect(verifyJws(large, registry)).rejects.toMatchObject({ type: 'BODY_TOO_LARGE' });
    expect((await verifyJws(large, registry, { maxBytes: 30_000 })).payload).toHaveLength(20_000);
    await expect(verifyJws('a'.repeat(8_388_609), registry, { maxBytes: 1e9 })).rejects.toMatchObject({
      type: 'BODY_TOO_LARGE',
    });
  });
});

describe('JWE', () => {
  test.each([
    [rsaWrap, rsaUnwrap],
    [ecWrap, ecUnwrap],
  ])('%# what is encrypted for a recipient is read by it alone', async (wrap, unwrap) => {
    const token = await encryptJwe(order, wrap, { cty: 'application/json' });
    const { payload, kid } = await decryptJwe(token, [rsaUnwrap, ecUnwrap], {
      cty: 'application/json',
    });
    expect([Buffer.from(payload).toString(), kid]).toEqual([order.toString(), unwrap.kid]);
    await expectMismatch(decryptJwe(token, [{ ...unwrap, kid: 'another' }], { cty: 'application/json' }));
    await expectMismatch(decryptJwe(token, [unwrap]));
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    await expectMismatch(
      decryptJwe(token, [{ ...rsaUnwrap, kid: unwrap.kid, key: stranger }], {
        cty: 'application/json',
      }),
    );
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === 'A' ? 'B' : 'A';
      await expectMismatch(
        decryptJwe(token.slice(0, at) + other + token.slice(at + 1), [unwrap], {
          cty: 'application/json',
        }),
      );
    }
  });

  test('is refused compressed, with another algorithm, or too large', async () => {
    const encrypt = (header: object) =>
      new CompactEncrypt(order)
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'w', ...header })
        .encrypt(rsa.publicKey);
    expect((await decryptJwe(await encrypt({}), [rsaUnwrap])).kid).toBe('w');
    for (const header of [
      { enc: 'A128GCM' },
      { enc: 'A256CBC-HS512' },
      { alg: 'RSA-OAEP' },
      { p2c: 1e9 },
      { kid: 'x' },
    ]) {
      await expectMismatch(decryptJwe(await encrypt(header), [rsaUnwrap]));
    }
    const inflating = await nodeJose.JWE.createEncrypt(
      { format: 'compact', zip: true, contentAlg: 'A256GCM' },
      await ourNodeJoseKey(rsa.privateKey, 'RSA-OAEP-256', 'w'),
    )
      .update(Buffer.alloc(100_000))
      .final();
    expect(inflating.length).toBeLessThan(1_000);
    await expectMismatch(decryptJwe(inflating, [rsaUnwrap]));
    const large = await encryptJwe(Buffer.alloc(20_000), rsaWrap);
    await expect(decryptJwe(large, [rsaUnwrap])).rejects.toMatchObject({ type: 'BODY_TOO_LARGE' });
    expect((await decryptJwe(large, [rsaUnwrap], { maxBytes: 40_000 })).payload).toHaveLength(20_000);
  });
});

describe('node-jose, which is what counterparties use, and we understand each other', () => {
  test.each(['PS256', 'ES256'] as const)('%s both ways', async (alg) => {
    const key = await ourNodeJoseKey(pairs[alg].privateKey, alg, `k-${alg}`);
    const theirs = await nodeJose.JWS.createSign({ format: 'compact' }, key).update(order).final();
    expect(Buffer.from((await verifyJws(theirs as unknown as string, registry)).payload).toString()).toBe(
      order.toString(),
    );
    const read = await nodeJose.JWS.createVerify(key).verify(await signJws(order, signer(alg)));
    expect(read.payload.toString()).toBe(order.toString());
  });

  test.each([
    [rsa, rsaWrap, rsaUnwrap],
    [ec, ecWrap, ecUnwrap],
  ])('%# JWE both ways', async (pair, wrap, unwrap) => {
    const key = await ourNodeJoseKey(pair.privateKey, wrap.alg, wrap.kid);
    const theirs = await nodeJose.JWE.createEncrypt(
      { format: 'compact', contentAlg: 'A256GCM', fields: { alg: wrap.alg } },
      key,
    )
      .update(order)
      .final();
    expect(Buffer.from((await decryptJwe(theirs, [unwrap])).payload).toString()).toBe(order.toString());
    const read = await nodeJose.JWE.createDecrypt(key).decrypt(await encryptJwe(order, wrap));
    expect(read.plaintext.toString()).toBe(order.toString());
  });
});

async function ourNodeJoseKey(privateKey: KeyObject, alg: string, kid: string): Promise<nodeJose.JWK.Key> {
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  return nodeJose.JWK.asKey(pem, 'pem', { alg, kid });
}

function lastBitFlipped(segment: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return segment.slice(0, -1) + (alphabet[alphabet.indexOf(segment.at(-1) ?? 'A') ^ 1] ?? '');
}

async function expectMismatch(act: Promise<unknown>): Promise<void> {
  await expect(act).rejects.toMatchObject({
    type: 'SIGNATURE_MISMATCH',
    message: 'The signature does not verify',
    cause: undefined,
  });
}
