/** OpenSSL, which is another implementation than the library here and the one that counterparties' tools are made of. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, generateKeyPairSync, randomBytes, sign, verify, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needing } from '../../test/programs.ts';
import * as gm from './gm.ts';
import { keyOfCertificate } from './sm2Certificate.ts';

const { describe: withOpenssl } = needing('openssl', ['ecparam', '-name', 'SM2', '-genkey', '-noout'], 'openssl');
const message = Buffer.from('订单 PO-1, amount 100.00\n');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-gm-'));
  writeFileSync(join(folder, 'message'), message);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

withOpenssl('SM2 with openssl', () => {
  test.each(['1234567812345678', 'U001000000000000', 'ALICE123@YAHOO.COM', '链枢'])(
    'each verifies what the other signed under the id %s, and nothing under another',
    (userId) => {
      const key = theirKey('their');
      openssl('dgst', '-sm3', '-sign', 'their.pem', '-sigopt', `distid:${userId}`, '-out', 'their.sig', 'message');
      const theirs = readFileSync(join(folder, 'their.sig'));
      const half = gm.sm2PublicHalfOf(key);
      expect(gm.sm2Verify(half, message, theirs, { form: 'der', userId })).toBe(true);
      expect(gm.sm2Verify(half, message, theirs, { form: 'der', userId: 'another' })).toBe(false);

      writeFileSync(join(folder, 'our.sig'), gm.sm2Sign(key, message, { form: 'der', userId }));
      const check = (id: string) =>
        openssl('dgst', '-sm3', '-verify', 'their.pub', '-sigopt', `distid:${id}`, '-signature', 'our.sig', 'message');
      expect(check(userId).toString()).toContain('Verified OK');
      expect(() => check('another')).toThrow();
    },
  );

  test('each opens what the other sealed', () => {
    const key = theirKey('sealing');
    writeFileSync(join(folder, 'our.sealed'), gm.sm2Encrypt(gm.sm2PublicHalfOf(key), message, 'asn1'));
    expect(openssl('pkeyutl', '-decrypt', '-inkey', 'sealing.pem', '-in', 'our.sealed')).toEqual(message);
    openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'sealing.pub', '-in', 'message', '-out', 'their.sealed');
    expect(gm.sm2Decrypt(key, readFileSync(join(folder, 'their.sealed')), 'asn1')).toEqual(message);
  });

  test('SM3 and SM4-CBC are the same', () => {
    expect(openssl('dgst', '-sm3', '-binary', 'message')).toEqual(gm.sm3(message));
    const [key, iv] = [randomBytes(16), randomBytes(16)];
    const sealed = openssl('enc', '-sm4-cbc', '-K', key.toString('hex'), '-iv', iv.toString('hex'), '-in', 'message');
    expect(gm.sm4CbcDecrypt(key, iv, sealed)).toEqual(message);
    expect(gm.sm4CbcEncrypt(key, iv, message)).toEqual(sealed);
  });
});

withOpenssl('an SM2 certificate that openssl made', () => {
  const soon = new Date(Date.now() + 3_600_000);
  const certificate = (name: string) => new X509Certificate(readFileSync(join(folder, `${name}.crt`)));

  beforeAll(() => {
    for (const name of ['root', 'other']) {
      theirKey(name);
      const about = ['-subj', '/CN=root', '-days', '30', '-sm3', ...ids('-sigopt')];
      openssl('req', '-x509', '-new', '-key', `${name}.pem`, ...about, '-out', `${name}.crt`);
    }
    theirKey('leaf');
    openssl('req', '-new', '-key', 'leaf.pem', '-subj', '/CN=leaf', '-sm3', ...ids('-sigopt'), '-out', 'leaf.csr');
    const issued = ['-days', '10', '-set_serial', '7', '-sm3', ...ids('-sigopt'), ...ids('-vfyopt')];
    openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'root.crt', '-CAkey', 'root.pem', ...issued, '-out', 'leaf.crt');
  });

  test('gives its key when its issuer signed it, which Node alone denies', () => {
    const leaf = certificate('leaf');
    expect(leaf.verify(certificate('root').publicKey)).toBe(false);
    expect(keyOfCertificate(leaf, certificate('root'), soon).point).toEqual(keyIn('leaf').point);
  });

  test('gives none when another of the same name signed it, a bit is wrong, it is past its time, or no authority stands behind', () => {
    const [leaf, root] = [certificate('leaf'), certificate('root')];
    const refusal = (act: () => unknown, why: RegExp) =>
      expect(act).toThrow(expect.objectContaining({ type: 'KEY_NOT_ADMITTED', message: expect.stringMatching(why) }));
    refusal(() => keyOfCertificate(leaf, certificate('other'), soon), /does not verify|another issuer/);
    refusal(() => keyOfCertificate(leaf, leaf, soon), /no certification authority/);
    refusal(() => keyOfCertificate(leaf, root, new Date('2020-01-01')), /valid from/);
    refusal(() => keyOfCertificate(leaf, root, new Date(soon.getTime() + 11 * 86_400_000)), /valid from/);
    const altered = Buffer.from(leaf.raw);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    refusal(() => keyOfCertificate(new X509Certificate(altered), root, soon), /does not verify/);
  });
});

withOpenssl('RSA with openssl', () => {
  test.each(['sha1', 'sha256'])('each verifies what the other signed with %s and PKCS#1 v1.5', (hash) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(join(folder, 'rsa.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
    writeFileSync(join(folder, 'rsa.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
    const theirs = openssl('dgst', `-${hash}`, '-sign', 'rsa.pem', 'message');
    expect(verify(hash, message, publicKey, theirs)).toBe(true);
    expect(sign(hash, message, privateKey)).toEqual(theirs);
    writeFileSync(join(folder, 'rsa.sig'), sign(hash, message, privateKey));
    const checked = openssl('dgst', `-${hash}`, '-verify', 'rsa.pub', '-signature', 'rsa.sig', 'message');
    expect(checked.toString()).toContain('Verified OK');
    expect(createHash(hash).update(message).digest()).toEqual(openssl('dgst', `-${hash}`, '-binary', 'message'));
  });
});

function ids(option: string): string[] {
  return [option, 'distid:1234567812345678'];
}

/** Made by openssl, in `<name>.pem` and `<name>.pub`. */
function theirKey(name: string): gm.Sm2PrivateKey {
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2', '-out', `${name}.pem`);
  openssl('pkey', '-in', `${name}.pem`, '-pubout', '-out', `${name}.pub`);
  return keyIn(name);
}

function keyIn(name: string): gm.Sm2PrivateKey {
  return gm.sm2PrivateKey(readFileSync(join(folder, `${name}.pem`), 'utf8'));
}

function openssl(...args: string[]): Buffer {
  return execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 });
}
