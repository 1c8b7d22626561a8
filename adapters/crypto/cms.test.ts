/** Detached CMS with what everybody else uses: `openssl cms`. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needingOpenssl } from '../../test/programs.ts';
import { signCms, verifyCms } from './cms.ts';

const { describe: withOpenssl } = needingOpenssl();
const content = Buffer.from('<Request><TxCode>2310</TxCode></Request>\n');
let folder: string;

withOpenssl('a detached CMS signature', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lianshu-cms-'));
    writeFileSync(join(folder, 'content'), content);
    for (const name of ['bank', 'stranger']) {
      const about = ['-subj', '/CN=bank', '-set_serial', '7', '-days', '3', '-nodes'];
      openssl('req', '-x509', '-newkey', 'rsa:2048', '-keyout', `${name}.pem`, '-out', `${name}.crt`, ...about);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('of openssl verifies here, by the registered certificate only', async () => {
    const signature = signedBy('bank');
    const { fingerprint256 } = await verifyCms(content, signature, [certificate('stranger'), certificate('bank')]);
    expect(fingerprint256).toBe(certificate('bank').fingerprint256);
    await refused(verifyCms(Buffer.from('another'), signature, [certificate('bank')]));
    await refused(verifyCms(Buffer.alloc(0), signature, [certificate('bank')]));
    await refused(verifyCms(content, signature, []));
    // Same name, same number, another key: what the message brings along is not looked at.
    await refused(verifyCms(content, signedBy('stranger'), [certificate('bank')]));
    await refused(verifyCms(content, signature, [certificate('stranger')]));
  });

  test('of ours verifies in openssl and here', async () => {
    const key = createPrivateKey(readFileSync(join(folder, 'bank.pem')));
    const signature = await signCms(content, key, certificate('bank'));
    writeFileSync(join(folder, 'our.p7'), signature);
    const whole = ['-inform', 'DER', '-in', 'our.p7', '-content', 'content', '-binary', '-CAfile', 'bank.crt'];
    expect(openssl('cms', '-verify', ...whole)).toEqual(content);
    await verifyCms(content, signature, [certificate('bank')]);
  });

  test('in any other shape is refused: with the content inside, SHA-1, no attributes, two signers, cut or longer', async () => {
    const bank = [certificate('bank')];
    await refused(verifyCms(content, signedBy('bank', '-nodetach'), bank));
    await refused(verifyCms(Buffer.from('another'), signedBy('bank', '-nodetach'), bank));
    await refused(verifyCms(content, signedBy('bank', '-md', 'sha1'), bank));
    await refused(verifyCms(content, signedBy('bank', '-noattr'), bank));
    await refused(verifyCms(content, signedBy('bank', '-signer', 'stranger.crt', '-inkey', 'stranger.pem'), bank));
    await refused(verifyCms(content, signedBy('bank', '-keyid'), bank));
    const signature = signedBy('bank');
    await refused(verifyCms(content, Buffer.concat([signature, Buffer.alloc(1)]), bank));
    await refused(verifyCms(content, Buffer.alloc(0), bank));
    for (let at = 0; at < signature.length; at += 97)
      await refused(verifyCms(content, signature.subarray(0, at), bank));
    for (let at = signature.length - 300; at < signature.length; at += 23) {
      const other = Buffer.from(signature);
      other[at] = (other[at] ?? 0) ^ 1;
      await refused(verifyCms(content, other, bank));
    }
  });
});

function signedBy(name: string, ...more: string[]): Buffer {
  const by = ['-signer', `${name}.crt`, '-inkey', `${name}.pem`, ...more];
  return openssl('cms', '-sign', '-binary', '-in', 'content', '-outform', 'DER', ...by);
}

function certificate(name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(folder, `${name}.crt`)));
}

async function refused(act: Promise<unknown>): Promise<void> {
  await expect(act).rejects.toMatchObject({ type: 'SIGNATURE_MISMATCH', cause: undefined });
}

function openssl(...args: string[]): Buffer {
  return execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 });
}
